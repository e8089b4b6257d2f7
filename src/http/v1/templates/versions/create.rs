//! `POST /templates/{id}/versions`

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode};

use crate::{
    app::{
        App,
        templates::{self, NewVersion},
    },
    domain::ids::TemplateId,
    http::{
        error::ApiResult,
        extract::{Authenticated, Creating, Fields, Path},
        v1::templates::{
            MAX_MESSAGE,
            wire::{CreateVersion, TemplateVersion},
        },
    },
};

/// Adds a version. Workspaces that there are keep theirs.
#[utoipa::path(
    post, path = "/templates/{id}/versions", tag = "templates", security(("bearer" = [])),
    params(("id" = Uuid, Path), ("Idempotency-Key" = Option<String>, Header)), request_body = CreateVersion,
    responses((status = 201, body = TemplateVersion))
)]
pub async fn create(
    State(app): State<Arc<App>>,
    Authenticated(caller): Authenticated,
    Path(id): Path<TemplateId>,
    Creating { body, key }: Creating<CreateVersion>,
) -> ApiResult<(StatusCode, Json<TemplateVersion>)> {
    let mut fields = Fields::default();
    let message = fields.text("message", &body.message, MAX_MESSAGE);
    let (message,) = fields.all((message,))?;
    let new = NewVersion { source: body.source.read()?, message, activate: body.activate };
    let (template, version) = templates::add_version(&app, &caller, id, new, key.as_ref()).await?;
    Ok((StatusCode::CREATED, Json(TemplateVersion::new(&version, &template))))
}
