//! What does not get through says where, why, and what to do; and can be tried again.

use std::time::Duration;

use devsanctum::{
    domain::{
        deployment::{DeploymentKind, DeploymentStatus, LogStream, StepName},
        workspace::{ComponentStatus, State, Status, state::Request},
    },
    ports::provisioner::EngineError,
    testing::docker::{Behaviour, Call},
};
use serde_json::json;

use super::world::World;

fn one(image: &str) -> serde_json::Value {
    json!([{ "name": "web", "type": "frontend", "image": image, "port": 80 }])
}

fn failure(detail: &devsanctum::app::workspaces::WorkspaceDetail) -> devsanctum::domain::deployment::Failure {
    match &detail.workspace.state {
        State::Failed { failure, .. } => failure.clone(),
        other => panic!("not failed: {other:?}"),
    }
}

#[tokio::test]
async fn an_image_that_nobody_has_fails_at_its_step_and_can_be_retried() {
    let world = World::new().await;
    let template = world.template("web", one("acme/web:1")).await;
    let id = world.create("web", template).await;
    let failed = world.until_status(id, Status::Failed).await;
    let failure = failure(&failed);
    assert_eq!((failure.code.as_str(), failure.step), ("image_unavailable", Some(StepName::Pull)));
    assert_eq!(failure.component, Some("web".parse().unwrap()));
    assert!(!failure.remedy.is_empty());

    world.engine.publish_image("acme/web:1");
    world.request(id, Request::Retry).await;
    let running = world.until_status(id, Status::Running).await;
    assert_eq!(running.deployment.unwrap().kind, DeploymentKind::Create);
    world.shut_down().await;
}

#[tokio::test]
async fn a_program_that_ends_at_once_fails_with_its_last_words() {
    let world = World::new().await;
    world.engine.add_image("acme/web:1");
    let behaviour = Behaviour { exits_with: Some(3), ..Behaviour::default() };
    world.engine.behave(&"web".parse().unwrap(), behaviour);
    let components =
        json!([{ "name": "web", "type": "frontend", "image": "acme/web:1", "port": 80, "restart": "no" }]);
    let template = world.template("web", components).await;
    let id = world.create("web", template).await;
    let failed = world.until_status(id, Status::Failed).await;
    assert_eq!(failure(&failed).code, "component_exited");
    assert!(failed.reason.unwrap().contains("code 3"));
    world.shut_down().await;
}

#[tokio::test]
async fn a_component_that_never_answers_fails_after_its_patience() {
    let world = World::new().await;
    world.engine.add_image("acme/web:1");
    let behaviour = Behaviour { unhealthy: Some("connection refused".into()), ..Behaviour::default() };
    world.engine.behave(&"web".parse().unwrap(), behaviour);
    let components = json!([{ "name": "web", "type": "frontend", "image": "acme/web:1", "port": 80,
        "health": { "tcp": 80, "interval_seconds": 1, "timeout_seconds": 1, "retries": 1, "start_period_seconds": 0 } }]);
    let template = world.template("web", components).await;
    let id = world.create("web", template).await;
    let starting = world.until(id, "started", |detail| detail.status == Status::Provisioning).await;
    world.engine.write_log(
        &format!("ds-{}-web-g1", starting.workspace.short_id),
        LogStream::Stderr,
        "cannot bind",
    );
    let failed = world.until_status(id, Status::Failed).await;
    let failure = failure(&failed);
    assert_eq!((failure.code.as_str(), failure.step), ("component_not_ready", Some(StepName::Health)));
    assert!(failure.message.contains("connection refused"), "{}", failure.message);
    world.shut_down().await;
}

#[tokio::test]
async fn an_engine_that_stumbles_is_asked_again() {
    let world = World::new().await;
    world.engine.add_image("acme/web:1");
    let broken = || EngineError::Engine("garbage".into());
    for call in [Call::EnsureNetwork, Call::EnsureContainer, Call::StartContainer, Call::Observe] {
        world.engine.fail(call, 1, broken);
    }
    let template = world.template("web", one("acme/web:1")).await;
    let id = world.create("web", template).await;
    world.until_status(id, Status::Running).await;
    assert_eq!(world.deployments(id).await.len(), 1);
    world.shut_down().await;
}

#[tokio::test]
async fn an_answer_lost_after_success_makes_nothing_twice() {
    for call in [
        Call::EnsureNetwork,
        Call::EnsureVolume,
        Call::EnsureContainer,
        Call::StartContainer,
        Call::StopContainer,
        Call::RemoveContainer,
        Call::RemoveNetwork,
        Call::RemoveVolume,
    ] {
        let world = World::new().await;
        world.engine.lose_answers(call, 1);
        let components = json!([{ "name": "web", "type": "frontend", "port": 80,
                                  "volumes": [{ "name": "data", "mount": "/data" }] }]);
        let id = world.running("web", components).await;
        world.request(id, Request::Stop).await;
        world.until_status(id, Status::Stopped).await;
        let provisioner = world.app.engines.get(world.host).unwrap().provisioner;
        let observed = provisioner.observe(id).await.unwrap();
        assert_eq!((observed.containers.len(), observed.volumes.len()), (1, 1), "{call:?}");
        world.request(id, Request::Destroy { keep_volumes: false }).await;
        world.until_status(id, Status::Destroyed).await;
        assert_eq!(provisioner.observe(id).await.unwrap(), Default::default(), "{call:?}");
        world.shut_down().await;
    }
}

#[tokio::test]
async fn a_container_that_goes_behind_our_back_is_made_again_until_that_is_hopeless() {
    let world = World::new().await;
    let id = world.running("web", json!([{ "name": "web", "type": "frontend", "port": 80 }])).await;
    let name = format!("ds-{}-web-g1", world.get(id).await.workspace.short_id);
    let mut last = world.get(id).await.workspace.deployment_id;
    for _ in 0..3 {
        world.engine.vanish(&name);
        let repaired = world
            .until(id, "repaired", |detail| {
                detail.status == Status::Running && detail.workspace.deployment_id != last
            })
            .await;
        assert_eq!(repaired.deployment.unwrap().kind, DeploymentKind::Repair);
        last = repaired.workspace.deployment_id;
    }
    world.engine.vanish(&name);
    let failed = world.until_status(id, Status::Failed).await;
    assert_eq!(failure(&failed).code, "component_crash_loop");
    world.shut_down().await;
}

#[tokio::test]
async fn a_host_out_of_sight_makes_its_workspaces_unknown_until_it_is_back() {
    let world = World::new().await;
    let id = world.running("web", json!([{ "name": "web", "type": "frontend", "port": 80 }])).await;
    world.engine.unplug();
    let lost = world.until_status(id, Status::Unknown).await;
    assert!(lost.reason.unwrap().contains("not been seen"));
    world.engine.plug_in();
    world.until_status(id, Status::Running).await;
    assert_eq!(world.deployments(id).await.len(), 1, "nothing was made anew");
    world.shut_down().await;
}

#[tokio::test]
async fn a_pull_that_outlives_every_deadline_can_be_canceled() {
    let world = World::new().await;
    world.engine.publish_image("acme/web:1");
    world.engine.slow_down(Call::Pull, Duration::from_secs(3600));
    let template = world.template("web", one("acme/web:1")).await;
    let id = world.create("web", template).await;
    world.until(id, "pulling", |detail| detail.status == Status::Provisioning).await;
    world.clock.advance(chrono::Duration::hours(2));
    world.request(id, Request::Cancel).await;
    world.until_status(id, Status::Stopped).await;
    let canceled = &world.deployments(id).await[1];
    assert_eq!(canceled.status, DeploymentStatus::Canceled);
    world.shut_down().await;
}

#[tokio::test]
async fn a_program_that_ended_and_is_not_to_be_restarted_is_shown_as_ended() {
    let world = World::new().await;
    let components = json!([{ "name": "web", "type": "frontend", "port": 80 },
                            { "name": "job", "type": "worker", "restart": "no" }]);
    let id = world.running("web", components).await;
    world.engine.end(&format!("ds-{}-job-g1", world.get(id).await.workspace.short_id), 1, false);
    let job_is = |status| {
        move |detail: &devsanctum::app::workspaces::WorkspaceDetail| {
            detail.workspace.components[1].status == status
        }
    };
    world.until(id, "seen", job_is(ComponentStatus::Exited)).await;
    assert_eq!(world.get(id).await.status, Status::Running);
    assert_eq!(world.deployments(id).await.len(), 1, "nothing was repaired");
    world.shut_down().await;
}
