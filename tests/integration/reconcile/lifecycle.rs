//! The everyday life of a workspace.

use std::time::Duration;

use devsanctum::{
    app::workspaces::{self, WorkspaceDetail, WorkspaceUpdate},
    domain::{
        deployment::{DeploymentKind, DeploymentStatus, StepStatus},
        route::{HealthCheck, RouteTarget},
        workspace::{ComponentStatus, Health, Status, state::Request},
    },
    testing::docker::{Behaviour, Call},
};
use serde_json::json;

use super::world::World;

fn shop() -> serde_json::Value {
    json!([
        { "name": "web", "type": "frontend", "port": 3000, "depends_on": ["api"] },
        { "name": "api", "type": "backend", "port": 8080, "depends_on": ["db"],
          "volumes": [{ "name": "files", "mount": "/files" }] },
        { "name": "db", "type": "backend", "port": 5432 }
    ])
}

#[tokio::test]
async fn a_workspace_comes_up_in_the_order_of_its_dependencies_and_is_reachable_before_it_says_so() {
    let world = World::new().await;
    let id = world.running("shop", shop()).await;
    let detail = world.get(id).await;

    let started: Vec<_> = world
        .engine
        .calls()
        .into_iter()
        .filter(|recorded| recorded.call == Call::StartContainer)
        .map(|recorded| recorded.object)
        .collect();
    let short = &detail.workspace.short_id;
    assert_eq!(started, ["db", "api", "web"].map(|component| format!("ds-{short}-{component}-g1")));
    assert!(world.proxy.backend(&detail.routes[0].label).is_some());
    assert!(detail.workspace.components.iter().all(|view| {
        view.status == ComponentStatus::Running && view.health == Health::Healthy && view.address.is_some()
    }));
    let deployment = detail.deployment.unwrap();
    assert_eq!((deployment.kind, deployment.status), (DeploymentKind::Create, DeploymentStatus::Succeeded));
    let steps = world.steps(id).await;
    assert!(
        steps.iter().all(|step| step.status == StepStatus::Succeeded && step.finished_at >= step.started_at)
    );
    world.shut_down().await;
}

/// For a proxy that looks after components by itself.
#[tokio::test]
async fn a_route_says_how_to_ask_whether_its_component_is_well() {
    let world = World::new().await;
    let components = json!([
        { "name": "web", "type": "frontend", "port": 3000,
          "health": { "path": "/health", "interval_seconds": 4, "timeout_seconds": 3 } },
        { "name": "docs", "type": "frontend", "port": 80, "health": { "tcp": 80 } }
    ]);
    world.running("shop", components).await;
    let check = HealthCheck {
        path: "/health".into(),
        interval: Duration::from_secs(4),
        timeout: Duration::from_secs(3),
    };
    let mut checks: Vec<_> = world
        .proxy
        .published()
        .into_iter()
        .map(|published| match published.route.target {
            RouteTarget::Live { health, .. } => (published.route.component.to_string(), health),
            target => panic!("{target:?}"),
        })
        .collect();
    checks.sort_by(|one, other| one.0.cmp(&other.0));
    assert_eq!(checks, [("docs".into(), None), ("web".into(), Some(check))]);
    world.shut_down().await;
}

#[tokio::test]
async fn stop_and_start_keep_the_same_containers() {
    let world = World::new().await;
    let id = world.running("shop", shop()).await;
    world.engine.forget_calls();

    world.request(id, Request::Stop).await;
    let stopped = world.until_status(id, Status::Stopped).await;
    assert_eq!(world.proxy.backend(&stopped.routes[0].label), None);
    assert!(stopped.workspace.components.iter().all(|view| view.status == ComponentStatus::Stopped));

    world.request(id, Request::Start).await;
    let started = world.until_status(id, Status::Running).await;
    assert!(world.proxy.backend(&started.routes[0].label).is_some());
    let remade = [Call::EnsureContainer, Call::RemoveContainer, Call::RemoveVolume];
    assert!(!world.engine.calls().iter().any(|recorded| remade.contains(&recorded.call)));
    world.shut_down().await;
}

#[tokio::test]
async fn asking_for_what_is_so_begins_nothing() {
    let world = World::new().await;
    let id = world.running("shop", shop()).await;
    let before = world.deployments(id).await.len();
    world.request(id, Request::Start).await;
    assert_eq!(world.deployments(id).await.len(), before);
    world.shut_down().await;
}

#[tokio::test]
async fn a_restart_stops_and_starts_every_container_once() {
    let world = World::new().await;
    let id = world.running("shop", shop()).await;
    world.engine.forget_calls();
    world.request(id, Request::Restart).await;
    world
        .until(id, "restarted", |detail| {
            detail.status == Status::Running
                && detail.deployment.as_ref().is_some_and(|it| it.kind == DeploymentKind::Restart)
        })
        .await;
    let count = |call| world.engine.calls().iter().filter(|recorded| recorded.call == call).count();
    assert_eq!((count(Call::StopContainer), count(Call::StartContainer)), (3, 3));
    world.shut_down().await;
}

#[tokio::test]
async fn an_update_makes_containers_anew_and_keeps_volumes() {
    let world = World::new().await;
    let template = world.template("shop", shop()).await;
    let id = world.create("shop", template).await;
    world.until_status(id, Status::Running).await;
    world.engine.forget_calls();

    let smaller = json!([{ "name": "web", "type": "frontend", "port": 4000,
                           "volumes": [{ "name": "files", "mount": "/files" }] }]);
    world.version(template, 2, smaller).await;
    workspaces::update(&world.app, &world.caller, id, WorkspaceUpdate::default(), |_| Ok(())).await.unwrap();
    let updated = world
        .until(id, "updated", |detail| detail.status == Status::Running && detail.workspace.generation == 2)
        .await;
    assert_eq!(updated.workspace.template_version, 2);
    assert_eq!(updated.workspace.components.len(), 1);
    assert_eq!(world.proxy.backend(&updated.routes[0].label).unwrap().port(), 4000);
    let observed = world.app.engines.get(world.host).unwrap().provisioner.observe(id).await.unwrap();
    assert!(observed.containers.iter().all(|container| container.generation == 2));
    assert_eq!(observed.volumes.len(), 1);
    assert!(!world.engine.calls().iter().any(|recorded| recorded.call == Call::RemoveVolume));
    world.shut_down().await;
}

#[tokio::test]
async fn destroying_leaves_nothing_and_may_keep_volumes() {
    let world = World::new().await;
    let (gone, kept) = (world.running("gone", shop()).await, world.running("kept", shop()).await);
    world.request(gone, Request::Destroy { keep_volumes: false }).await;
    world.request(kept, Request::Destroy { keep_volumes: true }).await;
    for id in [gone, kept] {
        world.until_status(id, Status::Destroyed).await;
    }
    let provisioner = world.app.engines.get(world.host).unwrap().provisioner;
    assert_eq!(provisioner.observe(gone).await.unwrap(), Default::default());
    let left = provisioner.observe(kept).await.unwrap();
    assert!(left.containers.is_empty() && !left.network && left.volumes.len() == 1);
    assert!(world.proxy.published().is_empty());

    let again = world.request(gone, Request::Destroy { keep_volumes: false }).await;
    assert_eq!(again.status, Status::Destroyed);
    world.shut_down().await;
}

#[tokio::test]
async fn a_proxy_that_restarted_empty_is_filled_again() {
    let mut world = World::new().await;
    let id = world.running("shop", shop()).await;
    let label = world.get(id).await.routes[0].label.clone();
    world.crash_and_restart().await;
    assert!(world.proxy.backend(&label).is_some(), "before the first request could come");
    world.shut_down().await;
}

#[tokio::test]
async fn components_are_seen_coming_up_while_it_is_under_way() {
    let world = World::new().await;
    let slow = "slow".parse().unwrap();
    let unhealthy = Some("connection refused".to_owned());
    world.engine.behave(&slow, Behaviour { unhealthy, ..Behaviour::default() });
    let components = json!([
        { "name": "web", "type": "frontend", "port": 80, "depends_on": [{ "name": "slow", "condition": "healthy" }] },
        { "name": "slow", "type": "backend", "port": 81 }
    ]);
    let template = world.template("slow", components).await;
    let id = world.create("slow", template).await;
    let status = |detail: &WorkspaceDetail, name: &str| {
        detail.workspace.components.iter().find(|view| view.name.as_str() == name).unwrap().status
    };
    let seen =
        world.until(id, "starting", |detail| status(detail, "slow") == ComponentStatus::Starting).await;
    assert_eq!(seen.status, Status::Provisioning);
    assert!(matches!(status(&seen, "web"), ComponentStatus::Missing | ComponentStatus::Creating));
    world.engine.behave(&slow, Behaviour::default());
    world.until_status(id, Status::Running).await;
    world.shut_down().await;
}
