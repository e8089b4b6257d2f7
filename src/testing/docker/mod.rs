//! A Docker engine in memory, with Docker's ways: names are unique, labels say whose an object is, addresses are given
//! out lowest first and again as soon as they are free, containers end when their program does.
//!
//! What happens on it is written down, and can be made to go wrong: a call can fail, take its time, or take effect and
//! lose its answer. It is held to the same contract suite as the real one, and is good for thousands of workspaces.

mod faults;
mod images;
mod objects;
mod probes;
mod provisioner;
mod terminal;

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use tokio::sync::broadcast;

pub use self::faults::{Call, Recorded};
use self::{faults::Faults, objects::Objects};
use crate::{
    domain::{deployment::LogStream, ids::WorkspaceId, names::ComponentName},
    ports::{
        clock::Clock,
        provisioner::{ContainerLogLine, EngineError, EngineEvent, ExecOutput},
    },
};

/// What a component's program does.
#[derive(Debug, Clone, Default)]
pub struct Behaviour {
    /// Ends with this code as soon as it is started; `None`: runs until stopped.
    pub exits_with: Option<i64>,
    /// Takes no notice of SIGTERM: a stop takes the whole grace.
    pub ignores_terminate: bool,
    /// Starting it fails with these words of the engine.
    pub cannot_start: Option<String>,
    /// What probes find; `None`: it answers.
    pub unhealthy: Option<String>,
    /// What commands run in it answer; others end with 0 and no output.
    pub commands: HashMap<Vec<String>, Command>,
}

#[derive(Debug, Clone)]
pub enum Command {
    Ends(ExecOutput),
    /// Until its time is over.
    Hangs,
}

pub struct FakeEngine {
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
    events: broadcast::Sender<EngineEvent>,
}

#[derive(Default)]
struct State {
    objects: Objects,
    images: BTreeSet<String>,
    /// What the registry has; pulling anything else fails.
    registry: BTreeSet<String>,
    behaviours: HashMap<ComponentName, Behaviour>,
    faults: Faults,
    violations: Vec<String>,
}

impl FakeEngine {
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, state: Mutex::default(), events: broadcast::Sender::new(1024) }
    }

    /// What containers of components of this name do from their next start on.
    pub fn behave(&self, component: &ComponentName, behaviour: Behaviour) {
        self.lock().behaviours.insert(component.clone(), behaviour);
    }

    /// The host has this image.
    pub fn add_image(&self, image: &str) {
        self.lock().images.insert(image.to_owned());
    }

    /// The registry has this image.
    pub fn publish_image(&self, image: &str) {
        self.lock().registry.insert(image.to_owned());
    }

    /// A volume of somebody else.
    pub fn plant_volume(&self, name: &str) {
        self.lock().objects.foreign_volumes.insert(name.to_owned());
    }

    /// A container of somebody else.
    pub fn plant_container(&self, name: &str) {
        self.lock().objects.foreign_containers.insert(name.to_owned());
    }

    /// The container's program ends now, by itself.
    pub fn end(&self, container: &str, code: i64, out_of_memory: bool) {
        let now = self.clock.now();
        let mut state = self.lock();
        let workspace = state.objects.container_mut(container).map(|container| {
            container.end(code, out_of_memory, now);
            container.identity.workspace
        });
        drop(state);
        self.announce(workspace);
    }

    /// Removes a container behind everybody's back.
    pub fn vanish(&self, container: &str) {
        let workspace = self.lock().objects.remove_container(container);
        self.announce(workspace);
    }

    pub fn write_log(&self, container: &str, stream: LogStream, text: &str) {
        let at = Some(self.clock.now());
        if let Some(container) = self.lock().objects.container_mut(container) {
            container.logs.push(ContainerLogLine { at, stream, text: text.to_owned() });
        }
    }

    /// The next `times` calls of this kind fail without an effect.
    pub fn fail(&self, call: Call, times: usize, error: impl Fn() -> EngineError + Send + Sync + 'static) {
        self.lock().faults.fail(call, times, Arc::new(error));
    }

    /// The next `times` calls of this kind take effect, and their answer is lost.
    pub fn lose_answers(&self, call: Call, times: usize) {
        self.lock().faults.lose_answers(call, times);
    }

    /// Calls of this kind take this long from now on.
    pub fn slow_down(&self, call: Call, by: Duration) {
        self.lock().faults.slow_down(call, by);
    }

    /// Tells nothing of what happens any more.
    pub fn fall_silent(&self) {
        self.lock().faults.silent = true;
    }

    /// Tells everything three times, and each time that word may have been lost.
    pub fn stutter(&self) {
        self.lock().faults.stutters = true;
    }

    /// Nothing answers until it is plugged in again.
    pub fn unplug(&self) {
        self.lock().faults.unplugged = true;
    }

    pub fn plug_in(&self) {
        self.lock().faults.unplugged = false;
        self.announce_resync();
    }

    /// Names of containers and volumes of somebody else.
    pub fn foreign(&self) -> (BTreeSet<String>, BTreeSet<String>) {
        let objects = &self.lock().objects;
        let named = |names: &HashSet<String>| names.iter().cloned().collect();
        (named(&objects.foreign_containers), named(&objects.foreign_volumes))
    }

    /// Whose running container has this address.
    pub fn owner_of(&self, address: IpAddr) -> Option<(WorkspaceId, ComponentName)> {
        let state = self.lock();
        let found = &state.objects.running_at(address)?.identity;
        Some((found.workspace, found.component.clone()))
    }

    /// Each moment at which a component ran twice, or two containers had one volume.
    pub fn violations(&self) -> Vec<String> {
        self.lock().violations.clone()
    }

    /// Every call so far, in order.
    pub fn calls(&self) -> Vec<Recorded> {
        self.lock().faults.calls.clone()
    }

    pub fn forget_calls(&self) {
        self.lock().faults.calls.clear();
    }

    fn announce(&self, workspace: Option<WorkspaceId>) {
        if let Some(workspace) = workspace.filter(|_| !self.lock().faults.silent) {
            // Nobody listening is fine.
            let _ = self.events.send(EngineEvent::Changed(workspace));
            if self.lock().faults.stutters {
                for event in
                    [EngineEvent::Resync, EngineEvent::Changed(workspace), EngineEvent::Changed(workspace)]
                {
                    let _ = self.events.send(event);
                }
            }
        }
    }

    fn announce_resync(&self) {
        let _ = self.events.send(EngineEvent::Resync);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

impl State {
    fn behaviour(&self, component: &ComponentName) -> Behaviour {
        self.behaviours.get(component).cloned().unwrap_or_default()
    }
}
