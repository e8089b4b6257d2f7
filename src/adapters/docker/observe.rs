//! What the host has, found by labels: one list of each kind, all at once, and an inspect of each container for what a
//! list does not say.

use std::{collections::BTreeMap, net::IpAddr};

use bollard::{
    models::{
        ContainerInspectResponse, ContainerState as EngineState, ContainerStateStatusEnum, ContainerSummary,
        ContainerSummaryStateEnum,
    },
    query_parameters::{ListContainersOptionsBuilder, ListNetworksOptionsBuilder, ListVolumesOptionsBuilder},
};
use chrono::{DateTime, Utc};
use futures::{StreamExt, TryStreamExt, stream};

use super::{Engine, client::LOOK, error::check_name};
use crate::{
    domain::{
        host::HostFacts,
        ids::WorkspaceId,
        workspace::{ContainerState, Observed, ObservedContainer, observed::Inventory},
    },
    ports::provisioner::{ContainerIdentity, EngineResult},
};

/// Inspects under way at once.
const INSPECTS: usize = 16;

impl Engine {
    pub(super) async fn facts(&self) -> EngineResult<HostFacts> {
        let (info, version) = tokio::try_join!(
            self.client.call("asking for the engine's facts", LOOK, self.docker().info()),
            self.client.call("asking for the engine's version", LOOK, self.docker().version()),
        )?;
        Ok(HostFacts {
            engine_version: version.version.unwrap_or_default(),
            api_version: version.api_version.unwrap_or_default(),
            operating_system: info.operating_system.unwrap_or_default(),
            architecture: info.architecture.unwrap_or_default(),
            cpus: info.ncpu.and_then(|cpus| cpus.try_into().ok()).unwrap_or(0),
            memory_bytes: info.mem_total.and_then(|bytes| bytes.try_into().ok()).unwrap_or(0),
            storage_driver: info.driver.unwrap_or_default(),
            cgroup_version: info.cgroup_version.map(|version| version.to_string()).unwrap_or_default(),
        })
    }

    pub(super) async fn observe(&self, workspace: WorkspaceId) -> EngineResult<Observed> {
        let mut found = self.survey(Some(workspace)).await?;
        Ok(found.remove(&workspace).unwrap_or_default())
    }

    pub(super) async fn inventory(&self) -> EngineResult<Inventory> {
        Ok(Inventory { workspaces: self.survey(None).await? })
    }

    async fn survey(&self, workspace: Option<WorkspaceId>) -> EngineResult<BTreeMap<WorkspaceId, Observed>> {
        let filters = self.labels.filter(workspace);
        let containers = ListContainersOptionsBuilder::new().all(true).filters(&filters).build();
        let networks = ListNetworksOptionsBuilder::new().filters(&filters).build();
        let volumes = ListVolumesOptionsBuilder::new().filters(&filters).build();
        let (containers, networks, volumes) = tokio::try_join!(
            self.client.call("listing containers", LOOK, self.docker().list_containers(Some(containers))),
            self.client.call("listing networks", LOOK, self.docker().list_networks(Some(networks))),
            self.client.call("listing volumes", LOOK, self.docker().list_volumes(Some(volumes))),
        )?;

        let mut found: BTreeMap<WorkspaceId, Observed> = BTreeMap::new();
        for network in networks {
            if let Some(workspace) = self.labels.workspace(network.labels.as_ref()) {
                found.entry(workspace).or_default().network = true;
            }
        }
        for volume in volumes.volumes.unwrap_or_default() {
            if let Some(workspace) = self.labels.workspace(Some(&volume.labels)) {
                found.entry(workspace).or_default().volumes.insert(volume.name);
            }
        }
        let observed: Vec<_> = stream::iter(containers)
            .map(|summary| self.observe_container(summary))
            .buffered(INSPECTS)
            .try_collect()
            .await?;
        for (workspace, container) in observed.into_iter().flatten() {
            found.entry(workspace).or_default().containers.push(container);
        }
        for observed in found.values_mut() {
            observed.containers.sort_by(|a, b| a.name.cmp(&b.name));
        }
        Ok(found)
    }

    /// `None`: its labels cannot be read, or it went away since it was listed.
    async fn observe_container(
        &self,
        summary: ContainerSummary,
    ) -> EngineResult<Option<(WorkspaceId, ObservedContainer)>> {
        // Of a container that never ran the list says all there is to know.
        if summary.state == Some(ContainerSummaryStateEnum::CREATED) {
            let identity = self.labels.identity(summary.labels.as_ref());
            return Ok(identity.map(|identity| (identity.workspace, created(identity, summary))));
        }
        let Some(details) = self.look(&summary.id.unwrap_or_default()).await? else { return Ok(None) };
        Ok(self.identity_of(&details).map(|identity| (identity.workspace, inspected(identity, details))))
    }

    pub(super) async fn find_container(&self, name: &str) -> EngineResult<Option<ObservedContainer>> {
        check_name("container", name)?;
        let details = self.look(name).await?;
        Ok(details.and_then(|details| Some(inspected(self.identity_of(&details)?, details))))
    }
}

fn created(identity: ContainerIdentity, summary: ContainerSummary) -> ObservedContainer {
    ObservedContainer {
        name: name_of(&summary),
        component: identity.component,
        generation: identity.generation,
        state: ContainerState::Created,
        address: None,
        image: summary.image.unwrap_or_default(),
        restarts: 0,
        started_at: None,
    }
}

fn inspected(identity: ContainerIdentity, details: ContainerInspectResponse) -> ObservedContainer {
    let address = address_of(&details);
    let state = details.state.unwrap_or_default();
    let started_at = state.started_at.as_deref().and_then(parse_time);
    let state = read_state(&state);
    ObservedContainer {
        name: details.name.unwrap_or_default().trim_start_matches('/').to_owned(),
        component: identity.component,
        generation: identity.generation,
        state,
        address: address.filter(|_| state == ContainerState::Running),
        image: details.config.and_then(|config| config.image).unwrap_or_default(),
        restarts: details.restart_count.and_then(|count| count.try_into().ok()).unwrap_or(0),
        started_at,
    }
}

fn read_state(state: &EngineState) -> ContainerState {
    match state.status {
        Some(ContainerStateStatusEnum::RUNNING) => ContainerState::Running,
        Some(ContainerStateStatusEnum::PAUSED) => ContainerState::Paused,
        Some(ContainerStateStatusEnum::RESTARTING) => ContainerState::Restarting,
        Some(ContainerStateStatusEnum::CREATED) => ContainerState::Created,
        Some(ContainerStateStatusEnum::REMOVING | ContainerStateStatusEnum::DEAD) => ContainerState::Dead,
        _ => ContainerState::Exited {
            code: state.exit_code.unwrap_or(0),
            out_of_memory: state.oom_killed.unwrap_or(false),
        },
    }
}

fn name_of(summary: &ContainerSummary) -> String {
    let names = summary.names.iter().flatten();
    // Names begin with a slash; one with two is an alias by which a link calls it.
    let mut own = names.filter_map(|name| name.strip_prefix('/')).filter(|name| !name.contains('/'));
    own.next().unwrap_or_default().to_owned()
}

fn address_of(details: &ContainerInspectResponse) -> Option<IpAddr> {
    let network = details.host_config.as_ref()?.network_mode.as_ref()?;
    let networks = details.network_settings.as_ref()?.networks.as_ref()?;
    networks.get(network)?.ip_address.as_ref()?.parse().ok()
}

/// Docker writes the year 1 for "never".
pub(super) fn parse_time(text: &str) -> Option<DateTime<Utc>> {
    let time = DateTime::parse_from_rfc3339(text).ok()?.to_utc();
    (time.timestamp() > 0).then_some(time)
}
