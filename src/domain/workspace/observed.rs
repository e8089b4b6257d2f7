//! What a host says of a workspace's objects, and how that reads to people.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::IpAddr,
};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{
    plan::may_complete,
    spec::{ComponentKind, ComponentSpec, WorkspaceSpec},
    state::Status,
};
use crate::domain::{ids::WorkspaceId, names::ComponentName};

/// The objects of one workspace on its host, each found by its labels.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Observed {
    pub network: bool,
    /// Docker names.
    pub volumes: BTreeSet<String>,
    pub containers: Vec<ObservedContainer>,
}

impl Observed {
    /// The newest generation of its containers; 0 when there is none.
    pub fn newest_generation(&self) -> i64 {
        self.containers.iter().map(|container| container.generation).max().unwrap_or_default()
    }

    pub fn is_active(&self) -> bool {
        self.containers.iter().any(|container| container.state.is_active())
    }
}

impl Observed {
    /// By its labels.
    pub fn container(&self, component: &ComponentName, generation: i64) -> Option<&ObservedContainer> {
        let is_it = |it: &&ObservedContainer| it.component == *component && it.generation == generation;
        self.containers.iter().find(is_it)
    }
}

/// Everything on a host that carries our installation's label.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Inventory {
    pub workspaces: BTreeMap<WorkspaceId, Observed>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct ObservedContainer {
    /// Docker name.
    pub name: String,
    pub component: ComponentName,
    pub generation: i64,
    pub state: ContainerState,
    /// On the workspace's network; only a running container has one.
    pub address: Option<IpAddr>,
    pub image: String,
    pub restarts: u32,
    pub started_at: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContainerState {
    /// Made, never started.
    Created,
    Running,
    /// Docker is about to start it again after it exited.
    Restarting,
    Paused,
    Exited {
        code: i64,
        out_of_memory: bool,
    },
    /// Half removed; only removing it again helps.
    Dead,
}

impl ContainerState {
    /// Whether the container may write to its volumes now or in a moment.
    pub fn is_active(self) -> bool {
        matches!(self, ContainerState::Running | ContainerState::Restarting | ContainerState::Paused)
    }
}

/// A component as people see it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ComponentView {
    pub name: ComponentName,
    pub kind: ComponentKind,
    pub image: String,
    pub status: ComponentStatus,
    pub health: Health,
    pub restarts: u32,
    pub started_at: Option<DateTime<Utc>>,
    pub exit_code: Option<i64>,
    pub address: Option<IpAddr>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ComponentStatus {
    /// There is no container.
    Missing,
    Creating,
    Starting,
    Running,
    Stopped,
    /// It ended by itself with a code other than 0.
    Exited,
    /// It did its work and ended with 0.
    Completed,
    Restarting,
    Unknown,
}

impl ComponentStatus {
    /// Whether there is a container that programs can be started in.
    pub fn can_be_entered(self) -> bool {
        matches!(self, ComponentStatus::Starting | ComponentStatus::Running)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Health {
    /// It has no health check, or does not run.
    None,
    Starting,
    Healthy,
    Unhealthy,
}

/// How the components of a specification look. `ready` holds those found ready since they were started; a settled
/// running workspace has all of them ready.
pub fn views(
    spec: &WorkspaceSpec,
    generation: i64,
    observed: &Observed,
    is_ready: impl Fn(&ComponentName) -> bool,
) -> Vec<ComponentView> {
    let view = |component: &ComponentSpec| {
        let container = observed
            .containers
            .iter()
            .find(|container| container.component == component.name && container.generation == generation);
        let state = container.map(|container| container.state);
        let status = match state {
            None => ComponentStatus::Missing,
            Some(ContainerState::Created) => ComponentStatus::Creating,
            Some(ContainerState::Running) if component.readiness.is_some() && !is_ready(&component.name) => {
                ComponentStatus::Starting
            }
            Some(ContainerState::Running) => ComponentStatus::Running,
            Some(ContainerState::Restarting) => ComponentStatus::Restarting,
            Some(ContainerState::Paused) => ComponentStatus::Stopped,
            Some(ContainerState::Exited { code: 0, .. }) if may_complete(spec, component) => {
                ComponentStatus::Completed
            }
            // 137 and 143: ended by the signals of a stop.
            Some(ContainerState::Exited { code: 0 | 137 | 143, out_of_memory: false }) => {
                ComponentStatus::Stopped
            }
            Some(ContainerState::Exited { .. }) => ComponentStatus::Exited,
            Some(ContainerState::Dead) => ComponentStatus::Unknown,
        };
        let health = match status {
            ComponentStatus::Starting => Health::Starting,
            ComponentStatus::Running if component.readiness.is_some() => Health::Healthy,
            ComponentStatus::Restarting => Health::Unhealthy,
            _ => Health::None,
        };
        ComponentView {
            name: component.name.clone(),
            kind: component.kind,
            image: container.map_or_else(|| component.image.label(), |container| container.image.clone()),
            status,
            health,
            restarts: container.map_or(0, |container| container.restarts),
            started_at: container.and_then(|container| container.started_at),
            exit_code: match state {
                Some(ContainerState::Exited { code, .. }) => Some(code),
                _ => None,
            },
            address: container.and_then(|container| container.address),
        }
    };
    spec.components.iter().map(view).collect()
}

/// Whether a host shows anything else than what was last seen of a settled workspace. Cheap enough for every workspace
/// at every look; what to do about it is for a plan to say.
pub fn has_drifted(status: Status, generation: i64, views: &[ComponentView], observed: &Observed) -> bool {
    let of = |view: &ComponentView| {
        observed
            .containers
            .iter()
            .find(|container| container.component == view.name && container.generation == generation)
    };
    match status {
        Status::Running => {
            let differs = |view: &ComponentView| match (view.status, of(view)) {
                (ComponentStatus::Completed | ComponentStatus::Exited, Some(container)) => {
                    container.state.is_active()
                }
                (_, Some(container)) => {
                    container.state != ContainerState::Running || container.address != view.address
                }
                (_, None) => true,
            };
            let stale = observed.containers.iter().any(|container| container.generation != generation);
            stale || !observed.network || views.iter().any(differs)
        }
        // Those of a newer generation, which only a database from a backup knows nothing of, stay until a person decides.
        Status::Stopped => {
            observed.is_active()
                || observed.containers.iter().any(|container| container.generation < generation)
        }
        Status::Destroyed => {
            !observed.containers.is_empty() || observed.network || !observed.volumes.is_empty()
        }
        _ => false,
    }
}

/// The views with what may change while nothing drifts: restarts, start times, exit codes.
pub fn refreshed(generation: i64, views: &[ComponentView], observed: &Observed) -> Vec<ComponentView> {
    let refresh = |view: &ComponentView| {
        let of = |container: &&ObservedContainer| {
            container.component == view.name && container.generation == generation
        };
        let Some(container) = observed.containers.iter().find(of) else { return view.clone() };
        ComponentView {
            restarts: container.restarts,
            started_at: container.started_at.or(view.started_at),
            exit_code: match container.state {
                ContainerState::Exited { code, .. } => Some(code),
                _ => None,
            },
            ..view.clone()
        }
    };
    views.iter().map(refresh).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view(status: ComponentStatus) -> ComponentView {
        ComponentView {
            name: "web".parse().unwrap(),
            kind: ComponentKind::Frontend,
            image: "image".into(),
            status,
            health: Health::None,
            restarts: 0,
            started_at: None,
            exit_code: None,
            address: Some([10, 0, 0, 2].into()),
        }
    }

    fn seen(state: ContainerState, last_byte: u8) -> Observed {
        Observed {
            network: true,
            volumes: BTreeSet::new(),
            containers: vec![ObservedContainer {
                name: "ds-x-web-g1".into(),
                component: "web".parse().unwrap(),
                generation: 1,
                state,
                address: Some([10, 0, 0, last_byte].into()),
                image: "image".into(),
                restarts: 0,
                started_at: None,
            }],
        }
    }

    #[test]
    fn a_running_workspace_drifts_when_a_container_moves_stops_or_goes() {
        let views = [view(ComponentStatus::Running)];
        assert!(!has_drifted(Status::Running, 1, &views, &seen(ContainerState::Running, 2)));
        assert!(has_drifted(Status::Running, 1, &views, &seen(ContainerState::Running, 3)));
        assert!(has_drifted(Status::Running, 1, &views, &seen(ContainerState::Paused, 2)));
        assert!(has_drifted(Status::Running, 1, &views, &Observed::default()));
        assert!(has_drifted(Status::Running, 2, &views, &seen(ContainerState::Running, 2)));
    }

    #[test]
    fn a_stopped_workspace_drifts_when_something_runs() {
        let views = [view(ComponentStatus::Stopped)];
        let exited = ContainerState::Exited { code: 0, out_of_memory: false };
        assert!(!has_drifted(Status::Stopped, 1, &views, &seen(exited, 2)));
        assert!(has_drifted(Status::Stopped, 1, &views, &seen(ContainerState::Running, 2)));
        assert!(has_drifted(Status::Stopped, 2, &views, &seen(exited, 2)), "an older generation is to go");
        assert!(!has_drifted(Status::Stopped, 0, &views, &seen(exited, 2)), "a newer one waits for a person");
    }
}
