//! `DELETE /workspaces/{id}`

use std::sync::Arc;

use axum::{extract::State, response::Response};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{answer::accepted, wire::Workspace};
use crate::{
    app::{App, workspaces},
    domain::{ids::WorkspaceId, workspace::state::Request},
    http::{
        error::ApiResult,
        extract::{Authenticated, IfMatch, Path, PreferWait, Query},
    },
};

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DestroyQuery {
    /// Keeps the volumes on the host.
    #[serde(default)]
    #[param(default = false)]
    keep_volumes: bool,
}

/// Removes containers, network and routes, and the volumes unless they are to be kept. Destroying what is destroyed
/// succeeds.
#[utoipa::path(
    delete, path = "/workspaces/{id}", tag = "workspaces", security(("bearer" = [])),
    params(("id" = Uuid, Path), DestroyQuery, ("Prefer" = Option<String>, Header), ("If-Match" = Option<String>, Header)),
    responses((status = 202, body = Workspace))
)]
pub async fn destroy(
    State(app): State<Arc<App>>,
    Authenticated(caller): Authenticated,
    Path(id): Path<WorkspaceId>,
    Query(query): Query<DestroyQuery>,
    if_match: IfMatch,
    wait: PreferWait,
) -> ApiResult<Response> {
    let request = Request::Destroy { keep_volumes: query.keep_volumes };
    let detail = workspaces::request(&app, &caller, id, request, |revision| if_match.check(revision)).await?;
    accepted(&app, &caller, detail, wait).await
}
