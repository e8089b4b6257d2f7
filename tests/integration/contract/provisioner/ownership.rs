//! What is not ours is not touched; what is another workspace's is not mixed up.

use devsanctum::{
    domain::workspace::{ContainerState, Observed},
    ports::provisioner::{EngineError, EngineEvent},
};
use futures::StreamExt;

use super::{
    contract,
    world::{Program, World, volume_name},
};

contract!(
    a_foreign_volume_is_left_alone,
    a_foreign_container_is_left_alone,
    another_workspaces_volume_is_foreign,
    another_generation_of_the_same_name_is_foreign,
    each_workspace_sees_its_own,
    changes_are_announced,
);

async fn a_foreign_volume_is_left_alone(world: World) {
    let workspace = world.workspace();
    let name = volume_name();
    world.plant_volume(&name).await;
    let error = world.engine.ensure_volume(&workspace.volume(&name)).await.unwrap_err();
    assert!(matches!(error, EngineError::Foreign { kind: "volume", .. }), "{error:?}");
    world.engine.remove_volume(&name).await.unwrap();
    assert_eq!(world.engine.observe(workspace.id).await.unwrap(), Observed::default());
    world.unplant_volume(&name).await;
}

async fn a_foreign_container_is_left_alone(world: World) {
    let workspace = world.workspace();
    let request = world.request(&workspace, "web", Program::Serves).await;
    world.engine.ensure_network(&workspace.network()).await.unwrap();
    world.plant_container(&request.name).await;
    let error = world.engine.ensure_container(&request).await.unwrap_err();
    assert!(matches!(error, EngineError::Foreign { kind: "container", .. }), "{error:?}");
    let error = world.engine.start_container(&request.name).await.unwrap_err();
    assert!(matches!(error, EngineError::NotFound { .. }), "{error:?}");
    assert_eq!(world.engine.find_container(&request.name).await.unwrap(), None);
    world.engine.stop_container(&request.name, Default::default()).await.unwrap();
    world.engine.remove_container(&request.name).await.unwrap();
    world.unplant_container(&request.name).await;
}

async fn another_workspaces_volume_is_foreign(world: World) {
    let (one, other) = (world.workspace(), world.workspace());
    let name = volume_name();
    world.engine.ensure_volume(&one.volume(&name)).await.unwrap();
    let error = world.engine.ensure_volume(&other.volume(&name)).await.unwrap_err();
    assert!(matches!(error, EngineError::Foreign { kind: "volume", .. }), "{error:?}");
    assert_eq!(world.engine.observe(one.id).await.unwrap().volumes, [name].into());
}

async fn another_generation_of_the_same_name_is_foreign(world: World) {
    let workspace = world.workspace();
    let mut request = world.request(&workspace, "web", Program::Serves).await;
    world.engine.ensure_network(&workspace.network()).await.unwrap();
    world.engine.ensure_container(&request).await.unwrap();
    request.identity.generation = 2;
    let error = world.engine.ensure_container(&request).await.unwrap_err();
    assert!(matches!(error, EngineError::Foreign { kind: "container", .. }), "{error:?}");
}

async fn each_workspace_sees_its_own(world: World) {
    let (one, other, none) = (world.workspace(), world.workspace(), world.workspace());
    let web = world.started(&one, "web").await;
    let api = world.request(&one, "api", Program::Serves).await;
    world.engine.ensure_container(&api).await.unwrap();
    world.engine.ensure_volume(&other.volume(&volume_name())).await.unwrap();

    let inventory = world.engine.inventory().await.unwrap();
    assert_eq!(inventory.workspaces.keys().copied().collect::<Vec<_>>(), {
        let mut ids = vec![one.id, other.id];
        ids.sort();
        ids
    });
    for workspace in [&one, &other] {
        assert_eq!(world.engine.observe(workspace.id).await.unwrap(), inventory.workspaces[&workspace.id]);
    }
    assert_eq!(world.engine.observe(none.id).await.unwrap(), Observed::default());
    let states: Vec<_> = inventory.workspaces[&one.id]
        .containers
        .iter()
        .map(|container| (&container.name, container.state))
        .collect();
    assert_eq!(states, [(&api.name, ContainerState::Created), (&web.name, ContainerState::Running)]);
    assert!(!inventory.workspaces[&other.id].network);
}

async fn changes_are_announced(world: World) {
    let workspace = world.workspace();
    let mut events = world.engine.events();
    assert_eq!(events.next().await, Some(EngineEvent::Resync), "at first everything is to be looked at");
    let mut others = world.engine.events();
    assert_eq!(others.next().await, Some(EngineEvent::Resync));
    world.started(&workspace, "web").await;
    for events in [&mut events, &mut others] {
        assert_eq!(events.next().await, Some(EngineEvent::Changed(workspace.id)));
    }
}
