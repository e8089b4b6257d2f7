//! A workspace moved to another template version, to other parameters, or to what its variables are today: containers are
//! made anew, volumes stay.

use std::collections::BTreeMap;

use serde_json::json;

use super::{
    WorkspaceDetail,
    create::to_json,
    detail::describe_one,
    find, leave_traces, nudge,
    recipe::{self, TemplateChoice},
    request::{is_without_volumes, write_intent},
    routes::widest,
};
use crate::{
    app::{App, AppError, AppResult, Caller, quotas, specs, variables},
    domain::{
        custom_domain::RouteDomain,
        deployment::DeploymentKind,
        ids::WorkspaceId,
        names::VariableName,
        policy::Action,
        secret::Secret,
        template::parameter::{self, ParameterValue},
        variable::{Content, VariableScope},
        workspace::{
            Workspace, WorkspaceSpec,
            state::{Outcome, Request},
        },
    },
    ports::repository::UnitOfWork,
};

#[derive(Debug, Clone, Default)]
pub struct WorkspaceUpdate {
    /// The active one unless given.
    pub version: Option<i32>,
    /// Replaces these; others keep their values.
    pub parameters: BTreeMap<String, ParameterValue>,
}

/// `expected` sees the workspace's revision and may refuse it.
pub async fn update(
    app: &App,
    caller: &Caller,
    id: WorkspaceId,
    change: WorkspaceUpdate,
    expected: impl Fn(i64) -> AppResult<()>,
) -> AppResult<WorkspaceDetail> {
    let mut work = app.store.begin().await?;
    let mut workspace = find(app, work.as_mut(), caller, Action::OperateWorkspace, id).await?;
    expected(workspace.revision)?;
    let outcome = workspace.state.request(
        Request::Update,
        workspace.desired,
        DeploymentKind::Update,
        app.clock.now(),
    )?;
    let Outcome::Begin { state, desired, kind } = outcome else {
        return Ok(describe_one(app, work.as_mut(), workspace).await?);
    };
    let version = workspace.template_version;
    let choice = TemplateChoice::Id(workspace.template_id);
    let chosen = recipe::choose(work.as_mut(), workspace.org_id, &choice, change.version).await?;
    let given = to_json(&change.parameters)?;
    let parameters = parameter::resolve_update(&chosen.manifest.parameters, &given, &workspace.parameters)
        .map_err(|problems| recipe::invalid(problems, "/parameters"))?;

    let sealed = work.workspaces().spec(id).await?.ok_or_else(|| AppError::not_found("workspace", id))?;
    let stored = specs::open(app.sealer.as_ref(), id, &sealed)?;
    let owner = work.users().find(workspace.owner_id).await?;
    let owner = owner.map_or_else(|| caller.actor.username.clone(), |user| user.username);
    let context = recipe::context(app, &workspace, owner);
    adopt(app, work.as_mut(), id, stored.variables).await?;
    let reaching = variables::reaching(app, work.as_mut(), &workspace).await?;
    let compiled = recipe::compile_for(app, &chosen, &parameters, reaching, &context, stored.generated)?;

    let before = (workspace.desired, workspace.resources);
    quotas::admit(work.as_mut(), workspace.org_id, Some(before), (desired, compiled.spec.resources()))
        .await?;

    let gives_up = is_without_volumes(&workspace.state);
    if gives_up {
        work.workspaces().give_up_volumes(id).await?;
    }
    workspace.template_version = chosen.version.number;
    workspace.parameters = parameters;
    workspace.resources = compiled.spec.resources();
    workspace.generation = workspace.next_generation();
    workspace.state = state;
    workspace.desired = desired;
    let existing = work.workspaces().volumes(id).await?;
    let volumes = recipe::new_volumes(app, &workspace, &compiled.spec, &existing);
    work.workspaces().respecify(id, &compiled.sealed, &volumes).await?;
    reroute(app, work.as_mut(), &workspace, &compiled.spec).await?;
    let written = write_intent(app, work.as_mut(), Some(caller), workspace, kind).await?;
    work.routes().revise(id).await?;
    let mut trace = json!({ "version": { "before": version, "after": written.template_version },
                        "parameters": change.parameters.keys().collect::<Vec<_>>() });
    if gives_up {
        trace["volumes"] = "given up".into();
    }
    leave_traces(app, work.as_mut(), Some(caller), &written, "workspace.update", trace).await?;
    let detail = describe_one(app, work.as_mut(), written).await?;
    work.commit().await?;
    nudge(app);
    Ok(detail)
}

/// Variables that lie in the specification, where they were kept before they had a table, become those of the workspace.
/// Nobody said of them that they may be shown. Whatever was set since is newer.
async fn adopt(
    app: &App,
    work: &mut dyn UnitOfWork,
    id: WorkspaceId,
    stored: BTreeMap<String, Secret>,
) -> AppResult<()> {
    if stored.is_empty() {
        return Ok(());
    }
    let there = work.variables().list(&[VariableScope::Workspace(id)]).await?;
    let missing = stored.into_iter().filter_map(|(name, value)| {
        let name: VariableName = name.parse().ok()?;
        let content = Content::new(value, true).ok()?;
        there.iter().all(|variable| variable.name != name).then_some((name, content))
    });
    variables::add_all(app, work, id, missing.collect()).await
}

/// Adds the routes the new specification has, moves those that lead elsewhere now, and removes those whose component
/// is no more. Routes people added stay, with what people chose for them.
async fn reroute(
    app: &App,
    work: &mut dyn UnitOfWork,
    workspace: &Workspace,
    spec: &WorkspaceSpec,
) -> AppResult<()> {
    let widest = widest(work, workspace.org_id).await?;
    let existing = work.routes().list(workspace.id).await?;
    for wanted in &spec.routes {
        let same_name = existing.iter().find(|route| route.app == wanted.app);
        let mut route = recipe::new_route(app, workspace, wanted, widest);
        let mut domains = Vec::new();
        match same_name {
            Some(old) if old.component == wanted.component && old.port == wanted.port => continue,
            Some(old) => {
                (route.visibility, route.identity) = (old.visibility, old.identity);
                domains = work.route_domains().list(old.id).await?;
                work.routes().remove(old.id).await?;
            }
            None => {}
        }
        work.routes().add(&route).await?;
        // They went with the old one, and come back with what was shown of them.
        for domain in domains {
            work.route_domains().add(&RouteDomain { route_id: route.id, ..domain }).await?;
        }
    }
    for orphan in existing.iter().filter(|route| spec.component(&route.component).is_none()) {
        let replaced = spec.routes.iter().any(|wanted| wanted.app == orphan.app);
        if !replaced {
            work.routes().remove(orphan.id).await?;
        }
    }
    Ok(())
}
