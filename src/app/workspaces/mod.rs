//! Workspaces: one file per use-case.

mod create;
mod deployments;
mod detail;
mod domains;
mod list;
mod observe;
mod recipe;
mod rename;
mod request;
mod routes;
mod transfer;
mod update;

pub(super) use self::routes::refuse_on_the_way_out;
pub use self::{
    create::{NewWorkspace, create},
    deployments::{DeploymentDetail, deployment, deployment_logs, deployments},
    detail::{RouteDetail, WorkspaceDetail, get},
    domains::{add_domain, domain_list, look_at_claims, remove_domain, verify_domain},
    list::{WorkspaceQuery, list},
    observe::{container_logs, ports, stats, stats_of},
    recipe::TemplateChoice,
    rename::rename,
    request::{destroy_all, destroy_for, request},
    routes::{NewRoute, RouteChange, add_route, change_route, remove_route, route_list},
    transfer::transfer_all,
    update::{WorkspaceUpdate, update},
};
use crate::{
    app::{App, AppError, AppResult, Caller, audit},
    domain::{
        deployment::{Deployment, DeploymentKind, DeploymentStatus},
        event::{EventKind, NewEvent},
        ids::WorkspaceId,
        policy::{Action, Resource},
        workspace::Workspace,
    },
    ports::repository::{StoreResult, UnitOfWork},
};

/// The workspace, if the caller may do this to it; to strangers it does not exist.
pub(super) async fn find(
    app: &App,
    work: &mut dyn UnitOfWork,
    caller: &Caller,
    action: Action,
    id: WorkspaceId,
) -> AppResult<Workspace> {
    let missing = || AppError::not_found("workspace", id);
    let workspace = work.workspaces().find(id).await?.ok_or_else(missing)?;
    let resource = Resource::Workspace { org: workspace.org_id, owner: workspace.owner_id };
    match app.authorize(&caller.actor, action, resource, "workspace") {
        Err(AppError::NotFound { .. }) => Err(missing()),
        other => other.map(|()| workspace),
    }
}

/// What the policy is asked about for as long as somebody follows the workspace.
pub async fn watched(app: &App, caller: &Caller, id: WorkspaceId) -> AppResult<Resource> {
    let mut reader = app.store.read().await?;
    let workspace = find(app, reader.as_mut(), caller, Action::ReadWorkspace, id).await?;
    Ok(Resource::Workspace { org: workspace.org_id, owner: workspace.owner_id })
}

fn new_deployment(
    app: &App,
    workspace: &Workspace,
    kind: DeploymentKind,
    caller: Option<&Caller>,
) -> Deployment {
    let now = app.clock.now();
    Deployment {
        id: app.random.id(now),
        workspace_id: workspace.id,
        kind,
        status: DeploymentStatus::Queued,
        generation: workspace.generation,
        requested_by: caller.map(|caller| caller.actor.user_id),
        created_at: now,
        started_at: None,
        finished_at: None,
        error: None,
    }
}

/// Who did it (`None`: the platform by itself), and word to all who watch: always in the unit of work of the deed itself.
pub(super) async fn leave_traces(
    app: &App,
    work: &mut dyn UnitOfWork,
    caller: Option<&Caller>,
    workspace: &Workspace,
    action: &str,
    detail: serde_json::Value,
) -> StoreResult<()> {
    let (org, now) = (Some(workspace.org_id), app.clock.now());
    let entry = match caller {
        Some(caller) => audit::by(app, caller, action, org, workspace.id, detail, now),
        None => audit::by_the_platform(app, action, org, workspace.id, detail, now),
    };
    work.audit().append(&entry.named(workspace.name.as_str())).await?;
    let kind =
        if action == "workspace.create" { EventKind::WorkspaceCreated } else { EventKind::WorkspaceUpdated };
    let event = NewEvent {
        org_id: Some(workspace.org_id),
        workspace_id: Some(workspace.id),
        status: Some(workspace.state.status().as_str().into()),
        ..NewEvent::new(kind, app.clock.now())
    };
    work.events().append(&[event]).await
}

/// After the commit: tell the reconciler, and subscribers of events.
fn nudge(app: &App) {
    app.workspaces_due.now();
    app.feed.wake();
}
