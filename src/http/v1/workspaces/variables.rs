//! `GET /workspaces/{id}/variables`, `PUT|DELETE /workspaces/{id}/variables/{name}`

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode};

use crate::{
    app::{App, variables},
    domain::{ids::WorkspaceId, variable::VariableScope},
    http::{
        error::ApiResult,
        extract::{Authenticated, Body, Page, Path},
        v1::variables::{Variable, WriteVariable, page, parse, parse_name},
    },
};

#[utoipa::path(
    get, path = "/workspaces/{id}/variables", tag = "workspaces", security(("bearer" = [])),
    params(("id" = Uuid, Path)),
    responses((status = 200, body = Page<Variable>))
)]
pub async fn list(
    State(app): State<Arc<App>>,
    Authenticated(caller): Authenticated,
    Path(id): Path<WorkspaceId>,
) -> ApiResult<Page<Variable>> {
    Ok(page(variables::list(&app, &caller, VariableScope::Workspace(id)).await?))
}

/// The workspace gets it when it is updated.
#[utoipa::path(
    put, path = "/workspaces/{id}/variables/{name}", tag = "workspaces", security(("bearer" = [])),
    params(("id" = Uuid, Path), ("name" = String, Path)), request_body = WriteVariable,
    responses((status = 200, body = Variable))
)]
pub async fn set(
    State(app): State<Arc<App>>,
    Authenticated(caller): Authenticated,
    Path((id, name)): Path<(WorkspaceId, String)>,
    Body(body): Body<WriteVariable>,
) -> ApiResult<Json<Variable>> {
    let (name, content) = parse(&name, body)?;
    Ok(Json(variables::set(&app, &caller, VariableScope::Workspace(id), name, content).await?.into()))
}

/// Success when it is gone already.
#[utoipa::path(
    delete, path = "/workspaces/{id}/variables/{name}", tag = "workspaces", security(("bearer" = [])),
    params(("id" = Uuid, Path), ("name" = String, Path)), responses((status = 204))
)]
pub async fn remove(
    State(app): State<Arc<App>>,
    Authenticated(caller): Authenticated,
    Path((id, name)): Path<(WorkspaceId, String)>,
) -> ApiResult<StatusCode> {
    variables::remove(&app, &caller, VariableScope::Workspace(id), &parse_name(&name)?).await?;
    Ok(StatusCode::NO_CONTENT)
}
