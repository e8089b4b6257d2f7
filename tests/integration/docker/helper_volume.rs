//! The volume with our program: filled once, by whoever comes first, and again when it is gone.

use std::sync::Arc;

use bollard::{
    body_full,
    models::{ContainerCreateBody, HostConfig, Mount, MountType, VolumeCreateRequest},
    query_parameters::{
        ListVolumesOptionsBuilder, RemoveContainerOptionsBuilder, RemoveVolumeOptions,
        UploadToContainerOptionsBuilder,
    },
};
use devsanctum::{
    adapters::docker::Engine, domain::workspace::ContainerState, ports::provisioner::Provisioner,
};
use futures::future::join_all;

use crate::{
    contract::provisioner::world::{Program, World},
    support::{
        docker::{TestDocker, settings, with_docker},
        images,
    },
};

async fn helper_volumes(docker: &TestDocker) -> Vec<String> {
    let label = format!("dev.devsanctum.helper={}", docker.installation);
    let options = ListVolumesOptionsBuilder::new().filters(&[("label", vec![label])].into()).build();
    let listed = docker.bare.list_volumes(Some(options)).await.unwrap();
    listed.volumes.unwrap_or_default().into_iter().map(|volume| volume.name).collect()
}

#[tokio::test]
async fn servers_at_once_fill_it_once() {
    with_docker(async |docker| {
        let world = World::on(docker.clone());
        let workspace = world.workspace();
        world.engine.ensure_network(&workspace.network()).await.unwrap();
        let servers: Vec<_> =
            (0..4).map(|_| Engine::connect(settings(docker.installation)).unwrap()).collect();
        let components = ["a", "b", "c", "d"];
        let mut requests = Vec::new();
        for component in components {
            requests.push(world.request(&workspace, component, Program::Serves).await);
        }
        let make = |(server, request)| Provisioner::ensure_container(server, request);
        for result in join_all(servers.iter().zip(&requests).map(make)).await {
            result.unwrap();
        }
        assert_eq!(helper_volumes(&docker).await.len(), 1);
        for request in &requests {
            world.engine.start_container(&request.name).await.unwrap();
            let state = world.engine.find_container(&request.name).await.unwrap().unwrap().state;
            assert_eq!(state, ContainerState::Running);
        }
    })
    .await;
}

#[tokio::test]
async fn it_is_made_again_when_somebody_removed_it() {
    with_docker(async |docker: Arc<TestDocker>| {
        let world = World::on(docker.clone());
        let workspace = world.workspace();
        let first = world.started(&workspace, "web").await;
        world.engine.remove_container(&first.name).await.unwrap();
        let volumes = helper_volumes(&docker).await;
        docker.bare.remove_volume(&volumes[0], None::<RemoveVolumeOptions>).await.unwrap();

        let again = world.started(&workspace, "web").await;
        assert_eq!(helper_volumes(&docker).await, volumes);
        world.engine.listening_ports(&again.name).await.unwrap();
        assert_eq!(world.engine.inventory().await.unwrap().workspaces.len(), 1, "it is no workspace's");
    })
    .await;
}

#[tokio::test]
async fn it_is_filled_though_containers_use_it_empty() {
    with_docker(async |docker: Arc<TestDocker>| {
        let world = World::on(docker.clone());
        let workspace = world.workspace();
        let first = world.started(&workspace, "web").await;
        world.engine.remove_container(&first.name).await.unwrap();
        let volumes = helper_volumes(&docker).await;
        docker.bare.remove_volume(&volumes[0], None::<RemoveVolumeOptions>).await.unwrap();
        // What an unlucky container gets, made between a look at the volume and its own mounts.
        let label = ("dev.devsanctum.helper".to_owned(), docker.installation.to_string());
        let empty = VolumeCreateRequest {
            name: Some(volumes[0].clone()),
            labels: Some([label].into()),
            ..VolumeCreateRequest::default()
        };
        docker.bare.create_volume(empty).await.unwrap();
        let image = images::busybox(&*world.images).await;
        let mount = Mount {
            typ: Some(MountType::VOLUME),
            source: Some(volumes[0].clone()),
            target: Some("/x".into()),
            ..Mount::default()
        };
        let unlucky = ContainerCreateBody {
            image: Some(image),
            host_config: Some(HostConfig { mounts: Some(vec![mount]), ..HostConfig::default() }),
            ..ContainerCreateBody::default()
        };
        let id = docker.bare.create_container(None, unlucky).await.unwrap().id;
        let options = UploadToContainerOptionsBuilder::new().path("/x").build();
        let file = body_full(images::archive(&[("y", vec![1])]));
        docker.bare.upload_to_container(&id, Some(options), file).await.unwrap();

        let server = Engine::connect(settings(docker.installation)).unwrap();
        let request = world.request(&workspace, "web", Program::Serves).await;
        let made = Provisioner::ensure_container(&server, &request).await;
        let started = world.engine.start_container(&request.name).await;
        let ports = world.engine.listening_ports(&request.name).await;
        let options = RemoveContainerOptionsBuilder::new().force(true).build();
        docker.bare.remove_container(&id, Some(options)).await.unwrap();
        made.unwrap();
        started.unwrap();
        ports.unwrap();
    })
    .await;
}
