//! `GET /templates/{id}`

use std::sync::Arc;

use axum::extract::State;

use super::{shown, wire::Template};
use crate::{
    app::{App, templates},
    domain::ids::TemplateId,
    http::{
        error::ApiResult,
        extract::{Authenticated, Path, Tagged},
    },
};

#[utoipa::path(
    get, path = "/templates/{id}", tag = "templates", security(("bearer" = [])), params(("id" = Uuid, Path)),
    responses((status = 200, body = Template))
)]
pub async fn show(
    State(app): State<Arc<App>>,
    Authenticated(caller): Authenticated,
    Path(id): Path<TemplateId>,
) -> ApiResult<Tagged<Template>> {
    Ok(shown(templates::get(&app, &caller, id).await?))
}
