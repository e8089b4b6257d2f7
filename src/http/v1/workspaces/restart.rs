//! `POST /workspaces/{id}/restart`

use std::sync::Arc;

use axum::{extract::State, response::Response};

use super::{answer::accepted, wire::Workspace};
use crate::{
    app::{App, workspaces},
    domain::{ids::WorkspaceId, workspace::state::Request},
    http::{
        error::ApiResult,
        extract::{Authenticated, IfMatch, Path, PreferWait},
    },
};

/// Stops the containers and starts the same ones again.
#[utoipa::path(
    post, path = "/workspaces/{id}/restart", tag = "workspaces", security(("bearer" = [])),
    params(("id" = Uuid, Path), ("Prefer" = Option<String>, Header), ("If-Match" = Option<String>, Header)),
    responses((status = 202, body = Workspace))
)]
pub async fn restart(
    State(app): State<Arc<App>>,
    Authenticated(caller): Authenticated,
    Path(id): Path<WorkspaceId>,
    if_match: IfMatch,
    wait: PreferWait,
) -> ApiResult<Response> {
    let detail =
        workspaces::request(&app, &caller, id, Request::Restart, |revision| if_match.check(revision)).await?;
    accepted(&app, &caller, detail, wait).await
}
