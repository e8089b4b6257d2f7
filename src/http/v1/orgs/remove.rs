//! `DELETE /orgs/{org}`

use std::sync::Arc;

use axum::{extract::State, http::StatusCode};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    app::{App, orgs},
    domain::policy::Action,
    http::{
        error::ApiResult,
        extract::{Authenticated, Body, Path},
    },
};

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeleteOrg {
    /// The organization's slug.
    confirm: String,
    /// Its workspaces too, with their volumes.
    #[serde(default)]
    everything: bool,
}

/// Deletes the organization. With workspaces left only if everything shall go: they are destroyed first.
#[utoipa::path(
    delete, path = "/orgs/{org}", tag = "organizations", security(("bearer" = [])),
    params(("org" = String, Path, description = "Id or slug")), request_body = DeleteOrg,
    responses(
        (status = 204, description = "It is gone"),
        (status = 202, description = "It goes when its last workspace has been destroyed"),
        (status = 409, description = "`not_empty`: it has workspaces")
    )
)]
pub async fn remove(
    State(app): State<Arc<App>>,
    Authenticated(caller): Authenticated,
    Path(org): Path<String>,
    Body(body): Body<DeleteOrg>,
) -> ApiResult<StatusCode> {
    let org = orgs::find(&app, &caller, Action::DeleteOrg, &org).await?;
    Ok(match orgs::delete(&app, &caller, org.id, &body.confirm, body.everything).await? {
        orgs::Deletion::Done => StatusCode::NO_CONTENT,
        orgs::Deletion::UnderWay => StatusCode::ACCEPTED,
    })
}
