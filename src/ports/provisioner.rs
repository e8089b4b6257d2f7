//! One Docker engine, as the core sees it.
//!
//! Every call is idempotent: names are deterministic, what exists already is success when its labels say it is ours,
//! what is gone already is success when it was to be removed. Nothing without our installation's label is touched: to
//! stop or remove something, what has its name and is not ours counts as gone.
//! Every call ends within a deadline of the adapter's.

use std::{collections::BTreeMap, time::Duration};

use async_trait::async_trait;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use futures::stream::BoxStream;
use serde::Serialize;

use crate::domain::{
    deployment::LogStream,
    host::HostFacts,
    ids::WorkspaceId,
    names::ComponentName,
    terminal::TerminalSize,
    workspace::{
        Observed, ObservedContainer,
        observed::Inventory,
        spec::{ComponentSpec, Mount},
    },
};

/// `Display` is for people and never holds the source; log the chain.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The engine cannot be reached, or does not answer: nothing is known. Try again later.
    #[error("the Docker host cannot be reached: {0}")]
    Unreachable(String),
    /// It did not answer in time: the call may or may not have had an effect. Look, then try again.
    #[error("{call} did not finish within {limit:?}")]
    Timeout { call: &'static str, limit: Duration },
    /// The engine failed inside (5xx, or an answer that cannot be read). Try again later.
    #[error("the Docker engine failed: {0}")]
    Engine(String),
    /// The engine refused: trying again without a change is useless.
    #[error("the Docker engine refused: {0}")]
    Refused(String),
    /// An object with our name is not ours.
    #[error("{kind} {name} exists and is not ours; remove or rename it")]
    Foreign { kind: &'static str, name: String },
    #[error("there is no {kind} {name}")]
    NotFound { kind: &'static str, name: String },
    /// Neither this host nor a registry it may ask has the image.
    #[error("image {image} is not on the host and cannot be pulled: {reason}")]
    ImageUnavailable { image: String, reason: String },
    #[error("building the image failed: {0}")]
    Build(String),
    /// No subnet of the pool is free.
    #[error("no free subnet is left in the network pool {0}; widen it or destroy workspaces")]
    NoSubnet(String),
    /// What is free was another workspace's until seconds ago. Try again later.
    #[error("the subnets that are free in the network pool {0} had workspaces until seconds ago")]
    SubnetsRest(String),
}

impl EngineError {
    /// Whether the same call may succeed later without anybody changing anything.
    pub fn is_transient(&self) -> bool {
        matches!(
            self,
            EngineError::Unreachable(_)
                | EngineError::Timeout { .. }
                | EngineError::Engine(_)
                | EngineError::SubnetsRest(_)
        )
    }
}

pub type EngineResult<T> = Result<T, EngineError>;

/// What the labels of an object say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContainerIdentity {
    pub workspace: WorkspaceId,
    pub component: ComponentName,
    pub generation: i64,
}

#[derive(Debug, Clone)]
pub struct NetworkRequest {
    pub name: String,
    pub workspace: WorkspaceId,
}

#[derive(Debug, Clone)]
pub struct VolumeRequest {
    pub docker_name: String,
    pub workspace: WorkspaceId,
}

#[derive(Debug, Clone)]
pub struct ContainerRequest {
    pub name: String,
    pub identity: ContainerIdentity,
    /// Name of the workspace's network; the component's name is its alias there.
    pub network: String,
    /// An image the host has.
    pub image: String,
    pub spec: ComponentSpec,
    /// Docker name of each volume of `spec.mounts`.
    pub volumes: BTreeMap<crate::domain::names::VolumeName, String>,
}

impl ContainerRequest {
    /// Mounts with the Docker names of their volumes; a mount without a volume is left out.
    pub fn mounts(&self) -> impl Iterator<Item = (&str, &Mount)> {
        self.spec.mounts.iter().filter_map(|mount| {
            self.volumes.get(&mount.volume).map(|docker_name| (docker_name.as_str(), mount))
        })
    }
}

/// A line a container wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContainerLogLine {
    pub at: Option<DateTime<Utc>>,
    pub stream: LogStream,
    pub text: String,
}

#[derive(Debug, Clone, Copy, Default)]
pub struct LogRange {
    /// Only the last lines.
    pub tail: Option<u32>,
    pub since: Option<DateTime<Utc>>,
    /// Go on with what is written from now on.
    pub follow: bool,
}

/// Use of one container at one moment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct ContainerStats {
    /// Thousandths of a core, averaged since the sample before.
    pub cpu_millis: u64,
    /// Without the page cache.
    pub memory_bytes: u64,
    pub memory_limit: u64,
    /// Since the container started.
    pub network_rx: u64,
    pub network_tx: u64,
    /// Size of the writable layer; `None` where the engine has not counted it.
    pub disk_bytes: Option<u64>,
    pub pids: u64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExecOutput {
    pub exit_code: i64,
    /// Standard output and error as they came, cut at 64 KiB.
    pub output: Vec<u8>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct ListeningPort {
    pub port: u16,
    /// Bound to loopback only: no route can reach it.
    pub loopback: bool,
}

/// A shell in a container, on a terminal of its own. When both halves are dropped the line is hung up: the shell and what
/// runs in the foreground end.
pub struct Terminal {
    pub keyboard: Box<dyn Keyboard>,
    /// [`Screen::Exited`] is the last that comes, if the shell ended by itself. Who does not read stops the program that
    /// writes.
    pub screen: BoxStream<'static, EngineResult<Screen>>,
}

#[async_trait]
pub trait Keyboard: Send {
    /// Waits while the program reads nothing.
    async fn press(&mut self, keys: &[u8]) -> EngineResult<()>;
    async fn resize(&mut self, size: TerminalSize) -> EngineResult<()>;
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Screen {
    Shows(Bytes),
    Exited(i64),
}

/// Something changed on the host: only a reason to look, never a fact to act on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EngineEvent {
    Changed(WorkspaceId),
    /// The stream began, or may have lost events: look at everything.
    Resync,
}

#[async_trait]
pub trait Provisioner: Send + Sync {
    async fn facts(&self) -> EngineResult<HostFacts>;

    /// The objects of one workspace.
    async fn observe(&self, workspace: WorkspaceId) -> EngineResult<Observed>;

    /// One container of ours by its name; `None` when there is none. One call to the engine.
    async fn find_container(&self, name: &str) -> EngineResult<Option<ObservedContainer>>;

    /// The objects of all workspaces.
    async fn inventory(&self) -> EngineResult<Inventory>;

    /// Takes a free subnet of the pool.
    async fn ensure_network(&self, request: &NetworkRequest) -> EngineResult<()>;
    async fn remove_network(&self, name: &str) -> EngineResult<()>;

    /// A volume of that name that is not labelled as this workspace's is [`EngineError::Foreign`].
    async fn ensure_volume(&self, request: &VolumeRequest) -> EngineResult<()>;
    async fn remove_volume(&self, docker_name: &str) -> EngineResult<()>;

    async fn ensure_container(&self, request: &ContainerRequest) -> EngineResult<()>;
    /// Success when it runs already. One that somebody froze goes on, one that was taken off its network is put back.
    async fn start_container(&self, name: &str) -> EngineResult<()>;
    /// SIGTERM, and SIGKILL after `grace`. Success when it does not run or is gone.
    async fn stop_container(&self, name: &str, grace: Duration) -> EngineResult<()>;
    /// Kills it if it runs. Success when it is gone.
    async fn remove_container(&self, name: &str) -> EngineResult<()>;

    /// Runs a command to its end. Beyond `limit` it is [`EngineError::Timeout`].
    async fn exec(&self, container: &str, command: &[String], limit: Duration) -> EngineResult<ExecOutput>;

    /// Starts a shell. An image without one is [`EngineError::Refused`], where the screen would begin.
    async fn open_terminal(&self, container: &str, size: TerminalSize) -> EngineResult<Terminal>;

    /// What processes in the container listen on, asked of our helper inside.
    async fn listening_ports(&self, container: &str) -> EngineResult<Vec<ListeningPort>>;

    async fn logs(
        &self,
        container: &str,
        range: LogRange,
    ) -> EngineResult<BoxStream<'static, EngineResult<ContainerLogLine>>>;

    /// One sample now.
    async fn stats(&self, container: &str) -> EngineResult<ContainerStats>;

    /// Hints of change, without end: it reconnects by itself and says [`EngineEvent::Resync`] each time.
    fn events(&self) -> BoxStream<'static, EngineEvent>;
}
