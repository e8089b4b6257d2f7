//! `GET /workspaces/{id}/ports`

use std::sync::Arc;

use axum::extract::State;

use super::wire::OpenPort;
use crate::{
    app::{App, workspaces},
    domain::ids::WorkspaceId,
    http::{
        error::ApiResult,
        extract::{Authenticated, Page, Path},
    },
};

/// The ports that processes inside listen on.
#[utoipa::path(
    get, path = "/workspaces/{id}/ports", tag = "workspaces", security(("bearer" = [])),
    params(("id" = Uuid, Path)), responses((status = 200, body = Page<OpenPort>))
)]
pub async fn ports(
    State(app): State<Arc<App>>,
    Authenticated(caller): Authenticated,
    Path(id): Path<WorkspaceId>,
) -> ApiResult<Page<OpenPort>> {
    let ports = workspaces::ports(&app, &caller, id).await?;
    Ok(Page::whole(ports.into_iter().map(|(component, port)| OpenPort::new(component, port)).collect()))
}
