//! A data plane with tenants, and a client in front of it.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use devsanctum::{
    domain::{
        ids::WorkspaceId,
        names::{ShortId, WorkspaceName},
        route::{PublishedRoute, Route, RouteTarget, Visibility, route_label},
        workspace::Status,
    },
    ports::proxy::{Edition, ProxyProvider},
};
use futures::future::BoxFuture;
use http::{HeaderMap, Request, Response, StatusCode, header::HOST};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use uuid::Uuid;

pub const DOMAIN: &str = "ws.test";
/// What the control plane behind the same listener answers.
pub const CONTROL_PLANE: &str = "the control plane";
pub const ACCESS_URL: &str = "http://console.test:7080";

/// Long enough that only a hang exceeds it.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// A started data plane.
pub struct Plane {
    pub name: &'static str,
    pub provider: Arc<dyn ProxyProvider>,
    pub address: SocketAddr,
    /// How long it waits for the head of an answer.
    pub head_timeout: Duration,
    /// The Traefik in front, as a process.
    pub traefik: Option<u32>,
    /// Stops it and checks that nothing is left.
    pub end: BoxFuture<'static, ()>,
}

pub struct World {
    plane: Plane,
    tenants: AtomicU64,
    revision: AtomicI64,
}

pub type Changed = (WorkspaceId, Vec<PublishedRoute>);

/// A workspace with one route.
#[derive(Clone)]
pub struct Tenant {
    pub id: WorkspaceId,
    pub name: WorkspaceName,
    pub label: String,
}

impl Tenant {
    pub fn host(&self) -> String {
        format!("{}.{DOMAIN}", self.label)
    }

    pub fn route(&self, target: RouteTarget, status: Status) -> PublishedRoute {
        PublishedRoute {
            route: Route {
                id: self.id.as_uuid().into(),
                workspace_id: self.id,
                app: None,
                label: self.label.clone(),
                component: "web".parse().unwrap(),
                port: 8080,
                visibility: Visibility::Public,
                identity: false,
                target,
            },
            org_id: self.id.as_uuid().into(),
            owner_id: self.id.as_uuid().into(),
            workspace_name: self.name.clone(),
            workspace_status: status,
            domains: Vec::new(),
        }
    }

    pub fn live(&self, address: SocketAddr) -> PublishedRoute {
        self.route(RouteTarget::Live { address, health: None }, Status::Running)
    }
}

impl World {
    pub fn around(plane: Plane) -> Self {
        Self { plane, tenants: AtomicU64::new(1), revision: AtomicI64::new(0) }
    }

    pub async fn end(self) {
        tokio::time::timeout(PATIENCE, self.plane.end).await.expect("the data plane does not stop");
    }

    pub fn head_timeout(&self) -> Duration {
        self.plane.head_timeout
    }

    pub fn plane_name(&self) -> &'static str {
        self.plane.name
    }

    pub fn address(&self) -> SocketAddr {
        self.plane.address
    }

    pub fn traefik(&self) -> Option<u32> {
        self.plane.traefik
    }

    pub fn provider(&self) -> &dyn ProxyProvider {
        &*self.plane.provider
    }

    pub fn tenant(&self, name: &str) -> Tenant {
        let number = self.tenants.fetch_add(1, Ordering::Relaxed);
        // Spread over all bits, as the random part of a real id is.
        let bits = u128::from(number).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
        let id = WorkspaceId::from(Uuid::from_u128(bits));
        let name: WorkspaceName = name.parse().unwrap();
        let label = route_label(None, &name, &ShortId::of(id));
        Tenant { id, name, label }
    }

    pub async fn publish(&self, route: PublishedRoute) {
        self.publish_workspace(route.route.workspace_id, &[route]).await;
    }

    pub async fn publish_workspace(&self, workspace: WorkspaceId, routes: &[PublishedRoute]) {
        let changes = vec![(workspace, routes.to_vec())];
        self.plane.provider.publish_changes(self.next_edition(), changes).await.unwrap();
    }

    /// Two workspaces that change at once.
    pub async fn publish_both(&self, one: Changed, two: Changed) {
        self.plane.provider.publish_changes(self.next_edition(), vec![one, two]).await.unwrap();
    }

    pub async fn publish_all(&self, routes: Vec<PublishedRoute>) {
        self.plane.provider.publish_all(self.next_edition(), routes.into()).await.unwrap();
    }

    pub fn next_edition(&self) -> Edition {
        Edition { revision: self.revision.fetch_add(1, Ordering::Relaxed) + 1, until: None }
    }

    pub fn vouch(&self, until: std::time::Instant) {
        self.plane.provider.vouch(until);
    }

    pub async fn is_failing(&self) -> bool {
        self.plane.provider.check().await.is_err()
    }

    pub async fn check(&self) {
        self.plane.provider.check().await.unwrap();
    }

    /// A tenant whose route leads to `address`.
    pub async fn live_tenant(&self, name: &str, address: SocketAddr) -> Tenant {
        let tenant = self.tenant(name);
        self.publish(tenant.live(address)).await;
        tenant
    }

    /// One connection for many requests.
    pub async fn session(&self) -> Session {
        let io = TokioIo::new(self.connect().await);
        let (sender, connection) = hyper::client::conn::http1::handshake(io).await.unwrap();
        tokio::spawn(connection);
        Session(sender)
    }

    pub async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.plane.address).await.unwrap()
    }

    /// One HTTP/1.1 request over a connection of its own; errors are of the connection.
    pub async fn try_send<B>(&self, request: Request<B>) -> Result<Response<Incoming>, hyper::Error>
    where
        B: http_body::Body<Data = Bytes> + Send + 'static,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(self.connect().await)).await?;
        tokio::spawn(connection.with_upgrades());
        tokio::time::timeout(PATIENCE, sender.send_request(request)).await.expect("no answer")
    }

    pub async fn send<B>(&self, request: Request<B>) -> Response<Incoming>
    where
        B: http_body::Body<Data = Bytes> + Send + 'static,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        self.try_send(request).await.unwrap()
    }

    /// The same over HTTP/2 with prior knowledge.
    pub async fn send_http2(&self, request: Request<Full<Bytes>>) -> Response<Incoming> {
        let io = TokioIo::new(self.connect().await);
        let (mut sender, connection) =
            hyper::client::conn::http2::handshake(TokioExecutor::new(), io).await.unwrap();
        tokio::spawn(connection);
        tokio::time::timeout(PATIENCE, sender.send_request(request)).await.expect("no answer").unwrap()
    }

    pub async fn get(&self, host: &str, path: &str) -> Answer {
        Answer::read(self.send(get(host, path)).await).await
    }

    /// Sends bytes as they are and reads all that comes until the connection closes.
    pub async fn send_raw(&self, bytes: &[u8]) -> String {
        let mut stream = self.connect().await;
        // The other side may refuse before it has read everything.
        let _ = stream.write_all(bytes).await;
        let mut answer = Vec::new();
        let read = stream.read_to_end(&mut answer);
        if let Err(error) = tokio::time::timeout(PATIENCE, read).await.expect("the connection stays open") {
            assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
        }
        String::from_utf8_lossy(&answer).into_owned()
    }
}

pub struct Session(hyper::client::conn::http1::SendRequest<Full<Bytes>>);

impl Session {
    pub async fn send(&mut self, request: Request<Full<Bytes>>) -> Answer {
        self.0.ready().await.unwrap();
        let answer = tokio::time::timeout(PATIENCE, self.0.send_request(request)).await.expect("no answer");
        Answer::read(answer.unwrap()).await
    }

    pub async fn get(&mut self, host: &str, path: &str) -> Answer {
        self.send(get(host, path)).await
    }
}

pub fn get(host: &str, path: &str) -> Request<Full<Bytes>> {
    Request::get(path).header(HOST, host).body(Full::default()).unwrap()
}

/// An answer, read to its end.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Answer {
    pub async fn read(response: Response<Incoming>) -> Self {
        let (parts, body) = response.into_parts();
        let body = tokio::time::timeout(PATIENCE, body.collect()).await.expect("the answer does not end");
        Self { status: parts.status, headers: parts.headers, body: body.unwrap().to_bytes() }
    }

    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }
}

/// Looks again until it is so.
pub async fn eventually(what: &str, mut so: impl AsyncFnMut() -> bool) {
    let looking = async {
        while !so().await {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(PATIENCE, looking).await.unwrap_or_else(|_| panic!("never so: {what}"));
}
