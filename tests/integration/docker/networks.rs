//! Networks on a real engine: their subnets, their names, and what others do to them.

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

use bollard::models::{Ipam, IpamConfig, NetworkConnectRequest, NetworkCreateRequest};
use devsanctum::{
    adapters::docker::{DockerSettings, Engine},
    ports::provisioner::{EngineError, NetworkRequest, Provisioner},
};

use crate::{
    contract::provisioner::world::World,
    support::docker::{TestDocker, settings, with_docker, with_settings},
};

/// Room for two networks; no other test uses these addresses.
fn tiny_pool(settings: DockerSettings, pool: &str) -> DockerSettings {
    let subnet_rest = Duration::from_millis(300);
    DockerSettings { network_pool: pool.parse().unwrap(), subnet_prefix: 29, subnet_rest, ..settings }
}

async fn subnets(docker: &TestDocker, name: &str) -> Vec<String> {
    let networks = docker.bare.list_networks(None).await.unwrap();
    let named = networks.into_iter().filter(|network| network.name.as_deref() == Some(name));
    named.filter_map(|network| network.ipam?.config).flatten().filter_map(|config| config.subnet).collect()
}

#[tokio::test]
async fn networks_take_the_subnets_that_are_free() {
    with_settings(
        |settings| tiny_pool(settings, "10.202.1.0/28"),
        async |docker| {
            let world = World::on(docker.clone());
            let names: Vec<_> = (0..3).map(|_| world.workspace().network()).collect();
            world.engine.ensure_network(&names[0]).await.unwrap();
            world.engine.ensure_network(&names[1]).await.unwrap();
            let mut taken =
                [subnets(&docker, &names[0].name).await, subnets(&docker, &names[1].name).await].concat();
            taken.sort();
            assert_eq!(taken, ["10.202.1.0/29", "10.202.1.8/29"]);

            let error = world.engine.ensure_network(&names[2]).await.unwrap_err();
            assert!(matches!(&error, EngineError::NoSubnet(pool) if pool == "10.202.1.0/28"), "{error:?}");
            world.engine.remove_network(&names[0].name).await.unwrap();
            let removed = Instant::now();
            // Its own workspace may have it back at once, others in a while.
            world.engine.ensure_network(&names[0]).await.unwrap();
            world.engine.remove_network(&names[0].name).await.unwrap();
            while let Err(error) = world.engine.ensure_network(&names[2]).await {
                assert!(matches!(error, EngineError::SubnetsRest(_)), "{error:?}");
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            assert!(removed.elapsed() >= Duration::from_millis(300));
        },
    )
    .await;
}

#[tokio::test]
async fn a_second_network_of_the_name_goes() {
    with_docker(async |docker| {
        let world = World::on(docker.clone());
        let workspace = world.workspace();
        let request = workspace.network();
        world.engine.ensure_network(&request).await.unwrap();
        let first = subnets(&docker, &request.name).await;
        docker
            .bare
            .create_network(NetworkCreateRequest {
                name: request.name.clone(),
                labels: Some(HashMap::from([
                    ("dev.devsanctum.installation".into(), docker.installation.to_string()),
                    ("dev.devsanctum.workspace".into(), workspace.id.to_string()),
                ])),
                ipam: Some(Ipam {
                    config: Some(vec![IpamConfig {
                        subnet: Some("10.202.2.0/29".into()),
                        ..IpamConfig::default()
                    }]),
                    ..Ipam::default()
                }),
                ..NetworkCreateRequest::default()
            })
            .await
            .unwrap();
        assert_eq!(
            subnets(&docker, &request.name).await.len(),
            2,
            "this engine lets two networks have one name"
        );
        world.engine.ensure_network(&request).await.unwrap();
        assert_eq!(subnets(&docker, &request.name).await, first);
    })
    .await;
}

#[tokio::test]
async fn two_servers_at_once_make_one_network() {
    with_docker(async |docker| {
        let other = Arc::new(Engine::connect(settings(docker.installation)).unwrap());
        for _ in 0..5 {
            let request = World::on(docker.clone()).workspace().network();
            let (one, two) = tokio::join!(ensure(&docker.engine, &request), ensure(&other, &request));
            one.unwrap();
            two.unwrap();
            assert_eq!(subnets(&docker, &request.name).await.len(), 1);
        }
    })
    .await;
}

async fn ensure(engine: &Engine, request: &NetworkRequest) -> Result<(), EngineError> {
    Provisioner::ensure_network(engine, request).await
}

#[tokio::test]
async fn a_network_goes_though_somebody_connected_to_it() {
    with_docker(async |docker| {
        let world = World::on(docker.clone());
        let (ours, others) = (world.workspace(), world.workspace());
        let stranger = world.started(&others, "web").await;
        let request = ours.network();
        world.engine.ensure_network(&request).await.unwrap();
        let connect =
            NetworkConnectRequest { container: stranger.name.clone(), ..NetworkConnectRequest::default() };
        docker.bare.connect_network(&request.name, connect).await.unwrap();
        world.engine.remove_network(&request.name).await.unwrap();
        assert!(subnets(&docker, &request.name).await.is_empty());
        assert!(world.engine.find_container(&stranger.name).await.unwrap().unwrap().state.is_active());
    })
    .await;
}

#[tokio::test]
async fn a_foreign_network_of_the_name_is_left_alone() {
    with_docker(async |docker| {
        let world = World::on(docker.clone());
        let request = world.workspace().network();
        let foreign = NetworkCreateRequest { name: request.name.clone(), ..NetworkCreateRequest::default() };
        let id = docker.bare.create_network(foreign).await.unwrap().id;
        world.engine.remove_network(&request.name).await.unwrap();
        docker.bare.remove_network(&id).await.unwrap();
    })
    .await;
}
