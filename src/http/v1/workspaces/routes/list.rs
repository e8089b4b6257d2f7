//! `GET /workspaces/{id}/routes`

use std::sync::Arc;

use axum::extract::State;

use crate::{
    app::{App, workspaces},
    domain::ids::WorkspaceId,
    http::{
        error::ApiResult,
        extract::{Authenticated, Page, Path},
        v1::workspaces::wire::WorkspaceRoute,
    },
};

#[utoipa::path(
    get, path = "/workspaces/{id}/routes", tag = "workspaces", security(("bearer" = [])),
    params(("id" = Uuid, Path)), responses((status = 200, body = Page<WorkspaceRoute>))
)]
pub async fn list(
    State(app): State<Arc<App>>,
    Authenticated(caller): Authenticated,
    Path(id): Path<WorkspaceId>,
) -> ApiResult<Page<WorkspaceRoute>> {
    let routes = workspaces::route_list(&app, &caller, id).await?;
    Ok(Page::whole(routes.iter().map(|it| WorkspaceRoute::new(it, &app.settings)).collect()))
}
