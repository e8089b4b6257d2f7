//! A real Docker engine for one test, under an installation of its own, of which nothing may be left afterwards.

use std::{collections::HashMap, future::Future, panic::AssertUnwindSafe, sync::Arc};

use bollard::{
    API_DEFAULT_VERSION, Docker,
    query_parameters::{ListContainersOptionsBuilder, ListNetworksOptionsBuilder, ListVolumesOptionsBuilder},
};
use devsanctum::{
    adapters::docker::{BuildLimits, DockerSettings, Engine},
    domain::{ids::InstallationId, workspace::observed::Inventory},
    ports::provisioner::Provisioner,
};
use futures::FutureExt;
use uuid::Uuid;

pub struct TestDocker {
    pub engine: Arc<Engine>,
    pub installation: InstallationId,
    /// The same engine without our adapter, to look and to interfere.
    pub bare: Docker,
}

#[expect(clippy::disallowed_methods, reason = "tests are told by the environment which engine to use")]
pub fn endpoint() -> String {
    std::env::var("DEVSANCTUM_TEST_DOCKER").unwrap_or_else(|_| "unix:///var/run/docker.sock".to_owned())
}

#[expect(clippy::disallowed_methods, reason = "each test needs an id that no other test has")]
pub fn fresh_uuid() -> Uuid {
    Uuid::new_v4()
}

pub fn settings(installation: InstallationId) -> DockerSettings {
    DockerSettings {
        endpoint: endpoint().parse().unwrap(),
        installation,
        network_pool: DockerSettings::NETWORK_POOL.parse().unwrap(),
        subnet_prefix: DockerSettings::SUBNET_PREFIX,
        subnet_rest: DockerSettings::SUBNET_REST,
        builds: BuildLimits::default(),
    }
}

/// Runs the test, removes whatever it made, even when it fails, and checks that nothing is left.
pub async fn with_docker<F: Future<Output = ()>>(test: impl FnOnce(Arc<TestDocker>) -> F) {
    with_settings(|settings| settings, test).await;
}

pub async fn with_settings<F: Future<Output = ()>>(
    adjust: impl FnOnce(DockerSettings) -> DockerSettings,
    test: impl FnOnce(Arc<TestDocker>) -> F,
) {
    let installation = InstallationId::from(fresh_uuid());
    let docker = Arc::new(TestDocker {
        engine: Arc::new(Engine::connect(adjust(settings(installation))).unwrap()),
        installation,
        bare: bare(),
    });
    if let Err(error) = docker.engine.facts().await {
        panic!("these tests need a Docker engine at {} (set DEVSANCTUM_TEST_DOCKER): {error}", endpoint());
    }
    let outcome = AssertUnwindSafe(test(docker.clone())).catch_unwind().await;
    docker.clean_up().await;
    if let Err(panic) = outcome {
        std::panic::resume_unwind(panic);
    }
    assert_eq!(docker.leftovers().await, Vec::<String>::new());
}

/// The engine without our adapter.
pub fn bare() -> Docker {
    let endpoint = endpoint();
    match endpoint.strip_prefix("unix://") {
        Some(path) => Docker::connect_with_unix(path, 60, API_DEFAULT_VERSION),
        None => Docker::connect_with_http(&endpoint, 60, API_DEFAULT_VERSION),
    }
    .unwrap_or_else(|error| panic!("these tests need a Docker engine at {endpoint}: {error}"))
}

impl TestDocker {
    async fn clean_up(&self) {
        let Inventory { workspaces } = self.engine.inventory().await.unwrap();
        for observed in workspaces.values() {
            for container in &observed.containers {
                self.engine.remove_container(&container.name).await.unwrap();
            }
            for volume in &observed.volumes {
                self.engine.remove_volume(volume).await.unwrap();
            }
        }
        for name in self.network_names().await {
            self.engine.remove_network(&name).await.unwrap();
        }
        self.engine.remove_helper_volumes(false).await.unwrap();
    }

    async fn network_names(&self) -> Vec<String> {
        let filters = self.filters("dev.devsanctum.installation");
        let options = ListNetworksOptionsBuilder::new().filters(&filters).build();
        let networks = self.bare.list_networks(Some(options)).await.unwrap();
        networks.into_iter().filter_map(|network| network.name).collect()
    }

    /// Everything on the host with a label of this installation.
    async fn leftovers(&self) -> Vec<String> {
        let mut names = self.network_names().await;
        for label in ["dev.devsanctum.installation", "dev.devsanctum.helper"] {
            let filters = self.filters(label);
            let options = ListContainersOptionsBuilder::new().all(true).filters(&filters).build();
            let containers = self.bare.list_containers(Some(options)).await.unwrap();
            names.extend(containers.into_iter().flat_map(|container| container.names.unwrap_or_default()));
            let options = ListVolumesOptionsBuilder::new().filters(&filters).build();
            let volumes = self.bare.list_volumes(Some(options)).await.unwrap().volumes.unwrap_or_default();
            names.extend(volumes.into_iter().map(|volume| volume.name));
        }
        names
    }

    fn filters(&self, label: &str) -> HashMap<String, Vec<String>> {
        HashMap::from([("label".to_owned(), vec![format!("{label}={}", self.installation)])])
    }
}
