//! `GET /orgs/{org}`

use std::sync::Arc;

use axum::{Json, extract::State};

use super::wire::Org;
use crate::{
    app::{App, orgs},
    http::{
        error::ApiResult,
        extract::{Authenticated, Path},
    },
};

#[utoipa::path(
    get, path = "/orgs/{org}", tag = "organizations", security(("bearer" = [])),
    params(("org" = String, Path, description = "Id or slug")), responses((status = 200, body = Org))
)]
pub async fn show(
    State(app): State<Arc<App>>,
    Authenticated(caller): Authenticated,
    Path(org): Path<String>,
) -> ApiResult<Json<Org>> {
    Ok(Json(orgs::get(&app, &caller, &org).await?.into()))
}
