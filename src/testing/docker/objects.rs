//! The objects on the fake host.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    net::{IpAddr, Ipv4Addr},
};

use chrono::{DateTime, Utc};

use crate::{
    domain::{
        ids::WorkspaceId,
        workspace::{ContainerState, Observed, ObservedContainer, spec::Restart},
    },
    ports::provisioner::{ContainerIdentity, ContainerLogLine, EngineError, EngineResult},
};

/// 127.201.0.0, cut into networks of 32 addresses as the real adapter's default does. All of it leads to this machine, so
/// that a test can be the component.
const POOL: u32 = 0x7fc9_0000;
const SUBNET: u32 = 32;
const SUBNETS: u32 = 2048;

/// As the real adapter bounds them.
const FAILED_RESTARTS: u32 = 10;

#[derive(Default)]
pub(super) struct Objects {
    workspaces: BTreeMap<WorkspaceId, Owned>,
    /// Whose container has a name.
    containers: HashMap<String, WorkspaceId>,
    volumes: HashMap<String, WorkspaceId>,
    networks: HashMap<String, WorkspaceId>,
    subnets: BTreeSet<u32>,
    pub(super) foreign_containers: HashSet<String>,
    pub(super) foreign_volumes: HashSet<String>,
}

#[derive(Default)]
struct Owned {
    network: Option<Network>,
    volumes: BTreeSet<String>,
    containers: BTreeMap<String, Container>,
}

struct Network {
    name: String,
    subnet: u32,
}

pub(super) struct Container {
    pub(super) identity: ContainerIdentity,
    pub(super) network: String,
    pub(super) image: String,
    pub(super) volumes: Vec<String>,
    pub(super) restart: Restart,
    pub(super) memory_limit: u64,
    pub(super) port: Option<u16>,
    pub(super) state: ContainerState,
    pub(super) address: Option<Ipv4Addr>,
    pub(super) restarts: u32,
    pub(super) started_at: Option<DateTime<Utc>>,
    pub(super) logs: Vec<ContainerLogLine>,
}

impl Container {
    /// Its program ended; Docker may start it again.
    pub(super) fn end(&mut self, code: i64, out_of_memory: bool, now: DateTime<Utc>) {
        let again = match self.restart {
            Restart::No => false,
            Restart::OnFailure => code != 0 && self.restarts < FAILED_RESTARTS,
            Restart::Always => true,
        };
        if again {
            self.restarts += 1;
            self.started_at = Some(now);
            self.state = ContainerState::Restarting;
        } else {
            self.state = ContainerState::Exited { code, out_of_memory };
        }
        self.address = None;
    }

    fn observed(&self, name: &str) -> ObservedContainer {
        ObservedContainer {
            name: name.to_owned(),
            component: self.identity.component.clone(),
            generation: self.identity.generation,
            state: self.state,
            address: self.address.map(IpAddr::V4).filter(|_| self.state == ContainerState::Running),
            image: self.image.clone(),
            restarts: self.restarts,
            started_at: self.started_at,
        }
    }
}

impl Owned {
    fn observed(&self) -> Observed {
        Observed {
            network: self.network.is_some(),
            volumes: self.volumes.clone(),
            containers: self.containers.iter().map(|(name, container)| container.observed(name)).collect(),
        }
    }

    fn is_empty(&self) -> bool {
        self.network.is_none() && self.volumes.is_empty() && self.containers.is_empty()
    }
}

impl Objects {
    pub(super) fn observe(&self, workspace: WorkspaceId) -> Observed {
        self.workspaces.get(&workspace).map(Owned::observed).unwrap_or_default()
    }

    pub(super) fn inventory(&self) -> BTreeMap<WorkspaceId, Observed> {
        self.workspaces.iter().map(|(workspace, owned)| (*workspace, owned.observed())).collect()
    }

    pub(super) fn find(&self, name: &str) -> Option<ObservedContainer> {
        Some(self.container(name)?.observed(name))
    }

    pub(super) fn container(&self, name: &str) -> Option<&Container> {
        self.workspaces.get(self.containers.get(name)?)?.containers.get(name)
    }

    pub(super) fn container_mut(&mut self, name: &str) -> Option<&mut Container> {
        self.workspaces.get_mut(self.containers.get(name)?)?.containers.get_mut(name)
    }

    pub(super) fn ensure_network(&mut self, name: &str, workspace: WorkspaceId) -> EngineResult<()> {
        if self.networks.get(name) == Some(&workspace) {
            return Ok(());
        }
        let free = (0..SUBNETS).find(|subnet| !self.subnets.contains(subnet));
        let subnet = free.ok_or_else(|| EngineError::NoSubnet("127.201.0.0/16".into()))?;
        self.subnets.insert(subnet);
        self.networks.insert(name.to_owned(), workspace);
        let network = Network { name: name.to_owned(), subnet };
        self.workspaces.entry(workspace).or_default().network = Some(network);
        Ok(())
    }

    pub(super) fn remove_network(&mut self, name: &str) {
        let Some(workspace) = self.networks.remove(name) else { return };
        if let Some(network) = self.workspaces.get_mut(&workspace).and_then(|owned| owned.network.take()) {
            self.subnets.remove(&network.subnet);
        }
        self.forget_if_empty(workspace);
    }

    pub(super) fn ensure_volume(&mut self, name: &str, workspace: WorkspaceId) -> EngineResult<()> {
        let owner = self.volumes.get(name);
        if self.foreign_volumes.contains(name) || owner.is_some_and(|owner| *owner != workspace) {
            return Err(EngineError::Foreign { kind: "volume", name: name.to_owned() });
        }
        self.volumes.insert(name.to_owned(), workspace);
        self.workspaces.entry(workspace).or_default().volumes.insert(name.to_owned());
        Ok(())
    }

    pub(super) fn remove_volume(&mut self, name: &str) -> EngineResult<()> {
        let Some(workspace) = self.volumes.get(name).copied() else { return Ok(()) };
        let in_use =
            |owned: &Owned| owned.containers.values().any(|c| c.volumes.iter().any(|volume| volume == name));
        if self.workspaces.values().any(in_use) {
            return Err(EngineError::Engine(format!("volume {name} is in use")));
        }
        self.volumes.remove(name);
        if let Some(owned) = self.workspaces.get_mut(&workspace) {
            owned.volumes.remove(name);
        }
        self.forget_if_empty(workspace);
        Ok(())
    }

    pub(super) fn ensure_container(&mut self, name: &str, container: Container) -> EngineResult<()> {
        let taken = self.container(name).is_some_and(|existing| existing.identity != container.identity);
        if taken || self.foreign_containers.contains(name) {
            return Err(EngineError::Foreign { kind: "container", name: name.to_owned() });
        }
        let workspace = container.identity.workspace;
        self.containers.insert(name.to_owned(), workspace);
        self.workspaces.entry(workspace).or_default().containers.entry(name.to_owned()).or_insert(container);
        Ok(())
    }

    pub(super) fn remove_container(&mut self, name: &str) -> Option<WorkspaceId> {
        let workspace = self.containers.remove(name)?;
        self.workspaces.get_mut(&workspace)?.containers.remove(name);
        self.forget_if_empty(workspace);
        Some(workspace)
    }

    /// The lowest address of the container's network that no running container has.
    pub(super) fn free_address(&self, container: &str) -> EngineResult<Ipv4Addr> {
        let missing = |kind, name: &str| EngineError::NotFound { kind, name: name.to_owned() };
        let found = self.container(container).ok_or_else(|| missing("container", container))?;
        let owned = self.workspaces.get(&found.identity.workspace);
        let network =
            owned.and_then(|owned| owned.network.as_ref()).filter(|network| network.name == found.network);
        let network = network.ok_or_else(|| missing("network", &found.network))?;
        let taken: BTreeSet<_> = owned
            .iter()
            .flat_map(|owned| owned.containers.values())
            .filter_map(|container| container.address)
            .collect();
        // The first address is the gateway's, the last one for broadcasts.
        let start = POOL + network.subnet * SUBNET;
        let mut addresses = (start + 2..start + SUBNET - 1).map(Ipv4Addr::from_bits);
        addresses
            .find(|address| !taken.contains(address))
            .ok_or_else(|| EngineError::Refused(format!("network {} has no free address", network.name)))
    }

    /// A running container that must not run beside this one: of the same component, or with the same volume.
    pub(super) fn runs_beside(&self, name: &str) -> Option<String> {
        let starting = self.container(name)?;
        let others = self.workspaces.values().flat_map(|owned| &owned.containers);
        let mut running = others.filter(|(other, it)| *other != name && it.state.is_active());
        running.find_map(|(other, it)| {
            let same = it.identity.workspace == starting.identity.workspace
                && it.identity.component == starting.identity.component;
            let shares = it.volumes.iter().any(|volume| starting.volumes.contains(volume));
            (same || shares).then(|| format!("{name} was started while {other} runs"))
        })
    }

    pub(super) fn running_at(&self, address: IpAddr) -> Option<&Container> {
        let IpAddr::V4(address) = address else { return None };
        let subnet = address.to_bits().checked_sub(POOL)? / SUBNET;
        let at_subnet =
            |owned: &&Owned| owned.network.as_ref().is_some_and(|network| network.subnet == subnet);
        let owned = self.workspaces.values().find(at_subnet)?;
        owned.containers.values().find(|container| container.address == Some(address))
    }

    fn forget_if_empty(&mut self, workspace: WorkspaceId) {
        if self.workspaces.get(&workspace).is_some_and(Owned::is_empty) {
            self.workspaces.remove(&workspace);
        }
    }
}
