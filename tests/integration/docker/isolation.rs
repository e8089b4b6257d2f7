//! Workspaces do not reach each other; components of one do, by name.

use std::{net::SocketAddr, time::Duration};

use devsanctum::{
    adapters::probe::NetworkProber,
    ports::{prober::Prober, provisioner::Provisioner},
};

use crate::contract::provisioner::world::{HELPER, TestWorkspace, World, on_docker, words};

const LIMIT: Duration = Duration::from_secs(20);

async fn address(world: &World, workspace: &TestWorkspace, component: &str) -> SocketAddr {
    let request = world.started(workspace, component).await;
    let found = world.engine.find_container(&request.name).await.unwrap().unwrap();
    SocketAddr::new(found.address.unwrap(), 8080)
}

/// The exit code of an attempt to connect from inside a container.
async fn dial(engine: &dyn Provisioner, container: &str, target: &str) -> i64 {
    engine.exec(container, &words(&[HELPER, "dial", target]), LIMIT).await.unwrap().exit_code
}

/// Docker takes its rules between networks out and puts them in again whenever any network is made (moby's
/// `EnsureJumpRule`), which other tests do all the time: one connection may slip through, and not one after the other.
async fn is_closed(engine: &dyn Provisioner, container: &str, target: SocketAddr) -> bool {
    for _ in 0..5 {
        if dial(engine, container, &target.to_string()).await == 1 {
            return true;
        }
    }
    false
}

#[tokio::test]
async fn components_of_a_workspace_find_each_other_by_name() {
    on_docker(async |world: World| {
        let workspace = world.workspace();
        world.started(&workspace, "api").await;
        let web = world.started(&workspace, "web").await;
        let fetch = words(&[HELPER, "fetch", "http://api:8080/healthz"]);
        let mut answer = world.engine.exec(&web.name, &fetch, LIMIT).await.unwrap();
        for _ in 0..100 {
            // The other program may not listen yet.
            if answer.exit_code == 0 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
            answer = world.engine.exec(&web.name, &fetch, LIMIT).await.unwrap();
        }
        assert_eq!((answer.exit_code, &answer.output[..]), (0, &b"ok\n"[..]));
    })
    .await;
}

#[tokio::test]
async fn another_workspace_cannot_be_reached() {
    on_docker(async |world: World| {
        let (ours, others) = (world.workspace(), world.workspace());
        let inside = world.started(&ours, "web").await;
        let neighbour = address(&world, &ours, "api").await;
        let stranger = address(&world, &others, "web").await;

        // Both are up: the host reaches them.
        for address in [neighbour, stranger] {
            let mut reached = Err(String::new());
            for _ in 0..100 {
                reached = NetworkProber.tcp(address, Duration::from_secs(1)).await;
                if reached.is_ok() {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            reached.unwrap();
        }
        assert_eq!(dial(&*world.engine, &inside.name, &neighbour.to_string()).await, 0);
        assert!(is_closed(&*world.engine, &inside.name, stranger).await, "no way to {stranger}");
        assert_eq!(dial(&*world.engine, &inside.name, "ds-stranger:8080").await, 1);
    })
    .await;
}
