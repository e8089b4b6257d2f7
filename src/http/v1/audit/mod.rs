//! `GET /orgs/{org}/audit`, `GET /audit`

mod export;
mod wire;

use std::sync::Arc;

use axum::{
    extract::State,
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use self::export::Format;
pub use self::wire::AuditEntry;
use crate::{
    app::{
        App, AppError, Caller,
        audit::{self, AuditView},
        orgs,
    },
    domain::{ids::OrgId, policy::Action},
    http::{
        error::ApiResult,
        extract::{Authenticated, Page, Paging, Path, Query, paging::PagingParams},
    },
    ports::repository::audit::AuditFilter,
};

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AuditQuery {
    /// `workspace.create`, or with `workspace` everything done to workspaces.
    action: Option<String>,
    /// Id of who did it.
    user: Option<Uuid>,
    /// Id of what it was done to.
    target: Option<String>,
    /// At or after this moment.
    #[param(value_type = Option<String>, format = DateTime)]
    from: Option<DateTime<Utc>>,
    /// Before this moment.
    #[param(value_type = Option<String>, format = DateTime)]
    to: Option<DateTime<Utc>>,
}

impl AuditQuery {
    fn filter(self, org: Option<OrgId>) -> Result<AuditFilter, AppError> {
        if self.from.zip(self.to).is_some_and(|(from, to)| from > to) {
            return Err(AppError::invalid("to", "invalid", "must not be before from"));
        }
        let Self { action, user, target, from, to } = self;
        Ok(AuditFilter { org, action, user: user.map(Into::into), target, from, to })
    }
}

/// Who did what in the organization, newest first. With `Accept: text/csv` or `application/x-ndjson`: all of it, as a
/// file.
#[utoipa::path(
    get, path = "/orgs/{org}/audit", tag = "audit", security(("bearer" = [])),
    params(("org" = String, Path, description = "Id or slug"), AuditQuery, PagingParams),
    responses((status = 200, body = Page<AuditEntry>))
)]
pub async fn of_org(
    State(app): State<Arc<App>>,
    Authenticated(caller): Authenticated,
    Path(org): Path<String>,
    Query(query): Query<AuditQuery>,
    paging: Paging,
    headers: HeaderMap,
) -> ApiResult<Response> {
    let org = orgs::find(&app, &caller, Action::ReadAudit, &org).await?;
    let filter = query.filter(Some(org.id))?;
    answer(app, caller, filter, paging, &headers, org.slug.as_str()).await
}

/// The same over everything, for platform admins.
#[utoipa::path(
    get, path = "/audit", tag = "audit", security(("bearer" = [])), params(AuditQuery, PagingParams),
    responses((status = 200, body = Page<AuditEntry>))
)]
pub async fn of_all(
    State(app): State<Arc<App>>,
    Authenticated(caller): Authenticated,
    Query(query): Query<AuditQuery>,
    paging: Paging,
    headers: HeaderMap,
) -> ApiResult<Response> {
    let filter = query.filter(None)?;
    answer(app, caller, filter, paging, &headers, "platform").await
}

async fn answer(
    app: Arc<App>,
    caller: Caller,
    filter: AuditFilter,
    paging: Paging,
    headers: &HeaderMap,
    name: &str,
) -> ApiResult<Response> {
    let rows = audit::list(&app, &caller, &filter, &paging.request).await?;
    let accepted = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if let Some(format) = Format::accepted(accepted) {
        return Ok(export::respond(app, caller, filter, &paging.request, format, name));
    }
    let position = |view: &AuditView| (view.entry.action.clone(), view.entry.id.into());
    Ok(paging.page(rows, position, AuditEntry::from).into_response())
}
