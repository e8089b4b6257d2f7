//! A workspace and what belongs to it, as the API shows and takes them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    app::{
        Settings,
        workspaces::{RouteDetail, WorkspaceDetail},
    },
    domain::{
        deployment::{Deployment, DeploymentKind, DeploymentStatus, LogStream},
        route::Visibility,
        secret::Secret,
        template::parameter::ParameterValue,
        workspace::{ComponentStatus, ComponentView, Health, State, Status, spec::ComponentKind},
    },
    http::{
        v1::{
            deployments::wire::{DeploymentKindWord, DeploymentStatusWord, LogStreamWord},
            workspaces::routes::domains::RouteDomainRef,
        },
        wire::{Time, words},
    },
    ports::provisioner::{ContainerLogLine, ContainerStats, ListeningPort},
};

words! {
    WorkspaceStatusWord = Status::ALL;
    DesiredWord = ["running", "stopped", "destroyed"];
    ComponentTypeWord = [
        ComponentKind::Frontend,
        ComponentKind::Backend,
        ComponentKind::Worker,
        ComponentKind::Database,
        ComponentKind::Workspace,
    ];
    ComponentStatusWord = [
        ComponentStatus::Missing,
        ComponentStatus::Creating,
        ComponentStatus::Starting,
        ComponentStatus::Running,
        ComponentStatus::Stopped,
        ComponentStatus::Exited,
        ComponentStatus::Completed,
        ComponentStatus::Restarting,
        ComponentStatus::Unknown,
    ];
    HealthWord = [Health::None, Health::Starting, Health::Healthy, Health::Unhealthy];
    VisibilityWord = Visibility::ALL;
    RouteStatusWord = ["pending", "live", "withdrawn"];
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Workspace {
    pub id: Uuid,
    /// Eight characters that stand for the workspace in host names and on Docker.
    pub short_id: String,
    pub name: String,
    pub org_id: Uuid,
    pub owner: UserRef,
    pub template: TemplateRef,
    #[schema(value_type = WorkspaceStatusWord)]
    pub status: Status,
    /// Why it failed, or why its status is unknown.
    #[schema(required)]
    pub status_reason: Option<String>,
    #[schema(value_type = DesiredWord)]
    pub desired: &'static str,
    /// Changes when containers are made anew.
    pub generation: i64,
    pub host: HostRef,
    /// Of the main route.
    #[schema(required)]
    pub url: Option<String>,
    pub components: Vec<Component>,
    pub routes: Vec<WorkspaceRoute>,
    #[schema(value_type = BTreeMap<String, serde_json::Value>)]
    pub parameters: BTreeMap<String, ParameterValue>,
    pub resources: Resources,
    /// The attempt under way, or the last one.
    #[schema(required)]
    pub deployment: Option<DeploymentRef>,
    pub created_at: Time,
    pub updated_at: Time,
    /// Since when it has been running; null unless it runs.
    #[schema(required)]
    pub started_at: Option<Time>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct UserRef {
    pub id: Uuid,
    pub username: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct TemplateRef {
    pub id: Uuid,
    pub name: String,
    pub version: i32,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct HostRef {
    pub id: Uuid,
    pub name: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct DeploymentRef {
    pub id: Uuid,
    #[schema(value_type = DeploymentKindWord)]
    pub kind: DeploymentKind,
    #[schema(value_type = DeploymentStatusWord)]
    pub status: DeploymentStatus,
}

/// The sum of the components' limits.
#[derive(Debug, Serialize, ToSchema)]
pub struct Resources {
    /// Thousandths of a core.
    pub cpu_millis: u64,
    pub memory_bytes: u64,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Component {
    pub name: String,
    #[serde(rename = "type")]
    #[schema(value_type = ComponentTypeWord)]
    pub kind: ComponentKind,
    pub image: String,
    #[schema(value_type = ComponentStatusWord)]
    pub status: ComponentStatus,
    #[schema(value_type = HealthWord)]
    pub health: Health,
    pub restarts: u32,
    #[schema(required)]
    pub started_at: Option<Time>,
    #[schema(required)]
    pub exit_code: Option<i64>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct WorkspaceRoute {
    pub id: Uuid,
    /// Null for the main port.
    #[schema(required)]
    pub app: Option<String>,
    /// The host name it answers under.
    pub host: String,
    pub url: String,
    pub component: String,
    pub port: u16,
    #[schema(value_type = VisibilityWord)]
    pub visibility: Visibility,
    /// Whether the component is told who visits, in `X-DevSanctum-Identity`.
    pub identity: bool,
    #[schema(value_type = RouteStatusWord)]
    pub status: &'static str,
    /// By host; those that are verified lead where the route leads.
    pub domains: Vec<RouteDomainRef>,
    /// What is wrong with it at the proxy in front. Requests that this one does not lead to the component itself come
    /// through this server.
    #[schema(required)]
    pub problem: Option<String>,
}

/// One sample of what a component uses.
#[derive(Debug, Serialize, ToSchema)]
pub struct ComponentStats {
    pub component: String,
    pub time: Time,
    pub cpu_millis: u64,
    pub memory_bytes: u64,
    pub memory_limit: u64,
    /// Bytes since the container started.
    pub network_rx: u64,
    pub network_tx: u64,
    #[schema(required)]
    pub disk_bytes: Option<u64>,
    pub pids: u64,
}

/// A line a component wrote.
#[derive(Debug, Serialize, ToSchema)]
pub struct ComponentLogLine {
    #[schema(required)]
    pub time: Option<Time>,
    pub component: String,
    #[schema(value_type = LogStreamWord)]
    pub stream: LogStream,
    pub text: String,
}

/// A port a process inside listens on.
#[derive(Debug, Serialize, ToSchema)]
pub struct OpenPort {
    pub component: String,
    pub port: u16,
    /// Bound to loopback only: no route can reach it.
    pub loopback: bool,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateWorkspace {
    #[schema(example = "shop")]
    pub name: String,
    /// Either this or `template`.
    pub template_id: Option<Uuid>,
    /// Name of a template: the organization's own, else the catalog's.
    #[schema(example = "hello")]
    pub template: Option<String>,
    /// The active version unless given.
    pub version: Option<i32>,
    #[serde(default)]
    #[schema(value_type = BTreeMap<String, serde_json::Value>)]
    pub parameters: BTreeMap<String, ParameterValue>,
    /// Become secret variables of the workspace: environment for every component, and `${var.NAME}` in its manifest.
    #[serde(default)]
    #[schema(value_type = BTreeMap<String, String>)]
    pub variables: BTreeMap<String, Secret>,
    pub host_id: Option<Uuid>,
    /// Whether to start it at once.
    #[serde(default = "start_by_default")]
    #[schema(default = true)]
    pub start: bool,
}

fn start_by_default() -> bool {
    true
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PatchWorkspace {
    pub name: Option<String>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateWorkspace {
    /// The active version unless given.
    pub version: Option<i32>,
    /// Replaces the values of the named parameters; others stay.
    #[serde(default)]
    #[schema(value_type = BTreeMap<String, serde_json::Value>)]
    pub parameters: BTreeMap<String, ParameterValue>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DestroyAll {
    /// The slug of the organization, typed by a person.
    pub confirm: String,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateRoute {
    /// Goes in front of the workspace's host name.
    pub app: String,
    pub component: String,
    pub port: u16,
    #[schema(value_type = Option<VisibilityWord>)]
    pub visibility: Option<Visibility>,
    /// Whether the component is told who visits; if not given, it is not.
    pub identity: Option<bool>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PatchRoute {
    #[schema(value_type = Option<VisibilityWord>)]
    pub visibility: Option<Visibility>,
    /// Whether the component is told who visits.
    pub identity: Option<bool>,
}

impl Workspace {
    pub fn new(detail: &WorkspaceDetail, settings: &Settings) -> Self {
        let workspace = &detail.workspace;
        let routes: Vec<_> = detail.routes.iter().map(|route| WorkspaceRoute::new(route, settings)).collect();
        Self {
            id: workspace.id.into(),
            short_id: workspace.short_id.to_string(),
            name: workspace.name.to_string(),
            org_id: workspace.org_id.into(),
            owner: UserRef { id: workspace.owner_id.into(), username: name(detail.owner.as_ref()) },
            template: TemplateRef {
                id: workspace.template_id.into(),
                name: name(detail.template.as_ref()),
                version: workspace.template_version,
            },
            status: detail.status,
            status_reason: detail.reason.clone(),
            desired: workspace.desired.as_str(),
            generation: workspace.generation,
            host: HostRef { id: workspace.host_id.into(), name: name(detail.host.as_ref()) },
            url: routes.iter().find(|route| route.app.is_none()).map(|route| route.url.clone()),
            components: workspace.components.iter().map(Component::from).collect(),
            routes,
            parameters: workspace.parameters.clone(),
            resources: Resources {
                cpu_millis: workspace.resources.cpu_millis,
                memory_bytes: workspace.resources.memory_bytes,
            },
            deployment: detail.deployment.as_ref().map(DeploymentRef::from),
            created_at: workspace.created_at.into(),
            updated_at: workspace.updated_at.into(),
            started_at: match workspace.state {
                State::Running { since } => Some(since.into()),
                _ => None,
            },
        }
    }
}

/// The name of what a workspace belongs to; empty when that was removed.
fn name(of: Option<&impl ToString>) -> String {
    of.map(ToString::to_string).unwrap_or_default()
}

impl WorkspaceRoute {
    pub fn new(detail: &RouteDetail, settings: &Settings) -> Self {
        let RouteDetail { route, domains, problem } = detail;
        Self {
            id: route.id.into(),
            app: route.app.as_ref().map(ToString::to_string),
            host: format!("{}.{}", route.label, settings.workspace_domain),
            url: settings.route_url(&route.label),
            component: route.component.to_string(),
            port: route.port,
            visibility: route.visibility,
            identity: route.identity,
            status: route.target.as_str(),
            domains: domains.iter().map(RouteDomainRef::from).collect(),
            problem: problem.clone(),
        }
    }
}

impl From<&Deployment> for DeploymentRef {
    fn from(deployment: &Deployment) -> Self {
        Self { id: deployment.id.into(), kind: deployment.kind, status: deployment.status }
    }
}

impl From<&ComponentView> for Component {
    fn from(view: &ComponentView) -> Self {
        Self {
            name: view.name.to_string(),
            kind: view.kind,
            image: view.image.clone(),
            status: view.status,
            health: view.health,
            restarts: view.restarts,
            started_at: view.started_at.map(Time),
            exit_code: view.exit_code,
        }
    }
}

impl ComponentStats {
    pub fn new(component: impl Into<String>, time: impl Into<Time>, stats: ContainerStats) -> Self {
        Self {
            component: component.into(),
            time: time.into(),
            cpu_millis: stats.cpu_millis,
            memory_bytes: stats.memory_bytes,
            memory_limit: stats.memory_limit,
            network_rx: stats.network_rx,
            network_tx: stats.network_tx,
            disk_bytes: stats.disk_bytes,
            pids: stats.pids,
        }
    }
}

impl ComponentLogLine {
    pub fn new(component: impl Into<String>, line: ContainerLogLine) -> Self {
        Self { time: line.at.map(Time), component: component.into(), stream: line.stream, text: line.text }
    }
}

impl OpenPort {
    pub fn new(component: impl Into<String>, port: ListeningPort) -> Self {
        Self { component: component.into(), port: port.port, loopback: port.loopback }
    }
}
