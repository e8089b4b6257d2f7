//! How every endpoint of a workspace answers.

use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};

use super::wire::Workspace;
use crate::{
    app::{App, Caller, workspaces, workspaces::WorkspaceDetail},
    http::{
        error::ApiResult,
        extract::{PreferWait, Tagged},
    },
};

/// The workspace with its entity tag.
pub(super) fn shown(app: &App, detail: &WorkspaceDetail) -> Tagged<Workspace> {
    Tagged::new(detail.workspace.revision, Workspace::new(detail, &app.settings))
}

/// 202 with the workspace: at once, or when it has settled if the caller prefers to wait.
pub(super) async fn accepted(
    app: &App,
    caller: &Caller,
    detail: WorkspaceDetail,
    wait: PreferWait,
) -> ApiResult<Response> {
    let id = detail.workspace.id;
    let detail = if wait.0.is_zero() {
        detail
    } else {
        let settles = |event: &crate::domain::event::Event| {
            event.event.workspace_id == Some(id) && event.event.deployment_id.is_none()
        };
        wait.until_settled(&app.feed, settles, || {
            Box::pin(async {
                let detail = workspaces::get(app, caller, id).await?;
                Ok((detail.workspace.state.status().is_settled(), detail))
            })
        })
        .await?
    };
    Ok((StatusCode::ACCEPTED, shown(app, &detail)).into_response())
}
