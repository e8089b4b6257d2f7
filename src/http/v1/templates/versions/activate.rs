//! `POST /templates/{id}/versions/{n}/activate`

use std::sync::Arc;

use axum::extract::State;

use crate::{
    app::{App, templates},
    domain::ids::TemplateId,
    http::{
        error::ApiResult,
        extract::{Authenticated, IfMatch, Path, Tagged},
        v1::templates::{entity_tag, shown, wire::Template},
    },
};

/// New workspaces get this version from now on.
#[utoipa::path(
    post, path = "/templates/{id}/versions/{n}/activate", tag = "templates", security(("bearer" = [])),
    params(("id" = Uuid, Path), ("n" = i32, Path), ("If-Match" = Option<String>, Header)),
    responses((status = 200, body = Template))
)]
pub async fn activate(
    State(app): State<Arc<App>>,
    Authenticated(caller): Authenticated,
    Path((id, number)): Path<(TemplateId, i32)>,
    if_match: IfMatch,
) -> ApiResult<Tagged<Template>> {
    let detail =
        templates::activate(&app, &caller, id, number, |current| if_match.check(entity_tag(current))).await?;
    Ok(shown(detail))
}
