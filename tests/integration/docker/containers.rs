//! What containers may do, and what happens to them behind our back.

use std::time::Duration;

use devsanctum::{
    domain::workspace::{
        ContainerState,
        spec::{ComponentKind, ImageSource},
    },
    ports::provisioner::{ContainerRequest, Provisioner},
};

use crate::{
    contract::provisioner::world::{TestWorkspace, World, component_spec, on_docker, words},
    support::{docker::with_docker, images},
};

const LIMIT: Duration = Duration::from_secs(10);
const GRACE: Duration = Duration::from_secs(5);

/// A container of an image with a shell, started; `command` in place of the image's own.
async fn started(
    world: &World,
    workspace: &TestWorkspace,
    adjust: impl FnOnce(&mut ContainerRequest),
) -> ContainerRequest {
    let image = images::busybox(&*world.images).await;
    let mut spec = component_spec("box");
    spec.image = ImageSource::Registry { reference: image.clone() };
    spec.kind = ComponentKind::Workspace;
    let mut request = workspace.request(spec, image);
    adjust(&mut request);
    world.engine.ensure_network(&workspace.network()).await.unwrap();
    world.engine.ensure_container(&request).await.unwrap();
    world.engine.start_container(&request.name).await.unwrap();
    request
}

async fn output(engine: &dyn Provisioner, container: &str, command: &[&str]) -> String {
    let answer = engine.exec(container, &words(command), LIMIT).await.unwrap();
    String::from_utf8(answer.output).unwrap()
}

#[tokio::test]
async fn a_place_to_work_in_outlives_its_shell() {
    on_docker(async |world: World| {
        let workspace = world.workspace();
        let request = started(&world, &workspace, |_| {}).await;
        let mut programs = String::new();
        for _ in 0..250 {
            programs = output(&*world.engine, &request.name, &["ps", "-o", "args"]).await;
            if !programs.lines().any(|line| line == "sh") {
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        assert!(!programs.lines().any(|line| line == "sh"), "{programs}");
        assert_eq!(
            world.engine.find_container(&request.name).await.unwrap().unwrap().state,
            ContainerState::Running
        );
        world.engine.stop_container(&request.name, GRACE).await.unwrap();
        let stopped = world.engine.find_container(&request.name).await.unwrap().unwrap();
        assert_eq!(stopped.state, ContainerState::Exited { code: 0, out_of_memory: false });
    })
    .await;
}

#[tokio::test]
async fn a_containers_rights_are_few() {
    on_docker(async |world: World| {
        let workspace = world.workspace();
        let request = started(&world, &workspace, |_| {}).await;
        let status = output(&*world.engine, &request.name, &["cat", "/proc/self/status"]).await;
        let field = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
            line.trim_start_matches(':').trim().to_owned()
        };
        assert_eq!(field("NoNewPrivs"), "1");
        // CHOWN 0, DAC_OVERRIDE 1, FOWNER 3, FSETID 4, KILL 5, SETGID 6, SETUID 7, NET_BIND_SERVICE 10, SYS_CHROOT 18.
        for set in ["CapBnd", "CapPrm", "CapEff"] {
            assert_eq!(field(set), "00000000000404fb", "{set}");
        }
        let refused =
            world.engine.exec(&request.name, &words(&["touch", "/.devsanctum/x"]), LIMIT).await.unwrap();
        assert_eq!(refused.exit_code, 1);
        assert!(String::from_utf8_lossy(&refused.output).contains("Read-only"), "{refused:?}");
        assert_eq!(output(&*world.engine, &request.name, &["hostname"]).await, "box\n");
    })
    .await;
}

#[tokio::test]
async fn memory_beyond_the_limit_ends_the_program() {
    on_docker(async |world: World| {
        let workspace = world.workspace();
        let request = started(&world, &workspace, |request| {
            request.spec.limits.memory_bytes = 16 << 20;
            request.spec.entrypoint =
                Some(words(&["sh", "-c", "a=xxxxxxxxxxxxxxxx; while true; do a=$a$a; done"]));
        })
        .await;
        // The engine learns of the exit and of its reason separately.
        let killed = ContainerState::Exited { code: 137, out_of_memory: true };
        world.until(&request.name, |container| container.state == killed).await;
    })
    .await;
}

#[tokio::test]
async fn output_is_cut_and_read_to_its_end() {
    on_docker(async |world: World| {
        let workspace = world.workspace();
        let request = started(&world, &workspace, |_| {}).await;
        let command = words(&["sh", "-c", "yes | head -c 1000000; exit 3"]);
        let answer = world.engine.exec(&request.name, &command, LIMIT).await.unwrap();
        assert_eq!((answer.exit_code, answer.output.len()), (3, 64 * 1024));
    })
    .await;
}

#[tokio::test]
async fn a_command_takes_its_children_along() {
    on_docker(async |world: World| {
        let workspace = world.workspace();
        let request = started(&world, &workspace, |_| {}).await;
        let command = words(&["sh", "-c", "sleep 1000 & sleep 1000"]);
        world.engine.exec(&request.name, &command, Duration::from_millis(300)).await.unwrap_err();
        let programs = output(&*world.engine, &request.name, &["ps", "-o", "args"]).await;
        assert!(!programs.contains("sleep"), "{programs}");
    })
    .await;
}

#[tokio::test]
async fn a_paused_container_can_be_started_stopped_and_removed() {
    with_docker(async |docker| {
        let world = World::on(docker.clone());
        let workspace = world.workspace();
        let request = world.started(&workspace, "web").await;
        let pause = async || {
            docker.bare.pause_container(&request.name).await.unwrap();
            let paused = world.engine.find_container(&request.name).await.unwrap().unwrap();
            assert_eq!((paused.state, paused.address), (ContainerState::Paused, None));
        };
        pause().await;
        world.engine.start_container(&request.name).await.unwrap();
        assert_eq!(
            world.engine.find_container(&request.name).await.unwrap().unwrap().state,
            ContainerState::Running
        );
        pause().await;
        world.engine.stop_container(&request.name, GRACE).await.unwrap();
        world.engine.start_container(&request.name).await.unwrap();
        pause().await;
        world.engine.remove_container(&request.name).await.unwrap();
        assert_eq!(world.engine.find_container(&request.name).await.unwrap(), None);
    })
    .await;
}
