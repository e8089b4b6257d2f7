//! What a database and a host can know apart from each other. It happens when a database comes back from a backup, and
//! when somebody removes or makes things on the host. The rule is the same: what cannot be explained is not deleted, and
//! what is lost is not made anew in silence. A person decides.

use super::{Observed, Situation};
use crate::domain::{
    deployment::{Failure, StepName},
    workspace::{Desired, Workspace},
};

/// Code of the failure after which a retry or an update goes on with empty volumes.
pub const VOLUMES_MISSING: &str = "volumes_missing";
const NEWER_GENERATION: &str = "newer_generation_on_host";

/// Why the workspace must not be brought up before a person has decided.
pub(super) fn unaccounted(at: &Situation<'_>) -> Option<Failure> {
    newer_generation(at).or_else(|| volumes_missing(at))
}

/// Containers that an update made of which the database knows nothing.
fn newer_generation(at: &Situation<'_>) -> Option<Failure> {
    let newest = at.observed.newest_generation();
    if newest <= at.generation {
        return None;
    }
    let newer = at.observed.containers.iter().find(|container| container.generation == newest);
    Some(Failure {
        code: NEWER_GENERATION.into(),
        message: format!(
            "the host has containers of generation {newest}, the database knows generation {}: an update is missing from \
             the database, for instance because it came back from a backup. Nothing was changed on the host. Start, \
             restart, retry or update the workspace to replace these containers (volumes stay), or destroy it",
            at.generation
        ),
        component: newer.map(|container| container.component.clone()),
        step: Some(StepName::Create),
        remedy: "Look whether the containers hold anything that is not in a volume. Then retry, which makes them anew \
                 from what the database knows, or update to the version that they had."
            .into(),
        log_tail: vec![],
    })
}

/// Volumes that were there and are not.
fn volumes_missing(at: &Situation<'_>) -> Option<Failure> {
    let missing: Vec<_> = at
        .volumes
        .iter()
        .filter(|volume| volume.kept_at.is_none() && volume.made_at.is_some())
        .filter(|volume| !at.observed.volumes.contains(&volume.docker_name))
        .collect();
    if missing.is_empty() {
        return None;
    }
    let names: Vec<_> = missing.iter().map(|volume| volume.name.as_str()).collect();
    let on_host: Vec<_> = missing.iter().map(|volume| volume.docker_name.as_str()).collect();
    Some(Failure {
        code: VOLUMES_MISSING.into(),
        message: format!(
            "its data is not on the host: {} gone. Destroy the workspace, or retry or update it to go on with empty volumes",
            match names.as_slice() {
                [one] => format!("volume {one} is"),
                several => format!("volumes {} are", several.join(", ")),
            }
        ),
        component: None,
        step: Some(StepName::Volume),
        remedy: format!(
            "Check that the host is the one the workspace ran on. If the data exists elsewhere, bring it back ({}) and \
             start the workspace. If it may be gone, retry: that makes empty volumes.",
            on_host.join(", ")
        ),
        log_tail: vec![],
    })
}

/// What is to be wanted of a settled workspace, given what its host shows. It is what was wanted, unless the row came
/// from a backup and says *stopped*: then somebody started it since, and stopping it would end their work; or updated
/// it, which the attempt to bring it up tells them.
pub fn wanted_after_restore(workspace: &Workspace, observed: &Observed) -> Desired {
    let newest = observed.newest_generation();
    let updated = newest > workspace.generation.max(workspace.seen_generation);
    if workspace.restored && workspace.desired == Desired::Stopped && (observed.is_active() || updated) {
        Desired::Running
    } else {
        workspace.desired
    }
}
