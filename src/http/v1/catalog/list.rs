//! `GET /catalog`

use std::sync::Arc;

use axum::extract::State;

use crate::{
    app::{App, templates},
    http::{
        error::ApiResult,
        extract::{Authenticated, Page, Paging, paging::PagingParams},
        v1::templates::{list::page, wire::Template},
    },
};

/// Templates that every organization can use.
#[utoipa::path(
    get, path = "/catalog", tag = "templates", security(("bearer" = [])), params(PagingParams),
    responses((status = 200, body = Page<Template>))
)]
pub async fn list(
    State(app): State<Arc<App>>,
    _: Authenticated,
    paging: Paging,
) -> ApiResult<Page<Template>> {
    let rows = templates::catalog(&app, &paging.request).await?;
    Ok(page(&paging, rows))
}
