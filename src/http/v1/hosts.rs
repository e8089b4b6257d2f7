//! `GET /hosts`, `GET /hosts/{id}`

use std::sync::Arc;

use axum::{Json, extract::State};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    app::{App, hosts},
    domain::{
        host::{self, HostState},
        ids::HostId,
    },
    http::{
        error::ApiResult,
        extract::{Authenticated, Page, Path},
        wire::{Time, words},
    },
};

words! {
    HostStatusWord = ["new", "reachable", "unreachable"];
}

/// A Docker engine that workspaces run on.
#[derive(Debug, Serialize, ToSchema)]
pub struct Host {
    id: Uuid,
    name: String,
    endpoint: String,
    #[schema(value_type = HostStatusWord)]
    status: &'static str,
    /// Why it cannot be reached.
    #[schema(required)]
    status_reason: Option<String>,
    #[schema(required)]
    status_since: Option<Time>,
    /// Takes no new workspaces.
    cordoned: bool,
    facts: HostFacts,
    unexplained: Unexplained,
    created_at: Time,
    updated_at: Time,
}

/// What the engine says of itself; empty until it was reached.
#[derive(Debug, Serialize, ToSchema)]
pub struct HostFacts {
    engine_version: String,
    api_version: String,
    operating_system: String,
    architecture: String,
    cpus: u32,
    memory_bytes: u64,
    storage_driver: String,
    cgroup_version: String,
}

/// Objects on the host that carry our label and are not in the database, as after a restore from a backup. They are left
/// alone; `docker ps -a --filter label=dev.devsanctum.workspace=<id>` shows them.
#[derive(Debug, Serialize, ToSchema)]
pub struct Unexplained {
    /// Whose they are by their labels; at most 50.
    workspaces: Vec<Uuid>,
    containers: u32,
    networks: u32,
    volumes: u32,
}

impl From<host::Unexplained> for Unexplained {
    fn from(found: host::Unexplained) -> Self {
        Self {
            workspaces: found.workspaces.into_iter().map(Uuid::from).collect(),
            containers: found.containers,
            networks: found.networks,
            volumes: found.volumes,
        }
    }
}

impl From<host::Host> for Host {
    fn from(host: host::Host) -> Self {
        let (status, status_reason, status_since) = match host.state {
            HostState::New => ("new", None, None),
            HostState::Reachable { since } => ("reachable", None, Some(since)),
            HostState::Unreachable { since, reason } => ("unreachable", Some(reason), Some(since)),
        };
        Self {
            id: host.id.into(),
            name: host.name,
            endpoint: host.endpoint,
            status,
            status_reason,
            status_since: status_since.map(Time),
            cordoned: host.cordoned,
            facts: host.facts.into(),
            unexplained: host.unexplained.into(),
            created_at: host.created_at.into(),
            updated_at: host.updated_at.into(),
        }
    }
}

impl From<host::HostFacts> for HostFacts {
    fn from(facts: host::HostFacts) -> Self {
        Self {
            engine_version: facts.engine_version,
            api_version: facts.api_version,
            operating_system: facts.operating_system,
            architecture: facts.architecture,
            cpus: facts.cpus,
            memory_bytes: facts.memory_bytes,
            storage_driver: facts.storage_driver,
            cgroup_version: facts.cgroup_version,
        }
    }
}

#[utoipa::path(
    get, path = "/hosts", tag = "hosts", security(("bearer" = [])),
    responses((status = 200, body = Page<Host>))
)]
pub async fn list(
    State(app): State<Arc<App>>,
    Authenticated(caller): Authenticated,
) -> ApiResult<Page<Host>> {
    let hosts = hosts::list(&app, &caller).await?;
    Ok(Page::whole(hosts.into_iter().map(Host::from).collect()))
}

#[utoipa::path(
    get, path = "/hosts/{id}", tag = "hosts", security(("bearer" = [])), params(("id" = Uuid, Path)),
    responses((status = 200, body = Host))
)]
pub async fn show(
    State(app): State<Arc<App>>,
    Authenticated(caller): Authenticated,
    Path(id): Path<HostId>,
) -> ApiResult<Json<Host>> {
    Ok(Json(hosts::get(&app, &caller, id).await?.into()))
}
