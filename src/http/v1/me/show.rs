//! `GET /me`

use std::sync::Arc;

use axum::{Json, extract::State};

use super::wire::Me;
use crate::{
    app::{App, me},
    http::{error::ApiResult, extract::Authenticated},
};

#[utoipa::path(get, path = "/me", tag = "me", security(("bearer" = [])), responses((status = 200, body = Me)))]
pub async fn show(State(app): State<Arc<App>>, Authenticated(caller): Authenticated) -> ApiResult<Json<Me>> {
    Ok(Json(me::get(&app, &caller).await?.into()))
}
