//! `PATCH /workspaces/{id}`

use std::sync::Arc;

use axum::extract::State;

use super::{
    answer::shown,
    wire::{PatchWorkspace, Workspace},
};
use crate::{
    app::{App, workspaces},
    domain::ids::WorkspaceId,
    http::{
        error::ApiResult,
        extract::{Authenticated, Body, Fields, IfMatch, Path, Tagged},
    },
};

/// Gives the workspace another name; its host names stay.
#[utoipa::path(
    patch, path = "/workspaces/{id}", tag = "workspaces", security(("bearer" = [])),
    params(("id" = Uuid, Path), ("If-Match" = Option<String>, Header)), request_body = PatchWorkspace,
    responses((status = 200, body = Workspace))
)]
pub async fn patch(
    State(app): State<Arc<App>>,
    Authenticated(caller): Authenticated,
    Path(id): Path<WorkspaceId>,
    if_match: IfMatch,
    Body(body): Body<PatchWorkspace>,
) -> ApiResult<Tagged<Workspace>> {
    let detail = match body.name {
        Some(name) => {
            let mut fields = Fields::default();
            let name = fields.parse("name", &name);
            let (name,) = fields.all((name,))?;
            workspaces::rename(&app, &caller, id, name, |revision| if_match.check(revision)).await?
        }
        None => workspaces::get(&app, &caller, id).await?,
    };
    Ok(shown(&app, &detail))
}
