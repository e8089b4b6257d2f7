//! `GET /orgs/{org}/variables`, `PUT|DELETE /orgs/{org}/variables/{name}`

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode};

use crate::{
    app::{App, orgs, variables},
    domain::{policy::Action, variable::VariableScope},
    http::{
        error::ApiResult,
        extract::{Authenticated, Body, Page, Path},
        v1::variables::{Variable, WriteVariable, page, parse, parse_name},
    },
};

#[utoipa::path(
    get, path = "/orgs/{org}/variables", tag = "organizations", security(("bearer" = [])),
    params(("org" = String, Path, description = "Id or slug")),
    responses((status = 200, body = Page<Variable>))
)]
pub async fn list(
    State(app): State<Arc<App>>,
    Authenticated(caller): Authenticated,
    Path(org): Path<String>,
) -> ApiResult<Page<Variable>> {
    let org = orgs::find(&app, &caller, Action::ReadOrgVariables, &org).await?;
    Ok(page(variables::list(&app, &caller, VariableScope::Org(org.id)).await?))
}

/// For every workspace of the organization; each gets it when it is made or updated.
#[utoipa::path(
    put, path = "/orgs/{org}/variables/{name}", tag = "organizations", security(("bearer" = [])),
    params(("org" = String, Path, description = "Id or slug"), ("name" = String, Path)), request_body = WriteVariable,
    responses((status = 200, body = Variable))
)]
pub async fn set(
    State(app): State<Arc<App>>,
    Authenticated(caller): Authenticated,
    Path((org, name)): Path<(String, String)>,
    Body(body): Body<WriteVariable>,
) -> ApiResult<Json<Variable>> {
    let org = orgs::find(&app, &caller, Action::WriteOrgVariables, &org).await?;
    let (name, content) = parse(&name, body)?;
    Ok(Json(variables::set(&app, &caller, VariableScope::Org(org.id), name, content).await?.into()))
}

/// Success when it is gone already.
#[utoipa::path(
    delete, path = "/orgs/{org}/variables/{name}", tag = "organizations", security(("bearer" = [])),
    params(("org" = String, Path, description = "Id or slug"), ("name" = String, Path)), responses((status = 204))
)]
pub async fn remove(
    State(app): State<Arc<App>>,
    Authenticated(caller): Authenticated,
    Path((org, name)): Path<(String, String)>,
) -> ApiResult<StatusCode> {
    let org = orgs::find(&app, &caller, Action::WriteOrgVariables, &org).await?;
    variables::remove(&app, &caller, VariableScope::Org(org.id), &parse_name(&name)?).await?;
    Ok(StatusCode::NO_CONTENT)
}
