//! `POST /catalog/sync`

use std::sync::Arc;

use axum::{Json, extract::State};

use super::wire::SyncReport;
use crate::{
    app::{App, catalog},
    http::{error::ApiResult, extract::Authenticated},
};

/// Brings the catalog's templates to what its directories hold (platform admin).
#[utoipa::path(
    post, path = "/catalog/sync", tag = "templates", security(("bearer" = [])),
    responses((status = 200, body = SyncReport))
)]
pub async fn sync(
    State(app): State<Arc<App>>,
    Authenticated(caller): Authenticated,
) -> ApiResult<Json<SyncReport>> {
    Ok(Json(catalog::sync_for(&app, &caller).await?.into()))
}
