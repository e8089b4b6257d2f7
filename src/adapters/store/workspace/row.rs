//! Rows of workspaces and of what belongs to them.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use sqlx::{FromRow, types::Json};
use uuid::Uuid;

use crate::{
    adapters::store::{column::Word, repository::Record},
    domain::{
        names::{ShortId, VolumeName, WorkspaceName},
        template::parameter::ParameterValue,
        workspace::{ComponentView, Desired, State, Status, Volume, Workspace, spec::Resources},
    },
};

#[derive(FromRow)]
pub(super) struct WorkspaceRow {
    id: Uuid,
    short_id: Word<ShortId>,
    name: Word<WorkspaceName>,
    org_id: Uuid,
    owner_id: Uuid,
    template_id: Uuid,
    template_version: i32,
    host_id: Uuid,
    parameters: Json<BTreeMap<String, ParameterValue>>,
    desired: Json<Desired>,
    generation: i64,
    seen_generation: i64,
    restored: bool,
    deployment_id: Option<Uuid>,
    state: Json<State>,
    components: Json<Vec<ComponentView>>,
    #[sqlx(try_from = "i64")]
    cpu_millis: u64,
    #[sqlx(try_from = "i64")]
    memory_bytes: u64,
    #[sqlx(try_from = "i64")]
    disk_bytes: u64,
    revision: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl Record for WorkspaceRow {
    const TABLE: &'static str = "workspaces";
}

impl From<WorkspaceRow> for Workspace {
    fn from(row: WorkspaceRow) -> Self {
        Self {
            id: row.id.into(),
            short_id: row.short_id.0,
            name: row.name.0,
            org_id: row.org_id.into(),
            owner_id: row.owner_id.into(),
            template_id: row.template_id.into(),
            template_version: row.template_version,
            host_id: row.host_id.into(),
            parameters: row.parameters.0,
            desired: row.desired.0,
            generation: row.generation,
            seen_generation: row.seen_generation,
            restored: row.restored,
            deployment_id: row.deployment_id.map(Into::into),
            state: row.state.0,
            components: row.components.0,
            resources: Resources {
                cpu_millis: row.cpu_millis,
                memory_bytes: row.memory_bytes,
                disk_bytes: row.disk_bytes,
            },
            revision: row.revision,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

#[derive(FromRow)]
pub(super) struct VolumeRow {
    id: Uuid,
    workspace_id: Uuid,
    name: Word<VolumeName>,
    docker_name: String,
    created_at: DateTime<Utc>,
    kept_at: Option<DateTime<Utc>>,
    made_at: Option<DateTime<Utc>>,
}

impl Record for VolumeRow {
    const TABLE: &'static str = "volumes";
}

impl From<VolumeRow> for Volume {
    fn from(row: VolumeRow) -> Self {
        Self {
            id: row.id.into(),
            workspace_id: row.workspace_id.into(),
            name: row.name.0,
            docker_name: row.docker_name,
            created_at: row.created_at,
            kept_at: row.kept_at,
            made_at: row.made_at,
        }
    }
}

#[derive(FromRow)]
pub(super) struct VolumeNameRow {
    pub(super) docker_name: String,
}

impl Record for VolumeNameRow {
    const TABLE: &'static str = "volumes";
    const KEY: &'static str = "docker_name";
}

#[derive(FromRow)]
pub(super) struct LeaseRow {
    pub(super) id: Uuid,
    pub(super) lease_token: i64,
}

impl Record for LeaseRow {
    const TABLE: &'static str = "workspaces";
}

#[derive(FromRow)]
pub(super) struct OwnerRow {
    pub(super) owner_id: Uuid,
    #[sqlx(try_from = "i64")]
    pub(super) count: u64,
}

impl Record for OwnerRow {
    const TABLE: &'static str = "workspaces";
    const KEY: &'static str = "owner_id";
}

#[derive(FromRow)]
pub(super) struct CountRow {
    pub(super) status: Word<Status>,
    #[sqlx(try_from = "i64")]
    pub(super) count: u64,
}

impl Record for CountRow {
    const TABLE: &'static str = "workspaces";
    const KEY: &'static str = "status";
}
