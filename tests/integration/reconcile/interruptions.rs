//! New wishes and crashes in the middle of things.

use std::time::Duration;

use devsanctum::{
    domain::{
        deployment::{DeploymentStatus, StepStatus},
        workspace::{Status, state::Request},
    },
    testing::docker::{Behaviour, Call},
};
use serde_json::json;

use super::world::World;

fn web() -> serde_json::Value {
    json!([{ "name": "web", "type": "frontend", "port": 80, "volumes": [{ "name": "data", "mount": "/data" }] }])
}

#[tokio::test]
async fn what_is_under_way_can_be_canceled() {
    let world = World::new().await;
    world.engine.publish_image("acme/big:1");
    world.engine.slow_down(Call::Pull, Duration::from_secs(3600));
    let components = json!([{ "name": "web", "type": "frontend", "image": "acme/big:1", "port": 80 }]);
    let template = world.template("web", components).await;
    let id = world.create("web", template).await;
    world.until_status(id, Status::Provisioning).await;
    let create = world.get(id).await.workspace.deployment_id.unwrap();

    world.request(id, Request::Cancel).await;
    world.until_status(id, Status::Stopped).await;
    let mut reader = world.app.store.read().await.unwrap();
    let canceled = reader.deployments().find(create).await.unwrap().unwrap();
    assert_eq!(canceled.status, DeploymentStatus::Canceled);
    let steps = reader.deployments().steps(create).await.unwrap();
    assert!(
        steps.iter().all(|step| !matches!(step.status, StepStatus::Running | StepStatus::Pending)),
        "{steps:?}"
    );
    drop(reader);
    world.shut_down().await;
}

#[tokio::test]
async fn destroying_interrupts_a_start() {
    let world = World::new().await;
    world.engine.slow_down(Call::StartContainer, Duration::from_millis(300));
    let template = world.template("web", web()).await;
    let id = world.create("web", template).await;
    world.until_status(id, Status::Provisioning).await;
    world.request(id, Request::Destroy { keep_volumes: false }).await;
    world.until_status(id, Status::Destroyed).await;
    let provisioner = world.app.engines.get(world.host).unwrap().provisioner;
    assert_eq!(provisioner.observe(id).await.unwrap(), Default::default());
    world.shut_down().await;
}

#[tokio::test]
async fn a_slow_stop_delays_nobody() {
    let world = World::new().await;
    world
        .engine
        .behave(&"slow".parse().unwrap(), Behaviour { ignores_terminate: true, ..Behaviour::default() });
    let slow = world.running("slow", json!([{ "name": "slow", "type": "frontend", "port": 80 }])).await;
    let template = world.template("web", web()).await;
    world.request(slow, Request::Stop).await;
    let quick = world.create("web", template).await;
    world.until_status(quick, Status::Running).await;
    assert_eq!(world.get(slow).await.status, Status::Stopping);
    world.until_status(slow, Status::Stopped).await;
    world.shut_down().await;
}

#[tokio::test]
async fn whatever_a_crash_interrupts_goes_on_afterwards() {
    // Every call of a creation takes its time, and the process ends at a different moment in each round.
    for after in [0, 5, 15, 30, 60, 100, 160, 240] {
        let mut world = World::new().await;
        for call in [Call::EnsureNetwork, Call::EnsureVolume, Call::EnsureContainer, Call::StartContainer] {
            world.engine.slow_down(call, Duration::from_millis(40));
        }
        let template = world.template("web", web()).await;
        let id = world.create("web", template).await;
        tokio::time::sleep(Duration::from_millis(after)).await;
        world.crash_and_restart().await;
        let detail = world.until_status(id, Status::Running).await;
        assert!(world.proxy.backend(&detail.routes[0].label).is_some());
        let provisioner = world.app.engines.get(world.host).unwrap().provisioner;
        let observed = provisioner.observe(id).await.unwrap();
        assert_eq!((observed.containers.len(), observed.volumes.len()), (1, 1), "after {after} ms");
        world.request(id, Request::Destroy { keep_volumes: false }).await;
        world.until_status(id, Status::Destroyed).await;
        assert_eq!(provisioner.observe(id).await.unwrap(), Default::default());
        world.shut_down().await;
    }
}
