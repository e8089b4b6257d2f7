//! Start, stop, restart, retry, cancel, destroy: what is wanted changes at once, the reconciler does the rest.

use serde_json::json;

use super::{WorkspaceDetail, detail::describe_one, find, leave_traces, new_deployment, nudge};
use crate::{
    app::{App, AppError, AppResult, Caller, quotas},
    domain::{
        deployment::{DeploymentKind, DeploymentStatus},
        ids::{OrgId, WorkspaceId},
        org::Org,
        policy::Action,
        workspace::{
            Desired, State, Workspace,
            plan::VOLUMES_MISSING,
            state::{Outcome, Request},
        },
    },
    ports::repository::{PageRequest, StoreError, UnitOfWork, workspace::WorkspaceFilter},
};

/// Two requests at the same moment: the later one looks again, so often at most.
const TRIES: usize = 8;

/// `expected` sees the workspace's revision and may refuse it.
pub async fn request(
    app: &App,
    caller: &Caller,
    id: WorkspaceId,
    request: Request,
    expected: impl Fn(i64) -> AppResult<()>,
) -> AppResult<WorkspaceDetail> {
    for _ in 0..TRIES {
        match request_once(app, caller, id, request, &expected).await {
            Err(AppError::Conflict { code: "changed_meanwhile", .. }) => {}
            other => return other,
        }
    }
    Err(StoreError::Stale("workspace").into())
}

async fn request_once(
    app: &App,
    caller: &Caller,
    id: WorkspaceId,
    request: Request,
    expected: &impl Fn(i64) -> AppResult<()>,
) -> AppResult<WorkspaceDetail> {
    let mut work = app.store.begin().await?;
    let workspace = find(app, work.as_mut(), caller, action(request), id).await?;
    expected(workspace.revision)?;
    let last = match workspace.deployment_id {
        Some(deployment) => work.deployments().find(deployment).await?,
        None => None,
    };
    let last_kind = last.as_ref().map_or(DeploymentKind::Create, |deployment| deployment.kind);
    match workspace.state.request(request, workspace.desired, last_kind, app.clock.now())? {
        Outcome::Nothing => Ok(describe_one(app, work.as_mut(), workspace).await?),
        Outcome::Begin { state, desired, kind } => {
            let mut wanted = workspace;
            let gives_up = request == Request::Retry && is_without_volumes(&wanted.state);
            if gives_up {
                work.workspaces().give_up_volumes(id).await?;
            }
            if desired == Desired::Running {
                wanted.outrun();
            }
            let before = (wanted.desired, wanted.resources);
            wanted.state = state;
            wanted.desired = desired;
            quotas::admit(work.as_mut(), wanted.org_id, Some(before), (desired, wanted.resources)).await?;
            let written = write_intent(app, work.as_mut(), Some(caller), wanted, kind).await?;
            let mut trace = json!({ "desired": desired.as_str(), "deployment": kind.as_str() });
            if gives_up {
                trace["volumes"] = "given up".into();
            }
            leave_traces(app, work.as_mut(), Some(caller), &written, verb(request), trace).await?;
            let detail = describe_one(app, work.as_mut(), written).await?;
            work.commit().await?;
            nudge(app);
            Ok(detail)
        }
    }
}

/// It failed because its volumes are gone: whoever retries or updates it now goes on with empty ones.
pub(super) fn is_without_volumes(state: &State) -> bool {
    matches!(state, State::Failed { failure, .. } if failure.code == VOLUMES_MISSING)
}

/// Ends the deployment under way, records the new one, and writes what is wanted now.
pub(super) async fn write_intent(
    app: &App,
    work: &mut dyn UnitOfWork,
    caller: Option<&Caller>,
    mut wanted: Workspace,
    kind: DeploymentKind,
) -> AppResult<Workspace> {
    let now = app.clock.now();
    if let Some(previous) = wanted.deployment_id {
        let unfinished = work.deployments().find(previous).await?.filter(|it| !it.status.is_finished());
        if let Some(previous) = unfinished {
            work.deployments().finish(previous.id, DeploymentStatus::Canceled, None, now).await?;
        }
    }
    let deployment = new_deployment(app, &wanted, kind, caller);
    work.deployments().add(&deployment).await?;
    wanted.deployment_id = Some(deployment.id);
    wanted.updated_at = now;
    work.workspaces().record_intent(&wanted).await?;
    wanted.revision += 1;
    Ok(wanted)
}

fn action(request: Request) -> Action {
    match request {
        Request::Destroy { .. } => Action::DestroyWorkspace,
        Request::Start
        | Request::Stop
        | Request::Restart
        | Request::Update
        | Request::Retry
        | Request::Cancel => Action::OperateWorkspace,
    }
}

fn verb(request: Request) -> &'static str {
    match request {
        Request::Start => "workspace.start",
        Request::Stop => "workspace.stop",
        Request::Restart => "workspace.restart",
        Request::Update => "workspace.update",
        Request::Destroy { .. } => "workspace.destroy",
        Request::Retry => "workspace.retry",
        Request::Cancel => "workspace.cancel",
    }
}

/// Destroys all workspaces of an organization, whoever owns them. `confirm` must be its slug. Returns how many.
pub async fn destroy_all(app: &App, caller: &Caller, org: OrgId, confirm: &str) -> AppResult<u64> {
    app.authorize_org(&caller.actor, Action::DestroyAllWorkspaces, org)?;
    let found: Option<Org> = app.store.read().await?.orgs().find(org).await?;
    let found = found.ok_or_else(|| AppError::not_found("organization", org))?;
    if confirm != found.slug.as_str() {
        let message = format!("must be the organization's slug, {}", found.slug);
        return Err(AppError::invalid("confirm", "wrong_confirmation", message));
    }
    let filter = WorkspaceFilter { org: Some(org), ..WorkspaceFilter::default() };
    let page = PageRequest { limit: 100, ..PageRequest::default() };
    let mut count = 0;
    let mut after = None;
    loop {
        let page = PageRequest { after: after.take(), ..page.clone() };
        let mut rows = app.store.read().await?.workspaces().list(&filter, &page).await?;
        let more = rows.len() > page.limit as usize;
        rows.truncate(page.limit as usize);
        for workspace in &rows {
            if !is_on_its_way_out(workspace) {
                request(app, caller, workspace.id, Request::Destroy { keep_volumes: false }, |_| Ok(()))
                    .await?;
                count += 1;
            }
        }
        let Some(last) = rows.last().filter(|_| more) else { return Ok(count) };
        after =
            Some(crate::ports::repository::Position { name: last.name.to_string(), id: last.id.as_uuid() });
    }
}

/// Destroys what an organization still has that is on its way out. Returns how many workspaces are left to wait for.
pub async fn destroy_for(app: &App, org: OrgId) -> AppResult<usize> {
    let filter = WorkspaceFilter { org: Some(org), ..WorkspaceFilter::default() };
    let page = PageRequest { limit: 100, ..PageRequest::default() };
    let rows = app.store.read().await?.workspaces().list(&filter, &page).await?;
    let left = rows.len();
    for workspace in rows.into_iter().filter(|workspace| !is_on_its_way_out(workspace)) {
        match destroy_by_the_platform(app, workspace).await {
            // Somebody else asks for something: the next look sees what came of it.
            Err(AppError::Conflict { .. }) => {}
            other => other?,
        }
    }
    Ok(left)
}

async fn destroy_by_the_platform(app: &App, mut wanted: Workspace) -> AppResult<()> {
    let request = Request::Destroy { keep_volumes: false };
    let outcome = wanted.state.request(request, wanted.desired, DeploymentKind::Destroy, app.clock.now())?;
    let Outcome::Begin { state, desired, kind } = outcome else { return Ok(()) };
    wanted.state = state;
    wanted.desired = desired;
    let mut work = app.store.begin().await?;
    let written = write_intent(app, work.as_mut(), None, wanted, kind).await?;
    let detail = json!({ "desired": desired.as_str(), "because": "org.delete" });
    leave_traces(app, work.as_mut(), None, &written, "workspace.destroy", detail).await?;
    work.commit().await?;
    nudge(app);
    Ok(())
}

fn is_on_its_way_out(workspace: &Workspace) -> bool {
    matches!(workspace.state, State::Destroying { .. } | State::Destroyed { .. })
        && workspace.desired == (Desired::Destroyed { keep_volumes: false })
}
