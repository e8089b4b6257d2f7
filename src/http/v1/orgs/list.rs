//! `GET /orgs`

use std::sync::Arc;

use axum::extract::State;

use super::wire::Org;
use crate::{
    app::{App, orgs},
    http::{
        error::ApiResult,
        extract::{Authenticated, Page, Paging, paging::PagingParams},
    },
};

#[utoipa::path(
    get, path = "/orgs", tag = "organizations", security(("bearer" = [])), params(PagingParams),
    responses((status = 200, body = Page<Org>))
)]
pub async fn list(
    State(app): State<Arc<App>>,
    Authenticated(caller): Authenticated,
    paging: Paging,
) -> ApiResult<Page<Org>> {
    let rows = orgs::list(&app, &caller, &paging.request).await?;
    Ok(paging.page(rows, |view| (view.org.slug.to_string(), view.org.id.into()), Org::from))
}
