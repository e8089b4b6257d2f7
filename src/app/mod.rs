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
pub mod sockets;
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
        ids::{InstallationId, OrgId},
        policy::{Action, Actor, Decision, Resource, can},
        scope::{self, Scope},
    },
    ports::{
        catalog::Catalog, clock::Clock, hasher::Hasher, meter::Meter, prober::Prober, proxy::ProxyProvider,
        random::Random, repository::Store, sealer::Sealer,
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
    /// The URL of a route, with the scheme and port people reach us under.
    pub fn route_url(&self, label: &str) -> String {
        let (scheme, below) = self.below();
        format!("{scheme}://{label}{below}")
    }

    /// The label of a route and the path on it that a URL names, with its query: what [`Self::route_url`] put together.
    pub fn label_and_path<'a>(&self, url: &'a str) -> Option<(&'a str, &'a str)> {
        let (scheme, below) = self.below();
        let rest = url.strip_prefix(scheme)?.strip_prefix("://")?;
        let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let label = host.strip_suffix(&below)?;
        let is_label = !label.is_empty() && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        let is_path = path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\' && byte != b'#');
        (is_label && is_path).then_some((label, if path.is_empty() { "/" } else { path }))
    }

    /// The label in a host name below the workspace domain, whatever the port.
    pub fn label_of_host<'a>(&self, host: &'a str) -> Option<&'a str> {
        let name = host.split_once(':').map_or(host, |(name, _)| name);
        let (label, domain) = name.split_once('.')?;
        let below = domain.trim_end_matches('.').eq_ignore_ascii_case(&self.workspace_domain);
        let is_label = !label.is_empty() && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        (below && is_label).then_some(label)
    }

    /// What comes before a label and what after it.
    fn below(&self) -> (&str, String) {
        let (scheme, rest) = self.access_url.split_once("://").unwrap_or(("http", &self.access_url));
        let authority = rest.split('/').next().unwrap_or_default();
        let port = match authority.rsplit_once(':') {
            Some((_, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => format!(":{port}"),
            _ => String::new(),
        };
        (scheme, format!(".{}{port}", self.workspace_domain))
    }
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
    fn only_the_url_of_a_route_names_a_label() {
        let settings = settings("https://dev.example.org:8443");
        let parts = |url| settings.label_and_path(url);
        assert_eq!(parts("https://a-b.ws.example.org:8443"), Some(("a-b", "/")));
        assert_eq!(parts("https://a-b.ws.example.org:8443/x//y?z=1"), Some(("a-b", "/x//y?z=1")));
        for wrong in [
            "",
            "/api/v1/me",
            "http://a-b.ws.example.org:8443/",
            "https://a-b.ws.example.org/",
            "https://ws.example.org:8443/",
            "https://.ws.example.org:8443/",
            "https://x.a-b.ws.example.org:8443/",
            "https://evil.example/a-b.ws.example.org:8443/",
            "https://me@a-b.ws.example.org:8443/",
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
    fn a_host_names_one_label_below_the_domain() {
        let settings = settings("https://dev.example.org");
        for host in ["a-b.ws.example.org", "a-b.WS.Example.org:8443", "a-b.ws.example.org."] {
            assert_eq!(settings.label_of_host(host), Some("a-b"), "{host}");
        }
        for host in [
            "",
            "ws.example.org",
            ".ws.example.org",
            "x.a-b.ws.example.org",
            "a-b.evil.example",
            "a_b.ws.example.org",
        ] {
            assert_eq!(settings.label_of_host(host), None, "{host}");
        }
    }

    #[test]
    fn route_urls_keep_scheme_and_port() {
        let url = |access_url: &str| settings(access_url).route_url("a-b");
        assert_eq!(url("http://localhost:7080"), "http://a-b.ws.example.org:7080");
        assert_eq!(url("https://dev.example.org"), "https://a-b.ws.example.org");
    }
}
