//! Workspaces: what is wanted of them, what is known of them, and the steps between.

pub mod observed;
pub mod plan;
pub mod spec;
pub mod state;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

pub use self::{
    observed::{ComponentStatus, ComponentView, ContainerState, Health, Observed, ObservedContainer},
    spec::WorkspaceSpec,
    state::{Desired, State, Status},
};
use super::{
    ids::{DeploymentId, HostId, OrgId, TemplateId, UserId, VolumeId, WorkspaceId},
    names::{ComponentName, ShortId, VolumeName, WorkspaceName},
    template::parameter::ParameterValue,
};

#[derive(Debug, Clone, PartialEq)]
pub struct Workspace {
    pub id: WorkspaceId,
    pub short_id: ShortId,
    pub name: WorkspaceName,
    pub org_id: OrgId,
    pub owner_id: UserId,
    pub template_id: TemplateId,
    pub template_version: i32,
    pub host_id: HostId,
    pub parameters: BTreeMap<String, ParameterValue>,
    pub desired: Desired,
    /// Changes only when containers must be made anew; every container carries the one it was made for.
    pub generation: i64,
    /// The newest generation its host has shown that this row could not explain; 0 when there was none.
    pub seen_generation: i64,
    /// The row came from a backup, and nobody has compared it with its host since.
    pub restored: bool,
    /// The attempt under way, or the last one.
    pub deployment_id: Option<DeploymentId>,
    pub state: State,
    /// As last seen on the host.
    pub components: Vec<ComponentView>,
    /// Sum of its components' limits.
    pub resources: spec::Resources,
    /// Grows with every write; the entity tag of the API.
    pub revision: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

/// A volume of a workspace. Its Docker name is random, so that nobody can plant one beforehand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Volume {
    pub id: VolumeId,
    pub workspace_id: WorkspaceId,
    pub name: VolumeName,
    pub docker_name: String,
    pub created_at: DateTime<Utc>,
    /// Set when the workspace went and the volume was kept on request.
    pub kept_at: Option<DateTime<Utc>>,
    /// Since when it is known to exist on the host. From then on its absence is a loss, and nothing makes it anew unless
    /// a person gives up what was in it.
    pub made_at: Option<DateTime<Utc>>,
}

/// Further than any workspace gets by updates between a backup and its restore.
const LEAP: i64 = 1_000;

impl Workspace {
    /// The generation for containers that are to be made anew: above every one its host may have. Where nobody has
    /// looked since a restore, that is unknown, and it leaps.
    pub fn next_generation(&self) -> i64 {
        let newest = self.generation.max(self.seen_generation);
        newest + if self.restored { LEAP } else { 1 }
    }

    /// A person wants it up: containers the row cannot explain are replaced.
    pub fn outrun(&mut self) {
        if self.seen_generation > self.generation {
            self.generation = self.next_generation();
        }
    }
}

/// Names of a workspace's Docker objects: the same inputs always give the same name.
pub fn network_name(short_id: &ShortId) -> String {
    format!("ds-{short_id}")
}

pub fn container_name(short_id: &ShortId, component: &ComponentName, generation: i64) -> String {
    format!("ds-{short_id}-{component}-g{generation}")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use uuid::Uuid;

    use super::{plan::wanted_after_restore, *};

    fn workspace(desired: Desired, restored: bool) -> Workspace {
        let now = DateTime::UNIX_EPOCH;
        let id: WorkspaceId = Uuid::nil().into();
        Workspace {
            id,
            short_id: ShortId::of(id),
            name: "web".parse().unwrap(),
            org_id: Uuid::nil().into(),
            owner_id: Uuid::nil().into(),
            template_id: Uuid::nil().into(),
            template_version: 1,
            host_id: Uuid::nil().into(),
            parameters: BTreeMap::new(),
            desired,
            generation: 2,
            seen_generation: 0,
            restored,
            deployment_id: None,
            state: State::reached(desired, now),
            components: vec![],
            resources: spec::Resources::default(),
            revision: 1,
            created_at: now,
            updated_at: now,
        }
    }

    fn host_with(generation: i64, state: ContainerState) -> Observed {
        let container = ObservedContainer {
            name: String::new(),
            component: "web".parse().unwrap(),
            generation,
            state,
            address: None,
            image: String::new(),
            restarts: 0,
            started_at: None,
        };
        Observed { network: true, volumes: BTreeSet::new(), containers: vec![container] }
    }

    const ENDED: ContainerState = ContainerState::Exited { code: 0, out_of_memory: false };

    #[test]
    fn after_a_restore_running_wins() {
        for (desired, restored, state, wanted) in [
            (Desired::Stopped, true, ContainerState::Running, Desired::Running),
            (Desired::Stopped, true, ENDED, Desired::Stopped),
            (Desired::Stopped, false, ContainerState::Running, Desired::Stopped),
            (Desired::Running, true, ENDED, Desired::Running),
            (
                Desired::Destroyed { keep_volumes: false },
                true,
                ContainerState::Running,
                Desired::Destroyed { keep_volumes: false },
            ),
        ] {
            let found = wanted_after_restore(&workspace(desired, restored), &host_with(2, state));
            assert_eq!(found, wanted, "{desired:?} {restored} {state:?}");
        }
    }

    #[test]
    fn an_update_that_the_database_lost_is_told_once() {
        let mut stopped = workspace(Desired::Stopped, true);
        assert_eq!(wanted_after_restore(&stopped, &host_with(3, ENDED)), Desired::Running);
        stopped.seen_generation = 3;
        assert_eq!(wanted_after_restore(&stopped, &host_with(3, ENDED)), Desired::Stopped);
    }

    #[test]
    fn what_is_made_anew_is_newer_than_all_that_may_be_there() {
        let mut found = workspace(Desired::Running, false);
        assert_eq!(found.next_generation(), 3);
        found.seen_generation = 7;
        assert_eq!(found.next_generation(), 8);
        found.outrun();
        assert_eq!((found.generation, found.next_generation()), (8, 9));
        found.outrun();
        assert_eq!(found.generation, 8, "nothing is newer any more");
        assert!(workspace(Desired::Running, true).next_generation() > 100, "nobody has looked");
    }
}
