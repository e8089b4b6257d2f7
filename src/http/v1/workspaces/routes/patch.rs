//! `PATCH /workspaces/{id}/routes/{rid}`

use std::sync::Arc;

use axum::{Json, extract::State};

use crate::{
    app::{
        App, AppError,
        workspaces::{self, RouteChange},
    },
    domain::ids::{RouteId, WorkspaceId},
    http::{
        error::ApiResult,
        extract::{Authenticated, Body, Path},
        v1::workspaces::wire::{PatchRoute, WorkspaceRoute},
    },
};

/// Changes who may open the route, and whether its component is told who does.
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
    let PatchRoute { visibility, identity } = body;
    if visibility.is_none() && identity.is_none() {
        let message = "must say who may open the route, unless `identity` is there";
        return Err(AppError::invalid("visibility", "required", message).into());
    }
    let change = RouteChange { visibility, identity };
    let changed = workspaces::change_route(&app, &caller, id, rid, change).await?;
    Ok(Json(WorkspaceRoute::new(&changed, &app.settings)))
}
