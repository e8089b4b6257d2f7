//! How a plan is made, step by step.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
    net::SocketAddr,
};

use super::{Action, Plan, PlannedStep, Situation, may_complete};
use crate::domain::{
    deployment::{Failure, StepName},
    names::{ComponentName, VolumeName},
    route::{Route, RouteTarget},
    workspace::{
        observed::{ContainerState, ObservedContainer},
        spec::{ComponentSpec, Condition, WorkspaceSpec},
    },
};

pub(super) struct Planner<'a> {
    at: &'a Situation<'a>,
    steps: Vec<PlannedStep>,
    /// Positions of the steps after which a component may start, or its dependents may.
    removed: Vec<usize>,
    satisfied: BTreeMap<&'a ComponentName, Vec<usize>>,
}

impl<'a> Planner<'a> {
    pub(super) fn new(at: &'a Situation<'a>) -> Self {
        Self { at, steps: Vec::new(), removed: Vec::new(), satisfied: BTreeMap::new() }
    }

    fn push(&mut self, action: Action, after: Vec<usize>) -> usize {
        self.steps.push(PlannedStep { action, after });
        self.steps.len() - 1
    }

    /// The container of the wanted generation.
    fn container(&self, component: &ComponentName) -> Option<&'a ObservedContainer> {
        let wanted = |container: &&ObservedContainer| {
            container.generation == self.at.generation
                && &container.component == component
                && container.state != ContainerState::Dead
        };
        self.at.observed.containers.iter().find(wanted)
    }

    fn is_wanted(&self, container: &ObservedContainer) -> bool {
        self.at.spec.component(&container.component).is_some()
            && self.container(&container.component).is_some_and(|wanted| wanted.name == container.name)
    }

    /// Takes routes back when any still leads somewhere.
    fn withdraw(&mut self) -> Vec<usize> {
        let live = self.at.routes.iter().any(|route| matches!(route.target, RouteTarget::Live { .. }));
        if live { vec![self.push(Action::WithdrawRoutes, vec![])] } else { vec![] }
    }

    pub(super) fn run(mut self) -> Plan {
        let replaced: Vec<_> =
            self.at.observed.containers.iter().filter(|container| !self.is_wanted(container)).collect();
        let restarted: Vec<_> = self.to_restart().collect();
        let withdrawn =
            if replaced.iter().any(|container| container.state.is_active()) || !restarted.is_empty() {
                self.withdraw()
            } else {
                vec![]
            };
        self.replace(&replaced, &withdrawn);
        let stopped = self.stop_all(restarted, &withdrawn);

        let network =
            if self.at.observed.network { vec![] } else { vec![self.push(Action::EnsureNetwork, vec![])] };
        let volumes = self.ensure_volumes();

        for component in in_start_order(self.at.spec) {
            if let Err(failure) = self.bring_up(component, &network, &volumes, &stopped) {
                return Plan::Impossible(*failure);
            }
        }
        self.publish();
        Plan::Steps(self.steps)
    }

    fn to_restart(&self) -> impl Iterator<Item = &'a ObservedContainer> + use<'a> {
        let at = self.at;
        at.observed.containers.iter().filter(move |container| {
            at.restart
                && container.generation == at.generation
                && container.state.is_active()
                && !at.progress.started.contains(&container.component)
        })
    }

    /// Containers of another generation, or half removed: they end before anything new starts, so that a volume never
    /// has two writers.
    fn replace(&mut self, containers: &[&'a ObservedContainer], withdrawn: &[usize]) {
        for container in containers {
            let stopped = self.stop_if_active(container, withdrawn.to_vec());
            let remove = Action::RemoveContainer {
                container: container.name.clone(),
                component: container.component.clone(),
            };
            let step = self.push(remove, stopped);
            self.removed.push(step);
        }
    }

    fn stop_if_active(&mut self, container: &ObservedContainer, after: Vec<usize>) -> Vec<usize> {
        if !container.state.is_active() {
            return after;
        }
        let stop = Action::StopContainer {
            container: container.name.clone(),
            component: container.component.clone(),
        };
        vec![self.push(stop, after)]
    }

    fn ensure_volumes(&mut self) -> BTreeMap<&'a VolumeName, usize> {
        let missing = self.at.volumes.iter().filter(|volume| {
            volume.kept_at.is_none() && !self.at.observed.volumes.contains(&volume.docker_name)
        });
        missing
            .map(|volume| {
                let action = Action::EnsureVolume {
                    name: volume.name.clone(),
                    docker_name: volume.docker_name.clone(),
                };
                (&volume.name, self.push(action, vec![]))
            })
            .collect()
    }

    fn bring_up(
        &mut self,
        component: &'a ComponentSpec,
        network: &[usize],
        volumes: &BTreeMap<&VolumeName, usize>,
        stopped: &[usize],
    ) -> Result<(), Box<Failure>> {
        let name = &component.name;
        let container = self.container(name);
        let completes = may_complete(self.at.spec, component);
        let was_started = self.at.progress.started.contains(name);

        let mut before_start: Vec<usize> = self.removed.iter().chain(stopped).copied().collect();
        let running = match container.map(|container| container.state) {
            Some(ContainerState::Exited { .. }) if self.at.progress.ended.contains(name) => {
                self.satisfied.insert(name, vec![]);
                return Ok(());
            }
            Some(ContainerState::Exited { code: 0, .. }) if completes && was_started => {
                self.satisfied.insert(name, vec![]);
                return Ok(());
            }
            Some(ContainerState::Exited { code, out_of_memory }) if was_started => {
                return Err(exited(name, code, out_of_memory));
            }
            // Somebody froze it, or took it off its network: starting it puts that right.
            Some(ContainerState::Paused) => false,
            Some(ContainerState::Running) if container.is_some_and(|it| it.address.is_none()) => false,
            Some(state) => state.is_active() && !self.restarts(name),
            None => {
                let image = self.push(Action::ProvideImage { component: name.clone() }, vec![]);
                let mounts = component.mounts.iter().filter_map(|mount| volumes.get(&mount.volume).copied());
                let after = network.iter().copied().chain(mounts).chain([image]).collect();
                before_start.push(self.push(Action::CreateContainer { component: name.clone() }, after));
                false
            }
        };
        let started = if running {
            vec![]
        } else {
            for dependency in &component.depends_on {
                before_start.extend(self.satisfied_for(&dependency.name, dependency.condition));
            }
            before_start.sort_unstable();
            before_start.dedup();
            vec![self.push(Action::StartContainer { component: name.clone() }, before_start)]
        };
        let awaited = self.is_awaited_to_complete(name);
        let ready = if awaited {
            vec![self.push(Action::AwaitCompletion { component: name.clone() }, started)]
        } else if component.readiness.is_some() && !(running && self.at.progress.ready.contains(name)) {
            vec![self.push(Action::AwaitReady { component: name.clone() }, started)]
        } else {
            started
        };
        self.satisfied.insert(name, ready);
        Ok(())
    }

    fn restarts(&self, name: &ComponentName) -> bool {
        self.to_restart().any(|container| &container.component == name)
    }

    fn is_awaited_to_complete(&self, name: &ComponentName) -> bool {
        self.at
            .spec
            .components
            .iter()
            .flat_map(|component| &component.depends_on)
            .any(|dependency| &dependency.name == name && dependency.condition == Condition::Completed)
    }

    /// Steps after which a dependency holds. Dependencies come earlier in the start order, so theirs are known.
    fn satisfied_for(&self, name: &ComponentName, condition: Condition) -> Vec<usize> {
        let last = self.satisfied.get(name).cloned().unwrap_or_default();
        if condition != Condition::Started {
            return last;
        }
        // Having started is enough: what the wait for readiness comes after.
        let starts = |&step: &usize| match &self.steps[step].action {
            Action::AwaitReady { .. } | Action::AwaitCompletion { .. } => self.steps[step].after.clone(),
            _ => vec![step],
        };
        last.iter().flat_map(starts).collect()
    }

    /// Publishes when all is ready and some route does not lead where its container is.
    fn publish(&mut self) {
        let all: BTreeSet<usize> = self.satisfied.values().flatten().copied().collect();
        let up_to_date = all.is_empty()
            && self.at.routes.iter().all(|route| {
                self.right_address(route).is_none_or(|right| route.target.address() == Some(right))
            });
        if !up_to_date && !self.at.routes.is_empty() {
            self.push(Action::PublishRoutes, all.into_iter().collect());
        }
    }

    /// Where the route should lead now; `None` when its container has no address.
    fn right_address(&self, route: &Route) -> Option<SocketAddr> {
        let address = self.container(&route.component)?.address?;
        Some(SocketAddr::new(address, route.port))
    }

    pub(super) fn stop(mut self) -> Vec<PlannedStep> {
        let active: Vec<_> =
            self.at.observed.containers.iter().filter(|container| container.state.is_active()).collect();
        let withdrawn = self.withdraw();
        self.stop_all(active, &withdrawn);
        // What an update made obsolete goes now; the next start makes it anew. What is newer than the row knows is not
        // obsolete.
        let is_obsolete = |container: &&ObservedContainer| {
            container.generation <= self.at.generation && !self.is_wanted(container)
        };
        let obsolete: Vec<_> = self.at.observed.containers.iter().filter(is_obsolete).collect();
        for container in obsolete {
            let after = self.stop_step(&container.name).map_or_else(|| withdrawn.clone(), |step| vec![step]);
            let action = Action::RemoveContainer {
                container: container.name.clone(),
                component: container.component.clone(),
            };
            self.push(action, after);
        }
        self.steps
    }

    fn stop_step(&self, name: &str) -> Option<usize> {
        self.steps.iter().position(
            |step| matches!(&step.action, Action::StopContainer { container, .. } if container == name),
        )
    }

    /// Stops containers, each after those that depend on it.
    fn stop_all(&mut self, containers: Vec<&'a ObservedContainer>, withdrawn: &[usize]) -> Vec<usize> {
        let mut by_component: BTreeMap<&ComponentName, Vec<usize>> = BTreeMap::new();
        let order: Vec<_> = in_start_order(self.at.spec).map(|component| &component.name).collect();
        let rank = |container: &&ObservedContainer| {
            Reverse(order.iter().position(|name| **name == container.component))
        };
        let mut containers = containers;
        containers.sort_by_key(rank);
        for container in containers {
            let dependents = self.at.spec.components.iter().filter(|component| {
                component.depends_on.iter().any(|dependency| dependency.name == container.component)
            });
            let mut after: Vec<usize> = dependents
                .filter_map(|component| by_component.get(&component.name))
                .flatten()
                .copied()
                .collect();
            if after.is_empty() {
                after = withdrawn.to_vec();
            }
            let stopped = self.stop_if_active(container, after);
            by_component.entry(&container.component).or_default().extend(stopped);
        }
        by_component.into_values().flatten().collect()
    }

    pub(super) fn destroy(mut self, keep_volumes: bool) -> Vec<PlannedStep> {
        let withdrawn = self.withdraw();
        let mut removed = Vec::new();
        for container in &self.at.observed.containers {
            // Data that stays wants a clean end; data that goes does not.
            let after = if keep_volumes {
                self.stop_if_active(container, withdrawn.clone())
            } else {
                withdrawn.clone()
            };
            let action = Action::RemoveContainer {
                container: container.name.clone(),
                component: container.component.clone(),
            };
            removed.push(self.push(action, after));
        }
        let after = if removed.is_empty() { withdrawn } else { removed };
        if self.at.observed.network {
            self.push(Action::RemoveNetwork, after.clone());
        }
        if !keep_volumes {
            for docker_name in &self.at.observed.volumes {
                // Only volumes the database knows as this workspace's, never what merely carries its label.
                if let Some(volume) = self.at.volumes.iter().find(|volume| &volume.docker_name == docker_name)
                {
                    let action =
                        Action::RemoveVolume { name: volume.name.clone(), docker_name: docker_name.clone() };
                    self.push(action, after.clone());
                }
            }
        }
        self.steps
    }
}

/// Dependencies before their dependents, else as the template lists them. A cycle, which no stored specification has,
/// is taken in the template's order.
fn in_start_order(spec: &WorkspaceSpec) -> impl Iterator<Item = &ComponentSpec> {
    let mut order: Vec<&ComponentSpec> = Vec::new();
    let mut waiting: Vec<&ComponentSpec> = spec.components.iter().collect();
    while !waiting.is_empty() {
        let is_free = |component: &&ComponentSpec| {
            component
                .depends_on
                .iter()
                .all(|dependency| !waiting.iter().any(|other| other.name == dependency.name))
        };
        let (mut free, mut rest): (Vec<_>, Vec<_>) = waiting.iter().copied().partition(is_free);
        if free.is_empty() {
            free.append(&mut rest);
        }
        order.extend(free);
        waiting = rest;
    }
    order.into_iter()
}

fn exited(component: &ComponentName, code: i64, out_of_memory: bool) -> Box<Failure> {
    let (why, remedy) = if out_of_memory {
        (
            " because it ran out of memory",
            "Raise resources.memory of the component in the template, then retry.",
        )
    } else {
        (
            "",
            "Look at the component's log, mend its command or image in the template, or its \
             variables, then update the workspace.",
        )
    };
    Box::new(Failure {
        code: if out_of_memory { "component_out_of_memory" } else { "component_exited" }.into(),
        message: format!("component {component} exited with code {code}{why}"),
        component: Some(component.clone()),
        step: Some(StepName::Start),
        remedy: remedy.into(),
        log_tail: vec![],
    })
}
