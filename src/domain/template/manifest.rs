//! The manifest: what a template says about its workspaces. The types below are the schema; what a schema cannot say
//! is in [`super::check`].

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use super::value::{ByteSize, CommandLine, Cpu, DependsOn, ScalarText};
use super::{files::Files, parameter::Parameter, path};
use crate::domain::{
    names::{ComponentName, TemplateName, VolumeName},
    route::Visibility,
    workspace::spec::{ComponentKind, Restart},
};

/// A template for workspaces of one or more containers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// For editors; ignored.
    #[serde(rename = "$schema", default, skip_serializing)]
    pub schema: Option<String>,
    /// What people see.
    #[serde(rename = "appName", default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 100))]
    pub app_name: Option<String>,
    /// The name of the template where nothing else gives it one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slug: Option<TemplateName>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    #[schemars(length(max = 2000))]
    pub description: String,
    /// Name of an icon, or an emoji.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    #[schemars(length(max = 100))]
    pub icon: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 20), inner(length(min = 1, max = 40)))]
    pub tags: Vec<String>,
    /// Questions to ask whoever creates a workspace.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 64))]
    pub parameters: Vec<Parameter>,
    #[schemars(length(min = 1, max = 24))]
    pub components: Vec<Component>,
}

/// One container of the workspace.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Component {
    /// Unique; also its host name on the network of the workspace.
    pub name: ComponentName,
    #[serde(rename = "type")]
    pub kind: ComponentKind,
    /// An image to run, as `docker pull` names it. May use `${param.NAME}`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 255))]
    pub image: Option<String>,
    /// A directory of the template to build the image from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 255))]
    pub path: Option<String>,
    /// The Dockerfile, below `path`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 255))]
    pub dockerfile: Option<String>,
    /// The stage of the Dockerfile to build.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 100))]
    pub target: Option<String>,
    /// Arguments of the build. Values may use `${param.NAME}`. They end up in the image: no place for secrets.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(extend("maxProperties" = 100))]
    pub args: BTreeMap<String, ScalarText>,
    /// Replaces the image's entrypoint.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entrypoint: Option<CommandLine>,
    /// Replaces the image's command. A text is split into words as a shell would, but no shell runs it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<CommandLine>,
    /// Absolute path in the container.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 255))]
    pub workdir: Option<String>,
    /// User name or number, with an optional group: `node`, `1000:1000`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<ScalarText>,
    /// Environment. Values may use `${param.NAME}`, `${var.NAME}`, `${workspace.name|id|owner|url}` and
    /// `${component.NAME.host|port|url}`; `$$` stands for a dollar sign.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(extend("maxProperties" = 200))]
    pub env: BTreeMap<String, ScalarText>,
    /// The main port the program listens on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 65535))]
    pub port: Option<u16>,
    /// Who may open the route of the main port. Default: `public` for a `frontend`, `private` for all others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visibility: Option<Visibility>,
    /// Further ports; each but a `tcp` one gets a route of its own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 16))]
    pub ports: Vec<NamedPort>,
    /// When the component counts as ready.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub health: Option<Health>,
    /// What to keep when the container is made anew.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 16))]
    pub volumes: Vec<VolumeMount>,
    #[serde(default, skip_serializing_if = "ResourceLimits::is_default")]
    pub resources: ResourceLimits,
    /// Components that start before this one: names, or names with a condition.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 24))]
    pub depends_on: Vec<DependsOn>,
    /// What happens when its program ends. Default: `on-failure`.
    #[serde(default)]
    pub restart: Restart,
}

/// A further port of a component.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NamedPort {
    /// First part of the host name of its route.
    pub name: ComponentName,
    #[schemars(range(min = 1, max = 65535))]
    pub port: u16,
    #[serde(default)]
    pub visibility: Visibility,
    #[serde(default)]
    pub protocol: Protocol,
}

/// What a port speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Protocol {
    #[default]
    Http,
    Https,
    H2c,
    Tcp,
}

/// How to tell that a component is ready: exactly one of `path`, `tcp` and `command`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Health {
    /// GET of this path on the main port answers with a status below 400.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 1000), regex(pattern = "^/"))]
    pub path: Option<String>,
    /// This port accepts a connection.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 65535))]
    pub tcp: Option<u16>,
    /// This command, run in the container, exits with 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<CommandLine>,
    /// Seconds between two tries.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.05, max = 3600.0))]
    pub interval_seconds: Option<f64>,
    /// Seconds one try may take.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.05, max = 3600.0))]
    pub timeout_seconds: Option<f64>,
    /// Failed tries in a row that make the component unhealthy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 1000))]
    pub retries: Option<u32>,
    /// Seconds after the start in which failed tries do not count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.0, max = 3600.0))]
    pub start_period_seconds: Option<f64>,
}

/// A named volume of the workspace, and where the container sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VolumeMount {
    pub name: VolumeName,
    /// Absolute path in the container.
    #[schemars(length(min = 2, max = 255))]
    pub mount: String,
}

/// The most the component may use.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ResourceLimits {
    /// Cores: `0.5`, or `500m`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpu: Option<Cpu>,
    /// `512Mi`, `2Gi`, or bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory: Option<ByteSize>,
    /// Processes and threads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 16, max = 32768))]
    pub pids: Option<u32>,
    /// Of the container's own layer; enforced only where the Docker host can.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disk: Option<ByteSize>,
}

impl ResourceLimits {
    fn is_default(&self) -> bool {
        self == &Self::default()
    }
}

/// Where the image of a component comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source<'a> {
    /// Still with its references.
    Image(&'a str),
    Build {
        context: String,
        dockerfile: String,
    },
    /// PostgreSQL with generated credentials.
    DefaultDatabase,
    /// It was to be built, but its Dockerfile did not come along.
    NoDockerfile {
        path: String,
    },
    Nothing,
}

impl Component {
    /// Environment of the default database that its URL is made of.
    pub const CREDENTIALS: [&'static str; 3] = ["POSTGRES_USER", "POSTGRES_PASSWORD", "POSTGRES_DB"];
    /// PostgreSQL's own.
    pub const DATABASE_PORT: u16 = 5432;
    /// Where the placeholder answers when nothing else is said.
    pub const PLACEHOLDER_PORT: u16 = 8080;

    /// A front end is there to be seen; whatever else has a port is its owner's.
    pub fn visibility(&self) -> Visibility {
        let default = match self.kind {
            ComponentKind::Frontend => Visibility::Public,
            ComponentKind::Backend
            | ComponentKind::Worker
            | ComponentKind::Database
            | ComponentKind::Workspace => Visibility::Private,
        };
        self.visibility.unwrap_or(default)
    }

    pub fn source(&self, files: &Files) -> Source<'_> {
        if let Some(image) = &self.image {
            return Source::Image(image);
        }
        let Some(path) = &self.path else {
            return if self.is_default_database() { Source::DefaultDatabase } else { Source::Nothing };
        };
        // A path that leads out was refused before; read as the template's own directory it can do no harm.
        let context = path::relative(path).unwrap_or_else(|_| ".".to_owned());
        match files.dockerfile(&context, self.dockerfile.as_deref()) {
            Some(dockerfile) => Source::Build { context, dockerfile },
            None => {
                let dockerfile = self.dockerfile.as_deref().unwrap_or("Dockerfile");
                Source::NoDockerfile { path: path::join(&context, dockerfile) }
            }
        }
    }

    pub fn is_default_database(&self) -> bool {
        self.kind == ComponentKind::Database && self.image.is_none() && self.path.is_none()
    }

    /// The port it was given, or the one its built-in program listens on.
    pub fn main_port(&self) -> Option<u16> {
        let built_in = self.image.is_none() && self.path.is_none();
        self.port.or(match self.kind {
            ComponentKind::Database if built_in => Some(Self::DATABASE_PORT),
            ComponentKind::Frontend if built_in => Some(Self::PLACEHOLDER_PORT),
            _ => None,
        })
    }
}
