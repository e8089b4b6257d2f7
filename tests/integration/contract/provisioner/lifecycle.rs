//! Objects come, run, stop and go; every call can be repeated.

use std::time::Duration;

use devsanctum::{
    domain::workspace::{ContainerState, Observed, spec::Restart},
    ports::provisioner::EngineError,
};
use futures::future::join_all;

use super::{
    contract,
    world::{EXIT_CODE, Program, World, mount, now, volume_name},
};

const GRACE: Duration = Duration::from_secs(5);

contract!(
    a_component_lives_its_life,
    calls_can_be_repeated,
    calls_at_once_make_one_of_each,
    what_is_missing_is_named,
    an_exit_is_seen_with_its_code,
    a_failing_program_is_started_again,
    removing_ends_what_runs,
    a_volume_in_use_stays,
    an_image_that_is_gone_is_named,
    each_component_has_an_address,
);

async fn a_component_lives_its_life(world: World) {
    let workspace = world.workspace();
    let engine = &world.engine;
    assert_eq!(engine.observe(workspace.id).await.unwrap(), Observed::default());

    let volume = volume_name();
    engine.ensure_network(&workspace.network()).await.unwrap();
    engine.ensure_volume(&workspace.volume(&volume)).await.unwrap();
    let mut request = world.request(&workspace, "web", Program::Serves).await;
    mount(&mut request, &volume, "/data");
    engine.ensure_container(&request).await.unwrap();

    let seen = engine.observe(workspace.id).await.unwrap();
    assert!(seen.network);
    assert_eq!(seen.volumes, [volume.clone()].into());
    let [created] = &seen.containers[..] else { panic!("{seen:?}") };
    assert_eq!(created.name, request.name);
    assert_eq!(created.component, request.spec.name);
    assert_eq!(created.generation, 1);
    assert_eq!(created.image, request.image);
    assert_eq!((created.state, created.address, created.started_at), (ContainerState::Created, None, None));

    let before = now() - Duration::from_secs(1);
    engine.start_container(&request.name).await.unwrap();
    let running = engine.find_container(&request.name).await.unwrap().unwrap();
    assert_eq!(running.state, ContainerState::Running);
    assert!(running.address.is_some());
    assert!(running.started_at.unwrap() > before, "{running:?}");
    assert_eq!(engine.observe(workspace.id).await.unwrap().containers, [running]);

    engine.stop_container(&request.name, GRACE).await.unwrap();
    let stopped = engine.find_container(&request.name).await.unwrap().unwrap();
    assert_eq!(stopped.state, ContainerState::Exited { code: 0, out_of_memory: false });
    assert_eq!(stopped.address, None);

    engine.start_container(&request.name).await.unwrap();
    assert_eq!(engine.find_container(&request.name).await.unwrap().unwrap().state, ContainerState::Running);

    engine.remove_container(&request.name).await.unwrap();
    engine.remove_network(&workspace.network().name).await.unwrap();
    engine.remove_volume(&volume).await.unwrap();
    assert_eq!(engine.observe(workspace.id).await.unwrap(), Observed::default());
    assert_eq!(engine.find_container(&request.name).await.unwrap(), None);
}

async fn calls_can_be_repeated(world: World) {
    let workspace = world.workspace();
    let engine = &world.engine;
    let volume = volume_name();
    let request = world.request(&workspace, "web", Program::Serves).await;
    for _ in 0..2 {
        engine.ensure_network(&workspace.network()).await.unwrap();
        engine.ensure_volume(&workspace.volume(&volume)).await.unwrap();
        engine.ensure_container(&request).await.unwrap();
    }
    for _ in 0..2 {
        engine.start_container(&request.name).await.unwrap();
    }
    engine.ensure_container(&request).await.unwrap();
    let seen = engine.observe(workspace.id).await.unwrap();
    assert_eq!((seen.network, seen.volumes.len(), seen.containers.len()), (true, 1, 1));
    assert_eq!(seen.containers[0].state, ContainerState::Running, "making it again does not disturb it");
    for _ in 0..2 {
        engine.stop_container(&request.name, GRACE).await.unwrap();
    }
    for _ in 0..2 {
        engine.remove_container(&request.name).await.unwrap();
        engine.remove_volume(&volume).await.unwrap();
        engine.remove_network(&workspace.network().name).await.unwrap();
    }
    assert_eq!(engine.observe(workspace.id).await.unwrap(), Observed::default());
}

async fn calls_at_once_make_one_of_each(world: World) {
    let workspace = world.workspace();
    let engine = &world.engine;
    let volume = volume_name();
    let request = world.request(&workspace, "web", Program::Serves).await;
    let (network, volume_request) = (workspace.network(), workspace.volume(&volume));
    for result in join_all((0..4).map(|_| engine.ensure_network(&network))).await {
        result.unwrap();
    }
    for result in join_all((0..4).map(|_| engine.ensure_volume(&volume_request))).await {
        result.unwrap();
    }
    for result in join_all((0..4).map(|_| engine.ensure_container(&request))).await {
        result.unwrap();
    }
    for result in join_all((0..4).map(|_| engine.start_container(&request.name))).await {
        result.unwrap();
    }
    let seen = engine.observe(workspace.id).await.unwrap();
    assert_eq!((seen.network, seen.volumes.len(), seen.containers.len()), (true, 1, 1));
    for result in join_all((0..4).map(|_| engine.remove_container(&request.name))).await {
        result.unwrap();
    }
    assert_eq!(
        engine.find_container(&request.name).await.unwrap(),
        None,
        "gone when any of the calls says so"
    );
}

async fn what_is_missing_is_named(world: World) {
    let engine = &world.engine;
    let name = "ds-missing-web-g1";
    let is_missing = |error: EngineError| matches!(error, EngineError::NotFound { kind: "container", .. });
    assert!(is_missing(engine.start_container(name).await.unwrap_err()));
    assert!(is_missing(engine.exec(name, &["true".into()], GRACE).await.unwrap_err()));
    assert!(is_missing(engine.listening_ports(name).await.unwrap_err()));
    assert!(is_missing(engine.logs(name, Default::default()).await.err().unwrap()));
    assert!(is_missing(engine.stats(name).await.unwrap_err()));
    assert_eq!(engine.find_container(name).await.unwrap(), None);
    engine.stop_container(name, GRACE).await.unwrap();
    engine.remove_container(name).await.unwrap();
    engine.remove_network("ds-missing").await.unwrap();
    engine.remove_volume("ds-missing").await.unwrap();

    // A container whose network was taken away meanwhile.
    let workspace = world.workspace();
    let request = world.request(&workspace, "web", Program::Serves).await;
    engine.ensure_network(&workspace.network()).await.unwrap();
    engine.ensure_container(&request).await.unwrap();
    engine.remove_network(&workspace.network().name).await.unwrap();
    let error = engine.start_container(&request.name).await.unwrap_err();
    assert!(matches!(error, EngineError::NotFound { kind: "network", .. }), "{error:?}");
}

async fn an_exit_is_seen_with_its_code(world: World) {
    let workspace = world.workspace();
    let request = world.request(&workspace, "job", Program::Exits).await;
    world.engine.ensure_network(&workspace.network()).await.unwrap();
    world.engine.ensure_container(&request).await.unwrap();
    world.engine.start_container(&request.name).await.unwrap();
    let ended = world.until(&request.name, |container| !container.state.is_active()).await;
    assert_eq!(ended.state, ContainerState::Exited { code: EXIT_CODE, out_of_memory: false });
    assert_eq!(ended.address, None);
    assert!(ended.started_at.is_some());
}

async fn a_failing_program_is_started_again(world: World) {
    let workspace = world.workspace();
    let mut request = world.request(&workspace, "job", Program::Exits).await;
    request.spec.restart = Restart::OnFailure;
    world.engine.ensure_network(&workspace.network()).await.unwrap();
    world.engine.ensure_container(&request).await.unwrap();
    world.engine.start_container(&request.name).await.unwrap();
    let again = world.until(&request.name, |container| container.restarts > 0).await;
    assert!(again.state.is_active(), "{again:?}");
    world.engine.stop_container(&request.name, GRACE).await.unwrap();
    let stopped = world.until(&request.name, |container| !container.state.is_active()).await;
    assert!(matches!(stopped.state, ContainerState::Exited { .. }));
}

async fn removing_ends_what_runs(world: World) {
    let workspace = world.workspace();
    let request = world.started(&workspace, "web").await;
    world.engine.remove_container(&request.name).await.unwrap();
    assert_eq!(world.engine.find_container(&request.name).await.unwrap(), None);
}

async fn a_volume_in_use_stays(world: World) {
    let workspace = world.workspace();
    let volume = volume_name();
    let mut request = world.request(&workspace, "web", Program::Serves).await;
    mount(&mut request, &volume, "/data");
    world.engine.ensure_network(&workspace.network()).await.unwrap();
    world.engine.ensure_volume(&workspace.volume(&volume)).await.unwrap();
    world.engine.ensure_container(&request).await.unwrap();
    let error = world.engine.remove_volume(&volume).await.unwrap_err();
    assert!(error.is_transient(), "{error:?}");
    world.engine.remove_container(&request.name).await.unwrap();
    assert_eq!(
        world.engine.observe(workspace.id).await.unwrap().volumes,
        [volume].into(),
        "containers do not take it along"
    );
}

async fn an_image_that_is_gone_is_named(world: World) {
    let workspace = world.workspace();
    let mut request = world.request(&workspace, "web", Program::Serves).await;
    request.image = "devsanctum-test-nothing:1".into();
    world.engine.ensure_network(&workspace.network()).await.unwrap();
    let error = world.engine.ensure_container(&request).await.unwrap_err();
    assert!(
        matches!(&error, EngineError::ImageUnavailable { image, .. } if *image == request.image),
        "{error:?}"
    );
}

async fn each_component_has_an_address(world: World) {
    let (one, other) = (world.workspace(), world.workspace());
    let mut addresses = Vec::new();
    for (workspace, component) in [(&one, "web"), (&one, "api"), (&other, "web")] {
        let request = world.started(workspace, component).await;
        addresses.push(world.engine.find_container(&request.name).await.unwrap().unwrap().address.unwrap());
    }
    addresses.sort();
    addresses.dedup();
    assert_eq!(addresses.len(), 3);
}
