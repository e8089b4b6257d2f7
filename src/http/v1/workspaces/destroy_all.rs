//! `POST /orgs/{org}/workspaces/destroy-all`

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode};
use serde::Serialize;
use utoipa::ToSchema;

use super::wire::DestroyAll;
use crate::{
    app::{App, orgs, workspaces},
    domain::policy::Action,
    http::{
        error::ApiResult,
        extract::{Authenticated, Body, Path},
    },
};

#[derive(Debug, Serialize, ToSchema)]
pub struct DestroyedAll {
    /// How many workspaces are now being destroyed that were not before.
    count: u64,
}

/// Destroys every workspace of the organization, with its volumes.
#[utoipa::path(
    post, path = "/orgs/{org}/workspaces/destroy-all", tag = "workspaces", security(("bearer" = [])),
    params(("org" = String, Path)), request_body = DestroyAll, responses((status = 202, body = DestroyedAll))
)]
pub async fn destroy_all(
    State(app): State<Arc<App>>,
    Authenticated(caller): Authenticated,
    Path(org): Path<String>,
    Body(body): Body<DestroyAll>,
) -> ApiResult<(StatusCode, Json<DestroyedAll>)> {
    let org = orgs::find(&app, &caller, Action::DestroyAllWorkspaces, &org).await?;
    let count = workspaces::destroy_all(&app, &caller, org.id, &body.confirm).await?;
    Ok((StatusCode::ACCEPTED, Json(DestroyedAll { count })))
}
