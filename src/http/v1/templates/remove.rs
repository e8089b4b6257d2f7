//! `DELETE /templates/{id}`

use std::sync::Arc;

use axum::{extract::State, http::StatusCode};

use super::entity_tag;
use crate::{
    app::{App, templates},
    domain::ids::TemplateId,
    http::{
        error::ApiResult,
        extract::{Authenticated, IfMatch, Path},
    },
};

/// Removes a template with all its versions, unless workspaces use it.
#[utoipa::path(
    delete, path = "/templates/{id}", tag = "templates", security(("bearer" = [])),
    params(("id" = Uuid, Path), ("If-Match" = Option<String>, Header)), responses((status = 204))
)]
pub async fn remove(
    State(app): State<Arc<App>>,
    Authenticated(caller): Authenticated,
    Path(id): Path<TemplateId>,
    if_match: IfMatch,
) -> ApiResult<StatusCode> {
    templates::remove(&app, &caller, id, |current| if_match.check(entity_tag(current))).await?;
    Ok(StatusCode::NO_CONTENT)
}
