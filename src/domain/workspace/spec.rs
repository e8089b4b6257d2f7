//! What a workspace must look like on Docker. Everything is resolved: no placeholder, no default is left to fill.

use std::{collections::BTreeMap, time::Duration};

use serde::{Deserialize, Serialize};

use crate::domain::{
    names::{ComponentName, VolumeName},
    route::{HealthCheck, Visibility},
    secret::Secret,
};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WorkspaceSpec {
    /// In the template's order; `depends_on` has no cycle and names only components of this list.
    pub components: Vec<ComponentSpec>,
    pub routes: Vec<RouteSpec>,
}

impl WorkspaceSpec {
    pub fn component(&self, name: &ComponentName) -> Option<&ComponentSpec> {
        self.components.iter().find(|component| &component.name == name)
    }

    /// The sum of its components' limits.
    pub fn resources(&self) -> Resources {
        self.components.iter().fold(Resources::default(), |sum, component| Resources {
            cpu_millis: sum.cpu_millis + component.limits.cpu_millis,
            memory_bytes: sum.memory_bytes + component.limits.memory_bytes,
            disk_bytes: sum.disk_bytes + component.limits.disk_bytes.unwrap_or_default(),
        })
    }

    /// Every volume named by a mount, once.
    pub fn volumes(&self) -> impl Iterator<Item = &VolumeName> {
        let names: std::collections::BTreeSet<_> = self
            .components
            .iter()
            .flat_map(|component| component.mounts.iter().map(|mount| &mount.volume))
            .collect();
        names.into_iter()
    }
}

/// What is stored, sealed, with a workspace: the specification and what an update must be able to use again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SealedSpec {
    pub spec: WorkspaceSpec,
    /// Credentials made for this workspace, by what they are for.
    pub generated: BTreeMap<String, Secret>,
    /// Those it was created with, in the specifications of versions that kept variables nowhere else.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub variables: BTreeMap<String, Secret>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resources {
    /// Thousandths of a core.
    pub cpu_millis: u64,
    pub memory_bytes: u64,
    /// What its components declare; those that declare nothing have no limit.
    pub disk_bytes: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ComponentKind {
    /// Gets a route.
    Frontend,
    Backend,
    /// Needs no port.
    Worker,
    Database,
    /// A place to work in: keeps its home, keeps running without a command, terminals land here.
    Workspace,
}

impl ComponentKind {
    pub const fn as_str(self) -> &'static str {
        match self {
            ComponentKind::Frontend => "frontend",
            ComponentKind::Backend => "backend",
            ComponentKind::Worker => "worker",
            ComponentKind::Database => "database",
            ComponentKind::Workspace => "workspace",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ComponentSpec {
    pub name: ComponentName,
    pub kind: ComponentKind,
    pub image: ImageSource,
    /// `None`: the image's own.
    pub entrypoint: Option<Vec<String>>,
    pub command: Option<Vec<String>>,
    pub workdir: Option<String>,
    pub user: Option<String>,
    pub env: BTreeMap<String, Secret>,
    pub mounts: Vec<Mount>,
    /// The main port; further ones matter only to routes.
    pub port: Option<u16>,
    /// `None`: a running container is ready.
    pub readiness: Option<Readiness>,
    pub limits: Limits,
    pub depends_on: Vec<Dependency>,
    pub restart: Restart,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ImageSource {
    /// Used as it is when the host has it, pulled when it has not.
    Registry {
        reference: String,
    },
    Build(BuildSource),
    /// Our own program that says what is missing.
    Placeholder,
}

impl ImageSource {
    /// For people, before a container says it.
    pub fn label(&self) -> String {
        match self {
            ImageSource::Registry { reference } => reference.clone(),
            ImageSource::Build(source) => source.image(),
            ImageSource::Placeholder => "built-in placeholder".into(),
        }
    }
}

/// A build from files of the template version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BuildSource {
    /// SHA-256, in hex, of the template version's archive (a tar.gz in the store).
    pub archive: String,
    /// Directory in the archive that is the build context; `.` for its root.
    pub context: String,
    /// Path of the Dockerfile below the context.
    pub dockerfile: String,
    pub target: Option<String>,
    pub args: BTreeMap<String, String>,
}

impl BuildSource {
    /// The tag the result is kept under: the same input is built once for all workspaces of a host.
    pub fn image(&self) -> String {
        use sha2::{Digest, Sha256};
        // serde_json writes struct fields in order and BTreeMap keys sorted: the same value, the same bytes.
        let canonical = serde_json::to_vec(self).unwrap_or_default();
        format!("devsanctum-build:{}", &hex::encode(Sha256::digest(canonical))[..32])
    }
}

impl ComponentSpec {
    /// Of what it answers on this port.
    pub fn health_check(&self, on_port: u16) -> Option<HealthCheck> {
        let Readiness { probe: Probe::Http { port, path }, interval, timeout, .. } =
            self.readiness.as_ref()?
        else {
            return None;
        };
        (*port == on_port).then(|| HealthCheck { path: path.clone(), interval: *interval, timeout: *timeout })
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mount {
    pub volume: VolumeName,
    /// Absolute path in the container.
    pub path: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Readiness {
    pub probe: Probe,
    pub interval: Duration,
    /// For one try.
    pub timeout: Duration,
    /// Failed tries in a row, after `start_period`, that make the component unhealthy.
    pub retries: u32,
    /// Failures this long after the start do not count.
    pub start_period: Duration,
}

impl Readiness {
    /// How long a component may take to become ready.
    pub fn patience(&self) -> Duration {
        self.start_period + (self.interval + self.timeout) * self.retries.max(1)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Probe {
    /// GET answers with a status below 400.
    Http { port: u16, path: String },
    /// The port accepts a connection.
    Tcp { port: u16 },
    /// The command, run in the container, exits with 0.
    Command { command: Vec<String> },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    pub cpu_millis: u64,
    pub memory_bytes: u64,
    pub pids: u32,
    /// Of the writable layer; enforced only where the storage driver can.
    pub disk_bytes: Option<u64>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dependency {
    pub name: ComponentName,
    pub condition: Condition,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    Started,
    #[default]
    Healthy,
    /// It ran and exited with 0.
    Completed,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Restart {
    No,
    #[default]
    OnFailure,
    Always,
}

/// A host name the workspace answers under.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RouteSpec {
    pub app: Option<ComponentName>,
    pub component: ComponentName,
    pub port: u16,
    pub visibility: Visibility,
}
