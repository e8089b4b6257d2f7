//! What of a message's head goes on, and what the proxy says itself.

use std::net::IpAddr;

use http::{
    HeaderMap, HeaderName, HeaderValue,
    header::{
        AUTHORIZATION, CONNECTION, CONTENT_LENGTH, COOKIE, EXPECT, FORWARDED, HOST, PROXY_AUTHENTICATE,
        PROXY_AUTHORIZATION, SET_COOKIE, TE, TRANSFER_ENCODING, UPGRADE,
    },
};

use super::cookies;
use crate::ports::proxy::{IDENTITY_HEADER, Introduction};

const KEEP_ALIVE: HeaderName = HeaderName::from_static("keep-alive");
const PROXY_CONNECTION: HeaderName = HeaderName::from_static("proxy-connection");
const CLEAR_SITE_DATA: HeaderName = HeaderName::from_static("clear-site-data");
const X_DEVSANCTUM_IDENTITY: HeaderName = HeaderName::from_static(IDENTITY_HEADER);
const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const X_FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const X_FORWARDED_PORT: HeaderName = HeaderName::from_static("x-forwarded-port");
const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const X_REAL_IP: HeaderName = HeaderName::from_static("x-real-ip");

/// Meant for one connection only (RFC 9110, 7.6.1).
const HOP_BY_HOP: [HeaderName; 8] = [
    CONNECTION,
    KEEP_ALIVE,
    PROXY_CONNECTION,
    PROXY_AUTHENTICATE,
    PROXY_AUTHORIZATION,
    TE,
    TRANSFER_ENCODING,
    UPGRADE,
];

/// How API tokens of the platform begin.
const PLATFORM_TOKEN: &[u8] = b"dvs_";

/// The peer of one connection, with what every request of it says about it.
#[derive(Debug)]
pub struct Client {
    /// It is a proxy of ours: what it says about who is behind it goes on.
    trusted: bool,
    address: HeaderValue,
    forwarded: HeaderValue,
}

impl Client {
    pub(super) fn new(peer: IpAddr, trusted: bool) -> Self {
        let peer = peer.to_canonical();
        let value = |text: String| HeaderValue::try_from(text).expect("an address is visible ASCII");
        let forwarded = match peer {
            IpAddr::V4(peer) => format!("for={peer};proto=http"),
            IpAddr::V6(peer) => format!("for=\"[{peer}]\";proto=http"),
        };
        Self { trusted, address: value(peer.to_string()), forwarded: value(forwarded) }
    }
}

/// Turns the headers a client sent into those its component gets. `Host` must be there; it stays as it is.
pub(super) fn to_backend(headers: &mut HeaderMap, client: &Client) {
    let trailers = headers.get(TE).is_some_and(|te| te.as_bytes().eq_ignore_ascii_case(b"trailers"));
    remove_hop_by_hop(headers);
    // Answered on this side, by the server, as soon as the body is read.
    headers.remove(EXPECT);
    remove_platform_headers(headers);
    if headers.contains_key(COOKIE) {
        cookies::strip_request(headers);
    }
    if headers.get_all(AUTHORIZATION).iter().any(is_platform_token) {
        headers.remove(AUTHORIZATION);
    }
    if trailers {
        headers.insert(TE, HeaderValue::from_static("trailers"));
    }
    say_who_asks(headers, client);
}

/// Names the visitor, after everything that the client sent under this name was removed.
pub(super) fn introduce(headers: &mut HeaderMap, Introduction(visitor): Introduction) {
    headers.insert(X_DEVSANCTUM_IDENTITY, visitor);
}

/// Turns the headers of a component's answer into those its client gets.
pub(super) fn to_client(headers: &mut HeaderMap) {
    // Beside it a length means nothing (RFC 9112, 6.3), and the body goes on in a framing of ours.
    if headers.contains_key(TRANSFER_ENCODING) {
        headers.remove(CONTENT_LENGTH);
    }
    remove_hop_by_hop(headers);
    remove_platform_headers(headers);
    // It would sign its reader out of the control plane too: cookies are cleared for the whole registrable domain.
    headers.remove(CLEAR_SITE_DATA);
    if headers.contains_key(SET_COOKIE) {
        cookies::restrict_response(headers);
    }
}

fn say_who_asks(headers: &mut HeaderMap, client: &Client) {
    if client.trusted {
        append(headers, X_FORWARDED_FOR, &client.address);
        append(headers, FORWARDED, &client.forwarded);
        for (name, value) in
            [(X_FORWARDED_PROTO, HeaderValue::from_static("http")), (X_REAL_IP, client.address.clone())]
        {
            headers.entry(name).or_insert(value);
        }
        if !headers.contains_key(X_FORWARDED_HOST)
            && let Some(host) = headers.get(HOST).cloned()
        {
            headers.insert(X_FORWARDED_HOST, host);
        }
        return;
    }
    headers.remove(X_FORWARDED_PORT);
    headers.insert(X_FORWARDED_FOR, client.address.clone());
    headers.insert(X_REAL_IP, client.address.clone());
    headers.insert(FORWARDED, client.forwarded.clone());
    headers.insert(X_FORWARDED_PROTO, HeaderValue::from_static("http"));
    if let Some(host) = headers.get(HOST).cloned() {
        headers.insert(X_FORWARDED_HOST, host);
    }
}

/// Adds `value` to the list a proxy before us began, in one line.
fn append(headers: &mut HeaderMap, name: HeaderName, value: &HeaderValue) {
    let mut list = Vec::new();
    for before in headers.get_all(&name) {
        list.extend_from_slice(before.as_bytes());
        list.extend_from_slice(b", ");
    }
    list.extend_from_slice(value.as_bytes());
    // Parts of valid values with a separator between are a valid value.
    headers.insert(name, HeaderValue::from_bytes(&list).unwrap_or_else(|_| value.clone()));
}

fn remove_hop_by_hop(headers: &mut HeaderMap) {
    // Whatever `Connection` names is meant for this hop, but for what says where a message goes and how long it is.
    if headers.contains_key(CONNECTION) {
        let named: Vec<HeaderName> = headers
            .get_all(CONNECTION)
            .iter()
            .flat_map(|value| value.as_bytes().split(|byte| *byte == b','))
            .filter_map(|name| HeaderName::from_bytes(name.trim_ascii()).ok())
            .filter(|name| name != HOST && name != CONTENT_LENGTH)
            .collect();
        for name in named {
            headers.remove(name);
        }
    }
    for name in HOP_BY_HOP {
        headers.remove(name);
    }
}

/// Headers in our name are said by us alone. Trailers too: there are servers that merge them into the headers.
pub(super) fn remove_platform_headers(headers: &mut HeaderMap) {
    while let Some(name) = headers.keys().find(|name| is_platform_name(name.as_str())).cloned() {
        headers.remove(name);
    }
}

/// Many components read `_` in a name as `-` (CGI, and what comes of it: WSGI, Rack, PHP).
fn is_platform_name(name: &str) -> bool {
    const OURS: &[u8] = b"devsanctum-";
    let begins = |name: &[u8], with: &[u8]| {
        let byte = |byte: &u8| if *byte == b'_' { b'-' } else { *byte };
        name.len() >= with.len() && name.iter().zip(with).all(|(is, wanted)| byte(is) == *wanted)
    };
    let name = name.as_bytes();
    begins(name, OURS) || begins(name, b"x-") && begins(&name[2..], OURS)
}

fn is_platform_token(value: &HeaderValue) -> bool {
    let value = value.as_bytes();
    value.split_at_checked(b"bearer ".len()).is_some_and(|(scheme, token)| {
        scheme.eq_ignore_ascii_case(b"bearer ") && token.trim_ascii_start().starts_with(PLATFORM_TOKEN)
    })
}

#[cfg(test)]
mod tests {
    use super::is_platform_name;

    #[test]
    fn our_names_are_ours_however_they_are_joined() {
        for ours in [
            "x-devsanctum-identity",
            "x_devsanctum_identity",
            "x-devsanctum_identity",
            "x_devsanctum-identity",
            "devsanctum_user",
            "devsanctum-",
        ] {
            assert!(is_platform_name(ours), "{ours}");
        }
        for others in
            ["", "x", "x-", "x_", "devsanctum", "x-devsanctum", "my-devsanctum-x", "x-devsanctums-x"]
        {
            assert!(!is_platform_name(others), "{others}");
        }
    }
}
