//! `GET /templates/{id}/variables`, `PUT|DELETE /templates/{id}/variables/{name}`

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode};

use crate::{
    app::{App, variables},
    domain::{ids::TemplateId, variable::VariableScope},
    http::{
        error::ApiResult,
        extract::{Authenticated, Body, Page, Path},
        v1::variables::{Variable, WriteVariable, page, parse, parse_name},
    },
};

#[utoipa::path(
    get, path = "/templates/{id}/variables", tag = "templates", security(("bearer" = [])),
    params(("id" = Uuid, Path)),
    responses((status = 200, body = Page<Variable>))
)]
pub async fn list(
    State(app): State<Arc<App>>,
    Authenticated(caller): Authenticated,
    Path(id): Path<TemplateId>,
) -> ApiResult<Page<Variable>> {
    Ok(page(variables::list(&app, &caller, VariableScope::Template(id)).await?))
}

/// For every workspace made from the template, whatever its version; each gets it when it is made or updated.
#[utoipa::path(
    put, path = "/templates/{id}/variables/{name}", tag = "templates", security(("bearer" = [])),
    params(("id" = Uuid, Path), ("name" = String, Path)), request_body = WriteVariable,
    responses((status = 200, body = Variable))
)]
pub async fn set(
    State(app): State<Arc<App>>,
    Authenticated(caller): Authenticated,
    Path((id, name)): Path<(TemplateId, String)>,
    Body(body): Body<WriteVariable>,
) -> ApiResult<Json<Variable>> {
    let (name, content) = parse(&name, body)?;
    Ok(Json(variables::set(&app, &caller, VariableScope::Template(id), name, content).await?.into()))
}

/// Success when it is gone already.
#[utoipa::path(
    delete, path = "/templates/{id}/variables/{name}", tag = "templates", security(("bearer" = [])),
    params(("id" = Uuid, Path), ("name" = String, Path)), responses((status = 204))
)]
pub async fn remove(
    State(app): State<Arc<App>>,
    Authenticated(caller): Authenticated,
    Path((id, name)): Path<(TemplateId, String)>,
) -> ApiResult<StatusCode> {
    variables::remove(&app, &caller, VariableScope::Template(id), &parse_name(&name)?).await?;
    Ok(StatusCode::NO_CONTENT)
}
