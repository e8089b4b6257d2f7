//! From what is wanted and what is seen to the next steps. Pure: the same situation always gives the same plan, and a
//! situation where nothing is left to do gives an empty one. That makes every crash harmless: look again, plan again.

mod loss;
mod planner;

use std::collections::BTreeSet;

pub use self::loss::{VOLUMES_MISSING, wanted_after_restore};
use self::{loss::unaccounted, planner::Planner};
use super::{
    Volume,
    observed::{ContainerState, Observed},
    spec::{ComponentKind, ComponentSpec, Condition, Restart, WorkspaceSpec},
    state::Desired,
};
use crate::domain::{
    deployment::{Failure, Step, StepName, StepStatus},
    names::{ComponentName, VolumeName},
    route::Route,
};

/// All that a plan depends on.
#[derive(Debug, Clone, Copy)]
pub struct Situation<'a> {
    pub desired: Desired,
    /// Containers that run since before this attempt are stopped and started again.
    pub restart: bool,
    pub generation: i64,
    pub spec: &'a WorkspaceSpec,
    pub volumes: &'a [Volume],
    pub routes: &'a [Route],
    pub observed: &'a Observed,
    pub progress: &'a Progress,
}

/// What this attempt has reached already and Docker cannot tell.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Progress {
    pub started: BTreeSet<ComponentName>,
    /// Found ready since they were started.
    pub ready: BTreeSet<ComponentName>,
    /// Ended, and left so: they have done their work, or the template says not to start them again.
    pub ended: BTreeSet<ComponentName>,
}

impl Progress {
    /// What the recorded steps of an attempt tell, for whoever takes it over.
    pub fn from_steps(steps: &[Step]) -> Self {
        let succeeded = |name: StepName| {
            steps
                .iter()
                .filter(move |step| step.name == name && step.status == StepStatus::Succeeded)
                .filter_map(|step| step.component.clone())
                .collect()
        };
        Self {
            started: succeeded(StepName::Start),
            ready: succeeded(StepName::Health),
            ended: BTreeSet::new(),
        }
    }

    /// What may be taken for granted of a workspace nobody works on: what runs was found ready, and what ended by itself
    /// stays so where the template wants it.
    pub fn of_settled(spec: &WorkspaceSpec, observed: &Observed) -> Self {
        let ended = observed.containers.iter().filter(|container| {
            let component = spec.component(&container.component);
            component.is_some_and(|component| match container.state {
                ContainerState::Exited { code: 0, .. } => may_complete(spec, component),
                ContainerState::Exited { .. } => component.restart == Restart::No,
                _ => false,
            })
        });
        Self {
            started: BTreeSet::new(),
            ready: spec.components.iter().map(|component| component.name.clone()).collect(),
            ended: ended.map(|container| container.component.clone()).collect(),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    WithdrawRoutes,
    EnsureNetwork,
    EnsureVolume { name: VolumeName, docker_name: String },
    ProvideImage { component: ComponentName },
    CreateContainer { component: ComponentName },
    StartContainer { component: ComponentName },
    AwaitReady { component: ComponentName },
    AwaitCompletion { component: ComponentName },
    PublishRoutes,
    StopContainer { container: String, component: ComponentName },
    RemoveContainer { container: String, component: ComponentName },
    RemoveNetwork,
    RemoveVolume { name: VolumeName, docker_name: String },
}

impl Action {
    /// Afterwards the address of a container may be another's.
    pub fn frees_an_address(&self) -> bool {
        matches!(self, Action::StopContainer { .. } | Action::RemoveContainer { .. } | Action::RemoveNetwork)
    }

    pub fn component(&self) -> Option<&ComponentName> {
        match self {
            Action::ProvideImage { component }
            | Action::CreateContainer { component }
            | Action::StartContainer { component }
            | Action::AwaitReady { component }
            | Action::AwaitCompletion { component }
            | Action::StopContainer { component, .. }
            | Action::RemoveContainer { component, .. } => Some(component),
            Action::WithdrawRoutes
            | Action::EnsureNetwork
            | Action::EnsureVolume { .. }
            | Action::PublishRoutes
            | Action::RemoveNetwork
            | Action::RemoveVolume { .. } => None,
        }
    }
}

/// An action and the positions, in the same plan, of those that must have succeeded before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedStep {
    pub action: Action,
    pub after: Vec<usize>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Plan {
    /// In an order that respects `after`; empty when everything is as wanted.
    Steps(Vec<PlannedStep>),
    /// It cannot be reached without somebody changing something.
    Impossible(Failure),
}

impl Plan {
    /// Whether anything but waiting is left to do: the workspace is not as wanted.
    pub fn changes_something(&self) -> bool {
        match self {
            Plan::Steps(steps) => steps.iter().any(|step| {
                !matches!(step.action, Action::AwaitReady { .. } | Action::AwaitCompletion { .. })
            }),
            Plan::Impossible(_) => true,
        }
    }

    /// Whether everything is up and only its routes are to be published.
    pub fn only_publishes(&self) -> bool {
        match self {
            Plan::Steps(steps) => steps.iter().all(|step| step.action == Action::PublishRoutes),
            Plan::Impossible(_) => false,
        }
    }
}

pub fn plan(situation: &Situation<'_>) -> Plan {
    match situation.desired {
        Desired::Running => match unaccounted(situation) {
            Some(failure) => Plan::Impossible(failure),
            None => Planner::new(situation).run(),
        },
        Desired::Stopped => Plan::Steps(Planner::new(situation).stop()),
        Desired::Destroyed { keep_volumes } => Plan::Steps(Planner::new(situation).destroy(keep_volumes)),
    }
}

/// Whether a container of this component that exited with 0 has done what it was for.
pub fn may_complete(spec: &WorkspaceSpec, component: &ComponentSpec) -> bool {
    let awaited =
        spec.components.iter().flat_map(|other| &other.depends_on).any(|dependency| {
            dependency.name == component.name && dependency.condition == Condition::Completed
        });
    awaited
        || component.restart == Restart::No
        || (component.kind == ComponentKind::Worker && component.restart != Restart::Always)
}

#[cfg(test)]
mod tests;
