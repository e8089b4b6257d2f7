//! Variables of organizations, templates, people and workspaces: what workspaces get into their environment.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::{App, AppError, AppResult, Caller, audit, auth::actors, orgs, templates, workspaces};
use crate::{
    domain::{
        ids::WorkspaceId,
        names::{Username, VariableName},
        org::Org,
        policy::Action,
        secret::Secret,
        template::Template,
        variable::{self, Content, Variable, VariableScope},
        workspace::Workspace,
    },
    ports::repository::UnitOfWork,
};

/// A variable as people see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VariableView {
    pub name: VariableName,
    /// `None`: it is secret.
    pub value: Option<Secret>,
    pub updated_at: DateTime<Utc>,
}

/// By name.
pub async fn list(app: &App, caller: &Caller, scope: VariableScope) -> AppResult<Vec<VariableView>> {
    let mut reader = app.store.read().await?;
    authorize_reading(app, reader.as_mut(), caller, scope).await?;
    let variables = reader.variables().list(&[scope]).await?;
    variables.into_iter().map(|variable| view(app, variable)).collect()
}

/// Makes the variable, or replaces its value. Workspaces that are there get it when they are updated.
pub async fn set(
    app: &App,
    caller: &Caller,
    scope: VariableScope,
    name: VariableName,
    content: Content,
) -> AppResult<VariableView> {
    let now = app.clock.now();
    let mut work = app.store.begin().await?;
    let holder = Holder::to_change(app, work.as_mut(), caller, scope).await?;
    if let Holder::Workspace(workspace) = &holder {
        workspaces::refuse_on_the_way_out(workspace)?;
    }
    let there = work.variables().list(&[scope]).await?;
    let before = there.iter().find(|variable| variable.name == name);
    let others = there.iter().filter(|variable| variable.name != name);
    let held = others.map(|variable| (&variable.name, variable.sealed.as_bytes().len()));
    if let Some(detail) = variable::excess(held.chain([(&name, content.value().expose().len())])) {
        return Err(AppError::Conflict { code: "too_many_variables", detail });
    }
    let detail = json!({
        "variable": name,
        "before": before.map(words),
        "after": { "secret": content.is_secret() },
    });
    let variable = seal(app, scope, name, &content, now)?;
    work.variables().put(&variable).await?;
    holder.leave_traces(app, work.as_mut(), caller, "variable.set", detail).await?;
    work.commit().await?;
    app.feed.wake();
    let value = (!content.is_secret()).then(|| content.value().clone());
    Ok(VariableView { name: variable.name, value, updated_at: now })
}

/// Success when it is gone already.
pub async fn remove(app: &App, caller: &Caller, scope: VariableScope, name: &VariableName) -> AppResult<()> {
    let mut work = app.store.begin().await?;
    let holder = Holder::to_change(app, work.as_mut(), caller, scope).await?;
    let there = work.variables().list(&[scope]).await?;
    let Some(before) = there.iter().find(|variable| variable.name == *name) else { return Ok(()) };
    work.variables().remove(scope, name).await?;
    let detail = json!({ "variable": name, "before": words(before), "after": null });
    holder.leave_traces(app, work.as_mut(), caller, "variable.delete", detail).await?;
    work.commit().await?;
    app.feed.wake();
    Ok(())
}

/// Those a workspace is created with, in the unit of work that adds it.
pub(super) async fn add_all(
    app: &App,
    work: &mut dyn UnitOfWork,
    workspace: WorkspaceId,
    given: BTreeMap<VariableName, Content>,
) -> AppResult<()> {
    let now = app.clock.now();
    for (name, content) in given {
        let variable = seal(app, VariableScope::Workspace(workspace), name, &content, now)?;
        work.variables().put(&variable).await?;
    }
    Ok(())
}

/// What a workspace gets of all scopes around it, each name from the nearest.
pub(super) async fn reaching(
    app: &App,
    work: &mut dyn UnitOfWork,
    workspace: &Workspace,
) -> AppResult<BTreeMap<VariableName, Secret>> {
    let found = work.variables().list(&VariableScope::around(workspace)).await?;
    let nearest = variable::nearest(found.into_iter().map(|it| (it.scope, it.name.clone(), it)));
    nearest.into_iter().map(|(name, variable)| Ok((name, open(app, &variable)?))).collect()
}

/// What the audit log says of it: never the value, not even of what is no secret.
fn words(variable: &Variable) -> Value {
    json!({ "secret": variable.secret })
}

fn seal(
    app: &App,
    scope: VariableScope,
    name: VariableName,
    content: &Content,
    now: DateTime<Utc>,
) -> AppResult<Variable> {
    let secret = content.is_secret();
    let sealed = app.sealer.seal(&Variable::context(scope, &name, secret), content.value())?;
    Ok(Variable { id: app.random.id(now), scope, name, secret, sealed, updated_at: now })
}

fn open(app: &App, variable: &Variable) -> AppResult<Secret> {
    let context = Variable::context(variable.scope, &variable.name, variable.secret);
    Ok(app.sealer.open(&context, &variable.sealed)?)
}

fn view(app: &App, variable: Variable) -> AppResult<VariableView> {
    let value = if variable.secret { None } else { Some(open(app, &variable)?) };
    Ok(VariableView { name: variable.name, value, updated_at: variable.updated_at })
}

async fn authorize_reading(
    app: &App,
    work: &mut dyn UnitOfWork,
    caller: &Caller,
    scope: VariableScope,
) -> AppResult<()> {
    match scope {
        VariableScope::User(id) if id == caller.actor.user_id => Ok(()),
        VariableScope::User(id) => Err(AppError::not_found("user", id)),
        VariableScope::Org(id) => app.authorize_org(&caller.actor, Action::ReadOrgVariables, id),
        VariableScope::Template(id) => {
            templates::find(app, work, caller, Action::ReadOrgVariables, id).await.map(drop)
        }
        VariableScope::Workspace(id) => {
            workspaces::find(app, work, caller, Action::ReadWorkspaceVariables, id).await.map(drop)
        }
    }
}

/// What variables belong to.
enum Holder {
    User(Username),
    Org(Org),
    Template(Template),
    Workspace(Box<Workspace>),
}

impl Holder {
    /// If the caller may change what it holds.
    async fn to_change(
        app: &App,
        work: &mut dyn UnitOfWork,
        caller: &Caller,
        scope: VariableScope,
    ) -> AppResult<Self> {
        match scope {
            VariableScope::User(id) if id == caller.actor.user_id => {
                app.authorize_account(&caller.actor)?;
                Ok(Holder::User(caller.actor.username.clone()))
            }
            VariableScope::User(id) => Err(AppError::not_found("user", id)),
            VariableScope::Org(id) => {
                let org = orgs::hold_open(work, id).await?;
                let actor = actors::afresh(work, caller).await?;
                app.authorize_org(&actor, Action::WriteOrgVariables, id)?;
                Ok(Holder::Org(org))
            }
            VariableScope::Template(id) => {
                let template = templates::find(app, work, caller, Action::WriteTemplates, id).await?;
                Ok(Holder::Template(template))
            }
            VariableScope::Workspace(id) => {
                let workspace = workspaces::find(app, work, caller, Action::OperateWorkspace, id).await?;
                Ok(Holder::Workspace(Box::new(workspace)))
            }
        }
    }

    async fn leave_traces(
        &self,
        app: &App,
        work: &mut dyn UnitOfWork,
        caller: &Caller,
        verb: &str,
        detail: Value,
    ) -> AppResult<()> {
        let now = app.clock.now();
        match self {
            Holder::User(username) => {
                let action = format!("user.{verb}");
                let entry = audit::by(app, caller, &action, None, caller.actor.user_id, detail, now);
                work.audit().append(&entry.named(username.as_str())).await?;
            }
            Holder::Org(org) => {
                let action = format!("org.{verb}");
                let entry = audit::by(app, caller, &action, Some(org.id), org.id, detail, now);
                work.audit().append(&entry.named(org.slug.as_str())).await?;
                orgs::announce(work, org.id, now).await?;
            }
            Holder::Template(template) => {
                let action = format!("template.{verb}");
                templates::leave_traces(app, work, Some(caller), template, &action, detail).await?;
            }
            Holder::Workspace(workspace) => {
                let action = format!("workspace.{verb}");
                workspaces::leave_traces(app, work, Some(caller), workspace, &action, detail).await?;
            }
        }
        Ok(())
    }
}
