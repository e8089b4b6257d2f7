//! `POST /orgs`

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode};
use serde::Deserialize;
use utoipa::ToSchema;

use super::wire::Org;
use crate::{
    app::{App, orgs},
    domain::names::OrgSlug,
    http::{
        error::ApiResult,
        extract::{Authenticated, Creating, Fields},
    },
};

pub(super) const MAX_NAME: usize = 80;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateOrg {
    #[schema(example = "acme")]
    slug: String,
    /// The slug unless given.
    #[schema(example = "Acme Inc.", max_length = 80)]
    name: Option<String>,
}

/// Makes an organization; the caller is its owner.
#[utoipa::path(
    post, path = "/orgs", tag = "organizations", security(("bearer" = [])), request_body = CreateOrg,
    params(("Idempotency-Key" = Option<String>, Header)), responses((status = 201, body = Org))
)]
pub async fn create(
    State(app): State<Arc<App>>,
    Authenticated(caller): Authenticated,
    Creating { body, key }: Creating<CreateOrg>,
) -> ApiResult<(StatusCode, Json<Org>)> {
    let mut fields = Fields::default();
    let name = body.name.as_deref().filter(|name| !name.trim().is_empty()).unwrap_or(&body.slug);
    let values = (fields.parse::<OrgSlug>("slug", &body.slug), fields.text("name", name, MAX_NAME));
    let (slug, name) = fields.all(values)?;
    let org = orgs::create(&app, &caller, orgs::NewOrg { slug, name }, key.as_ref()).await?;
    Ok((StatusCode::CREATED, Json(org.into())))
}
