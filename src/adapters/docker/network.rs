//! One bridge network per workspace, from our pool of subnets.
//!
//! Docker lets two networks have one name, and refuses two that overlap. So a create is followed by a look: of several
//! networks that are this one, all who look keep the same, the oldest.

use std::{collections::HashMap, time::Instant};

use bollard::{
    models::{Ipam, IpamConfig, Network, NetworkCreateRequest, NetworkDisconnectRequest},
    query_parameters::{InspectNetworkOptions, ListNetworksOptionsBuilder},
};
use ipnet::Ipv4Net;

use super::{
    Engine,
    client::{CHANGE, LOOK},
    error::{CallResult, check_name},
    subnet,
};
use crate::ports::provisioner::{EngineError, EngineResult, NetworkRequest};

/// Tries before asking which subnets are taken: up to a load of three quarters of the pool, nine in ten need no more.
const BLIND_TRIES: usize = 8;

/// Tries of subnets that were free a moment ago.
const INFORMED_TRIES: usize = 32;

/// The engine's words for a network that a running container is connected to.
const IN_USE: &str = "active endpoints";

impl Engine {
    pub(super) async fn ensure_network(&self, request: &NetworkRequest) -> EngineResult<()> {
        check_name("network", &request.name)?;
        if self.settle_network(request).await? {
            return Ok(());
        }
        self.create_network(request).await?;
        if self.settle_network(request).await? {
            return Ok(());
        }
        Err(EngineError::Engine(format!("network {} is gone right after it was made", request.name)))
    }

    /// In the first free subnet. That the subnet is not free may mean that the network was just made by somebody else.
    async fn create_network(&self, request: &NetworkRequest) -> EngineResult<()> {
        let rests = |subnet: &Ipv4Net| self.resting.rests(subnet, request.workspace, Instant::now());
        let candidates = || self.subnets.candidates(request.workspace);
        for subnet in candidates().filter(|candidate| !rests(candidate)).take(BLIND_TRIES) {
            if self.try_subnet(request, subnet).await? || self.settle_network(request).await? {
                return Ok(());
            }
        }
        let taken = self.taken_subnets().await?;
        let free: Vec<_> = candidates()
            .filter(|candidate| !taken.iter().any(|taken| subnet::overlap(taken, candidate)))
            .collect();
        for subnet in free.iter().copied().filter(|free| !rests(free)).take(INFORMED_TRIES) {
            if self.try_subnet(request, subnet).await? || self.settle_network(request).await? {
                return Ok(());
            }
        }
        let pool = self.subnets.pool().to_string();
        Err(if free.iter().any(rests) { EngineError::SubnetsRest(pool) } else { EngineError::NoSubnet(pool) })
    }

    /// `false`: something else has addresses of this subnet.
    async fn try_subnet(&self, request: &NetworkRequest, subnet: Ipv4Net) -> EngineResult<bool> {
        let body = NetworkCreateRequest {
            name: request.name.clone(),
            driver: Some("bridge".into()),
            labels: Some(self.labels.network(request.workspace)),
            ipam: Some(Ipam {
                driver: Some("default".into()),
                config: Some(vec![IpamConfig { subnet: Some(subnet.to_string()), ..IpamConfig::default() }]),
                options: None,
            }),
            ..NetworkCreateRequest::default()
        };
        match self.client.call("creating a network", CHANGE, self.docker().create_network(body)).await {
            Ok(_) => Ok(true),
            Err(failed) if failed.says("overlap") => Ok(false),
            // Engines from API 1.44 on refuse a second network of the name.
            Err(failed) if failed.is(409) => match self.settle_network(request).await? {
                true => Ok(true),
                false => Err(EngineError::Foreign { kind: "network", name: request.name.clone() }),
            },
            Err(failed) => Err(failed.into()),
        }
    }

    /// Whether the workspace has its network; of several, all but the oldest are removed.
    async fn settle_network(&self, request: &NetworkRequest) -> EngineResult<bool> {
        let mut networks = self.networks_named(&request.name).await?;
        networks.retain(|network| self.labels.workspace(network.labels.as_ref()) == Some(request.workspace));
        networks.sort_by(|a, b| (&a.created, &a.id).cmp(&(&b.created, &b.id)));
        for surplus in networks.iter().skip(1).filter_map(|network| network.id.as_deref()) {
            // Fails when containers use it already. Then it stays until the next call, and starts that name it fail.
            if let Err(failed) = self.delete_network(surplus).await {
                tracing::warn!(network = request.name, id = surplus, error = %failed, "a second network of this name stays");
            }
        }
        Ok(!networks.is_empty())
    }

    /// Those of exactly this name that are ours.
    async fn networks_named(&self, name: &str) -> EngineResult<Vec<Network>> {
        let mut filters = self.labels.filter(None);
        // Docker matches parts of names.
        filters.insert("name".into(), vec![name.to_owned()]);
        let options = ListNetworksOptionsBuilder::new().filters(&filters).build();
        let listed =
            self.client.call("listing networks", LOOK, self.docker().list_networks(Some(options))).await?;
        Ok(listed
            .into_iter()
            .filter(|network| {
                network.name.as_deref() == Some(name) && self.labels.is_ours(network.labels.as_ref())
            })
            .collect())
    }

    async fn taken_subnets(&self) -> EngineResult<Vec<Ipv4Net>> {
        let networks = self.client.call("listing networks", LOOK, self.docker().list_networks(None)).await?;
        Ok(networks.into_iter().flat_map(subnets_of).collect())
    }

    pub(super) async fn remove_network(&self, name: &str) -> EngineResult<()> {
        check_name("network", name)?;
        for network in self.networks_named(name).await? {
            let Some(id) = &network.id else { continue };
            match self.delete_network(id).await {
                Err(failed) if failed.says(IN_USE) => {
                    self.disconnect_all(id).await?;
                    self.delete_network(id).await.map_err(|failed| match failed.says(IN_USE) {
                        true => failed.passing(),
                        false => failed.into(),
                    })?;
                }
                result => result?,
            }
            let by = self.labels.workspace(network.labels.as_ref());
            for subnet in subnets_of(network) {
                self.resting.left(subnet, by, Instant::now());
            }
        }
        Ok(())
    }

    async fn delete_network(&self, id: &str) -> CallResult<()> {
        match self.client.call("removing a network", CHANGE, self.docker().remove_network(id)).await {
            Err(failed) if failed.is_missing() => Ok(()),
            result => result,
        }
    }

    /// Takes containers off that somebody else connected, and endpoints that an engine which crashed left behind.
    async fn disconnect_all(&self, network: &str) -> EngineResult<()> {
        let inspect = self.docker().inspect_network(network, None::<InspectNetworkOptions>);
        let endpoints: HashMap<_, _> = match self.client.call("inspecting a network", LOOK, inspect).await {
            Ok(network) => network.containers.unwrap_or_default(),
            Err(failed) if failed.is_missing() => return Ok(()),
            Err(failed) => return Err(failed.into()),
        };
        for container in endpoints.into_keys() {
            let body = NetworkDisconnectRequest { container, force: Some(true) };
            let call = self.docker().disconnect_network(network, body);
            match self.client.call("disconnecting a container", CHANGE, call).await {
                Err(failed) if failed.is_missing() => {}
                result => result?,
            }
        }
        Ok(())
    }
}

fn subnets_of(network: Network) -> impl Iterator<Item = Ipv4Net> {
    let configs = network.ipam.and_then(|ipam| ipam.config).into_iter().flatten();
    configs.filter_map(|config| config.subnet?.parse().ok())
}
