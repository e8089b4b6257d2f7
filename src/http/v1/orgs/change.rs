//! `PATCH /orgs/{org}`

use std::sync::Arc;

use axum::{Json, extract::State};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{create::MAX_NAME, wire::Org};
use crate::{
    app::{App, orgs},
    domain::{names::OrgSlug, policy::Action, route::Visibility},
    http::{
        error::ApiResult,
        extract::{Authenticated, Body, Fields, Path},
        v1::workspaces::wire::VisibilityWord,
    },
};

/// What is not given stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PatchOrg {
    #[schema(max_length = 80)]
    name: Option<String>,
    /// Only an owner changes it; links with the old one lead nowhere afterwards.
    slug: Option<String>,
    /// The widest visibility that addresses of its workspaces may have. Those that are wider become as narrow at once,
    /// and stay so when it is lifted.
    #[schema(value_type = Option<VisibilityWord>)]
    max_visibility: Option<String>,
}

/// Renames the organization, or limits who sees its addresses.
#[utoipa::path(
    patch, path = "/orgs/{org}", tag = "organizations", security(("bearer" = [])),
    params(("org" = String, Path, description = "Id or slug")), request_body = PatchOrg,
    responses((status = 200, body = Org))
)]
pub async fn change(
    State(app): State<Arc<App>>,
    Authenticated(caller): Authenticated,
    Path(org): Path<String>,
    Body(body): Body<PatchOrg>,
) -> ApiResult<Json<Org>> {
    let org = orgs::find(&app, &caller, Action::ChangeOrg, &org).await?;
    let mut fields = Fields::default();
    let name = match body.name.as_deref() {
        Some(name) if name.trim().is_empty() => {
            fields.refuse("name", "invalid", "must not be empty");
            None
        }
        Some(name) => fields.text("name", name, MAX_NAME).map(Some),
        None => Some(None),
    };
    let slug = fields.parse_some::<OrgSlug>("slug", body.slug.as_deref());
    let max_visibility = fields.parse_some::<Visibility>("max_visibility", body.max_visibility.as_deref());
    let (name, slug, max_visibility) = fields.all((name, slug, max_visibility))?;
    let change = orgs::OrgChange { name, slug, max_visibility };
    Ok(Json(orgs::change(&app, &caller, org.id, change).await?.into()))
}
