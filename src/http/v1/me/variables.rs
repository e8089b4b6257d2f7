//! `GET /me/variables`, `PUT|DELETE /me/variables/{name}`

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode};

use crate::{
    app::{App, variables},
    domain::variable::VariableScope,
    http::{
        error::ApiResult,
        extract::{Authenticated, Body, Page, Path},
        v1::variables::{Variable, WriteVariable, page, parse, parse_name},
    },
};

#[utoipa::path(
    get, path = "/me/variables", tag = "me", security(("bearer" = [])),
    responses((status = 200, body = Page<Variable>))
)]
pub async fn list(
    State(app): State<Arc<App>>,
    Authenticated(caller): Authenticated,
) -> ApiResult<Page<Variable>> {
    Ok(page(variables::list(&app, &caller, VariableScope::User(caller.actor.user_id)).await?))
}

/// For every workspace of the caller; each gets it when it is made or updated.
#[utoipa::path(
    put, path = "/me/variables/{name}", tag = "me", security(("bearer" = [])),
    params(("name" = String, Path)), request_body = WriteVariable,
    responses((status = 200, body = Variable))
)]
pub async fn set(
    State(app): State<Arc<App>>,
    Authenticated(caller): Authenticated,
    Path(name): Path<String>,
    Body(body): Body<WriteVariable>,
) -> ApiResult<Json<Variable>> {
    let (name, content) = parse(&name, body)?;
    Ok(Json(
        variables::set(&app, &caller, VariableScope::User(caller.actor.user_id), name, content).await?.into(),
    ))
}

/// Success when it is gone already.
#[utoipa::path(
    delete, path = "/me/variables/{name}", tag = "me", security(("bearer" = [])),
    params(("name" = String, Path)), responses((status = 204))
)]
pub async fn remove(
    State(app): State<Arc<App>>,
    Authenticated(caller): Authenticated,
    Path(name): Path<String>,
) -> ApiResult<StatusCode> {
    variables::remove(&app, &caller, VariableScope::User(caller.actor.user_id), &parse_name(&name)?).await?;
    Ok(StatusCode::NO_CONTENT)
}
