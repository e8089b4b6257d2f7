//! The database is that of a while ago, the host is not. What runs is taken over; what the database cannot explain stays;
//! what is lost is told.

use std::time::Duration;

use devsanctum::{
    adapters::store::backup::Place,
    app::workspaces::{self, WorkspaceDetail, WorkspaceUpdate},
    domain::{
        deployment::DeploymentKind,
        host::Unexplained,
        ids::{TemplateId, WorkspaceId},
        workspace::{Desired, Observed, State, Status, state::Request},
    },
    testing::docker::Call,
};
use serde_json::{Value, json};
use sqlx::Connection;

use super::world::World;

/// A look at everything comes every 20 seconds when no event asks for one.
const PATIENCE: Duration = Duration::from_secs(60);

/// Calls that change something on the host.
const CHANGES: [Call; 8] = [
    Call::EnsureNetwork,
    Call::RemoveNetwork,
    Call::EnsureVolume,
    Call::RemoveVolume,
    Call::EnsureContainer,
    Call::StartContainer,
    Call::StopContainer,
    Call::RemoveContainer,
];

fn changes(world: &World) -> Vec<Call> {
    let calls = world.engine.calls().into_iter().map(|recorded| recorded.call);
    calls.filter(|call| CHANGES.contains(call)).collect()
}

fn with_volume() -> Value {
    json!([{ "name": "web", "type": "frontend", "port": 80, "volumes": [{ "name": "data", "mount": "/data" }] }])
}

fn without_volume() -> Value {
    json!([{ "name": "web", "type": "frontend", "port": 80 }])
}

async fn observe(world: &World, id: WorkspaceId) -> Observed {
    world.app.engines.get(world.host).unwrap().provisioner.observe(id).await.unwrap()
}

async fn unexplained(world: &World) -> Unexplained {
    let mut reader = world.app.store.read().await.unwrap();
    reader.hosts().find(world.host).await.unwrap().unwrap().unexplained
}

async fn until_unexplained(world: &World, condition: impl Fn(&Unexplained) -> bool) -> Unexplained {
    let begun = tokio::time::Instant::now();
    loop {
        let found = unexplained(world).await;
        if condition(&found) {
            return found;
        }
        assert!(begun.elapsed() < PATIENCE, "{found:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Somebody has compared the workspace with its host.
async fn until_looked_at(world: &World, id: WorkspaceId) -> WorkspaceDetail {
    world
        .until(id, "looked at", |detail| {
            !detail.workspace.restored && detail.workspace.state.status().is_settled()
        })
        .await
}

fn failure(detail: &WorkspaceDetail) -> &devsanctum::domain::deployment::Failure {
    match &detail.workspace.state {
        State::Failed { failure, .. } => failure,
        other => panic!("not failed: {other:?}"),
    }
}

async fn update(world: &World, id: WorkspaceId) {
    workspaces::update(&world.app, &world.caller, id, WorkspaceUpdate::default(), |_| Ok(())).await.unwrap();
}

async fn until_generation(
    world: &World,
    id: WorkspaceId,
    generation: i64,
    status: Status,
) -> WorkspaceDetail {
    world
        .until(id, "of that generation", |detail| {
            detail.status == status && detail.workspace.generation == generation
        })
        .await
}

#[tokio::test]
async fn what_did_not_change_is_taken_over_as_it_runs() {
    let mut world = World::new().await;
    let running = world.running("running", with_volume()).await;
    let stopped = world.running("stopped", with_volume()).await;
    world.request(stopped, Request::Stop).await;
    world.until_status(stopped, Status::Stopped).await;
    let (label, before) = (world.get(running).await.routes[0].label.clone(), observe(&world, running).await);
    let deployments = world.deployments(running).await.len();
    let backup = world.backup().await;
    world.engine.forget_calls();

    world.restore_at_rest(&backup).await;
    let found = until_looked_at(&world, running).await;
    assert_eq!(found.status, Status::Running);
    assert_eq!(until_looked_at(&world, stopped).await.status, Status::Stopped);
    assert!(world.proxy.backend(&label).is_some(), "its routes lead there again");
    assert_eq!(changes(&world), []);
    assert_eq!(observe(&world, running).await, before);
    assert_eq!(world.deployments(running).await.len(), deployments, "nothing had to be repaired");
    assert_eq!(unexplained(&world).await, Unexplained::default());
    world.shut_down().await;
}

#[tokio::test]
async fn what_the_database_does_not_know_stays_and_is_told() {
    let mut world = World::new().await;
    let known = world.running("known", with_volume()).await;
    let backup = world.backup().await;
    let template = world.template("later", with_volume()).await;
    let later = world.create("later", template).await;
    let label = world.until_status(later, Status::Running).await.routes[0].label.clone();
    let before = observe(&world, later).await;
    world.engine.forget_calls();

    world.restore_at_rest(&backup).await;
    let found = until_unexplained(&world, |found| found.containers > 0).await;
    let expected = Unexplained { workspaces: vec![later], containers: 1, networks: 1, volumes: 1 };
    assert_eq!(found, expected);
    until_looked_at(&world, known).await;
    assert_eq!(changes(&world), []);
    assert_eq!(observe(&world, later).await, before);
    assert_eq!(world.proxy.backend(&label), None);

    // A person removes them by hand.
    let provisioner = world.app.engines.get(world.host).unwrap().provisioner;
    provisioner.remove_container(&before.containers[0].name).await.unwrap();
    provisioner.remove_volume(before.volumes.first().unwrap()).await.unwrap();
    world.crash_and_restart().await;
    until_unexplained(&world, |found| found.containers == 0 && found.volumes == 0 && found.networks == 1)
        .await;
    world.shut_down().await;
}

#[tokio::test]
async fn what_was_destroyed_since_does_not_come_back_with_empty_volumes() {
    let mut world = World::new().await;
    let id = world.running("web", with_volume()).await;
    let backup = world.backup().await;
    world.request(id, Request::Destroy { keep_volumes: false }).await;
    world.until_status(id, Status::Destroyed).await;
    world.engine.forget_calls();

    world.restore_at_rest(&backup).await;
    let failed = world.until_status(id, Status::Failed).await;
    assert_eq!(failure(&failed).code, "volumes_missing");
    let reason = failed.reason.clone().unwrap();
    for part in ["data", "not on the host", "Destroy", "retry", "update"] {
        assert!(reason.contains(part), "{part} in {reason}");
    }
    let deployment = failed.deployment.unwrap();
    assert_eq!((deployment.kind, deployment.requested_by), (DeploymentKind::Repair, None));
    assert!(deployment.error.is_some_and(|error| error.remedy.contains("Check that the host")));
    assert_eq!(changes(&world), []);

    // A start gives nothing up.
    world.request(id, Request::Start).await;
    let start = world.get(id).await.workspace.deployment_id;
    let still = world
        .until(id, "failed again", |it| it.status == Status::Failed && it.workspace.deployment_id == start)
        .await;
    assert_eq!(failure(&still).code, "volumes_missing");
    assert_eq!(observe(&world, id).await, Observed::default());

    world.request(id, Request::Retry).await;
    world.until_status(id, Status::Running).await;
    assert_eq!(observe(&world, id).await.volumes.len(), 1);
    world.request(id, Request::Destroy { keep_volumes: false }).await;
    world.until_status(id, Status::Destroyed).await;
    assert_eq!(observe(&world, id).await, Observed::default());
    world.shut_down().await;
}

#[tokio::test]
async fn an_update_goes_on_with_empty_volumes_too_and_destroying_needs_none() {
    let mut world = World::new().await;
    let (updated, gone) =
        (world.running("updated", with_volume()).await, world.running("gone", with_volume()).await);
    let backup = world.backup().await;
    for id in [updated, gone] {
        world.request(id, Request::Destroy { keep_volumes: false }).await;
        world.until_status(id, Status::Destroyed).await;
    }
    world.restore_at_rest(&backup).await;
    for id in [updated, gone] {
        world.until_status(id, Status::Failed).await;
    }
    update(&world, updated).await;
    world.until_status(updated, Status::Running).await;
    world.request(gone, Request::Destroy { keep_volumes: false }).await;
    world.until_status(gone, Status::Destroyed).await;
    world.shut_down().await;
}

#[tokio::test]
async fn what_was_destroyed_since_and_had_no_volumes_is_brought_up_again() {
    let mut world = World::new().await;
    let id = world.running("web", without_volume()).await;
    let backup = world.backup().await;
    world.request(id, Request::Destroy { keep_volumes: false }).await;
    world.until_status(id, Status::Destroyed).await;
    world.restore_at_rest(&backup).await;
    let running = until_looked_at(&world, id).await;
    assert_eq!(running.status, Status::Running);
    assert_eq!(running.deployment.unwrap().kind, DeploymentKind::Repair);
    world.shut_down().await;
}

/// A workspace that was updated after the backup, and is flagged.
async fn updated_since(world: &mut World) -> (TemplateId, WorkspaceId) {
    let template = world.template("web", with_volume()).await;
    let id = world.create("web", template).await;
    world.until_status(id, Status::Running).await;
    let backup = world.backup().await;
    update(world, id).await;
    until_generation(world, id, 2, Status::Running).await;
    let before = observe(world, id).await;
    world.engine.forget_calls();
    world.restore_at_rest(&backup).await;
    let failed = until_generation(world, id, 1, Status::Failed).await;
    assert_eq!(failure(&failed).code, "newer_generation_on_host");
    assert!(failed.reason.unwrap().contains("generation 2"));
    assert_eq!(changes(world), []);
    assert_eq!(observe(world, id).await, before);
    assert_eq!(world.proxy.backend(&failed.routes[0].label), None);
    assert_eq!(until_unexplained(world, |found| found.containers > 0).await.workspaces, [id]);
    (template, id)
}

#[tokio::test]
async fn what_was_updated_since_is_replaced_when_a_person_asks_for_it() {
    for request in [Request::Start, Request::Restart, Request::Retry] {
        let mut world = World::new().await;
        let (_, id) = updated_since(&mut world).await;
        let volumes = observe(&world, id).await.volumes;
        world.request(id, request).await;
        until_generation(&world, id, 3, Status::Running).await;
        let found = observe(&world, id).await;
        assert!(found.containers.iter().all(|container| container.generation == 3), "{request:?}: {found:?}");
        assert_eq!(found.volumes, volumes);
        world.shut_down().await;
    }
}

#[tokio::test]
async fn what_was_updated_since_can_be_updated_stopped_and_destroyed() {
    let mut world = World::new().await;
    let (_, id) = updated_since(&mut world).await;
    world.request(id, Request::Stop).await;
    world.until_status(id, Status::Stopped).await;
    let stopped = observe(&world, id).await;
    assert!(!stopped.is_active() && stopped.containers.len() == 1, "stopped, and still there: {stopped:?}");
    update(&world, id).await;
    until_generation(&world, id, 3, Status::Stopped).await;
    world.request(id, Request::Start).await;
    until_generation(&world, id, 3, Status::Running).await;
    assert_eq!(observe(&world, id).await.containers.len(), 1);
    world.shut_down().await;

    let mut world = World::new().await;
    let (_, id) = updated_since(&mut world).await;
    world.request(id, Request::Destroy { keep_volumes: false }).await;
    world.until_status(id, Status::Destroyed).await;
    assert_eq!(observe(&world, id).await, Observed::default());
    world.shut_down().await;
}

#[tokio::test]
async fn an_update_before_anybody_has_looked_collides_with_nothing() {
    let mut world = World::new().await;
    let template = world.template("web", with_volume()).await;
    let id = world.create("web", template).await;
    world.until_status(id, Status::Running).await;
    let backup = world.backup().await;
    update(&world, id).await;
    until_generation(&world, id, 2, Status::Running).await;
    // Nobody can look.
    world.engine.unplug();
    world.restore_at_rest(&backup).await;
    update(&world, id).await;
    world.engine.plug_in();
    let updated = world.until_status(id, Status::Running).await;
    assert!(updated.workspace.generation > 2, "{}", updated.workspace.generation);
    let found = observe(&world, id).await;
    let newest = updated.workspace.generation;
    assert!(found.containers.iter().all(|container| container.generation == newest), "{found:?}");
    world.shut_down().await;
}

#[tokio::test]
async fn a_stopped_workspace_that_was_updated_since_says_so() {
    let mut world = World::new().await;
    let id = world.running("web", with_volume()).await;
    world.request(id, Request::Stop).await;
    world.until_status(id, Status::Stopped).await;
    let backup = world.backup().await;
    update(&world, id).await;
    until_generation(&world, id, 2, Status::Stopped).await;
    world.request(id, Request::Start).await;
    world.until_status(id, Status::Running).await;
    world.request(id, Request::Stop).await;
    world.until_status(id, Status::Stopped).await;
    let before = observe(&world, id).await;

    world.restore_at_rest(&backup).await;
    let failed = world.until_status(id, Status::Failed).await;
    assert_eq!(failure(&failed).code, "newer_generation_on_host");
    assert_eq!(observe(&world, id).await, before);
    world.request(id, Request::Stop).await;
    world.until_status(id, Status::Stopped).await;
    world.crash_and_restart().await;
    assert_eq!(world.until_status(id, Status::Stopped).await.workspace.seen_generation, 2, "told once");
    world.request(id, Request::Start).await;
    until_generation(&world, id, 3, Status::Running).await;
    world.shut_down().await;
}

#[tokio::test]
async fn what_was_stopped_since_runs_again() {
    let mut world = World::new().await;
    let id = world.running("web", with_volume()).await;
    let backup = world.backup().await;
    world.request(id, Request::Stop).await;
    world.until_status(id, Status::Stopped).await;
    world.engine.forget_calls();
    world.restore_at_rest(&backup).await;
    let running = until_looked_at(&world, id).await;
    assert_eq!(running.status, Status::Running);
    assert_eq!(changes(&world), [Call::StartContainer], "the same container");
    assert!(world.proxy.backend(&running.routes[0].label).is_some());
    world.shut_down().await;
}

#[tokio::test]
async fn what_was_started_since_goes_on_running() {
    let mut world = World::new().await;
    let id = world.running("web", with_volume()).await;
    world.request(id, Request::Stop).await;
    world.until_status(id, Status::Stopped).await;
    let backup = world.backup().await;
    world.request(id, Request::Start).await;
    world.until_status(id, Status::Running).await;
    world.engine.forget_calls();
    world.restore_at_rest(&backup).await;
    let running = world.until_status(id, Status::Running).await;
    assert_eq!(running.workspace.desired, Desired::Running);
    assert!(!running.workspace.restored);
    assert_eq!(changes(&world), []);
    assert!(world.proxy.backend(&running.routes[0].label).is_some());

    // From then on it is like every other: what somebody starts behind our back is stopped again.
    world.request(id, Request::Stop).await;
    world.until_status(id, Status::Stopped).await;
    let provisioner = world.app.engines.get(world.host).unwrap().provisioner;
    let name = observe(&world, id).await.containers[0].name.clone();
    let last = world.get(id).await.workspace.deployment_id;
    provisioner.start_container(&name).await.unwrap();
    world.clock.advance(chrono::Duration::seconds(5));
    world
        .until(id, "stopped again", |it| it.status == Status::Stopped && it.workspace.deployment_id != last)
        .await;
    assert!(!observe(&world, id).await.is_active());
    world.shut_down().await;
}

#[tokio::test]
async fn what_was_under_way_goes_on_with_time_enough() {
    let mut world = World::new().await;
    world.engine.publish_image("acme/web:1");
    world.engine.slow_down(Call::Pull, Duration::from_secs(3600));
    let components = json!([{ "name": "web", "type": "frontend", "image": "acme/web:1", "port": 80 }]);
    let template = world.template("web", components).await;
    let id = world.create("web", template).await;
    world.until_status(id, Status::Provisioning).await;
    let backup = world.backup().await;
    world.clock.advance(chrono::Duration::days(3));
    world.engine.slow_down(Call::Pull, Duration::ZERO);
    world.restore_at_rest(&backup).await;
    world.until_status(id, Status::Running).await;
    world.shut_down().await;
}

#[tokio::test]
async fn a_running_server_notices_and_goes_on() {
    let world = World::new().await;
    let kept = world.running("kept", with_volume()).await;
    let gone = world.running("gone", with_volume()).await;
    let label = world.get(kept).await.routes[0].label.clone();
    let backup = world.backup().await;
    world.request(gone, Request::Destroy { keep_volumes: false }).await;
    world.until_status(gone, Status::Destroyed).await;
    let later = world.running("later", with_volume()).await;
    let later_label = world.get(later).await.routes[0].label.clone();
    let last = world.app.store.read().await.unwrap().events().latest().await.unwrap();
    let mut events = world.app.feed.subscribe();
    world.engine.forget_calls();

    world.restore(&backup).await;
    assert_eq!(until_looked_at(&world, kept).await.status, Status::Running);
    world.until_status(gone, Status::Failed).await;
    let begun = tokio::time::Instant::now();
    while world.proxy.backend(&later_label).is_some() || world.proxy.backend(&label).is_none() {
        assert!(begun.elapsed() < PATIENCE, "{:?}", world.proxy.published());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(changes(&world), []);
    assert!(observe(&world, later).await.is_active());
    // Subscribers go on: numbers only grow.
    let mut number = last;
    loop {
        let event = events.recv().await.unwrap();
        if event.event.workspace_id == Some(gone) && event.event.status.as_deref() == Some("failed") {
            assert!(event.sequence > last);
            break;
        }
        assert!(event.sequence > number.min(last));
        number = event.sequence;
    }
    // And new things can be done.
    world.running("new", without_volume()).await;
    world.shut_down().await;
}

#[tokio::test]
async fn the_database_of_another_installation_is_not_served() {
    let world = World::new().await;
    let id = world.running("web", with_volume()).await;
    let before = observe(&world, id).await;
    world.engine.forget_calls();
    let Place::File(path) = world.place() else { panic!() };
    let url = format!("sqlite://{}", path.display());
    let mut connection = sqlx::SqliteConnection::connect(&url).await.unwrap();
    for statement in [
        "UPDATE installation SET id = randomblob(16)",
        "UPDATE workspaces SET due_at = '2000-01-01T00:00:00Z', generation = 7",
    ] {
        sqlx::query(statement).execute(&mut connection).await.unwrap();
    }
    connection.close().await.unwrap();
    tokio::time::timeout(PATIENCE, world.replaced.cancelled()).await.unwrap();
    assert!(world.stop.is_cancelled());
    assert_eq!(changes(&world), []);
    assert_eq!(observe(&world, id).await, before);
    world.shut_down().await;
}
