//! `GET /deployments/{id}`

use std::sync::Arc;

use axum::{Json, extract::State};

use super::wire::Deployment;
use crate::{
    app::{App, workspaces},
    domain::ids::DeploymentId,
    http::{
        error::ApiResult,
        extract::{Authenticated, Path},
    },
};

#[utoipa::path(
    get, path = "/deployments/{id}", tag = "deployments", security(("bearer" = [])), params(("id" = Uuid, Path)),
    responses((status = 200, body = Deployment))
)]
pub async fn show(
    State(app): State<Arc<App>>,
    Authenticated(caller): Authenticated,
    Path(id): Path<DeploymentId>,
) -> ApiResult<Json<Deployment>> {
    Ok(Json(Deployment::from(&workspaces::deployment(&app, &caller, id).await?)))
}
