use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use futures::stream::BoxStream;

use super::{Injector, Kind};
use crate::{
    app::engines::Engine,
    domain::{
        host::HostFacts,
        ids::WorkspaceId,
        terminal::TerminalSize,
        workspace::{Observed, ObservedContainer, observed::Inventory},
    },
    ports::{
        image_builder::{BuildRequest, ImageBuilder, Progress},
        provisioner::{
            ContainerLogLine, ContainerRequest, ContainerStats, EngineError, EngineEvent, EngineResult,
            ExecOutput, ListeningPort, LogRange, NetworkRequest, Provisioner, Terminal, VolumeRequest,
        },
    },
};

pub struct FaultyEngine {
    inner: Engine,
    injector: Arc<Injector>,
}

impl FaultyEngine {
    pub fn around(inner: Engine, injector: Arc<Injector>) -> Engine {
        let engine = Arc::new(Self { inner, injector });
        Engine { provisioner: engine.clone(), images: engine }
    }

    async fn call<T>(
        &self,
        name: &'static str,
        effect: impl AsyncFnOnce() -> EngineResult<T>,
    ) -> EngineResult<T> {
        self.injector.call(name, error, effect).await
    }
}

/// What the adapter makes of such answers.
fn error(kind: Kind) -> Option<EngineError> {
    Some(match kind {
        Kind::NotFound => EngineError::NotFound { kind: "object", name: "injected".into() },
        Kind::Conflict => EngineError::Refused("injected: conflict".into()),
        Kind::Internal => EngineError::Engine("injected: internal error".into()),
        Kind::Garbage => EngineError::Engine("injected: an answer that cannot be read".into()),
        Kind::Timeout => EngineError::Timeout { call: "an injected call", limit: Duration::ZERO },
    })
}

#[async_trait]
impl Provisioner for FaultyEngine {
    async fn facts(&self) -> EngineResult<HostFacts> {
        self.call("docker.facts", async || self.inner.provisioner.facts().await).await
    }

    async fn observe(&self, workspace: WorkspaceId) -> EngineResult<Observed> {
        self.call("docker.observe", async || self.inner.provisioner.observe(workspace).await).await
    }

    async fn find_container(&self, name: &str) -> EngineResult<Option<ObservedContainer>> {
        let effect = async || self.inner.provisioner.find_container(name).await;
        self.call("docker.find_container", effect).await
    }

    async fn inventory(&self) -> EngineResult<Inventory> {
        self.call("docker.inventory", async || self.inner.provisioner.inventory().await).await
    }

    async fn ensure_network(&self, request: &NetworkRequest) -> EngineResult<()> {
        let effect = async || self.inner.provisioner.ensure_network(request).await;
        self.call("docker.ensure_network", effect).await
    }

    async fn remove_network(&self, name: &str) -> EngineResult<()> {
        self.call("docker.remove_network", async || self.inner.provisioner.remove_network(name).await).await
    }

    async fn ensure_volume(&self, request: &VolumeRequest) -> EngineResult<()> {
        self.call("docker.ensure_volume", async || self.inner.provisioner.ensure_volume(request).await).await
    }

    async fn remove_volume(&self, docker_name: &str) -> EngineResult<()> {
        let effect = async || self.inner.provisioner.remove_volume(docker_name).await;
        self.call("docker.remove_volume", effect).await
    }

    async fn ensure_container(&self, request: &ContainerRequest) -> EngineResult<()> {
        let effect = async || self.inner.provisioner.ensure_container(request).await;
        self.call("docker.ensure_container", effect).await
    }

    async fn start_container(&self, name: &str) -> EngineResult<()> {
        self.call("docker.start_container", async || self.inner.provisioner.start_container(name).await).await
    }

    async fn stop_container(&self, name: &str, grace: Duration) -> EngineResult<()> {
        let effect = async || self.inner.provisioner.stop_container(name, grace).await;
        self.call("docker.stop_container", effect).await
    }

    async fn remove_container(&self, name: &str) -> EngineResult<()> {
        let effect = async || self.inner.provisioner.remove_container(name).await;
        self.call("docker.remove_container", effect).await
    }

    async fn exec(&self, container: &str, command: &[String], limit: Duration) -> EngineResult<ExecOutput> {
        let effect = async || self.inner.provisioner.exec(container, command, limit).await;
        self.call("docker.exec", effect).await
    }

    async fn open_terminal(&self, container: &str, size: TerminalSize) -> EngineResult<Terminal> {
        let effect = async || self.inner.provisioner.open_terminal(container, size).await;
        self.call("docker.open_terminal", effect).await
    }

    async fn listening_ports(&self, container: &str) -> EngineResult<Vec<ListeningPort>> {
        let effect = async || self.inner.provisioner.listening_ports(container).await;
        self.call("docker.listening_ports", effect).await
    }

    async fn logs(
        &self,
        container: &str,
        range: LogRange,
    ) -> EngineResult<BoxStream<'static, EngineResult<ContainerLogLine>>> {
        self.call("docker.logs", async || self.inner.provisioner.logs(container, range).await).await
    }

    async fn stats(&self, container: &str) -> EngineResult<ContainerStats> {
        self.call("docker.stats", async || self.inner.provisioner.stats(container).await).await
    }

    /// A stream of hints: it is cut, doubled or silenced where it comes from.
    fn events(&self) -> BoxStream<'static, EngineEvent> {
        self.inner.provisioner.events()
    }
}

#[async_trait]
impl ImageBuilder for FaultyEngine {
    async fn has_image(&self, image: &str) -> EngineResult<bool> {
        self.call("docker.has_image", async || self.inner.images.has_image(image).await).await
    }

    async fn pull(&self, image: &str, progress: Progress) -> EngineResult<()> {
        self.call("docker.pull", async || self.inner.images.pull(image, progress).await).await
    }

    async fn build(&self, request: BuildRequest, progress: Progress) -> EngineResult<()> {
        self.call("docker.build", async || self.inner.images.build(request, progress).await).await
    }

    async fn placeholder(&self) -> EngineResult<String> {
        self.call("docker.placeholder", async || self.inner.images.placeholder().await).await
    }
}
