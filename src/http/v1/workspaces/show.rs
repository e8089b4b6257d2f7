//! `GET /workspaces/{id}`

use std::sync::Arc;

use axum::extract::State;

use super::{answer::shown, wire::Workspace};
use crate::{
    app::{App, workspaces},
    domain::ids::WorkspaceId,
    http::{
        error::ApiResult,
        extract::{Authenticated, Path, Tagged},
    },
};

#[utoipa::path(
    get, path = "/workspaces/{id}", tag = "workspaces", security(("bearer" = [])), params(("id" = Uuid, Path)),
    responses((status = 200, body = Workspace))
)]
pub async fn show(
    State(app): State<Arc<App>>,
    Authenticated(caller): Authenticated,
    Path(id): Path<WorkspaceId>,
) -> ApiResult<Tagged<Workspace>> {
    let detail = workspaces::get(&app, &caller, id).await?;
    Ok(shown(&app, &detail))
}
