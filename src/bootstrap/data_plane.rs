//! Which data plane the configuration asks for.

use std::{
    fs,
    io::Write,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    os::unix::fs::OpenOptionsExt,
    path::Path,
    sync::Arc,
};

use anyhow::Context;
use ipnet::IpNet;

use crate::{
    adapters::{
        master_key::MasterKey,
        proxy::{
            EmbeddedProxy,
            traefik::{
                ConfigurationFile, Delivery, ServedConfiguration, Shape, TraefikProxy, TraefikSettings,
                TraefikUrl,
            },
        },
    },
    config::{Config, ConfigError, ProxyMode},
    domain::{ids::InstallationId, secret::Secret},
    http::{edge::FORWARD_AUTH, traefik::RoutesForTraefik},
    ports::proxy::ProxyProvider,
};

/// In the data directory.
const TOKEN_FILE: &str = "traefik.token";

/// What can be found out of the settings before anything else happens.
pub(super) struct Outside {
    delivery: Delivery,
    shape: Shape,
    url: Option<TraefikUrl>,
}

/// `None`: we are the data plane ourselves.
pub(super) fn outside(config: &Config) -> Result<Option<Outside>, ConfigError> {
    let proxy = &config.proxy;
    let url = proxy.traefik_url().map(TraefikUrl::parse).transpose();
    let url = url.map_err(|error| ConfigError::new("DEVSANCTUM_TRAEFIK_URL", error.to_string()))?;
    let file = || match proxy.traefik_file() {
        Some(path) => {
            ConfigurationFile::at(path.clone()).map(|file| Some(Delivery::File(file))).map_err(|error| {
                let message =
                    format!("cannot be written: {error}; its directory must be there, and ours to write to");
                ConfigError::new("DEVSANCTUM_TRAEFIK_FILE", message)
            })
        }
        None => Ok(None),
    };
    let served = || Delivery::Http(Arc::new(ServedConfiguration::default()));
    let (delivery, shape) = match proxy.proxy {
        ProxyMode::Embedded => return Ok(None),
        ProxyMode::TraefikRest => (Delivery::Rest, Shape::PerRoute),
        ProxyMode::TraefikHttp => (served(), Shape::PerRoute),
        ProxyMode::TraefikFile => {
            let missing = || ConfigError::new("DEVSANCTUM_TRAEFIK_FILE", "is missing");
            (file()?.ok_or_else(missing)?, Shape::PerRoute)
        }
        ProxyMode::TraefikWildcard => {
            let pushed = url.as_ref().map(|_| Delivery::Rest);
            (file()?.or(pushed).unwrap_or_else(served), Shape::Wildcard)
        }
    };
    Ok(Some(Outside { delivery, shape, url }))
}

pub(super) struct DataPlane {
    pub provider: Arc<dyn ProxyProvider>,
    pub routes_for_traefik: Option<RoutesForTraefik>,
}

pub(super) struct Here<'a> {
    pub edge: Arc<EmbeddedProxy>,
    pub installation: InstallationId,
    pub address: SocketAddr,
    pub access_host: &'a str,
    pub master_key: &'a MasterKey,
}

pub(super) fn build(config: &Config, outside: Option<Outside>, here: Here<'_>) -> anyhow::Result<DataPlane> {
    let Some(Outside { delivery, shape, url }) = outside else {
        return Ok(DataPlane { provider: here.edge, routes_for_traefik: None });
    };
    let asks_us = matches!(delivery, Delivery::Http(_));
    if url.is_none() {
        tracing::warn!(
            "without DEVSANCTUM_TRAEFIK_URL nobody sees which routes are in force: new ones may answer late, and \
             stopping a workspace waits a moment"
        );
    }
    let edge_urls = match config.proxy.internal_urls() {
        [] => vec![format!("http://{}", from_this_machine(here.address))],
        urls => urls.to_vec(),
    };
    let settings = TraefikSettings {
        installation: here.installation,
        workspace_domain: config.server.workspace_domain.clone(),
        access_host: here.access_host.to_owned(),
        entry_points: config.proxy.traefik_entrypoints().to_vec(),
        cert_resolver: config.proxy.traefik_cert_resolver().map(str::to_owned),
        domain_cert_resolver: config.proxy.traefik_domain_cert_resolver().map(str::to_owned),
        forward_auth: edge_urls.first().map(|url| format!("{url}{FORWARD_AUTH}")),
        edge_urls,
    };
    let settings =
        settings.checked().map_err(|error| ConfigError::new("DEVSANCTUM_WORKSPACE_DOMAIN", error))?;
    let traefik = TraefikProxy::new(here.edge, settings, shape, delivery, url);
    let traefik = Arc::new(traefik.context("the client for Traefik's API cannot be made")?);
    let routes_for_traefik = match asks_us {
        true => Some(RoutesForTraefik { server: traefik.clone(), token: token(config, here.master_key)? }),
        false => None,
    };
    Ok(DataPlane { provider: traefik, routes_for_traefik })
}

/// Proxies that may ask who may come in: those whose word counts, and one on this machine unless others are named.
pub(super) fn who_asks_about_visits(config: &Config) -> Vec<IpNet> {
    let trusted = config.server.trusted_proxies();
    if !trusted.is_empty() {
        return trusted;
    }
    let network = |address: IpAddr, prefix| IpNet::new(address, prefix).ok();
    let here = [network(Ipv4Addr::LOCALHOST.into(), 8), network(Ipv6Addr::LOCALHOST.into(), 128)];
    here.into_iter().flatten().map(|network| network.trunc()).collect()
}

/// An address that we listen on "everywhere" is reached through the loopback.
fn from_this_machine(mut address: SocketAddr) -> SocketAddr {
    match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => address.set_ip(Ipv4Addr::LOCALHOST.into()),
        IpAddr::V6(ip) if ip.is_unspecified() => address.set_ip(Ipv6Addr::LOCALHOST.into()),
        _ => {}
    }
    address
}

/// The same on every server with this master key; in a file for whoever sets Traefik up.
fn token(config: &Config, master_key: &MasterKey) -> anyhow::Result<Secret> {
    if let Some(token) = config.proxy.traefik_token() {
        return Ok(token.clone());
    }
    let token = hex::encode(&master_key.derive("token for Traefik's HTTP provider")[..]);
    let path = config.storage.data_dir.join(TOKEN_FILE);
    keep(&path, &token).with_context(|| format!("cannot write {}", path.display()))?;
    tracing::info!(file = %path.display(), "Traefik's HTTP provider shows the token in this file");
    Ok(Secret::new(token))
}

fn keep(path: &Path, token: &str) -> std::io::Result<()> {
    let mut file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
    writeln!(file, "{token}")
}
