//! `GET /workspaces/{id}/deployments`

use std::sync::Arc;

use axum::extract::State;

use super::wire::Deployment;
use crate::{
    app::{App, workspaces},
    domain::ids::WorkspaceId,
    http::{
        error::ApiResult,
        extract::{Authenticated, Page, Paging, Path, paging::PagingParams},
    },
};

/// The attempts at a workspace, newest first.
#[utoipa::path(
    get, path = "/workspaces/{id}/deployments", tag = "deployments", security(("bearer" = [])),
    params(("id" = Uuid, Path), PagingParams), responses((status = 200, body = Page<Deployment>))
)]
pub async fn list(
    State(app): State<Arc<App>>,
    Authenticated(caller): Authenticated,
    Path(id): Path<WorkspaceId>,
    paging: Paging,
) -> ApiResult<Page<Deployment>> {
    let rows = workspaces::deployments(&app, &caller, id, &paging.request).await?;
    Ok(paging.page(rows, |row| (String::new(), row.deployment.id.into()), |row| Deployment::from(&row)))
}
