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
        workspace::Status,
    },
    ports::meter::Meter,
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

/// What the proxy has counted so far; it counts without a registry, because it counts every request.
#[derive(Debug, Clone, Default)]
pub struct EdgeNumbers {
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

    fn reconciled(&self, controller: &'static str, took: Duration, succeeded: bool) {
        let outcome = if succeeded { "succeeded" } else { "failed" };
        self.0.reconciliations.get_or_create(&Reconciliation { controller, outcome }).inc();
        self.0.reconcile_time.get_or_create(&Controller { controller }).inc_by(took.as_secs_f64());
    }
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
        let edge = || EdgeNumbers { requests: vec![("forwarded", 7)], ..EdgeNumbers::default() };
        let metrics = Metrics::watching(edge);
        metrics.http(&Method::GET, "/healthz", StatusCode::OK, Duration::from_millis(2));
        metrics.workspaces(&[(Status::Running, 3)]);
        metrics.terminals(2);
        metrics.deployment_finished(DeploymentKind::Create, DeploymentStatus::Failed, Duration::from_secs(4));
        metrics.reconciled("routes", Duration::from_millis(5), true);
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
        ] {
            assert!(text.contains(line), "{line} in\n{text}");
        }
    }
}
