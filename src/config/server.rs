//! Where we listen and how people reach us.

use std::net::{IpAddr, SocketAddr};

use clap::Args;
use ipnet::IpNet;

#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Server")]
pub struct Server {
    /// Address of the UI, the API, the documentation and (with the embedded proxy) the workspaces, told apart by Host
    #[arg(long, env = "DEVSANCTUM_LISTEN", value_name = "ADDRESS:PORT", default_value = "127.0.0.1:7080")]
    pub listen: SocketAddr,

    /// What people type into their browser [default: http://localhost and the port of --listen]
    #[arg(long, env = "DEVSANCTUM_ACCESS_URL", value_name = "URL", value_parser = access_url)]
    access_url: Option<String>,

    /// Workspaces live below this domain; the default needs no DNS, browsers and curl resolve it by themselves
    #[arg(long, env = "DEVSANCTUM_WORKSPACE_DOMAIN", value_name = "DOMAIN", default_value = "localhost",
          value_parser = domain)]
    pub workspace_domain: String,

    /// Addresses or networks of proxies in front, separated by commas; only their forwarded headers count
    #[arg(long, env = "DEVSANCTUM_TRUSTED_PROXIES", value_name = "NETWORKS", default_value = "",
          hide_default_value = true, value_parser = networks)]
    trusted_proxies: Networks,
}

#[derive(Debug, Clone)]
pub(super) struct Networks(pub(super) Vec<IpNet>);

impl Server {
    /// `port` is the one we listen on, which the system chooses when the setting says 0.
    pub fn access_url(&self, port: u16) -> String {
        self.access_url.clone().unwrap_or_else(|| format!("http://localhost:{port}"))
    }

    pub fn trusted_proxies(&self) -> Vec<IpNet> {
        self.trusted_proxies.0.clone()
    }
}

/// A URL without path, query and credentials.
pub(super) fn bare_url(text: &str) -> Result<String, String> {
    access_url(text)
}

fn access_url(text: &str) -> Result<String, String> {
    let right = "must be like https://dev.example.org, without a path";
    let url: axum::http::Uri = text.trim_end_matches('/').parse().map_err(|_| right.to_owned())?;
    let valid = matches!(url.scheme_str(), Some("http" | "https"))
        && url.host().is_some_and(|host| !host.is_empty())
        && url.authority().is_some_and(|authority| !authority.as_str().contains('@'))
        && matches!(url.path(), "" | "/")
        && url.query().is_none();
    if valid { Ok(text.trim_end_matches('/').to_lowercase()) } else { Err(right.into()) }
}

fn domain(text: &str) -> Result<String, String> {
    /// Of a host name (RFC 1035, 2.3.4), less a label for the workspace.
    const MAX: usize = 253 - 64;
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    if text.len() <= MAX && text.split('.').all(is_label) {
        Ok(text.to_owned())
    } else {
        Err("must be a domain in lower case, like workspaces.example.org".into())
    }
}

pub(super) fn networks(text: &str) -> Result<Networks, String> {
    let network = |text: &str| {
        text.parse::<IpNet>()
            .or_else(|_| text.parse::<IpAddr>().map(IpNet::from))
            .map_err(|_| format!("{text} is neither an address nor a network like 10.0.0.0/8"))
    };
    let texts = text.split(',').map(str::trim).filter(|text| !text.is_empty());
    texts.map(network).collect::<Result<_, _>>().map(Networks)
}
