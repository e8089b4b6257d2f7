//! Everything an attempt needs to know, read at one moment.

use crate::{
    app::{App, AppError, AppResult, specs},
    domain::{
        deployment::{Deployment, Step},
        ids::WorkspaceId,
        route::Route,
        workspace::{Volume, Workspace, WorkspaceSpec},
    },
};

pub(super) struct Loaded {
    pub workspace: Workspace,
    pub spec: WorkspaceSpec,
    pub volumes: Vec<Volume>,
    pub routes: Vec<Route>,
    /// The attempt under way; `None` when the last one has ended.
    pub deployment: Option<Deployment>,
    pub steps: Vec<Step>,
}

/// `None`: there is no such workspace.
pub(super) async fn load(app: &App, id: WorkspaceId) -> AppResult<Option<Loaded>> {
    let mut reader = app.store.read().await?;
    let installation = reader.installation().find().await?;
    if installation.is_none_or(|found| found.id != app.installation) {
        return Err(replaced());
    }
    let Some(workspace) = reader.workspaces().find(id).await? else { return Ok(None) };
    let Some(sealed) = reader.workspaces().spec(id).await? else { return Ok(None) };
    let spec = specs::open(app.sealer.as_ref(), id, &sealed)?.spec;
    let volumes = reader.workspaces().volumes(id).await?;
    let routes = reader.routes().list(id).await?;
    let deployment = match workspace.deployment_id {
        Some(deployment) => reader.deployments().find(deployment).await?,
        None => None,
    };
    let deployment = deployment.filter(|deployment| !deployment.status.is_finished());
    let steps = match &deployment {
        Some(deployment) => reader.deployments().steps(deployment.id).await?,
        None => vec![],
    };
    Ok(Some(Loaded { workspace, spec, volumes, routes, deployment, steps }))
}

/// Its objects carry another label than ours: what we see of them is nothing, and must not be acted on.
fn replaced() -> AppError {
    AppError::Unavailable {
        code: "database_replaced",
        detail: "the database is another installation's; restart the server".into(),
        source: None,
    }
}
