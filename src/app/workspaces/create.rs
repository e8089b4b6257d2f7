//! A workspace from a template.

use std::collections::BTreeMap;

use serde_json::json;

use super::{
    WorkspaceDetail,
    detail::describe_one,
    leave_traces, new_deployment, nudge,
    recipe::{self, Chosen, TemplateChoice},
};
use crate::{
    app::{
        App, AppError, AppResult, Caller, auth::actors, idempotency, idempotency::IdempotencyKey, orgs,
        quotas, variables,
    },
    domain::{
        deployment::DeploymentKind,
        host::{Host, HostState},
        ids::{HostId, OrgId, WorkspaceId},
        names::{ShortId, VariableName, WorkspaceName},
        policy::Action,
        template::parameter::{self, ParameterValue},
        variable::{self, Content},
        workspace::{Desired, Observed, State, Workspace, observed::views, spec::Resources},
    },
    ports::repository::{StoreError, UnitOfWork},
};

#[derive(Debug, Clone)]
pub struct NewWorkspace {
    pub name: WorkspaceName,
    pub template: TemplateChoice,
    /// The active one unless given.
    pub version: Option<i32>,
    pub parameters: BTreeMap<String, ParameterValue>,
    /// Become those of the workspace.
    pub variables: BTreeMap<VariableName, Content>,
    /// Chosen by the platform unless given.
    pub host: Option<HostId>,
    pub start: bool,
}

/// Records what is wanted: workspace, specification, volumes, routes, deployment, audit and event in one unit of work.
pub async fn create(
    app: &App,
    caller: &Caller,
    org: OrgId,
    new: NewWorkspace,
    key: Option<&IdempotencyKey>,
) -> AppResult<WorkspaceDetail> {
    app.authorize_org(&caller.actor, Action::CreateWorkspace, org)?;
    let (now, user) = (app.clock.now(), caller.actor.user_id);
    let mut work = app.store.begin().await?;
    if let Some(id) = idempotency::replay(work.as_mut(), user, key, now).await? {
        let made = super::find(app, work.as_mut(), caller, Action::ReadWorkspace, id.into()).await?;
        return Ok(describe_one(app, work.as_mut(), made).await?);
    }
    // Held to the commit: of many at once, each sees what those before it took, and nobody creates who was removed
    // a moment ago.
    let widest = orgs::hold_open(work.as_mut(), org).await?.max_visibility;
    let actor = actors::afresh(work.as_mut(), caller).await?;
    app.authorize_org(&actor, Action::CreateWorkspace, org)?;
    let chosen = recipe::choose(work.as_mut(), org, &new.template, new.version).await?;
    let given = to_json(&new.parameters)?;
    let parameters = parameter::resolve(&chosen.manifest.parameters, &given)
        .map_err(|problems| recipe::invalid(problems, "/parameters"))?;
    let host = place(work.as_mut(), new.host).await?;

    let sizes = new.variables.iter().map(|(name, content)| (name, content.value().expose().len()));
    if let Some(message) = variable::excess(sizes) {
        return Err(AppError::invalid("variables", "too_many", message));
    }

    let id: WorkspaceId = app.random.id(now);
    let mut workspace = Workspace {
        id,
        short_id: ShortId::of(id),
        name: new.name,
        org_id: org,
        owner_id: user,
        template_id: chosen.template.id,
        template_version: chosen.version.number,
        host_id: host.id,
        parameters,
        desired: if new.start { Desired::Running } else { Desired::Stopped },
        generation: 1,
        seen_generation: 0,
        restored: false,
        deployment_id: None,
        state: State::pending(now),
        components: vec![],
        resources: Resources::default(),
        revision: 1,
        created_at: now,
        updated_at: now,
    };
    let context = recipe::context(app, &workspace, caller.actor.username.clone());
    let mut reaching = variables::reaching(app, work.as_mut(), &workspace).await?;
    reaching.extend(new.variables.iter().map(|(name, content)| (name.clone(), content.value().clone())));
    let compiled =
        recipe::compile_for(app, &chosen, &workspace.parameters, reaching, &context, BTreeMap::new())?;
    workspace.resources = compiled.spec.resources();
    workspace.components = views(&compiled.spec, 1, &Observed::default(), |_| false);
    quotas::admit(work.as_mut(), org, None, (workspace.desired, workspace.resources)).await?;
    let deployment = new_deployment(app, &workspace, DeploymentKind::Create, Some(caller));
    workspace.deployment_id = Some(deployment.id);

    let volumes = recipe::new_volumes(app, &workspace, &compiled.spec, &[]);
    work.workspaces()
        .add(&workspace, &compiled.sealed, &volumes)
        .await
        .map_err(|error| name_taken(error, &workspace.name))?;
    let trace = trace(&workspace, &chosen, new.variables.keys());
    variables::add_all(app, work.as_mut(), id, new.variables).await?;
    work.deployments().add(&deployment).await?;
    for route in &compiled.spec.routes {
        work.routes().add(&recipe::new_route(app, &workspace, route, widest)).await?;
    }
    idempotency::remember(work.as_mut(), user, key, id.into(), now).await?;
    work.routes().revise(id).await?;
    leave_traces(app, work.as_mut(), Some(caller), &workspace, "workspace.create", trace).await?;
    let detail = describe_one(app, work.as_mut(), workspace).await?;
    work.commit().await?;
    nudge(app);
    Ok(detail)
}

/// The host that was asked for, or the first that takes workspaces; one that can be seen comes first.
async fn place(work: &mut dyn UnitOfWork, wanted: Option<HostId>) -> AppResult<Host> {
    let hosts = work.hosts().list().await?;
    if let Some(id) = wanted {
        let Some(host) = hosts.into_iter().find(|host| host.id == id) else {
            return Err(AppError::invalid("host_id", "unknown_host", format!("there is no host {id}")));
        };
        if host.cordoned {
            let detail = format!("host {} takes no new workspaces at the moment", host.name);
            return Err(AppError::Conflict { code: "host_cordoned", detail });
        }
        return Ok(host);
    }
    let mut open: Vec<Host> = hosts.into_iter().filter(|host| !host.cordoned).collect();
    open.sort_by_key(|host| matches!(host.state, HostState::Unreachable { .. }));
    open.into_iter().next().ok_or_else(|| AppError::Conflict {
        code: "no_host",
        detail:
            "there is no Docker host that takes workspaces; set DEVSANCTUM_DOCKER_HOST or uncordon a host"
                .into(),
    })
}

pub(super) fn name_taken(error: StoreError, name: &WorkspaceName) -> AppError {
    match error {
        StoreError::Taken("name") => AppError::Conflict {
            code: "name_taken",
            detail: format!("you have a workspace named {name} in this organization already"),
        },
        error => error.into(),
    }
}

pub(super) fn to_json(
    parameters: &BTreeMap<String, ParameterValue>,
) -> AppResult<BTreeMap<String, serde_json::Value>> {
    let value = |(name, value): (&String, &ParameterValue)| {
        let value = serde_json::to_value(value).map_err(|error| AppError::Internal(error.into()))?;
        Ok((name.clone(), value))
    };
    parameters.iter().map(value).collect()
}

fn trace<'a>(
    workspace: &Workspace,
    chosen: &Chosen,
    variables: impl Iterator<Item = &'a VariableName>,
) -> serde_json::Value {
    json!({
        "name": workspace.name,
        "template": chosen.template.name,
        "version": chosen.version.number,
        "host": workspace.host_id,
        "variables": variables.collect::<Vec<_>>(),
    })
}
