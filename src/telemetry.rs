//! What operators see: logs and numbers.

use std::{
    io::IsTerminal,
    sync::{Arc, atomic::AtomicU64},
    time::Duration,
};

use axum::http::{Method, StatusCode};
use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeLabelSet, EncodeMetric, text::encode},
    metrics::{
        MetricType,
        counter::{ConstCounter, Counter},
        family::Family,
        gauge::{ConstGauge, Gauge},
        histogram::Histogram,
        info::Info,
    },
    registry::{Registry, Unit},
};
use tracing_subscriber::{
    EnvFilter,
    layer::SubscriberExt,
    util::{SubscriberInitExt, TryInitError},
};

use crate::{
    config::{LogFormat, Logs},
    domain::{
        deployment::{DeploymentKind, DeploymentStatus},
        host::Host,
        route::Visibility,
        workspace::Status,
    },
    ports::meter::{AccessDecision, AskedBy, Meter},
};

/// Writes logs to standard error from now on.
///
/// # Errors
/// When something in this process does so already.
pub fn start_logs(logs: &Logs) -> Result<(), TryInitError> {
    // The filter was parsed when the configuration was read.
    let filter = EnvFilter::builder().parse_lossy(&logs.log);
    // A line that cannot be written is lost; telling so on the same broken pipe would end the process.
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).log_internal_errors(false);
    let registry = tracing_subscriber::registry().with(filter);
    match logs.log_format {
        LogFormat::Text => registry.with(lines.with_ansi(std::io::stderr().is_terminal())).try_init(),
        LogFormat::Json => registry.with(lines.json()).try_init(),
    }
}

/// The registry and what is in it; a value, so that two servers in one process (tests) count apart.
#[derive(Clone)]
pub struct Metrics(Arc<Inner>);

struct Inner {
    registry: Registry,
    requests: Family<Request, Counter>,
    latency: Family<Route, Histogram>,
    workspaces: Family<Workspaces, Gauge<i64>>,
    unexplained: Family<Unexplained, Gauge<i64>>,
    terminals: Gauge<i64>,
    deployments: Family<Deployments, Counter>,
    deployment_time: Family<Deployments, Histogram>,
    refused_routes: Gauge<i64>,
    pushes: Family<Pushes, Counter>,
    push_time: Family<DataPlane, Histogram>,
    access: Family<Access, Counter>,
    reconciliations: Family<Reconciliation, Counter>,
    reconcile_time: Family<Controller, Counter<f64, AtomicU64>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Request {
    method: String,
    route: String,
    status: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Route {
    method: String,
    route: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Workspaces {
    status: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Unexplained {
    host: String,
    kind: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Deployments {
    kind: &'static str,
    outcome: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Pushes {
    proxy: &'static str,
    outcome: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct DataPlane {
    proxy: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Access {
    decision: &'static str,
    visibility: &'static str,
    proxy: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Reconciliation {
    controller: &'static str,
    outcome: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Controller {
    controller: &'static str,
}

/// Answers take from a fraction of a millisecond up to the minute a caller may wait.
const REQUEST_BUCKETS: [f64; 12] =
    [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1.0, 10.0, 60.0];
/// Deployments take from a container's start up to a long build.
const DEPLOYMENT_BUCKETS: [f64; 12] = [0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 900.0, 2700.0];

/// The embedded proxy takes microseconds for its table, Traefik up to the ten seconds that it is given.
const PUSH_BUCKETS: [f64; 12] = [0.0001, 0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];

/// What the proxy has counted so far; it counts without a registry, because it counts every request.
#[derive(Debug, Clone, Default)]
pub struct EdgeNumbers {
    /// By state.
    pub routes: Vec<(&'static str, u64)>,
    /// By outcome.
    pub requests: Vec<(&'static str, u64)>,
    pub upgrades: u64,
    pub open_upgrades: u64,
    pub connections: u64,
    pub retries: u64,
}

/// Asked at each scrape.
struct EdgeCollector<F>(F);

impl<F> std::fmt::Debug for EdgeCollector<F> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("EdgeCollector")
    }
}

impl<F: Fn() -> EdgeNumbers + Send + Sync + 'static> Collector for EdgeCollector<F> {
    fn encode(&self, mut encoder: DescriptorEncoder) -> Result<(), std::fmt::Error> {
        let numbers = (self.0)();
        let help = "Published routes by state";
        let mut routes = encoder.encode_descriptor("routes", help, None, MetricType::Gauge)?;
        for (state, count) in numbers.routes {
            let count = i64::try_from(count).unwrap_or(i64::MAX);
            ConstGauge::new(count).encode(routes.encode_family(&[("state", state)])?)?;
        }
        let mut requests = encoder.encode_descriptor(
            "proxy_requests",
            "Requests to workspaces",
            None,
            MetricType::Counter,
        )?;
        for (outcome, count) in numbers.requests {
            ConstCounter::new(count).encode(requests.encode_family(&[("outcome", outcome)])?)?;
        }
        for (name, help, count) in [
            ("proxy_upgrades", "Connections upgraded, as for WebSocket", numbers.upgrades),
            ("proxy_connections", "Connections made to components", numbers.connections),
            ("proxy_retries", "Requests sent again because an idle connection had died", numbers.retries),
        ] {
            let metric = encoder.encode_descriptor(name, help, None, MetricType::Counter)?;
            ConstCounter::new(count).encode(metric)?;
        }
        let help = "Upgraded connections that are open";
        let open = encoder.encode_descriptor("proxy_open_upgrades", help, None, MetricType::Gauge)?;
        ConstGauge::new(i64::try_from(numbers.open_upgrades).unwrap_or(i64::MAX)).encode(open)
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Self::watching(EdgeNumbers::default)
    }
}

impl Metrics {
    /// `edge` tells what the proxy has counted.
    pub fn watching(edge: impl Fn() -> EdgeNumbers + Send + Sync + 'static) -> Self {
        let mut inner = Inner {
            requests: Family::default(),
            latency: Family::new_with_constructor(|| Histogram::new(REQUEST_BUCKETS)),
            workspaces: Family::default(),
            unexplained: Family::default(),
            terminals: Gauge::default(),
            deployments: Family::default(),
            deployment_time: Family::new_with_constructor(|| Histogram::new(DEPLOYMENT_BUCKETS)),
            refused_routes: Gauge::default(),
            pushes: Family::default(),
            push_time: Family::new_with_constructor(|| Histogram::new(PUSH_BUCKETS)),
            access: all_decisions(),
            reconciliations: Family::default(),
            reconcile_time: Family::default(),
            registry: Registry::with_prefix("devsanctum"),
        };
        let registry = &mut inner.registry;
        registry.register_collector(Box::new(EdgeCollector(edge)));
        registry.register("build", "This program", Info::new([("version", env!("CARGO_PKG_VERSION"))]));
        registry.register("http_requests", "Requests answered", inner.requests.clone());
        registry.register_with_unit(
            "http_request_duration",
            "Time until the head of the answer",
            Unit::Seconds,
            inner.latency.clone(),
        );
        registry.register("workspaces", "Workspaces by status", inner.workspaces.clone());
        registry.register(
            "unexplained_objects",
            "Docker objects with our label that are not in the database",
            inner.unexplained.clone(),
        );
        registry.register("terminals", "Terminals that are open", inner.terminals.clone());
        registry.register("deployments", "Deployments finished", inner.deployments.clone());
        registry.register_with_unit(
            "deployment_duration",
            "Time from the request to the end of a deployment",
            Unit::Seconds,
            inner.deployment_time.clone(),
        );
        registry.register(
            "refused_routes",
            "Routes that the proxy in front does not serve by itself",
            inner.refused_routes.clone(),
        );
        registry.register("route_pushes", "Tables of routes given to the proxy", inner.pushes.clone());
        registry.register_with_unit(
            "route_push_duration",
            "Time until the proxy had a table of routes in force",
            Unit::Seconds,
            inner.push_time.clone(),
        );
        registry.register(
            "access_decisions",
            "Requests to addresses by who may open them",
            inner.access.clone(),
        );
        registry.register("reconciliations", "Activations of a controller", inner.reconciliations.clone());
        registry.register_with_unit(
            "reconcile_time",
            "Time spent in activations of a controller",
            Unit::Seconds,
            inner.reconcile_time.clone(),
        );
        Self(Arc::new(inner))
    }

    pub fn http(&self, method: &Method, route: &str, status: StatusCode, took: Duration) {
        let (method, route) = (method_label(method).to_owned(), route.to_owned());
        let request = Request { method: method.clone(), route: route.clone(), status: status.as_u16() };
        self.0.requests.get_or_create(&request).inc();
        self.0.latency.get_or_create(&Route { method, route }).observe(took.as_secs_f64());
    }

    /// What the database says at the moment of a scrape; a status that is left out has none.
    pub fn workspaces(&self, counts: &[(Status, u64)]) {
        for status in Status::ALL {
            let count = counts.iter().find(|(of, _)| *of == status).map_or(0, |(_, count)| *count);
            let gauge = self.0.workspaces.get_or_create(&Workspaces { status: status.as_str() });
            gauge.set(i64::try_from(count).unwrap_or(i64::MAX));
        }
    }

    /// Shells that this server keeps, whether or not somebody looks at them.
    pub fn terminals(&self, count: usize) {
        self.0.terminals.set(i64::try_from(count).unwrap_or(i64::MAX));
    }

    /// What hosts showed at the last look.
    pub fn unexplained(&self, hosts: &[Host]) {
        self.0.unexplained.clear();
        for host in hosts {
            let found = &host.unexplained;
            for (kind, count) in
                [("container", found.containers), ("network", found.networks), ("volume", found.volumes)]
            {
                let labels = Unexplained { host: host.name.clone(), kind };
                self.0.unexplained.get_or_create(&labels).set(count.into());
            }
        }
    }

    /// What the proxy said when it was last given the routes.
    pub fn refused_routes(&self, count: usize) {
        self.0.refused_routes.set(i64::try_from(count).unwrap_or(i64::MAX));
    }

    /// All of it in the OpenMetrics text format.
    pub fn encode(&self) -> Result<String, std::fmt::Error> {
        let mut text = String::new();
        encode(&mut text, &self.0.registry)?;
        Ok(text)
    }
}

impl Meter for Metrics {
    fn deployment_finished(&self, kind: DeploymentKind, outcome: DeploymentStatus, took: Duration) {
        let labels = Deployments { kind: kind.as_str(), outcome: outcome.as_str() };
        self.0.deployments.get_or_create(&labels).inc();
        self.0.deployment_time.get_or_create(&labels).observe(took.as_secs_f64());
    }

    fn routes_pushed(&self, proxy: &'static str, outcome: &'static str, took: Duration) {
        self.0.pushes.get_or_create(&Pushes { proxy, outcome }).inc();
        if outcome == "succeeded" {
            self.0.push_time.get_or_create(&DataPlane { proxy }).observe(took.as_secs_f64());
        }
    }

    fn access_decided(&self, decision: AccessDecision, visibility: Visibility, asked_by: AskedBy) {
        self.0.access.get_or_create(&access(decision, visibility, asked_by)).inc();
    }

    fn reconciled(&self, controller: &'static str, took: Duration, succeeded: bool) {
        let outcome = if succeeded { "succeeded" } else { "failed" };
        self.0.reconciliations.get_or_create(&Reconciliation { controller, outcome }).inc();
        self.0.reconcile_time.get_or_create(&Controller { controller }).inc_by(took.as_secs_f64());
    }
}

fn access(decision: AccessDecision, visibility: Visibility, asked_by: AskedBy) -> Access {
    Access { decision: decision.as_str(), visibility: visibility.as_str(), proxy: asked_by.as_str() }
}

/// They are few, so all of them are there from the start: a rate of what has not happened yet is zero, and not unknown.
fn all_decisions() -> Family<Access, Counter> {
    let family = Family::default();
    for decision in AccessDecision::ALL {
        for visibility in Visibility::ALL {
            for asked_by in AskedBy::ALL {
                drop(family.get_or_create(&access(decision, visibility, asked_by)));
            }
        }
    }
    family
}

/// Methods share one label beyond those we know: callers must not be able to grow the registry.
fn method_label(method: &Method) -> &str {
    match *method {
        Method::GET
        | Method::HEAD
        | Method::POST
        | Method::PUT
        | Method::PATCH
        | Method::DELETE
        | Method::OPTIONS => method.as_str(),
        _ => "other",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_counted_is_shown() {
        let edge = || EdgeNumbers {
            routes: vec![("live", 5)],
            requests: vec![("forwarded", 7)],
            ..EdgeNumbers::default()
        };
        let metrics = Metrics::watching(edge);
        metrics.http(&Method::GET, "/healthz", StatusCode::OK, Duration::from_millis(2));
        metrics.workspaces(&[(Status::Running, 3)]);
        metrics.terminals(2);
        metrics.deployment_finished(DeploymentKind::Create, DeploymentStatus::Failed, Duration::from_secs(4));
        metrics.reconciled("routes", Duration::from_millis(5), true);
        metrics.refused_routes(2);
        metrics.routes_pushed("traefik-rest", "succeeded", Duration::from_millis(70));
        metrics.routes_pushed("traefik-rest", "behind", Duration::from_secs(10));
        metrics.access_decided(AccessDecision::SignIn, Visibility::Private, AskedBy::ForwardAuth);
        let text = metrics.encode().unwrap();
        for line in [
            r#"devsanctum_http_requests_total{method="GET",route="/healthz",status="200"} 1"#,
            r#"devsanctum_workspaces{status="running"} 3"#,
            r#"devsanctum_workspaces{status="failed"} 0"#,
            r#"devsanctum_proxy_requests_total{outcome="forwarded"} 7"#,
            "devsanctum_proxy_open_upgrades 0",
            "devsanctum_terminals 2",
            r#"devsanctum_deployments_total{kind="create",outcome="failed"} 1"#,
            r#"devsanctum_deployment_duration_seconds_count{kind="create",outcome="failed"} 1"#,
            r#"devsanctum_reconciliations_total{controller="routes",outcome="succeeded"} 1"#,
            r#"devsanctum_routes{state="live"} 5"#,
            "devsanctum_refused_routes 2",
            r#"devsanctum_route_pushes_total{proxy="traefik-rest",outcome="behind"} 1"#,
            r#"devsanctum_route_push_duration_seconds_count{proxy="traefik-rest"} 1"#,
            r#"devsanctum_access_decisions_total{decision="sign_in",visibility="private",proxy="forward_auth"} 1"#,
            r#"devsanctum_access_decisions_total{decision="error",visibility="public",proxy="embedded"} 0"#,
        ] {
            assert!(text.contains(line), "{line} in\n{text}");
        }
    }
}
