//! Use-cases: authorize → load → decide → store → nudge. One file per noun, one function per verb.

pub mod audit;
pub mod auth;
pub mod catalog;
pub mod console;
pub mod edge;
pub mod engines;
pub mod error;
pub mod events;
pub mod feed;
pub mod hosts;
pub mod idempotency;
pub mod identities;
pub mod invitations;
pub mod mail;
pub mod me;
pub mod members;
pub mod nudge;
pub mod orgs;
pub mod quotas;
pub mod readiness;
pub mod second_factor;
pub mod specs;
pub mod ssh_keys;
pub mod templates;
pub mod terminals;
pub mod tokens;
pub mod users;
pub mod variables;
pub mod workspaces;

use std::{net::IpAddr, sync::Arc};

pub use self::error::{AppError, AppResult, FieldProblem, PROXY_BEHIND};
use self::{auth::Identity, engines::Engines, feed::Feed, mail::Post, nudge::Nudge, terminals::Terminals};
use crate::{
    domain::{
        custom_domain::CustomHost,
        ids::{InstallationId, OrgId},
        policy::{Action, Actor, Decision, Resource, can},
        scope::{self, Scope},
    },
    ports::{
        catalog::Catalog, clock::Clock, domain_proofs::DomainProofs, hasher::Hasher, meter::Meter,
        prober::Prober, proxy::ProxyProvider, random::Random, repository::Store, sealer::Sealer,
    },
};

/// What every use-case and reconciler works with. Made once, by `bootstrap`.
pub struct App {
    pub installation: InstallationId,
    pub store: Arc<dyn Store>,
    pub clock: Arc<dyn Clock>,
    pub random: Arc<dyn Random>,
    pub sealer: Arc<dyn Sealer>,
    pub hasher: Arc<dyn Hasher>,
    pub prober: Arc<dyn Prober>,
    pub proxy: Arc<dyn ProxyProvider>,
    pub meter: Arc<dyn Meter>,
    pub catalog: Arc<dyn Catalog>,
    pub proofs: Arc<dyn DomainProofs>,
    pub mailer: Post,
    pub identity: Identity,
    pub engines: Engines,
    pub feed: Feed,
    pub terminals: Terminals,
    /// Wakes the workspace reconciler.
    pub workspaces_due: Nudge,
    /// Wakes the reconciler of organizations that are on their way out.
    pub orgs_due: Nudge,
    /// Wakes the route reconciler.
    pub routes_due: Nudge,
    pub settings: Settings,
}

/// What use-cases need to know of the configuration.
#[derive(Debug, Clone)]
pub struct Settings {
    /// What people type, without a slash at the end; for instance `http://localhost:7080`.
    pub access_url: String,
    /// Workspaces live below it.
    pub workspace_domain: String,
    /// Workspaces brought up side by side, by this process.
    pub max_concurrent_deployments: usize,
    /// Anybody may make an account, not only who was invited.
    pub open_registration: bool,
    /// How long entries of the audit log are kept; `None`: for good.
    pub audit_retention: Option<chrono::Duration>,
}

impl Settings {
    /// The URL of an address, with the scheme and port people reach us under. Its key is the label of a route, or a custom
    /// domain: the one has no dot, the other always has.
    pub fn route_url(&self, key: &str) -> String {
        let (scheme, _, port) = self.reached();
        if key.contains('.') {
            return format!("{scheme}://{key}{port}");
        }
        format!("{scheme}://{key}.{}{port}", self.workspace_domain)
    }

    /// The key of an address and the path on it that a URL names, with its query: what [`Self::route_url`] put together.
    /// Whether a custom domain leads anywhere is for the caller to find out.
    pub fn key_and_path<'a>(&self, url: &'a str) -> Option<(&'a str, &'a str)> {
        let (scheme, _, port) = self.reached();
        let rest = url.strip_prefix(scheme)?.strip_prefix("://")?;
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let host = authority.strip_suffix(port)?;
        let key = match host.strip_suffix(&self.workspace_domain).and_then(|host| host.strip_suffix('.')) {
            Some(label) => Some(label).filter(|label| is_label(label)),
            None => Some(host).filter(|host| self.is_custom(host)),
        }?;
        let is_path = path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\' && byte != b'#');
        is_path.then_some((key, if path.is_empty() { "/" } else { path }))
    }

    /// The key in a host name, whatever the port and the case.
    pub fn key_of_host(&self, host: &str) -> Option<String> {
        let name = host.split_once(':').map_or(host, |(name, _)| name);
        let name = name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase();
        match name.strip_suffix(&self.workspace_domain).and_then(|name| name.strip_suffix('.')) {
            Some(label) => is_label(label).then(|| label.to_owned()),
            None => self.is_custom(&name).then_some(name),
        }
    }

    /// The host name in [`Self::access_url`].
    pub fn access_host(&self) -> &str {
        self.reached().1
    }

    /// Whether this is written as a custom domain is published, and could be one here.
    fn is_custom(&self, host: &str) -> bool {
        host.parse::<CustomHost>().is_ok_and(|custom| {
            custom.as_str() == host && custom.clash(self.access_host(), &self.workspace_domain).is_none()
        })
    }

    /// Scheme, host name and port (with its colon) that people reach us under.
    fn reached(&self) -> (&str, &str, &str) {
        let (scheme, rest) = self.access_url.split_once("://").unwrap_or(("http", &self.access_url));
        let authority = rest.split('/').next().unwrap_or_default();
        match authority.rfind(':') {
            Some(colon) if authority[colon + 1..].bytes().all(|byte| byte.is_ascii_digit()) => {
                (scheme, &authority[..colon], &authority[colon..])
            }
            _ => (scheme, authority, ""),
        }
    }
}

fn is_label(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// Who asks, and from where.
#[derive(Debug, Clone)]
pub struct Caller {
    pub actor: Actor,
    pub address: Option<IpAddr>,
}

impl App {
    /// The one place where a decision of the policy becomes an error.
    pub fn authorize(
        &self,
        actor: &Actor,
        action: Action,
        resource: Resource,
        hidden: &'static str,
    ) -> AppResult<()> {
        match can(actor, action, resource) {
            Decision::Allow => Ok(()),
            Decision::Forbid if !actor.credential.permits(action) => {
                Err(insufficient_scope(scope::needed(action)))
            }
            Decision::Forbid => Err(AppError::Forbidden),
            Decision::Hide => Err(AppError::not_found(hidden, "by that name or id")),
        }
    }

    /// Everybody may change their own account; a token only with the scope for it.
    pub fn authorize_account(&self, actor: &Actor) -> AppResult<()> {
        if actor.credential.permits_account() { Ok(()) } else { Err(insufficient_scope(Scope::Account)) }
    }

    /// What everybody may who is signed in, and a token with this scope.
    pub fn authorize_scope(&self, actor: &Actor, scope: Scope) -> AppResult<()> {
        match actor.credential.limits() {
            Some((scopes, _)) if !scopes.has(scope) => Err(insufficient_scope(scope)),
            _ => Ok(()),
        }
    }

    pub fn authorize_org(&self, actor: &Actor, action: Action, org: OrgId) -> AppResult<()> {
        self.authorize(actor, action, Resource::Org(org), "organization")
    }
}

fn insufficient_scope(needed: Scope) -> AppError {
    AppError::Denied {
        code: "insufficient_scope",
        detail: format!("this token does not have the scope {needed}, which this takes"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(access_url: &str) -> Settings {
        Settings {
            access_url: access_url.into(),
            workspace_domain: "ws.example.org".into(),
            max_concurrent_deployments: 1,
            open_registration: false,
            audit_retention: None,
        }
    }

    #[test]
    fn only_the_url_of_an_address_names_its_key() {
        let settings = settings("https://dev.example.org:8443");
        let parts = |url| settings.key_and_path(url);
        assert_eq!(parts("https://a-b.ws.example.org:8443"), Some(("a-b", "/")));
        assert_eq!(parts("https://a-b.ws.example.org:8443/x//y?z=1"), Some(("a-b", "/x//y?z=1")));
        assert_eq!(parts("https://shop.example.com:8443"), Some(("shop.example.com", "/")));
        assert_eq!(parts("https://shop.example.com:8443/a?b"), Some(("shop.example.com", "/a?b")));
        for wrong in [
            "",
            "/api/v1/me",
            "http://a-b.ws.example.org:8443/",
            "https://a-b.ws.example.org/",
            "https://ws.example.org:8443/",
            "https://.ws.example.org:8443/",
            "https://x.a-b.ws.example.org:8443/",
            "https://evil.example/a-b.ws.example.org:8443/",
            "https://a-b.ws.example.org:8443.evil.example/",
            "https://me@a-b.ws.example.org:8443/",
            "https://x.ws.example.org:8443:8443/",
            "https://shop.example.com/",
            "https://shop.example.com:8444/",
            "http://shop.example.com:8443/",
            "https://Shop.example.com:8443/",
            "https://shop.example.com.:8443/",
            "https://me@shop.example.com:8443/",
            "https://shop.example.com:8443@evil.example:8443/",
            "https://shop.example.com:8443\\.evil.example:8443",
            "https://shop.example.com:8443?.evil.example:8443",
            "https://shop.example.com:8443#.evil.example:8443",
            "https://shop.example.com%2eevil.example:8443/",
            "https://bücher.example:8443/",
            "https://127.0.0.1:8443/",
            "https://[::1]:8443/",
            "https://evil.localhost:8443/",
            "https://evil.example?a-b.ws.example.org:8443",
            "https://evil.example#a-b.ws.example.org:8443",
            "https://evil.example\\a-b.ws.example.org:8443/",
            "https://a-b.ws.example.org:8443/a b",
            "https://a-b.ws.example.org:8443/\r\nSet-Cookie:x",
        ] {
            assert_eq!(parts(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn a_host_names_a_label_below_the_domain_or_itself() {
        let settings = settings("https://dev.example.org");
        let key = |host| settings.key_of_host(host);
        for host in ["a-b.ws.example.org", "A-b.WS.Example.org:8443", "a-b.ws.example.org."] {
            assert_eq!(key(host).as_deref(), Some("a-b"), "{host}");
        }
        for host in ["shop.example.com", "Shop.Example.com:8443", "shop.example.com.", "shop.example.com.:80"]
        {
            assert_eq!(key(host).as_deref(), Some("shop.example.com"), "{host}");
        }
        for host in [
            "",
            "ws",
            ".ws.example.org",
            "x.a-b.ws.example.org",
            "a_b.ws.example.org",
            "dev.example.org",
            "DEV.example.org:443",
            "127.0.0.1:7080",
            "[::1]:7080",
            "a..b",
        ] {
            assert_eq!(key(host), None, "{host}");
        }
    }

    #[test]
    fn route_urls_keep_scheme_and_port() {
        let url = |access_url: &str| settings(access_url).route_url("a-b");
        assert_eq!(url("http://localhost:7080"), "http://a-b.ws.example.org:7080");
        assert_eq!(url("https://dev.example.org"), "https://a-b.ws.example.org");
        let of_domain = settings("https://dev.example.org:8443").route_url("shop.example.com");
        assert_eq!(of_domain, "https://shop.example.com:8443");
    }
}
