//! `POST /orgs/{org}/templates`

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode};

use super::{
    MAX_DESCRIPTION, MAX_DISPLAY_NAME, MAX_ICON, optional,
    wire::{CreateTemplate, Template},
};
use crate::{
    app::{
        App, orgs,
        templates::{self, NewTemplate},
    },
    domain::{names::TemplateName, policy::Action},
    http::{
        error::ApiResult,
        extract::{Authenticated, Creating, Fields, Path},
    },
};

/// Makes a template with a first version, which is active.
#[utoipa::path(
    post, path = "/orgs/{org}/templates", tag = "templates", security(("bearer" = [])),
    params(("org" = String, Path), ("Idempotency-Key" = Option<String>, Header)), request_body = CreateTemplate,
    responses((status = 201, body = Template))
)]
pub async fn create(
    State(app): State<Arc<App>>,
    Authenticated(caller): Authenticated,
    Path(org): Path<String>,
    Creating { body, key }: Creating<CreateTemplate>,
) -> ApiResult<(StatusCode, Json<Template>)> {
    let org = orgs::find(&app, &caller, Action::WriteTemplates, &org).await?;
    let mut fields = Fields::default();
    let values = (
        fields.parse::<TemplateName>("name", &body.name),
        optional(&mut fields, "display_name", body.display_name.as_deref(), MAX_DISPLAY_NAME),
        optional(&mut fields, "description", body.description.as_deref(), MAX_DESCRIPTION),
        optional(&mut fields, "icon", body.icon.as_deref(), MAX_ICON),
    );
    let (name, display_name, description, icon) = fields.all(values)?;
    let source = body.source.read()?;
    let display_name = display_name.filter(|name| !name.is_empty());
    let new = NewTemplate { name, display_name, description, icon, source };
    let detail = templates::create(&app, &caller, org.id, new, key.as_ref()).await?;
    Ok((StatusCode::CREATED, Json(detail.into())))
}
