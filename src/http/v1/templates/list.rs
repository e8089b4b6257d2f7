//! `GET /orgs/{org}/templates`

use std::sync::Arc;

use axum::extract::State;

use super::wire::Template;
use crate::{
    app::{App, orgs, templates},
    domain::policy::Action,
    http::{
        error::ApiResult,
        extract::{Authenticated, Page, Paging, Path, paging::PagingParams},
    },
};

/// The organization's own templates; those of the catalog come besides.
#[utoipa::path(
    get, path = "/orgs/{org}/templates", tag = "templates", security(("bearer" = [])),
    params(("org" = String, Path), PagingParams), responses((status = 200, body = Page<Template>))
)]
pub async fn list(
    State(app): State<Arc<App>>,
    Authenticated(caller): Authenticated,
    Path(org): Path<String>,
    paging: Paging,
) -> ApiResult<Page<Template>> {
    let org = orgs::find(&app, &caller, Action::ReadTemplates, &org).await?;
    let rows = templates::list(&app, &caller, org.id, &paging.request).await?;
    Ok(page(&paging, rows))
}

/// Templates by their names.
pub(in crate::http::v1) fn page(paging: &Paging, rows: Vec<templates::TemplateDetail>) -> Page<Template> {
    let position = |row: &templates::TemplateDetail| (row.template.name.to_string(), row.template.id.into());
    paging.page(rows, position, Template::from)
}
