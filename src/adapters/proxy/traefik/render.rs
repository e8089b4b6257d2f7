//! From routes to Traefik's configuration: a pure function, the same on every server. Into a rule go host names alone,
//! and only after they were looked at again here, whoever has checked them before.

use std::collections::BTreeMap;

use super::{
    document::{
        Configuration, ForwardAuth, ForwardingTimeouts, Headers, Http, LoadBalancer, Middleware, Retry,
        Router, Server, ServersTransport, Service, Tls,
    },
    mark::{self, Mark},
    settings::TraefikSettings,
    wildcard,
};
use crate::{
    domain::{
        ids::RouteId,
        route::{PublishedRoute, RouteTarget},
    },
    ports::proxy::IDENTITY_HEADER,
};

/// Our own listener, as a service: pages for what is not live, and all that has no router.
const EDGE: &str = "devsanctum";
const CONTROL_PLANE: &str = "devsanctum-control-plane";
pub(super) const WILDCARD: &str = "devsanctum-workspaces";
const TRANSPORT: &str = "devsanctum";
const RETRY: &str = "devsanctum-retry";
const ANSWERS: &str = "devsanctum-answers";
const REQUESTS: &str = "devsanctum-requests";
const ACCESS: &str = "devsanctum-access";

/// Below every router of a single host, whose priority is the length of its rule.
const LAST: u32 = 1;

/// A configuration, with what is known of it.
#[derive(Debug, Clone)]
pub struct Rendered {
    pub configuration: Configuration,
    pub mark: Mark,
    /// Which route a router is of.
    pub routes: BTreeMap<String, RouteId>,
    /// Which route has no router, and why.
    pub left_out: Vec<(RouteId, &'static str)>,
}

/// A router for each route.
pub fn per_route<'a>(
    settings: &TraefikSettings,
    revision: i64,
    published: impl IntoIterator<Item = &'a PublishedRoute>,
) -> Rendered {
    let mut http = around(settings);
    // A certificate for all of them takes a DNS challenge, which this mode does not ask for.
    let tls = settings.cert_resolver.as_ref().map(|_| Tls::default());
    http.routers.insert(WILDCARD.into(), Router { tls, priority: Some(LAST), ..wildcard::router(settings) });
    http.middlewares.insert(RETRY.into(), retry());
    http.middlewares.insert(ANSWERS.into(), answers());
    http.middlewares.insert(REQUESTS.into(), requests());
    if let Some(address) = &settings.forward_auth {
        http.middlewares.insert(ACCESS.into(), access(address));
    }
    let (mut routes, mut left_out) = (BTreeMap::new(), Vec::new());
    for PublishedRoute { route, .. } in published {
        if !is_label(&route.label) {
            left_out.push((route.id, "its host name is not one that a rule may hold"));
            continue;
        }
        let name = format!("route-{}", route.id);
        let mut router =
            router(settings, host_rule(&format!("{}.{}", route.label, settings.workspace_domain)));
        // A route that leads nowhere keeps its router, and with it its certificate.
        if let RouteTarget::Live { address } = route.target {
            router.service.clone_from(&name);
            // First what a client says in our name is removed, then we say it.
            router.middlewares = vec![REQUESTS.into()];
            router.middlewares.extend(settings.forward_auth.iter().map(|_| ACCESS.into()));
            router.middlewares.extend([ANSWERS.into(), RETRY.into()]);
            http.services.insert(name.clone(), service([format!("http://{address}")]));
        }
        http.routers.insert(name.clone(), router);
        routes.insert(name, route.id);
    }
    marked(settings, revision, http, routes, left_out)
}

pub(super) fn marked(
    settings: &TraefikSettings,
    revision: i64,
    http: Http,
    routes: BTreeMap<String, RouteId>,
    left_out: Vec<(RouteId, &'static str)>,
) -> Rendered {
    let mut configuration = Configuration { http };
    let mark = Mark::of(settings.installation, revision, &configuration);
    configuration.http.middlewares.insert(mark::NAME.into(), mark.middleware());
    Rendered { configuration, mark, routes, left_out }
}

/// What is there without any route: the way to our own listener.
pub(super) fn around(settings: &TraefikSettings) -> Http {
    let mut http = Http::default();
    http.services.insert(EDGE.into(), service(settings.edge_urls.iter().cloned()));
    http.servers_transports.insert(TRANSPORT.into(), transport());
    if is_host(&settings.access_host) {
        http.routers.insert(CONTROL_PLANE.into(), router(settings, host_rule(&settings.access_host)));
    }
    http
}

pub(super) fn router(settings: &TraefikSettings, rule: String) -> Router {
    let tls = |resolver: &String| Tls { cert_resolver: Some(resolver.clone()), domains: Vec::new() };
    Router {
        entry_points: settings.entry_points.clone(),
        rule,
        service: EDGE.into(),
        middlewares: Vec::new(),
        priority: None,
        tls: settings.cert_resolver.as_ref().map(tls),
    }
}

/// `host` was looked at: it ends neither the quotes nor the rule.
fn host_rule(host: &str) -> String {
    format!("Host(`{host}`)")
}

fn service(urls: impl IntoIterator<Item = String>) -> Service {
    Service {
        load_balancer: LoadBalancer {
            servers: urls.into_iter().map(|url| Server { url }).collect(),
            pass_host_header: true,
            servers_transport: TRANSPORT.into(),
        },
    }
}

/// The same patience as our own edge has (`EdgeSettings`).
fn transport() -> ServersTransport {
    ServersTransport {
        forwarding_timeouts: ForwardingTimeouts {
            dial_timeout: "3s".into(),
            response_header_timeout: "120s".into(),
            idle_conn_timeout: "60s".into(),
        },
    }
}

/// Only what has not been sent is sent again: a component that is just beginning to listen.
fn retry() -> Middleware {
    Middleware::Retry(Retry { attempts: 3, initial_interval: "50ms".into() })
}

/// A component must not sign its reader out of everything below the registrable domain.
fn answers() -> Middleware {
    let custom_response_headers = BTreeMap::from([("Clear-Site-Data".to_owned(), String::new())]);
    Middleware::Headers(Headers { custom_response_headers, ..Headers::default() })
}

/// Who visits is said by us alone. Many components read `_` in a name as `-`, so every way to join its parts is removed.
fn requests() -> Middleware {
    let joined = |names: Vec<String>, part: &str| -> Vec<String> {
        names.iter().flat_map(|name| ["-", "_"].map(|between| format!("{name}{between}{part}"))).collect()
    };
    let mut parts = IDENTITY_HEADER.split('-');
    let first = parts.next().map(str::to_owned).into_iter().collect();
    let names = parts.fold(first, joined);
    let custom_request_headers = names.into_iter().map(|name| (name, String::new())).collect();
    Middleware::Headers(Headers { custom_request_headers, ..Headers::default() })
}

/// Whoever decides about access also says what of the credentials goes on, and who visits: without these headers in its answer, nothing of it.
fn access(address: &str) -> Middleware {
    Middleware::ForwardAuth(ForwardAuth {
        address: address.to_owned(),
        trust_forward_header: false,
        auth_response_headers: vec!["Authorization".into(), "Cookie".into(), IDENTITY_HEADER.into()],
    })
}

/// A label of a host name (RFC 1123), in lower case.
fn is_label(text: &str) -> bool {
    (1..=63).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        && !text.starts_with('-')
        && !text.ends_with('-')
}

/// A host name or an IPv4 address.
pub(super) fn is_host(text: &str) -> bool {
    text.len() <= 253 && text.split('.').all(is_label)
}

#[cfg(test)]
mod tests;
