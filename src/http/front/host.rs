//! Which host a request is for. Read from `Host` or `:authority` alone: forwarded headers say nothing here.

use http::{Request, header::HOST};

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HostError {
    #[error("the request does not say which host it is for")]
    Missing,
    #[error("the request says twice which host it is for")]
    Several,
    #[error("the request's target and its Host header name different hosts")]
    Contradiction,
    #[error("the request's host is not a host name")]
    Invalid,
}

/// Who answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Destination<'a> {
    ControlPlane,
    /// A host name below the workspace domain; empty when it is not exactly one label below.
    Workspace {
        label: &'a str,
    },
    /// Another name: a workspace if it is a custom domain of one, else the control plane.
    Elsewhere {
        host: &'a str,
    },
}

/// The names this installation answers to.
#[derive(Debug, Clone)]
pub struct Hosts {
    /// Lower-case, without a dot at either end.
    workspace_domain: String,
    /// Lower-case. Reached even when it lies below the workspace domain.
    access_host: String,
}

impl Hosts {
    pub fn new(workspace_domain: &str, access_host: &str) -> Self {
        let plain = |name: &str| name.trim_matches('.').to_ascii_lowercase();
        Self { workspace_domain: plain(workspace_domain), access_host: plain(access_host) }
    }

    pub(super) fn destination<'a, B>(&self, request: &'a Request<B>) -> Result<Destination<'a>, HostError> {
        let host = name_of(authority(request)?)?;
        let is_own = |own: &str| host.eq_ignore_ascii_case(own);
        if is_own(&self.access_host) || is_own(&self.workspace_domain) {
            return Ok(Destination::ControlPlane);
        }
        let Some(below) = below(host, &self.workspace_domain) else {
            return Ok(Destination::Elsewhere { host });
        };
        Ok(Destination::Workspace { label: if below.contains('.') { "" } else { below } })
    }
}

/// The one authority of a request (RFC 9112, 3.2; RFC 9113, 8.3.1).
fn authority<B>(request: &Request<B>) -> Result<&str, HostError> {
    let mut hosts = request.headers().get_all(HOST).iter();
    let header = match hosts.next() {
        Some(host) => Some(host.to_str().map_err(|_| HostError::Invalid)?),
        None => None,
    };
    if hosts.next().is_some() {
        return Err(HostError::Several);
    }
    match (request.uri().authority(), header) {
        (Some(target), Some(header)) if !target.as_str().eq_ignore_ascii_case(header) => {
            Err(HostError::Contradiction)
        }
        (_, Some(header)) => Ok(header),
        (Some(target), None) => Ok(target.as_str()),
        (None, None) => Err(HostError::Missing),
    }
}

/// The host name in `name[:port]`, without the dot that may end it. An IPv6 address keeps its brackets.
fn name_of(authority: &str) -> Result<&str, HostError> {
    let (name, port) = match authority.rfind(':') {
        Some(colon) if !authority.ends_with(']') => (&authority[..colon], &authority[colon + 1..]),
        _ => (authority, ""),
    };
    let bracketed = name.starts_with('[') && name.ends_with(']');
    let in_name = |byte: u8| {
        byte.is_ascii_alphanumeric()
            || matches!(byte, b'-' | b'.' | b'_')
            || bracketed && matches!(byte, b'[' | b']' | b':')
    };
    let valid =
        !name.is_empty() && name.bytes().all(in_name) && port.bytes().all(|byte| byte.is_ascii_digit());
    if !valid {
        return Err(HostError::Invalid);
    }
    Ok(name.strip_suffix('.').unwrap_or(name))
}

/// What stands before `.domain`.
fn below<'a>(host: &'a str, domain: &str) -> Option<&'a str> {
    let (before, end) = host.split_at_checked(host.len().checked_sub(domain.len())?)?;
    let before = before.strip_suffix('.')?;
    end.eq_ignore_ascii_case(domain).then_some(before)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(target: &str, hosts: &[&str]) -> Request<()> {
        let mut request = Request::builder().uri(target);
        for host in hosts {
            request = request.header(HOST, *host);
        }
        request.body(()).unwrap()
    }

    fn hosts() -> Hosts {
        Hosts::new("Work.example.org.", "console.work.example.org")
    }

    #[test]
    fn one_label_below_the_domain_is_a_workspace() {
        for (host, label) in [
            ("shop-abc.work.example.org", "shop-abc"),
            ("shop-abc.work.example.org:8080", "shop-abc"),
            ("Shop-ABC.WORK.example.org.", "Shop-ABC"),
            ("shop-abc.work.example.org.:80", "shop-abc"),
            ("a.b.work.example.org", ""),
            (".work.example.org", ""),
        ] {
            let request = request("/", &[host]);
            assert_eq!(hosts().destination(&request), Ok(Destination::Workspace { label }), "{host}");
        }
    }

    #[test]
    fn our_own_names_are_the_control_plane() {
        for host in [
            "work.example.org",
            "WORK.example.org.",
            "console.work.example.org",
            "CONSOLE.work.example.org:443",
        ] {
            let request = request("/", &[host]);
            assert_eq!(hosts().destination(&request), Ok(Destination::ControlPlane), "{host}");
        }
    }

    #[test]
    fn everything_else_may_be_a_custom_domain() {
        for (asked, host) in [
            ("example.org", "example.org"),
            ("Shop.example.com.:443", "Shop.example.com"),
            ("shop-abcwork.example.org", "shop-abcwork.example.org"),
            ("shop-abc.work.example.org.evil.test", "shop-abc.work.example.org.evil.test"),
            ("127.0.0.1:7080", "127.0.0.1"),
            ("[::1]:7080", "[::1]"),
            ("[::1]", "[::1]"),
        ] {
            let request = request("/", &[asked]);
            assert_eq!(hosts().destination(&request), Ok(Destination::Elsewhere { host }), "{asked}");
        }
    }

    #[test]
    fn a_request_names_exactly_one_host() {
        let ask = |request: Request<()>| hosts().destination(&request).map(|_| ()).unwrap_err();
        assert_eq!(ask(request("/", &[])), HostError::Missing);
        assert_eq!(ask(request("/", &["a.work.example.org", "a.work.example.org"])), HostError::Several);
        assert_eq!(
            ask(request("http://a.work.example.org/", &["b.work.example.org"])),
            HostError::Contradiction
        );
        for host in
            ["", ":80", "a b", "a/b", "user@a.work.example.org", "a.work.example.org:8o", "a,b", "[::1"]
        {
            assert_eq!(ask(request("/", &[host])), HostError::Invalid, "{host:?}");
        }
        let same = request("http://a.work.example.org/", &["A.work.example.org"]);
        assert_eq!(hosts().destination(&same), Ok(Destination::Workspace { label: "A" }));
    }
}
