//! A workspace with the names of what it belongs to, as the API shows it.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Deref,
};

use crate::{
    app::{App, AppResult, Caller},
    domain::{
        custom_domain::RouteDomain,
        deployment::Deployment,
        host::{Host, HostState},
        ids::{HostId, RouteId, TemplateId, UserId, WorkspaceId},
        names::{TemplateName, Username},
        policy::Action,
        route::Route,
        workspace::{State, Status, Workspace},
    },
    ports::repository::{StoreResult, UnitOfWork},
};

#[derive(Debug, Clone)]
pub struct WorkspaceDetail {
    pub workspace: Workspace,
    /// As it may honestly be told: unknown while the host cannot be seen.
    pub status: Status,
    /// Why it is so and what to do, where there is something to say.
    pub reason: Option<String>,
    /// `None`: a user that was removed; the workspace outlives them.
    pub owner: Option<Username>,
    pub template: Option<TemplateName>,
    pub host: Option<String>,
    /// Main route first.
    pub routes: Vec<RouteDetail>,
    pub deployment: Option<Deployment>,
}

/// A route with its custom domains, by host, and what the proxy says of it.
#[derive(Debug, Clone)]
pub struct RouteDetail {
    pub route: Route,
    pub domains: Vec<RouteDomain>,
    /// Why the proxy in front does not serve it by itself.
    pub problem: Option<String>,
}

impl Deref for RouteDetail {
    type Target = Route;

    fn deref(&self) -> &Route {
        &self.route
    }
}

impl RouteDetail {
    pub(super) fn of(app: &App, route: Route, domains: Vec<RouteDomain>) -> Self {
        Self { problem: app.proxy.refusal(route.id), route, domains }
    }
}

pub async fn get(app: &App, caller: &Caller, id: WorkspaceId) -> AppResult<WorkspaceDetail> {
    let mut reader = app.store.read().await?;
    let workspace = super::find(app, reader.as_mut(), caller, Action::ReadWorkspace, id).await?;
    Ok(describe_one(app, reader.as_mut(), workspace).await?)
}

pub(super) async fn describe_one(
    app: &App,
    reader: &mut dyn UnitOfWork,
    workspace: Workspace,
) -> StoreResult<WorkspaceDetail> {
    let id = workspace.id;
    let mut details = describe(app, reader, vec![workspace]).await?;
    details.pop().ok_or_else(|| crate::ports::repository::StoreError::Corrupt {
        table: "workspaces",
        id: id.to_string(),
        reason: "it vanished while it was read".into(),
    })
}

/// In the order given; a constant number of queries for any number of workspaces.
pub(super) async fn describe(
    app: &App,
    reader: &mut dyn UnitOfWork,
    workspaces: Vec<Workspace>,
) -> StoreResult<Vec<WorkspaceDetail>> {
    let ids: Vec<WorkspaceId> = workspaces.iter().map(|it| it.id).collect();
    let owners: BTreeSet<UserId> = workspaces.iter().map(|it| it.owner_id).collect();
    let templates: BTreeSet<TemplateId> = workspaces.iter().map(|it| it.template_id).collect();
    let deployments: Vec<_> = workspaces.iter().filter_map(|it| it.deployment_id).collect();

    let owners: BTreeMap<UserId, Username> =
        reader.users().usernames(&Vec::from_iter(owners)).await?.into_iter().collect();
    let templates: BTreeMap<TemplateId, TemplateName> =
        reader.templates().names(&Vec::from_iter(templates)).await?.into_iter().collect();
    let hosts: BTreeMap<HostId, Host> =
        reader.hosts().list().await?.into_iter().map(|host| (host.id, host)).collect();
    let mut routes: BTreeMap<WorkspaceId, Vec<RouteDetail>> = BTreeMap::new();
    for route in routes_of(app, reader, &ids).await? {
        routes.entry(route.workspace_id).or_default().push(route);
    }
    let mut deployments: BTreeMap<WorkspaceId, Deployment> = reader
        .deployments()
        .find_many(&deployments)
        .await?
        .into_iter()
        .map(|deployment| (deployment.workspace_id, deployment))
        .collect();

    let detail = |workspace: Workspace| {
        let host = hosts.get(&workspace.host_id);
        let host_state = host.map_or(&HostState::New, |host| &host.state);
        WorkspaceDetail {
            status: workspace.state.status_on(host_state),
            reason: reason(&workspace, host_state),
            owner: owners.get(&workspace.owner_id).cloned(),
            template: templates.get(&workspace.template_id).cloned(),
            host: host.map(|host| host.name.clone()),
            routes: routes.remove(&workspace.id).unwrap_or_default(),
            deployment: deployments.remove(&workspace.id),
            workspace,
        }
    };
    Ok(workspaces.into_iter().map(detail).collect())
}

fn reason(workspace: &Workspace, host: &HostState) -> Option<String> {
    match (&workspace.state, host) {
        (State::Destroyed { .. }, _) => None,
        (_, HostState::Unreachable { reason, since }) => Some(format!(
            "its host has not been seen since {}: {reason}",
            since.format("%Y-%m-%d %H:%M:%S UTC")
        )),
        (State::Failed { failure, .. }, _) => Some(failure.message.clone()),
        (State::Pending { .. }, _) => Some("waiting for a free slot".into()),
        _ => None,
    }
}

/// Of these workspaces; the main route of each first.
pub(super) async fn routes_of(
    app: &App,
    reader: &mut dyn UnitOfWork,
    workspaces: &[WorkspaceId],
) -> StoreResult<Vec<RouteDetail>> {
    let routes = reader.routes().list_many(workspaces).await?;
    let mut domains: BTreeMap<RouteId, Vec<RouteDomain>> = BTreeMap::new();
    for domain in reader.route_domains().list_many(workspaces).await? {
        domains.entry(domain.route_id).or_default().push(domain);
    }
    let detail = |route: Route| {
        let own = domains.remove(&route.id).unwrap_or_default();
        RouteDetail::of(app, route, own)
    };
    Ok(routes.into_iter().map(detail).collect())
}
