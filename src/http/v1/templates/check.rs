//! `POST /templates/check`

use axum::Json;

use super::wire::{CheckReport, CheckTemplate};
use crate::{
    app::templates,
    http::{
        error::ApiResult,
        extract::{Authenticated, Body},
    },
};

/// Says everything that is wrong with a source, and stores nothing.
#[utoipa::path(
    post, path = "/templates/check", tag = "templates", security(("bearer" = [])), request_body = CheckTemplate,
    responses((status = 200, body = CheckReport))
)]
pub async fn check(_: Authenticated, Body(body): Body<CheckTemplate>) -> ApiResult<Json<CheckReport>> {
    let findings = templates::check(body.source.read()?).await?;
    Ok(Json(findings.into()))
}
