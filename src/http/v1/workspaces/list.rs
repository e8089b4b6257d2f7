//! `GET /workspaces`, `GET /orgs/{org}/workspaces`

use std::sync::Arc;

use axum::extract::State;
use serde::Deserialize;
use utoipa::IntoParams;

use super::wire::{Workspace, WorkspaceStatusWord};
use crate::{
    app::{
        App, Caller, orgs,
        workspaces::{self, WorkspaceQuery},
    },
    domain::{policy::Action, workspace::Status},
    http::{
        error::ApiResult,
        extract::{Authenticated, Page, Paging, Path, Query, paging::PagingParams},
    },
};

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct StatusFilter {
    /// Only workspaces in this status; without it all but the destroyed ones.
    #[param(value_type = Option<WorkspaceStatusWord>)]
    status: Option<Status>,
}

/// The caller's own workspaces, in all organizations.
#[utoipa::path(
    get, path = "/workspaces", tag = "workspaces", security(("bearer" = [])), params(StatusFilter, PagingParams),
    responses((status = 200, body = Page<Workspace>))
)]
pub async fn list_mine(
    State(app): State<Arc<App>>,
    Authenticated(caller): Authenticated,
    Query(filter): Query<StatusFilter>,
    paging: Paging,
) -> ApiResult<Page<Workspace>> {
    page(&app, &caller, WorkspaceQuery { org: None, status: filter.status }, &paging).await
}

/// All workspaces of an organization.
#[utoipa::path(
    get, path = "/orgs/{org}/workspaces", tag = "workspaces", security(("bearer" = [])),
    params(("org" = String, Path), StatusFilter, PagingParams), responses((status = 200, body = Page<Workspace>))
)]
pub async fn list(
    State(app): State<Arc<App>>,
    Authenticated(caller): Authenticated,
    Path(org): Path<String>,
    Query(filter): Query<StatusFilter>,
    paging: Paging,
) -> ApiResult<Page<Workspace>> {
    let org = orgs::find(&app, &caller, Action::ReadWorkspace, &org).await?;
    page(&app, &caller, WorkspaceQuery { org: Some(org.id), status: filter.status }, &paging).await
}

async fn page(
    app: &App,
    caller: &Caller,
    query: WorkspaceQuery,
    paging: &Paging,
) -> ApiResult<Page<Workspace>> {
    let rows = workspaces::list(app, caller, &query, &paging.request).await?;
    let position = |detail: &workspaces::WorkspaceDetail| {
        (detail.workspace.name.to_string(), detail.workspace.id.into())
    };
    Ok(paging.page(rows, position, |detail| Workspace::new(&detail, &app.settings)))
}
