//! From a template and answers to what is stored of a workspace.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use crate::{
    app::{App, AppError, AppResult, FieldProblem, specs, templates},
    domain::{
        ids::{OrgId, TemplateId},
        names::{TemplateName, VariableName, VolumeName},
        route::{Route, RouteTarget, Visibility, route_label},
        secret::{Sealed, Secret},
        template::{
            Files, Problem, Template, TemplateVersion,
            compile::{Recipe, WorkspaceContext, compile},
            manifest::Manifest,
            parameter::ParameterValue,
        },
        workspace::{Volume, Workspace, WorkspaceSpec, spec::RouteSpec},
    },
    ports::repository::UnitOfWork,
};

/// How a caller names a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TemplateChoice {
    Id(TemplateId),
    /// The organization's own, else the catalog's.
    Name(TemplateName),
}

/// A version of a template, ready to be compiled.
pub(super) struct Chosen {
    pub template: Template,
    pub version: TemplateVersion,
    pub manifest: Manifest,
    files: Files,
}

/// `version` is the active one unless given. A template of another organization does not exist.
pub(super) async fn choose(
    work: &mut dyn UnitOfWork,
    org: OrgId,
    choice: &TemplateChoice,
    version: Option<i32>,
) -> AppResult<Chosen> {
    let found = match choice {
        TemplateChoice::Id(id) => work.templates().find(*id).await?,
        TemplateChoice::Name(name) => {
            let own = work.templates().find_by_name(Some(org), name).await?;
            match own {
                Some(own) => Some(own),
                None => work.templates().find_by_name(None, name).await?,
            }
        }
    };
    let usable = |template: &Template| template.org_id.is_none_or(|of| of == org);
    let Some(template) = found.filter(usable) else {
        let named = match choice {
            TemplateChoice::Id(id) => id.to_string(),
            TemplateChoice::Name(name) => name.to_string(),
        };
        let message = format!("there is no template {named} in this organization or the catalog");
        return Err(AppError::invalid("template", "unknown_template", message));
    };
    let Some(number) = version.or(template.active_version) else {
        let message = format!("template {} has no active version; activate one", template.name);
        return Err(AppError::Conflict { code: "no_active_version", detail: message });
    };
    let Some(version) = work.templates().find_version(template.id, number).await? else {
        let message = format!("template {} has no version {number}", template.name);
        return Err(AppError::invalid("version", "unknown_version", message));
    };
    let manifest =
        Manifest::deserialize(&version.manifest).map_err(|error| AppError::Internal(error.into()))?;
    let files = templates::files(work, &version, &manifest).await?;
    Ok(Chosen { template, version, manifest, files })
}

/// What is stored of a workspace besides its row.
pub(super) struct Compiled {
    pub spec: WorkspaceSpec,
    pub sealed: Sealed,
}

/// Secrets made for the workspace before are used again.
pub(super) fn compile_for(
    app: &App,
    chosen: &Chosen,
    parameters: &BTreeMap<String, ParameterValue>,
    variables: BTreeMap<VariableName, Secret>,
    context: &WorkspaceContext,
    generated: BTreeMap<String, Secret>,
) -> AppResult<Compiled> {
    let variables = variables.into_iter().map(|(name, value)| (name.into(), value)).collect();
    let recipe = Recipe {
        manifest: &chosen.manifest,
        files: &chosen.files,
        parameters,
        variables: &variables,
        workspace: context,
    };
    // 192 bits in characters that need no escaping anywhere.
    let mut new_secret = || Secret::new(app.random.hex::<24>());
    let compiled = compile(&recipe, generated, &mut new_secret).map_err(|found| invalid(found, ""))?;
    let spec = compiled.spec.clone();
    let sealed = specs::seal(app.sealer.as_ref(), context.id, &compiled.into_stored())?;
    Ok(Compiled { spec, sealed })
}

pub(super) fn invalid(problems: Vec<Problem>, prefix: &str) -> AppError {
    let field = |problem: Problem| {
        FieldProblem::new(format!("{prefix}{}", problem.pointer), problem.code, problem.message)
    };
    AppError::Invalid(problems.into_iter().map(field).collect())
}

/// Volumes the specification names and the workspace does not have yet, each under a random Docker name.
pub(super) fn new_volumes(
    app: &App,
    workspace: &Workspace,
    spec: &WorkspaceSpec,
    existing: &[Volume],
) -> Vec<Volume> {
    let known: BTreeSet<&VolumeName> = existing.iter().map(|volume| &volume.name).collect();
    let now = app.clock.now();
    let missing = spec.volumes().filter(|name| !known.contains(name));
    missing
        .map(|name| Volume {
            id: app.random.id(now),
            workspace_id: workspace.id,
            name: name.clone(),
            docker_name: format!("ds-{}", app.random.hex::<16>()),
            created_at: now,
            kept_at: None,
            made_at: None,
        })
        .collect()
}

/// No wider than the organization allows: its template was written without knowing that.
pub(super) fn new_route(app: &App, workspace: &Workspace, spec: &RouteSpec, widest: Visibility) -> Route {
    Route {
        id: app.random.id(app.clock.now()),
        workspace_id: workspace.id,
        label: route_label(spec.app.as_ref(), &workspace.name, &workspace.short_id),
        app: spec.app.clone(),
        component: spec.component.clone(),
        port: spec.port,
        visibility: spec.visibility.min(widest),
        identity: false,
        target: RouteTarget::Pending,
    }
}

/// What references to the workspace stand for.
pub(super) fn context(
    app: &App,
    workspace: &Workspace,
    owner: crate::domain::names::Username,
) -> WorkspaceContext {
    let label = route_label(None, &workspace.name, &workspace.short_id);
    WorkspaceContext {
        id: workspace.id,
        name: workspace.name.clone(),
        owner,
        url: app.settings.route_url(&label),
    }
}
