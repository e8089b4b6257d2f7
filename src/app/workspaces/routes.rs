//! Routes of a workspace: added, shown to more or fewer people, removed.

use std::net::SocketAddr;

use serde_json::json;

use super::{RouteDetail, detail::routes_of, find, leave_traces};
use crate::{
    app::{App, AppError, AppResult, Caller, idempotency, idempotency::IdempotencyKey},
    domain::{
        ids::{OrgId, RouteId, WorkspaceId},
        names::ComponentName,
        policy::Action,
        route::{Route, RouteTarget, Visibility, route_label},
        workspace::{State, Workspace},
    },
    ports::repository::{StoreError, UnitOfWork},
};

#[derive(Debug, Clone)]
pub struct NewRoute {
    pub app: Option<ComponentName>,
    pub component: ComponentName,
    pub port: u16,
    pub visibility: Visibility,
    pub identity: bool,
}

/// What is to be different.
#[derive(Debug, Clone, Default)]
pub struct RouteChange {
    pub visibility: Option<Visibility>,
    pub identity: Option<bool>,
}

pub async fn route_list(app: &App, caller: &Caller, id: WorkspaceId) -> AppResult<Vec<RouteDetail>> {
    let mut reader = app.store.read().await?;
    find(app, reader.as_mut(), caller, Action::ReadWorkspace, id).await?;
    Ok(routes_of(app, reader.as_mut(), &[id]).await?)
}

pub async fn add_route(
    app: &App,
    caller: &Caller,
    id: WorkspaceId,
    new: NewRoute,
    key: Option<&IdempotencyKey>,
) -> AppResult<RouteDetail> {
    let (now, user) = (app.clock.now(), caller.actor.user_id);
    let mut work = app.store.begin().await?;
    let workspace = find(app, work.as_mut(), caller, Action::OperateWorkspace, id).await?;
    if let Some(made) = idempotency::replay(work.as_mut(), user, key, now).await? {
        let found = find_route(work.as_mut(), &workspace, made.into()).await?;
        let domains = work.route_domains().list(found.id).await?;
        return Ok(RouteDetail::of(app, found, domains));
    }
    refuse_on_the_way_out(&workspace)?;
    refuse_too_wide(work.as_mut(), &workspace, new.visibility).await?;
    let Some(view) = workspace.components.iter().find(|view| view.name == new.component) else {
        let message = format!("the workspace has no component {}", new.component);
        return Err(AppError::invalid("component", "unknown_component", message));
    };
    // A workspace under way publishes the route itself, when it is ready.
    let target = match (&workspace.state, view.address) {
        (State::Running { .. }, Some(address)) => {
            RouteTarget::Live { address: SocketAddr::new(address, new.port), health: None }
        }
        _ => RouteTarget::Pending,
    };
    let route = Route {
        id: app.random.id(now),
        workspace_id: id,
        label: route_label(new.app.as_ref(), &workspace.name, &workspace.short_id),
        app: new.app,
        component: new.component,
        port: new.port,
        visibility: new.visibility,
        identity: new.identity,
        target,
    };
    work.routes().add(&route).await.map_err(|error| match error {
        StoreError::Taken(_) => AppError::Conflict {
            code: "taken",
            detail: "the workspace has a route of this name already".into(),
        },
        error => error.into(),
    })?;
    idempotency::remember(work.as_mut(), user, key, route.id.into(), now).await?;
    let trace = json!({ "host_label": route.label, "component": route.component, "port": route.port,
                        "visibility": route.visibility, "identity": route.identity });
    finish(app, work, caller, &workspace, "workspace.route.add", trace).await?;
    Ok(RouteDetail::of(app, route, Vec::new()))
}

pub async fn change_route(
    app: &App,
    caller: &Caller,
    id: WorkspaceId,
    route: RouteId,
    change: RouteChange,
) -> AppResult<RouteDetail> {
    let mut work = app.store.begin().await?;
    let workspace = find(app, work.as_mut(), caller, Action::OperateWorkspace, id).await?;
    if let Some(visibility) = change.visibility {
        refuse_too_wide(work.as_mut(), &workspace, visibility).await?;
    }
    let before = find_route(work.as_mut(), &workspace, route).await?;
    let after = Route {
        visibility: change.visibility.unwrap_or(before.visibility),
        identity: change.identity.unwrap_or(before.identity),
        ..before.clone()
    };
    let mut trace = json!({ "host_label": before.label });
    if change.visibility.is_some() {
        work.routes().set_visibility(route, after.visibility).await?;
        (trace["before"], trace["after"]) = (json!(before.visibility), json!(after.visibility));
    }
    if change.identity.is_some() {
        work.routes().set_identity(route, after.identity).await?;
        trace["identity"] = json!({ "before": before.identity, "after": after.identity });
    }
    let domains = work.route_domains().list(route).await?;
    finish(app, work, caller, &workspace, "workspace.route.change", trace).await?;
    Ok(RouteDetail::of(app, after, domains))
}

/// Success when it is gone already.
pub async fn remove_route(app: &App, caller: &Caller, id: WorkspaceId, route: RouteId) -> AppResult<()> {
    let mut work = app.store.begin().await?;
    let workspace = find(app, work.as_mut(), caller, Action::OperateWorkspace, id).await?;
    let found = match find_route(work.as_mut(), &workspace, route).await {
        Ok(found) => found,
        Err(AppError::NotFound { .. }) => return Ok(()),
        Err(error) => return Err(error),
    };
    work.routes().remove(route).await?;
    finish(app, work, caller, &workspace, "workspace.route.remove", json!({ "host_label": found.label }))
        .await
}

pub(super) async fn find_route(
    work: &mut dyn UnitOfWork,
    workspace: &Workspace,
    id: RouteId,
) -> AppResult<Route> {
    let found = work.routes().find(id).await?.filter(|route| route.workspace_id == workspace.id);
    found.ok_or_else(|| AppError::not_found("route", id))
}

pub(in crate::app) fn refuse_on_the_way_out(workspace: &Workspace) -> AppResult<()> {
    match workspace.state {
        State::Destroying { .. } | State::Destroyed { .. } => Err(AppError::Conflict {
            code: "workspace_destroyed",
            detail: "the workspace is being destroyed, or is".into(),
        }),
        _ => Ok(()),
    }
}

/// The widest visibility that the organization lets its addresses have, held to the end of the unit of work.
pub(super) async fn widest(work: &mut dyn UnitOfWork, org: OrgId) -> AppResult<Visibility> {
    let org = work.orgs().hold(org).await?.ok_or_else(|| AppError::not_found("organization", org))?;
    Ok(org.max_visibility)
}

async fn refuse_too_wide(
    work: &mut dyn UnitOfWork,
    workspace: &Workspace,
    wanted: Visibility,
) -> AppResult<()> {
    let widest = widest(work, workspace.org_id).await?;
    if wanted <= widest {
        return Ok(());
    }
    let message = format!("is wider than the organization allows, which is {widest} at most");
    Err(AppError::invalid("visibility", "too_wide", message))
}

async fn finish(
    app: &App,
    mut work: Box<dyn UnitOfWork>,
    caller: &Caller,
    workspace: &Workspace,
    action: &str,
    trace: serde_json::Value,
) -> AppResult<()> {
    work.routes().revise(workspace.id).await?;
    leave_traces(app, work.as_mut(), Some(caller), workspace, action, trace).await?;
    work.commit().await?;
    app.routes_due.now();
    app.feed.wake();
    Ok(())
}
