//! `PATCH /workspaces/{id}/routes/{rid}`

use std::sync::Arc;

use axum::{Json, extract::State};

use crate::{
    app::{App, AppError, workspaces},
    domain::ids::{RouteId, WorkspaceId},
    http::{
        error::ApiResult,
        extract::{Authenticated, Body, Path},
        v1::workspaces::wire::{PatchRoute, WorkspaceRoute},
    },
};

/// Changes who may open the route.
#[utoipa::path(
    patch, path = "/workspaces/{id}/routes/{rid}", tag = "workspaces", security(("bearer" = [])),
    params(("id" = Uuid, Path), ("rid" = Uuid, Path)), request_body = PatchRoute,
    responses((status = 200, body = WorkspaceRoute))
)]
pub async fn patch(
    State(app): State<Arc<App>>,
    Authenticated(caller): Authenticated,
    Path((id, rid)): Path<(WorkspaceId, RouteId)>,
    Body(body): Body<PatchRoute>,
) -> ApiResult<Json<WorkspaceRoute>> {
    let Some(visibility) = body.visibility else {
        return Err(AppError::invalid("visibility", "required", "must say who may open the route").into());
    };
    let changed = workspaces::set_visibility(&app, &caller, id, rid, visibility).await?;
    Ok(Json(WorkspaceRoute::new(&changed.route, &changed.domains, &app.settings)))
}
