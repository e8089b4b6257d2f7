//! Docker engines that workspaces run on.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::ids::{HostId, WorkspaceId};

#[derive(Debug, Clone, PartialEq)]
pub struct Host {
    pub id: HostId,
    pub name: String,
    /// `unix://…`, `tcp://…` or `ssh://…`.
    pub endpoint: String,
    pub state: HostState,
    /// A cordoned host takes no new workspaces.
    pub cordoned: bool,
    pub facts: HostFacts,
    pub unexplained: Unexplained,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

/// Whether we can see the host. Nothing is said about workspaces on a host that cannot be seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum HostState {
    /// Not tried yet.
    New,
    Reachable {
        since: DateTime<Utc>,
    },
    Unreachable {
        since: DateTime<Utc>,
        reason: String,
    },
}

impl HostState {
    pub fn is_reachable(&self) -> bool {
        matches!(self, HostState::Reachable { .. })
    }
}

/// Objects on a host that carry our installation's label and that no row explains, as they are after a database came
/// back from a backup. Nothing ever removes them but a person.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Unexplained {
    /// Whose they are by their labels; of very many, the first ones.
    pub workspaces: Vec<WorkspaceId>,
    pub containers: u32,
    pub networks: u32,
    pub volumes: u32,
}

impl Unexplained {
    /// Workspaces named at most.
    const MOST_NAMED: usize = 50;

    /// Counts objects of this workspace. Ask in the order of ids, so that the same objects always give the same value.
    pub fn count(&mut self, workspace: WorkspaceId, containers: usize, networks: usize, volumes: usize) {
        if containers + networks + volumes == 0 {
            return;
        }
        let add = |sum: &mut u32, more: usize| {
            *sum = sum.saturating_add(u32::try_from(more).unwrap_or(u32::MAX));
        };
        add(&mut self.containers, containers);
        add(&mut self.networks, networks);
        add(&mut self.volumes, volumes);
        if self.workspaces.len() < Self::MOST_NAMED && self.workspaces.last() != Some(&workspace) {
            self.workspaces.push(workspace);
        }
    }
}

/// What the engine says of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct HostFacts {
    pub engine_version: String,
    pub api_version: String,
    pub operating_system: String,
    pub architecture: String,
    pub cpus: u32,
    pub memory_bytes: u64,
    pub storage_driver: String,
    pub cgroup_version: String,
}
