//! `GET /templates/{id}/versions`

use std::sync::Arc;

use axum::extract::State;

use crate::{
    app::{App, templates},
    domain::ids::TemplateId,
    http::{
        error::ApiResult,
        extract::{Authenticated, Page, Paging, Path, paging::PagingParams},
        v1::templates::wire::TemplateVersion,
    },
};

/// Newest first unless asked otherwise; `q` looks at the messages.
#[utoipa::path(
    get, path = "/templates/{id}/versions", tag = "templates", security(("bearer" = [])),
    params(("id" = Uuid, Path), PagingParams), responses((status = 200, body = Page<TemplateVersion>))
)]
pub async fn list(
    State(app): State<Arc<App>>,
    Authenticated(caller): Authenticated,
    Path(id): Path<TemplateId>,
    paging: Paging,
) -> ApiResult<Page<TemplateVersion>> {
    let (template, rows) = templates::versions(&app, &caller, id, &paging.request).await?;
    let position =
        |row: &crate::domain::template::TemplateVersion| (String::new(), templates::stand_in(row.number));
    Ok(paging.page(rows, position, |row| TemplateVersion::new(&row, &template)))
}
