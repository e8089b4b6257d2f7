//! `PATCH /me`

use std::sync::Arc;

use axum::{Json, extract::State};
use serde::Deserialize;
use utoipa::ToSchema;

use super::wire::{MAX_DISPLAY_NAME, Me};
use crate::{
    app::{App, me},
    http::{
        error::ApiResult,
        extract::{Authenticated, Body, Fields},
    },
};

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PatchMe {
    #[schema(max_length = 80)]
    display_name: Option<String>,
}

#[utoipa::path(
    patch, path = "/me", tag = "me", security(("bearer" = [])), request_body = PatchMe,
    responses((status = 200, body = Me))
)]
pub async fn update(
    State(app): State<Arc<App>>,
    Authenticated(caller): Authenticated,
    Body(body): Body<PatchMe>,
) -> ApiResult<Json<Me>> {
    if let Some(display_name) = body.display_name {
        let mut fields = Fields::default();
        let display_name = fields.text("display_name", &display_name, MAX_DISPLAY_NAME);
        let (display_name,) = fields.all((display_name,))?;
        me::rename(&app, &caller, &display_name).await?;
    }
    Ok(Json(me::get(&app, &caller).await?.into()))
}
