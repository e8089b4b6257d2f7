//! `DELETE /workspaces/{id}/routes/{rid}`

use std::sync::Arc;

use axum::{extract::State, http::StatusCode};

use crate::{
    app::{App, workspaces},
    domain::ids::{RouteId, WorkspaceId},
    http::{
        error::ApiResult,
        extract::{Authenticated, Path},
    },
};

/// Takes the host name away. Success when it is gone already.
#[utoipa::path(
    delete, path = "/workspaces/{id}/routes/{rid}", tag = "workspaces", security(("bearer" = [])),
    params(("id" = Uuid, Path), ("rid" = Uuid, Path)), responses((status = 204))
)]
pub async fn remove(
    State(app): State<Arc<App>>,
    Authenticated(caller): Authenticated,
    Path((id, rid)): Path<(WorkspaceId, RouteId)>,
) -> ApiResult<StatusCode> {
    workspaces::remove_route(&app, &caller, id, rid).await?;
    Ok(StatusCode::NO_CONTENT)
}
