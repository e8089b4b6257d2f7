//! The plan, tried on a small world that obeys every action.

use std::{collections::BTreeMap, net::SocketAddr};

use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::domain::{
    names::ShortId,
    route::{RouteTarget, Visibility},
    workspace::{
        ObservedContainer, container_name,
        spec::{Dependency, ImageSource, Limits, Mount, Probe, Readiness, RouteSpec},
    },
};

fn component(name: &str, depends_on: &[(&str, Condition)]) -> ComponentSpec {
    ComponentSpec {
        name: name.parse().unwrap(),
        kind: ComponentKind::Backend,
        image: ImageSource::Placeholder,
        entrypoint: None,
        command: None,
        workdir: None,
        user: None,
        env: BTreeMap::new(),
        mounts: vec![Mount { volume: "data".parse().unwrap(), path: "/data".into() }],
        port: Some(80),
        readiness: Some(Readiness {
            probe: Probe::Tcp { port: 80 },
            interval: std::time::Duration::from_secs(1),
            timeout: std::time::Duration::from_secs(1),
            retries: 3,
            start_period: std::time::Duration::ZERO,
        }),
        limits: Limits { cpu_millis: 1, memory_bytes: 1, pids: 1, disk_bytes: None },
        depends_on: depends_on
            .iter()
            .map(|(name, condition)| Dependency { name: name.parse().unwrap(), condition: *condition })
            .collect(),
        restart: Restart::OnFailure,
    }
}

fn shop() -> WorkspaceSpec {
    WorkspaceSpec {
        components: vec![
            component("web", &[("api", Condition::Started)]),
            component("api", &[("db", Condition::Healthy)]),
            component("db", &[]),
        ],
        routes: vec![RouteSpec {
            app: None,
            component: "web".parse().unwrap(),
            port: 80,
            visibility: Visibility::Private,
        }],
    }
}

/// A host, a proxy and an attempt that do what they are told.
#[derive(Debug, Clone)]
struct World {
    spec: WorkspaceSpec,
    generation: i64,
    volumes: Vec<Volume>,
    routes: Vec<Route>,
    observed: Observed,
    progress: Progress,
}

impl World {
    fn new(spec: WorkspaceSpec) -> Self {
        let routes = spec.routes.iter().map(|route| Route {
            id: Uuid::nil().into(),
            workspace_id: Uuid::nil().into(),
            app: route.app.clone(),
            label: "label".into(),
            component: route.component.clone(),
            port: route.port,
            visibility: route.visibility,
            identity: false,
            target: RouteTarget::Pending,
        });
        let volumes = spec.volumes().map(|name| Volume {
            id: Uuid::nil().into(),
            workspace_id: Uuid::nil().into(),
            name: name.clone(),
            docker_name: format!("ds-{name}"),
            created_at: chrono::DateTime::UNIX_EPOCH,
            kept_at: None,
            made_at: None,
        });
        Self {
            routes: routes.collect(),
            volumes: volumes.collect(),
            spec,
            generation: 1,
            observed: Observed::default(),
            progress: Progress::default(),
        }
    }

    fn plan(&self, desired: Desired, restart: bool) -> Plan {
        plan(&Situation {
            desired,
            restart,
            generation: self.generation,
            spec: &self.spec,
            volumes: &self.volumes,
            routes: &self.routes,
            observed: &self.observed,
            progress: &self.progress,
        })
    }

    fn steps(&self, desired: Desired) -> Vec<PlannedStep> {
        match self.plan(desired, false) {
            Plan::Steps(steps) => steps,
            Plan::Impossible(failure) => panic!("impossible: {failure:?}"),
        }
    }

    fn container(&mut self, name: &str) -> Option<&mut ObservedContainer> {
        self.observed.containers.iter_mut().find(|container| container.name == name)
    }

    fn name_of(&self, component: &ComponentName) -> String {
        container_name(&ShortId::of(Uuid::nil().into()), component, self.generation)
    }

    fn apply(&mut self, action: &Action) {
        match action {
            Action::WithdrawRoutes => {
                for route in &mut self.routes {
                    route.target = RouteTarget::Withdrawn;
                }
            }
            Action::EnsureNetwork => self.observed.network = true,
            Action::EnsureVolume { docker_name, .. } => {
                self.observed.volumes.insert(docker_name.clone());
            }
            Action::ProvideImage { .. } => {}
            Action::CreateContainer { component } => {
                assert!(self.observed.network, "the network comes before containers");
                let name = self.name_of(component);
                assert!(self.container(&name).is_none(), "a container is made once");
                self.observed.containers.push(ObservedContainer {
                    name,
                    component: component.clone(),
                    generation: self.generation,
                    state: ContainerState::Created,
                    address: None,
                    image: String::new(),
                    restarts: 0,
                    started_at: None,
                });
            }
            Action::StartContainer { component } => {
                let twin = self
                    .observed
                    .containers
                    .iter()
                    .any(|other| &other.component == component && other.state.is_active());
                assert!(!twin, "never two running containers of {component}");
                for dependency in self.spec.component(component).unwrap().depends_on.clone() {
                    let up = self.progress.ready.contains(&dependency.name)
                        || (dependency.condition == Condition::Started
                            && self.observed.containers.iter().any(|other| {
                                other.component == dependency.name && other.state == ContainerState::Running
                            }));
                    assert!(up, "{component} starts before {} holds", dependency.name);
                }
                let name = self.name_of(component);
                let count = self.observed.containers.len() as u8;
                let container = self.container(&name).expect("started before it was made");
                container.state = ContainerState::Running;
                container.address = Some([10, 0, 0, count].into());
                self.progress.started.insert(component.clone());
            }
            Action::AwaitReady { component } => {
                self.progress.ready.insert(component.clone());
            }
            Action::AwaitCompletion { component } => {
                let name = self.name_of(component);
                self.container(&name).unwrap().state =
                    ContainerState::Exited { code: 0, out_of_memory: false };
                self.progress.ready.insert(component.clone());
            }
            Action::PublishRoutes => {
                for index in 0..self.routes.len() {
                    let name = self.name_of(&self.routes[index].component);
                    let address = self.container(&name).unwrap().address.expect("published before it runs");
                    let port = self.routes[index].port;
                    self.routes[index].target =
                        RouteTarget::Live { address: SocketAddr::new(address, port), health: None };
                }
            }
            Action::StopContainer { container, .. } => {
                self.assert_not_routed(container);
                let container = self.container(container).unwrap();
                container.state = ContainerState::Exited { code: 143, out_of_memory: false };
                container.address = None;
            }
            Action::RemoveContainer { container, .. } => {
                self.assert_not_routed(container);
                self.observed.containers.retain(|other| &other.name != container);
            }
            Action::RemoveNetwork => {
                assert!(self.observed.containers.is_empty(), "the network goes after its containers");
                self.observed.network = false;
            }
            Action::RemoveVolume { docker_name, .. } => {
                assert!(self.observed.containers.is_empty(), "volumes go after the containers that use them");
                self.observed.volumes.remove(docker_name);
            }
        }
    }

    fn assert_not_routed(&self, container: &str) {
        let Some(container) = self.observed.containers.iter().find(|other| other.name == container) else {
            return;
        };
        let routed = self.routes.iter().any(|route| {
            route.target.address().is_some_and(|address| Some(address.ip()) == container.address)
        });
        assert!(!routed, "a route is withdrawn before its container goes");
    }

    /// Does up to `budget` steps of the plan, in an order chosen by `choices` among those whose time has come.
    fn advance(&mut self, desired: Desired, restart: bool, budget: usize, choices: &[usize]) -> bool {
        let steps = match self.plan(desired, restart) {
            Plan::Steps(steps) => steps,
            Plan::Impossible(failure) => panic!("impossible: {failure:?}"),
        };
        let mut done = vec![false; steps.len()];
        for turn in 0..budget.min(steps.len()) {
            let ready: Vec<usize> = (0..steps.len())
                .filter(|&i| !done[i] && steps[i].after.iter().all(|&before| done[before]))
                .collect();
            let pick = ready[choices.get(turn).copied().unwrap_or(0) % ready.len()];
            self.apply(&steps[pick].action);
            done[pick] = true;
        }
        steps.is_empty()
    }

    fn settle(&mut self, desired: Desired) {
        for _ in 0..8 {
            if self.advance(desired, false, usize::MAX, &[]) {
                return;
            }
        }
        panic!("does not converge: {:?}", self.plan(desired, false));
    }

    fn is_running(&self) -> bool {
        self.spec.components.iter().all(|component| {
            self.observed.containers.iter().any(|container| {
                container.component == component.name
                    && container.generation == self.generation
                    && container.state == ContainerState::Running
            })
        }) && self.observed.containers.len() == self.spec.components.len()
            && self.routes.iter().all(|route| matches!(route.target, RouteTarget::Live { .. }))
    }
}

fn desires() -> impl Strategy<Value = Desired> {
    prop_oneof![
        Just(Desired::Running),
        Just(Desired::Stopped),
        any::<bool>().prop_map(|keep_volumes| Desired::Destroyed { keep_volumes }),
    ]
}

/// Component `c<i>` may depend on any before it, so that there is no cycle.
fn specs() -> impl Strategy<Value = WorkspaceSpec> {
    let condition = prop_oneof![Just(Condition::Started), Just(Condition::Healthy)];
    proptest::collection::vec(proptest::collection::vec((any::<bool>(), condition), 6), 1..6).prop_map(
        |rows| {
            let mut components: Vec<ComponentSpec> = Vec::new();
            for (index, row) in rows.iter().enumerate() {
                let names: Vec<String> = (0..index).map(|before| format!("c{before}")).collect();
                let dependencies: Vec<(&str, Condition)> = names
                    .iter()
                    .zip(row)
                    .filter(|(_, (depends, _))| *depends)
                    .map(|(name, (_, condition))| (name.as_str(), *condition))
                    .collect();
                components.push(component(&format!("c{index}"), &dependencies));
            }
            components.reverse();
            let route = RouteSpec {
                app: None,
                component: "c0".parse().unwrap(),
                port: 80,
                visibility: Visibility::Private,
            };
            WorkspaceSpec { components, routes: vec![route] }
        },
    )
}

proptest! {
    /// Whatever is interrupted where, and whatever is wanted next: it converges, and every rule holds on the way.
    #[test]
    fn converges_from_every_interruption(
        spec in specs(),
        history in proptest::collection::vec(
            (desires(), any::<bool>(), 0usize..12, proptest::collection::vec(0usize..8, 12)), 0..5),
        last in desires(),
    ) {
        let mut world = World::new(spec);
        for (desired, update, budget, choices) in history {
            world.progress = Progress::default();
            world.generation += i64::from(update);
            world.advance(desired, false, budget, &choices);
        }
        world.progress = Progress::default();
        world.settle(last);
        match last {
            Desired::Running => prop_assert!(world.is_running()),
            Desired::Stopped => {
                prop_assert!(!world.observed.containers.iter().any(|container| container.state.is_active()));
                prop_assert!(world.observed.containers.iter().all(|c| c.generation == world.generation));
            }
            Desired::Destroyed { keep_volumes } => {
                prop_assert!(world.observed.containers.is_empty() && !world.observed.network);
                prop_assert!(keep_volumes || world.observed.volumes.is_empty());
            }
        }
        prop_assert!(!world.plan(last, false).changes_something());
    }

    #[test]
    fn a_plan_only_looks_back(spec in specs(), desired in desires()) {
        for (position, step) in World::new(spec).steps(desired).iter().enumerate() {
            prop_assert!(step.after.iter().all(|&before| before < position));
        }
    }
}

#[test]
fn volumes_stay_unless_the_workspace_goes_with_them() {
    let mut world = World::new(shop());
    world.settle(Desired::Running);
    for desired in [Desired::Stopped, Desired::Running, Desired::Destroyed { keep_volumes: true }] {
        world.progress = Progress::default();
        world.settle(desired);
        assert_eq!(world.observed.volumes.len(), 1);
    }
}

#[test]
fn a_restart_stops_and_starts_the_same_containers_once() {
    let mut world = World::new(shop());
    world.settle(Desired::Running);
    world.progress = Progress::default();
    let Plan::Steps(steps) = world.plan(Desired::Running, true) else { panic!() };
    let count = |wanted: fn(&Action) -> bool| steps.iter().filter(|step| wanted(&step.action)).count();
    assert_eq!(count(|action| matches!(action, Action::StopContainer { .. })), 3);
    assert_eq!(count(|action| matches!(action, Action::StartContainer { .. })), 3);
    assert_eq!(
        count(|action| matches!(action, Action::CreateContainer { .. } | Action::RemoveContainer { .. })),
        0
    );
    assert_eq!(steps[0].action, Action::WithdrawRoutes);
    world.advance(Desired::Running, true, usize::MAX, &[]);
    assert!(!world.plan(Desired::Running, true).changes_something());
    assert!(world.is_running());
}

#[test]
fn a_component_that_exits_during_its_start_is_a_failure_with_its_name() {
    let mut world = World::new(shop());
    world.settle(Desired::Running);
    world.observed.containers[0].state = ContainerState::Exited { code: 137, out_of_memory: true };
    let Plan::Impossible(failure) = world.plan(Desired::Running, false) else { panic!() };
    assert_eq!(failure.code, "component_out_of_memory");
    assert_eq!(failure.component, Some(world.observed.containers[0].component.clone()));
}

#[test]
fn a_container_stopped_behind_our_back_is_started_by_the_next_attempt() {
    let mut world = World::new(shop());
    world.settle(Desired::Running);
    world.progress = Progress::default();
    world.observed.containers[0].state = ContainerState::Exited { code: 0, out_of_memory: false };
    world.observed.containers[0].address = None;
    assert!(world.plan(Desired::Running, false).changes_something());
    world.settle(Desired::Running);
    assert!(world.is_running());
}

#[test]
fn a_migration_that_is_waited_for_runs_before_its_dependents_and_once() {
    let mut spec = shop();
    spec.components.push(ComponentSpec {
        restart: Restart::No,
        readiness: None,
        ..component("migrate", &[])
    });
    spec.components[1]
        .depends_on
        .push(Dependency { name: "migrate".parse().unwrap(), condition: Condition::Completed });
    let mut world = World::new(spec);
    world.settle(Desired::Running);
    assert!(!world.plan(Desired::Running, false).changes_something());
    world.progress = Progress::of_settled(&world.spec, &world.observed);
    assert!(!world.plan(Desired::Running, false).changes_something(), "what is done stays done");
}

#[test]
fn only_volumes_the_database_knows_are_removed() {
    let mut world = World::new(shop());
    world.settle(Desired::Running);
    world.observed.volumes.insert("planted".into());
    world.settle(Desired::Destroyed { keep_volumes: false });
    assert_eq!(world.observed.volumes.iter().collect::<Vec<_>>(), ["planted"]);
}

#[test]
fn nothing_wanted_twice_is_done_twice() {
    let mut world = World::new(shop());
    world.settle(Desired::Running);
    assert_eq!(world.steps(Desired::Running), vec![]);
}

#[test]
fn what_the_template_does_not_want_restarted_stays_ended() {
    let mut spec = shop();
    spec.components[0].restart = Restart::No;
    let mut world = World::new(spec);
    world.settle(Desired::Running);
    let name = world.name_of(&"web".parse().unwrap());
    world.container(&name).unwrap().state = ContainerState::Exited { code: 1, out_of_memory: false };
    world.progress = Progress::of_settled(&world.spec, &world.observed);
    assert!(!world.plan(Desired::Running, false).changes_something());
    world.progress = Progress::default();
    assert!(world.plan(Desired::Running, false).changes_something(), "a new start starts it");
}

/// A workspace that is up, in a database that has seen its volumes.
fn settled() -> World {
    let mut world = World::new(shop());
    world.settle(Desired::Running);
    for volume in &mut world.volumes {
        volume.made_at = Some(chrono::DateTime::UNIX_EPOCH);
    }
    world.progress = Progress::default();
    world
}

fn impossible(world: &World, desired: Desired) -> Failure {
    match world.plan(desired, false) {
        Plan::Impossible(failure) => failure,
        Plan::Steps(steps) => panic!("possible: {steps:?}"),
    }
}

#[test]
fn lost_volumes_are_not_made_anew_in_silence() {
    let mut world = settled();
    world.observed = Observed::default();
    let failure = impossible(&world, Desired::Running);
    assert_eq!(failure.code, VOLUMES_MISSING);
    assert!(failure.message.contains("data is gone") && failure.message.contains("retry"), "{failure:?}");
    assert!(failure.remedy.contains("ds-data"), "{failure:?}");
    // Stopping and destroying need none of it.
    world.settle(Desired::Stopped);
    world.settle(Desired::Destroyed { keep_volumes: false });

    // A person gives up what was in them.
    world.volumes[0].made_at = None;
    world.progress = Progress::default();
    world.settle(Desired::Running);
    assert!(world.is_running());
}

#[test]
fn a_volume_that_was_kept_or_never_made_is_not_missed() {
    let mut world = settled();
    world.observed.volumes.clear();
    world.volumes[0].kept_at = Some(chrono::DateTime::UNIX_EPOCH);
    assert!(matches!(world.plan(Desired::Running, false), Plan::Steps(_)));
}

#[test]
fn without_volumes_everything_is_simply_made_again() {
    let mut spec = shop();
    for component in &mut spec.components {
        component.mounts.clear();
    }
    let mut world = World::new(spec);
    world.settle(Desired::Running);
    world.observed = Observed::default();
    world.progress = Progress::default();
    world.settle(Desired::Running);
    assert!(world.is_running());
}

#[test]
fn containers_of_a_newer_generation_are_left_to_a_person() {
    let mut world = settled();
    world.generation = 2;
    world.settle(Desired::Running);
    let shown = world.observed.clone();
    // The database is from before the update.
    world.generation = 1;
    world.progress = Progress::default();
    let failure = impossible(&world, Desired::Running);
    assert_eq!(failure.code, "newer_generation_on_host");
    assert!(failure.message.contains("generation 2") && failure.message.contains("destroy"), "{failure:?}");

    // Stopping keeps them, destroying does not.
    let mut stopped = world.clone();
    stopped.settle(Desired::Stopped);
    assert_eq!(stopped.observed.containers.len(), shown.containers.len());
    assert!(!stopped.observed.is_active());
    let mut destroyed = world.clone();
    destroyed.settle(Desired::Destroyed { keep_volumes: false });
    assert_eq!(destroyed.observed, Observed::default());

    // What a person asks for has a generation above.
    world.generation = 3;
    world.settle(Desired::Running);
    assert!(world.is_running());
}

proptest! {
    /// Whatever a host shows and a database knows: no plan for a workspace that is not to go removes what is newer than
    /// the database knows, or makes a volume that was lost.
    #[test]
    fn what_cannot_be_explained_stays(
        generations in proptest::collection::vec((0i64..4, any::<bool>()), 0..4),
        known in 0i64..4,
        lost in any::<bool>(),
        desired in prop_oneof![Just(Desired::Running), Just(Desired::Stopped)],
    ) {
        let mut world = settled();
        let pattern = world.observed.containers[0].clone();
        world.observed.containers = generations
            .iter()
            .enumerate()
            .map(|(index, (generation, runs))| ObservedContainer {
                name: format!("c{index}"),
                generation: *generation,
                state: if *runs { ContainerState::Running } else { ContainerState::Created },
                ..pattern.clone()
            })
            .collect();
        if lost {
            world.observed.volumes.clear();
        }
        world.generation = known;
        let Plan::Steps(steps) = world.plan(desired, false) else { return Ok(()) };
        for step in steps {
            match step.action {
                Action::RemoveContainer { container, .. } => {
                    let generation = world.container(&container).map(|container| container.generation);
                    prop_assert!(generation <= Some(known), "{generation:?} is newer than {known}");
                }
                Action::EnsureVolume { .. } => prop_assert!(false, "a lost volume is made anew"),
                Action::RemoveVolume { .. } | Action::RemoveNetwork => prop_assert!(false, "{:?}", step.action),
                _ => {}
            }
        }
    }
}
