//! From routes to Traefik's configuration: a pure function, the same on every server. Into a rule go host names alone,
//! and only after they were looked at again here, whoever has checked them before.

use std::{collections::BTreeMap, time::Duration};

use super::{
    document::{
        Configuration, ForwardAuth, ForwardingTimeouts, Headers, HealthCheck, Http, LoadBalancer, Middleware,
        Retry, Router, Server, ServersTransport, Service, Tls,
    },
    mark::{self, Mark},
    settings::TraefikSettings,
    wildcard,
};
use crate::{
    domain::{
        cookie::{HOST_PREFIX, PASS},
        ids::RouteId,
        route::{self, PublishedRoute, RouteTarget},
    },
    ports::proxy::IDENTITY_HEADER,
};

/// Our own listener, as a service: pages for what is not live, and all that has no router.
const EDGE: &str = "devsanctum";
const CONTROL_PLANE: &str = "devsanctum-control-plane";
pub(super) const WILDCARD: &str = "devsanctum-workspaces";
const TRANSPORT: &str = "devsanctum";
const RETRY: &str = "devsanctum-retry";
const REQUESTS: &str = "devsanctum-requests";
const ANSWERS: &str = "devsanctum-answers";
const ACCESS: &str = "devsanctum-access";

/// Below every router of a single host, whose priority is the length of its rule.
const LAST: u32 = 1;

/// Headers in our name, which nobody else says to a component.
const OUR_HEADERS: &str = "(?i)^(x-)?devsanctum-";

/// A configuration, with what is known of it.
#[derive(Debug, Clone)]
pub struct Rendered {
    pub configuration: Configuration,
    pub mark: Mark,
    /// Which route a router is of: by its label or by a domain.
    pub routes: BTreeMap<String, RouteId>,
    /// Which route lacks a router, and why.
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
    if let Some(address) = &settings.forward_auth {
        http.middlewares.insert(ACCESS.into(), access(address));
    }
    let mut routers = Routers::default();
    for published in published {
        routers.add_route(settings, &mut http, published);
    }
    marked(settings, revision, http, routers)
}

/// What is known of routers besides what they are.
#[derive(Default)]
pub(super) struct Routers {
    routes: BTreeMap<String, RouteId>,
    left_out: Vec<(RouteId, &'static str)>,
}

impl Routers {
    /// Routers for all host names of a route, and the service they share.
    fn add_route(&mut self, settings: &TraefikSettings, http: &mut Http, published: &PublishedRoute) {
        let route = &published.route;
        let name = format!("route-{}", route.id);
        // A route that leads nowhere keeps its routers, and with them its certificates.
        let (service_name, middlewares) = match &route.target {
            RouteTarget::Live { address, health } => {
                let access = settings.forward_auth.iter().map(|_| ACCESS.into());
                let mut service = service([format!("http://{address}")]);
                service.load_balancer.health_check = health.as_ref().map(health_check);
                http.services.insert(name.clone(), service);
                (name.clone(), access.chain([ANSWERS.into(), RETRY.into()]).collect::<Vec<String>>())
            }
            RouteTarget::Pending | RouteTarget::Withdrawn => (EDGE.into(), Vec::new()),
        };
        let to_service = |mut router: Router| {
            router.service.clone_from(&service_name);
            router.middlewares.extend_from_slice(&middlewares);
            router
        };
        let count = http.routers.len();
        if is_label(&route.label) {
            let rule = host_rule(&format!("{}.{}", route.label, settings.workspace_domain));
            http.routers.insert(name.clone(), to_service(router(settings, rule)));
            self.routes.insert(name.clone(), route.id);
        } else {
            self.left_out.push((route.id, "its host name is not one that a rule may hold"));
        }
        self.add_domains(settings, http, published, to_service);
        if http.routers.len() == count {
            http.services.remove(&name);
        }
    }

    /// A router for each custom domain of the route, so that each has a certificate of its own.
    pub(super) fn add_domains(
        &mut self,
        settings: &TraefikSettings,
        http: &mut Http,
        published: &PublishedRoute,
        to_service: impl Fn(Router) -> Router,
    ) {
        let route = published.route.id;
        for domain in &published.domains {
            let host = domain.host.as_str();
            // The settings may have changed since somebody took it.
            if !is_host(host)
                || domain.host.clash(&settings.access_host, &settings.workspace_domain).is_some()
            {
                self.left_out.push((route, "its custom domain is not one that a rule may hold"));
                continue;
            }
            let mut router = router(settings, host_rule(host));
            router.tls =
                settings.domain_cert_resolver.as_deref().or(settings.cert_resolver.as_deref()).map(tls);
            let name = format!("domain-{}", domain.id);
            http.routers.insert(name.clone(), to_service(router));
            self.routes.insert(name, route);
        }
    }
}

pub(super) fn marked(settings: &TraefikSettings, revision: i64, http: Http, routers: Routers) -> Rendered {
    let Routers { routes, left_out } = routers;
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
    http.middlewares.insert(REQUESTS.into(), requests());
    if is_host(&settings.access_host) {
        http.routers.insert(CONTROL_PLANE.into(), router(settings, host_rule(&settings.access_host)));
    }
    http
}

pub(super) fn router(settings: &TraefikSettings, rule: String) -> Router {
    Router {
        entry_points: settings.entry_points.clone(),
        rule,
        service: EDGE.into(),
        middlewares: vec![REQUESTS.into()],
        priority: None,
        tls: settings.cert_resolver.as_deref().map(tls),
    }
}

fn tls(resolver: &str) -> Tls {
    Tls { cert_resolver: Some(resolver.to_owned()), domains: Vec::new() }
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
            health_check: None,
        },
    }
}

/// What decided that the component is ready goes on deciding whether requests come to it. Not as often: Traefik asks for as
/// long as the workspace runs. One that is not well is asked more often, so that it is back soon.
fn health_check(check: &route::HealthCheck) -> HealthCheck {
    const AT_LEAST: Duration = Duration::from_secs(10);
    let text = |duration: Duration| format!("{}ms", duration.as_millis());
    HealthCheck {
        path: check.path.clone(),
        interval: text(check.interval.max(AT_LEAST)),
        unhealthy_interval: text(check.interval.min(AT_LEAST)),
        timeout: text(check.timeout),
        follow_redirects: false,
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

/// Traefik says who asks in `X-Forwarded-…` and passes on what anybody says in `Forwarded`.
fn requests() -> Middleware {
    let names = variants_of_identity().chain(["Forwarded".to_owned()]);
    let custom_request_headers = names.map(|name| (name, String::new())).collect();
    Middleware::Headers(Headers { custom_request_headers, ..Headers::default() })
}

/// A component must not sign its reader out of everything below the registrable domain.
fn answers() -> Middleware {
    let custom_response_headers = BTreeMap::from([("Clear-Site-Data".to_owned(), String::new())]);
    Middleware::Headers(Headers { custom_response_headers, ..Headers::default() })
}

/// Who visits is said by us alone. Many components read `_` in a name as `-`, so every way to join its parts is removed.
fn variants_of_identity() -> impl Iterator<Item = String> {
    let joined = |names: Vec<String>, part: &str| -> Vec<String> {
        names.iter().flat_map(|name| ["-", "_"].map(|between| format!("{name}{between}{part}"))).collect()
    };
    let mut parts = IDENTITY_HEADER.split('-');
    let first = parts.next().map(str::to_owned).into_iter().collect();
    parts.fold(first, joined).into_iter()
}

/// Whoever decides about access also says what of the credentials goes on, and who visits: without these headers in its
/// answer, nothing of it. A pass that it renews goes to the browser.
fn access(address: &str) -> Middleware {
    Middleware::ForwardAuth(ForwardAuth {
        address: address.to_owned(),
        trust_forward_header: false,
        auth_response_headers: vec!["Authorization".into(), "Cookie".into()],
        auth_response_headers_regex: OUR_HEADERS.to_owned(),
        add_auth_cookies_to_response: vec![PASS.to_owned(), format!("{HOST_PREFIX}{PASS}")],
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
