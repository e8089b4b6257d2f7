//! Deployments of a workspace, for people to read.

use std::collections::BTreeMap;

use super::find;
use crate::{
    app::{App, AppError, AppResult, Caller},
    domain::{
        deployment::{Deployment, NumberedLogLine, Step},
        ids::{DeploymentId, UserId, WorkspaceId},
        names::Username,
        policy::Action,
    },
    ports::repository::{PageRequest, UnitOfWork},
};

#[derive(Debug, Clone)]
pub struct DeploymentDetail {
    pub deployment: Deployment,
    /// `None`: the platform itself, or a user that was removed.
    pub requested_by: Option<(UserId, Username)>,
    pub steps: Vec<Step>,
}

/// Newest first; at most one more than `page.limit`.
pub async fn deployments(
    app: &App,
    caller: &Caller,
    workspace: WorkspaceId,
    page: &PageRequest,
) -> AppResult<Vec<DeploymentDetail>> {
    let mut reader = app.store.read().await?;
    find(app, reader.as_mut(), caller, Action::ReadWorkspace, workspace).await?;
    let found = reader.deployments().list(workspace, page).await?;
    describe(reader.as_mut(), found).await
}

pub async fn deployment(app: &App, caller: &Caller, id: DeploymentId) -> AppResult<DeploymentDetail> {
    let mut reader = app.store.read().await?;
    let found = find_deployment(app, reader.as_mut(), caller, id).await?;
    let mut details = describe(reader.as_mut(), vec![found]).await?;
    details.pop().ok_or_else(|| AppError::not_found("deployment", id))
}

/// Lines numbered above `after`, and whether the deployment has ended, so that no more will follow.
pub async fn deployment_logs(
    app: &App,
    caller: &Caller,
    id: DeploymentId,
    after: i64,
    limit: u32,
) -> AppResult<(Vec<NumberedLogLine>, bool)> {
    let mut reader = app.store.read().await?;
    // The end is read first: lines are written before it.
    let ended = find_deployment(app, reader.as_mut(), caller, id).await?.status.is_finished();
    Ok((reader.deployments().logs(id, after, limit).await?, ended))
}

async fn find_deployment(
    app: &App,
    reader: &mut dyn UnitOfWork,
    caller: &Caller,
    id: DeploymentId,
) -> AppResult<Deployment> {
    let missing = || AppError::not_found("deployment", id);
    let found = reader.deployments().find(id).await?.ok_or_else(missing)?;
    match find(app, reader, caller, Action::ReadWorkspace, found.workspace_id).await {
        Err(AppError::NotFound { .. }) => Err(missing()),
        other => other.map(|_| found),
    }
}

async fn describe(reader: &mut dyn UnitOfWork, found: Vec<Deployment>) -> AppResult<Vec<DeploymentDetail>> {
    let mut people: Vec<UserId> = found.iter().filter_map(|it| it.requested_by).collect();
    people.sort_unstable();
    people.dedup();
    let names: BTreeMap<UserId, Username> = reader.users().usernames(&people).await?.into_iter().collect();
    let mut details = Vec::with_capacity(found.len());
    for deployment in found {
        let steps = reader.deployments().steps(deployment.id).await?;
        let requested_by = deployment.requested_by.and_then(|id| Some((id, names.get(&id)?.clone())));
        details.push(DeploymentDetail { deployment, requested_by, steps });
    }
    Ok(details)
}
