//! Docker engines, through bollard, which stops at this folder's door.
//!
//! Each file adds one kind of work to [`Engine`]; the port traits only pass on. Every call has a deadline, is made by
//! name, and touches nothing that does not carry our installation's label.

mod build;
mod client;
mod container;
mod context;
mod error;
mod events;
mod exec;
mod helper;
mod host_config;
mod ignore;
mod image;
mod labels;
mod logs;
mod network;
mod observe;
mod stats;
mod subnet;
mod terminal;
mod volume;

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use bollard::Docker;
use futures::stream::BoxStream;
use ipnet::Ipv4Net;

pub use self::{
    build::BuildLimits,
    client::{Endpoint, EndpointError},
    helper::HELPER_PROGRAM,
    subnet::SubnetPoolError,
};
use self::{
    build::BuildQueue,
    client::Client,
    helper::HostMemory,
    labels::Labels,
    stats::Samples,
    subnet::{RestingSubnets, SubnetPool},
};
use crate::{
    domain::{
        host::HostFacts,
        ids::{InstallationId, WorkspaceId},
        terminal::TerminalSize,
        workspace::{Observed, ObservedContainer, observed::Inventory},
    },
    ports::{
        image_builder::{BuildRequest, ImageBuilder, Progress},
        provisioner::{
            ContainerLogLine, ContainerRequest, ContainerStats, EngineEvent, EngineResult, ExecOutput,
            ListeningPort, LogRange, NetworkRequest, Provisioner, Terminal, VolumeRequest,
        },
    },
};

#[derive(Debug, Clone)]
pub struct DockerSettings {
    pub endpoint: Endpoint,
    pub installation: InstallationId,
    /// Workspace networks are cut from here; nothing else on the host may use it.
    pub network_pool: Ipv4Net,
    /// Size of each workspace's network.
    pub subnet_prefix: u8,
    /// How long nobody else gets the network that a workspace had.
    pub subnet_rest: Duration,
    pub builds: BuildLimits,
}

impl DockerSettings {
    /// Room for 2048 workspaces of 29 containers.
    pub const NETWORK_POOL: &str = "10.201.0.0/16";
    pub const SUBNET_PREFIX: u8 = 27;
    /// Longer than a proxy in front tries to connect for one request: three times three seconds with Traefik, and pauses.
    pub const SUBNET_REST: Duration = Duration::from_secs(10);
}

/// One Docker engine. Connects when first used, and again whenever the connection broke.
pub struct Engine {
    client: Arc<Client>,
    labels: Labels,
    subnets: SubnetPool,
    resting: RestingSubnets,
    host: HostMemory,
    builds: BuildQueue,
    samples: Samples,
}

impl Engine {
    /// Does not talk to the engine yet.
    pub fn connect(settings: DockerSettings) -> Result<Self, SubnetPoolError> {
        Ok(Self {
            subnets: SubnetPool::new(settings.network_pool, settings.subnet_prefix)?,
            resting: RestingSubnets::new(settings.subnet_rest),
            labels: Labels::of(settings.installation),
            client: Arc::new(Client::new(settings.endpoint)),
            host: HostMemory::default(),
            builds: BuildQueue::new(settings.builds),
            samples: Samples::default(),
        })
    }

    fn docker(&self) -> &Docker {
        self.client.docker()
    }
}

#[async_trait]
impl Provisioner for Engine {
    async fn facts(&self) -> EngineResult<HostFacts> {
        self.facts().await
    }

    async fn observe(&self, workspace: WorkspaceId) -> EngineResult<Observed> {
        self.observe(workspace).await
    }

    async fn find_container(&self, name: &str) -> EngineResult<Option<ObservedContainer>> {
        self.find_container(name).await
    }

    async fn inventory(&self) -> EngineResult<Inventory> {
        self.inventory().await
    }

    async fn ensure_network(&self, request: &NetworkRequest) -> EngineResult<()> {
        self.ensure_network(request).await
    }

    async fn remove_network(&self, name: &str) -> EngineResult<()> {
        self.remove_network(name).await
    }

    async fn ensure_volume(&self, request: &VolumeRequest) -> EngineResult<()> {
        self.ensure_volume(request).await
    }

    async fn remove_volume(&self, docker_name: &str) -> EngineResult<()> {
        self.remove_volume(docker_name).await
    }

    async fn ensure_container(&self, request: &ContainerRequest) -> EngineResult<()> {
        self.ensure_container(request).await
    }

    async fn start_container(&self, name: &str) -> EngineResult<()> {
        self.start_container(name).await
    }

    async fn stop_container(&self, name: &str, grace: Duration) -> EngineResult<()> {
        self.stop_container(name, grace).await
    }

    async fn remove_container(&self, name: &str) -> EngineResult<()> {
        self.remove_container(name).await
    }

    async fn exec(&self, container: &str, command: &[String], limit: Duration) -> EngineResult<ExecOutput> {
        self.exec(container, command, limit).await
    }

    async fn open_terminal(&self, container: &str, size: TerminalSize) -> EngineResult<Terminal> {
        self.open_terminal(container, size).await
    }

    async fn listening_ports(&self, container: &str) -> EngineResult<Vec<ListeningPort>> {
        self.listening_ports(container).await
    }

    async fn logs(
        &self,
        container: &str,
        range: LogRange,
    ) -> EngineResult<BoxStream<'static, EngineResult<ContainerLogLine>>> {
        self.logs(container, range).await
    }

    async fn stats(&self, container: &str) -> EngineResult<ContainerStats> {
        self.stats(container).await
    }

    fn events(&self) -> BoxStream<'static, EngineEvent> {
        events::stream(self.client.clone(), self.labels)
    }
}

#[async_trait]
impl ImageBuilder for Engine {
    async fn has_image(&self, image: &str) -> EngineResult<bool> {
        self.has_image(image).await
    }

    async fn pull(&self, image: &str, progress: Progress) -> EngineResult<()> {
        self.pull(image, progress).await
    }

    async fn build(&self, request: BuildRequest, progress: Progress) -> EngineResult<()> {
        self.build(request, progress).await
    }

    async fn placeholder(&self) -> EngineResult<String> {
        self.placeholder().await
    }
}
