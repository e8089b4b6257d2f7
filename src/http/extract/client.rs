//! Where a request comes from.

use std::net::{IpAddr, SocketAddr};

use axum::{
    extract::{ConnectInfo, FromRef, FromRequestParts},
    http::{HeaderMap, header, request::Parts},
};
use ipnet::IpNet;

use crate::{
    app::auth::{self, Origin},
    http::{error::ApiError, state::ApiState},
};

/// The client's address, and what it says of itself.
///
/// A forwarded header counts only when the connection comes from a configured proxy, and then from the right: each hop
/// appends the address it saw, so the first one from the right that is not a proxy of ours is the client. What stands
/// further left anybody may have written.
#[derive(Debug, Clone)]
pub struct Client {
    /// `None` when the listener does not know, which only tests bring about.
    pub address: Option<IpAddr>,
    pub user_agent: String,
}

impl Client {
    pub fn of(parts: &Parts, trusted: &[IpNet]) -> Self {
        const MAX_USER_AGENT: usize = 255;
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip().to_canonical());
        let user_agent = parts.headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok());
        Self {
            address: peer.map(|peer| resolve(peer, &parts.headers, trusted)),
            user_agent: user_agent.unwrap_or_default().chars().take(MAX_USER_AGENT).collect(),
        }
    }

    /// What limits count by: an IPv4 address, or the /64 that one IPv6 client has for itself.
    pub fn network(&self) -> IpAddr {
        auth::places::network(self.address)
    }
}

fn resolve(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let is_trusted = |address: &IpAddr| trusted.iter().any(|net| net.contains(address));
    if !is_trusted(&peer) {
        return peer;
    }
    let forwarded: Vec<&str> = headers
        .get_all("x-forwarded-for")
        .iter()
        .flat_map(|value| value.to_str().unwrap_or_default().split(','))
        .map(str::trim)
        .collect();
    let mut client = peer;
    for hop in forwarded.into_iter().rev() {
        let Ok(address) = hop.parse::<IpAddr>() else { return client };
        client = address.to_canonical();
        if !is_trusted(&client) {
            return client;
        }
    }
    client
}

impl From<Client> for Origin {
    fn from(client: Client) -> Self {
        Self { address: client.address, user_agent: client.user_agent }
    }
}

impl<S> FromRequestParts<S> for Client
where
    S: Send + Sync,
    ApiState: FromRef<S>,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        Ok(Self::of(parts, &ApiState::from_ref(state).options.trusted_proxies))
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn client(peer: &str, forwarded: &'static str) -> String {
        let headers =
            HeaderMap::from_iter([("x-forwarded-for".parse().unwrap(), HeaderValue::from_static(forwarded))]);
        let trusted = ["10.0.0.0/8".parse().unwrap(), "fd00::/8".parse().unwrap()];
        resolve(peer.parse().unwrap(), &headers, &trusted).to_string()
    }

    #[test]
    fn only_a_configured_proxy_is_believed() {
        assert_eq!(client("203.0.113.9", "198.51.100.1"), "203.0.113.9");
        assert_eq!(client("10.0.0.1", "198.51.100.1"), "198.51.100.1");
    }

    #[test]
    fn what_the_client_wrote_itself_is_not_believed() {
        assert_eq!(client("10.0.0.1", "127.0.0.1, 198.51.100.1"), "198.51.100.1");
        assert_eq!(client("10.0.0.1", "127.0.0.1, 198.51.100.1, 10.0.0.2"), "198.51.100.1");
        assert_eq!(client("10.0.0.1", "198.51.100.1, unknown"), "10.0.0.1");
        assert_eq!(client("10.0.0.1", ""), "10.0.0.1");
    }

    #[test]
    fn one_ipv6_network_is_one_client_to_limits() {
        let network =
            |text: &str| Client { address: Some(text.parse().unwrap()), user_agent: String::new() }.network();
        assert_eq!(network("2001:db8:1:2:3:4:5:6"), network("2001:db8:1:2::1"));
        assert_ne!(network("2001:db8:1:2::1"), network("2001:db8:1:3::1"));
    }
}
