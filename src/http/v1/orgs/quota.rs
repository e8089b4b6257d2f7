//! `GET|PUT /orgs/{org}/quota`, `GET /orgs/{org}/usage`

use std::sync::Arc;

use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    app::{App, orgs, quotas},
    domain::{policy::Action, quota},
    http::{
        error::ApiResult,
        extract::{Authenticated, Body, Fields, Path},
    },
};

/// What the organization may use at most; null is no limit.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Quota {
    /// Not destroyed ones.
    #[schema(required)]
    workspaces: Option<u64>,
    /// Those wanted running.
    #[schema(required)]
    running_workspaces: Option<u64>,
    /// Thousandths of a core, of those wanted running.
    #[schema(required)]
    cpu_millis: Option<u64>,
    /// Of those wanted running.
    #[schema(required)]
    memory_bytes: Option<u64>,
    /// That components declare, of all not destroyed.
    #[schema(required)]
    disk_bytes: Option<u64>,
}

impl From<quota::Quota> for Quota {
    fn from(quota: quota::Quota) -> Self {
        let quota::Quota { workspaces, running_workspaces, cpu_millis, memory_bytes, disk_bytes } = quota;
        Self { workspaces, running_workspaces, cpu_millis, memory_bytes, disk_bytes }
    }
}

/// What the organization uses, with its limits.
#[derive(Debug, Serialize, ToSchema)]
pub struct Usage {
    workspaces: Used,
    running_workspaces: Used,
    cpu_millis: Used,
    memory_bytes: Used,
    disk_bytes: Used,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Used {
    used: u64,
    /// Null: no limit.
    #[schema(required)]
    limit: Option<u64>,
}

/// Databases have no larger numbers.
const MAX: u64 = i64::MAX.unsigned_abs();

#[utoipa::path(
    get, path = "/orgs/{org}/quota", tag = "organizations", security(("bearer" = [])),
    params(("org" = String, Path, description = "Id or slug")), responses((status = 200, body = Quota))
)]
pub async fn show(
    State(app): State<Arc<App>>,
    Authenticated(caller): Authenticated,
    Path(org): Path<String>,
) -> ApiResult<Json<Quota>> {
    let org = orgs::find(&app, &caller, Action::ReadOrg, &org).await?;
    Ok(Json(quotas::get(&app, &caller, org.id).await?.0.into()))
}

/// Sets the limits. Lower ones than what is used stop nothing that runs.
#[utoipa::path(
    put, path = "/orgs/{org}/quota", tag = "organizations", security(("bearer" = [])),
    params(("org" = String, Path, description = "Id or slug")), request_body = Quota,
    responses((status = 200, body = Quota))
)]
pub async fn set(
    State(app): State<Arc<App>>,
    Authenticated(caller): Authenticated,
    Path(org): Path<String>,
    Body(body): Body<Quota>,
) -> ApiResult<Json<Quota>> {
    let org = orgs::find(&app, &caller, Action::WriteQuota, &org).await?;
    let mut fields = Fields::default();
    for (name, limit) in [
        ("workspaces", body.workspaces),
        ("running_workspaces", body.running_workspaces),
        ("cpu_millis", body.cpu_millis),
        ("memory_bytes", body.memory_bytes),
        ("disk_bytes", body.disk_bytes),
    ] {
        if limit.is_some_and(|limit| limit > MAX) {
            fields.refuse(name, "too_large", format!("must be at most {MAX}"));
        }
    }
    fields.all((Some(()),))?;
    let Quota { workspaces, running_workspaces, cpu_millis, memory_bytes, disk_bytes } = body;
    let quota = quota::Quota { workspaces, running_workspaces, cpu_millis, memory_bytes, disk_bytes };
    quotas::set(&app, &caller, org.id, &quota).await?;
    Ok(Json(quota.into()))
}

#[utoipa::path(
    get, path = "/orgs/{org}/usage", tag = "organizations", security(("bearer" = [])),
    params(("org" = String, Path, description = "Id or slug")), responses((status = 200, body = Usage))
)]
pub async fn usage(
    State(app): State<Arc<App>>,
    Authenticated(caller): Authenticated,
    Path(org): Path<String>,
) -> ApiResult<Json<Usage>> {
    let org = orgs::find(&app, &caller, Action::ReadOrg, &org).await?;
    let (quota, usage) = quotas::get(&app, &caller, org.id).await?;
    let of = |used, limit| Used { used, limit };
    Ok(Json(Usage {
        workspaces: of(usage.workspaces, quota.workspaces),
        running_workspaces: of(usage.running_workspaces, quota.running_workspaces),
        cpu_millis: of(usage.cpu_millis, quota.cpu_millis),
        memory_bytes: of(usage.memory_bytes, quota.memory_bytes),
        disk_bytes: of(usage.disk_bytes, quota.disk_bytes),
    }))
}
