//! `POST /workspaces/{id}/update`

use std::sync::Arc;

use axum::{extract::State, response::Response};

use super::{
    answer::accepted,
    wire::{UpdateWorkspace, Workspace},
};
use crate::{
    app::{
        App,
        workspaces::{self, WorkspaceUpdate},
    },
    domain::ids::WorkspaceId,
    http::{
        error::ApiResult,
        extract::{Authenticated, Body, IfMatch, Path, PreferWait},
    },
};

/// Makes the containers anew from another template version or with other parameters; volumes stay.
#[utoipa::path(
    post, path = "/workspaces/{id}/update", tag = "workspaces", security(("bearer" = [])),
    params(("id" = Uuid, Path), ("Prefer" = Option<String>, Header), ("If-Match" = Option<String>, Header)),
    request_body = UpdateWorkspace, responses((status = 202, body = Workspace))
)]
pub async fn update(
    State(app): State<Arc<App>>,
    Authenticated(caller): Authenticated,
    Path(id): Path<WorkspaceId>,
    if_match: IfMatch,
    wait: PreferWait,
    Body(body): Body<UpdateWorkspace>,
) -> ApiResult<Response> {
    let update = WorkspaceUpdate { version: body.version, parameters: body.parameters };
    let detail = workspaces::update(&app, &caller, id, update, |revision| if_match.check(revision)).await?;
    accepted(&app, &caller, detail, wait).await
}
