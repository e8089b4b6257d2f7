//! The embedded proxy as the core sees it: routes in, readiness out.

use std::{
    net::{IpAddr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use async_trait::async_trait;
use http::{Request, Response};
use hyper::body::Incoming;
use ipnet::IpNet;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    body::EdgeBody,
    headers::Client,
    metrics::EdgeMetrics,
    pages::Pages,
    table::{Entry, RouteTable},
};
use crate::{
    domain::{access::Place, route::PublishedRoute},
    ports::proxy::{Changes, Edge, Edition, Places, ProxyError, ProxyProvider},
};

#[derive(Debug, Clone)]
pub struct EdgeSettings {
    /// What people type to reach the control plane, without a slash at the end; pages link to it.
    pub access_url: String,
    /// Proxies whose word about their clients counts.
    pub trusted_proxies: Vec<IpNet>,
    pub connect_timeout: Duration,
    /// How long a component may think after it has got a request.
    pub head_timeout: Duration,
    /// How long an answer may pause between two of its pieces.
    pub stream_idle_timeout: Duration,
    /// How long neither side of an upgraded connection may say anything.
    pub tunnel_idle_timeout: Duration,
    /// How long an idle connection to a component is kept. Servers commonly close theirs after 5 to 75 seconds.
    pub keep_alive: Duration,
    /// Requests and upgraded connections of one route at the same time.
    pub max_in_flight: usize,
}

impl EdgeSettings {
    pub fn new(access_url: &str, trusted_proxies: Vec<IpNet>) -> Self {
        const HOUR: Duration = Duration::from_secs(60 * 60);
        Self {
            access_url: access_url.trim_end_matches('/').to_owned(),
            trusted_proxies,
            connect_timeout: Duration::from_secs(3),
            head_timeout: Duration::from_secs(120),
            stream_idle_timeout: HOUR,
            tunnel_idle_timeout: HOUR,
            keep_alive: Duration::from_secs(60),
            max_in_flight: 4096,
        }
    }
}

pub struct EmbeddedProxy {
    pub(super) table: RouteTable,
    pub(super) settings: EdgeSettings,
    pub(super) pages: Pages,
    pub(super) metrics: EdgeMetrics,
    /// Upgraded connections; they outlive the request that asked for them.
    pub(super) tunnels: TaskTracker,
    pub(super) stop: CancellationToken,
    started: Instant,
    /// Until when the table may be relied on, in milliseconds after the start.
    vouched: AtomicU64,
}

impl EmbeddedProxy {
    /// Cancelling `stop` ends upgraded connections and the housekeeping.
    pub fn start(settings: EdgeSettings, stop: CancellationToken) -> Arc<Self> {
        let proxy = Arc::new(Self {
            table: RouteTable::new(),
            pages: Pages::new(&settings.access_url),
            settings,
            metrics: EdgeMetrics::default(),
            tunnels: TaskTracker::new(),
            stop,
            started: Instant::now(),
            vouched: AtomicU64::new(u64::MAX),
        });
        proxy.tunnels.spawn(proxy.clone().close_stale_connections());
        proxy
    }

    pub fn metrics(&self) -> &EdgeMetrics {
        &self.metrics
    }

    /// How many published routes there are in each state.
    pub fn routes(&self) -> [(&'static str, u64); 3] {
        self.table.count()
    }

    /// Waits until everything `stop` ends has ended.
    pub async fn stopped(&self) {
        self.stop.cancelled().await;
        self.tunnels.close();
        self.tunnels.wait().await;
    }

    async fn close_stale_connections(self: Arc<Self>) {
        const EVERY: Duration = Duration::from_secs(10);
        while self.stop.run_until_cancelled(tokio::time::sleep(EVERY)).await.is_some() {
            for backend in self.table.backends() {
                backend.close_stale(self.settings.keep_alive);
            }
        }
    }

    /// The table is too old to be relied on.
    pub(in crate::adapters::proxy) fn is_stale(&self) -> bool {
        let vouched = self.vouched.load(Ordering::Relaxed);
        vouched != u64::MAX && millis(self.started.elapsed()) >= vouched
    }

    fn trusts(&self, peer: IpAddr) -> bool {
        let peer = peer.to_canonical();
        self.settings.trusted_proxies.iter().any(|net| net.contains(&peer))
    }
}

#[async_trait]
impl ProxyProvider for EmbeddedProxy {
    fn kind(&self) -> &'static str {
        "embedded"
    }

    async fn publish_all(&self, _: Edition, routes: Arc<[PublishedRoute]>) -> Result<(), ProxyError> {
        self.table.replace_all(&routes);
        Ok(())
    }

    async fn publish_changes(&self, _: Edition, changes: Changes) -> Result<(), ProxyError> {
        for (workspace, routes) in changes {
            self.table.replace_workspace(workspace, &routes);
        }
        Ok(())
    }

    fn vouch(&self, until: Instant) {
        self.vouched.store(millis(until.saturating_duration_since(self.started)), Ordering::Relaxed);
    }

    async fn check(&self) -> Result<(), ProxyError> {
        if self.is_stale() {
            let reason = "it has not heard from the database for too long to rely on its routes";
            return Err(ProxyError::Unreachable(reason.into()));
        }
        if self.stop.is_cancelled() {
            return Err(ProxyError::Unreachable("it is being stopped".into()));
        }
        Ok(())
    }
}

impl Places for EmbeddedProxy {
    fn place(&self, key: &str) -> Option<Place> {
        self.table.find(key).map(|entry| entry.place)
    }
}

impl Edge for EmbeddedProxy {
    type Client = Client;
    type Found = Destination;
    type Body = EdgeBody;

    fn client(&self, peer: SocketAddr) -> Client {
        Client::new(peer.ip(), self.trusts(peer.ip()))
    }

    fn find(&self, key: &str) -> Destination {
        Destination(self.table.find(key))
    }

    fn place_of(&self, found: &Destination) -> Option<Place> {
        found.0.as_ref().map(|entry| entry.place)
    }

    fn answer(
        self: &Arc<Self>,
        client: &Arc<Client>,
        found: Destination,
        request: Request<Incoming>,
    ) -> impl Future<Output = Response<EdgeBody>> + Send + 'static {
        self.clone().forward(client.clone(), found.0, request)
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// Where a host name leads.
pub struct Destination(Option<Arc<Entry>>);
