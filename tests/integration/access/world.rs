//! A server with one running workspace, an address of each visibility, and a component that tells what it is asked.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use axum::{
    Json, Router,
    extract::{FromRequest, Request, WebSocketUpgrade, ws::Message},
    http::HeaderValue,
    response::{
        Response,
        sse::{Event, Sse},
    },
    routing::{any, get},
};
use devsanctum::{
    adapters::proxy::traefik::{Shape, TraefikProxy, TraefikSettings},
    domain::{
        ids::{OrgId, WorkspaceId},
        role::Role,
        route::Visibility,
        secret::Secret,
    },
    http::{edge::FORWARD_AUTH, traefik::RoutesForTraefik},
    ports::proxy::{Edition, ProxyProvider},
};
use futures::{StreamExt, stream};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio_util::task::AbortOnDropHandle;

use crate::{
    contract::proxy::world::eventually,
    support::{
        client::{Anonymous, Call, Person},
        in_process::{InFront, TestServer},
        traefik::{ROUTES, Traefik, Way},
    },
};

pub struct World {
    pub server: TestServer,
    /// Where visitors come in: the server itself, or what is in front of it.
    pub door: SocketAddr,
    traefik: Option<Traefik>,
    /// Platform admin, and a member of no organization but her own.
    pub ada: Person,
    /// Whose workspace it is: a developer.
    pub owner: Person,
    pub org: OrgId,
    pub workspace: WorkspaceId,
    labels: BTreeMap<&'static str, String>,
    _component: AbortOnDropHandle<()>,
}

impl World {
    pub async fn start() -> Self {
        let (server, ada) = TestServer::start().await;
        Self::on(server, ada, None).await
    }

    /// Visitors come to a real Traefik, which asks the server about each request.
    pub async fn behind_traefik(way: Way, shape: Shape) -> Self {
        let made = Arc::new(Mutex::new(None));
        let (server, ada) = TestServer::start_behind(in_front(way, shape, made.clone())).await;
        let traefik = made.lock().unwrap().take();
        Self::on(server, ada, traefik).await
    }

    pub async fn behind_proxies(networks: &str) -> Self {
        let (server, ada) = TestServer::start_with_proxies(vec![networks.parse().unwrap()]).await;
        Self::on(server, ada, None).await
    }

    /// What is in front of the server dies.
    pub fn lose_traefik(&mut self) {
        self.traefik = None;
    }

    pub async fn end(self) {
        self.server.stop().await;
    }

    async fn on(server: TestServer, ada: Person, traefik: Option<Traefik>) -> Self {
        let (port, component) = component().await;
        let admin = server.person("admin", None).await;
        let org = admin.post("/api/v1/orgs").json(&json!({ "slug": "acme" })).send().await.expect(201).json();
        let org: OrgId = org["id"].as_str().unwrap().parse().unwrap();
        let owner = server.person("owner", Some((org, Role::Developer))).await;
        let manifest = json!({
            "appName": "Echo", "slug": "echo",
            "components": [{ "name": "web", "type": "workspace", "port": port }],
        });
        let source = json!({ "kind": "manifest", "manifest": manifest });
        let template = json!({ "name": "echo", "source": source });
        admin.post("/api/v1/orgs/acme/templates").json(&template).send().await.expect(201);
        let world = Self::workspace(&owner, "echo").await;
        let workspace: WorkspaceId = world["id"].as_str().unwrap().parse().unwrap();
        let mut labels = BTreeMap::from([("private", label_of(&world["routes"][0]))]);
        for visibility in ["organization", "authenticated", "public"] {
            let route =
                json!({ "app": visibility, "component": "web", "port": port, "visibility": visibility });
            let path = format!("/api/v1/workspaces/{workspace}/routes");
            let route = owner.post(&path).json(&route).send().await.expect(201).json();
            labels.insert(visibility, label_of(&route));
        }
        let door = traefik.as_ref().map_or(server.address, |traefik| traefik.web);
        let world = Self { server, door, traefik, ada, owner, org, workspace, labels, _component: component };
        world.until_open().await;
        world
    }

    /// A workspace of that template, running.
    pub async fn workspace(owner: &Person, name: &str) -> Value {
        let body = json!({ "name": name, "template": "echo" });
        let call = owner.post("/api/v1/orgs/acme/workspaces").header("prefer", "wait=30").json(&body);
        let made = call.send().await.expect(202).json();
        assert_eq!(made["status"], "running", "{made}");
        made
    }

    /// The addresses lead to the component, of which all but the public one say that they ask who is there.
    async fn until_open(&self) {
        for (visibility, status) in
            [("private", 401), ("organization", 401), ("authenticated", 401), ("public", 200)]
        {
            let opens = async || self.visit(visibility, "/").send().await.status == status;
            eventually(visibility, opens).await;
        }
    }

    pub fn label(&self, visibility: &'static str) -> &str {
        &self.labels[visibility]
    }

    pub fn url(&self, visibility: &'static str, path: &str) -> String {
        format!("{}{path}", self.server.app.settings.route_url(self.label(visibility)))
    }

    pub fn visit(&self, visibility: &'static str, path: &str) -> Call {
        self.visit_label(self.label(visibility), path)
    }

    pub fn visit_label(&self, label: &str, path: &str) -> Call {
        let url = self.server.app.settings.route_url(label);
        Anonymous::of(self.door).get(path).header("host", url.strip_prefix("http://").unwrap())
    }

    pub fn visit_by(&self, method: &str, visibility: &'static str, path: &str) -> Call {
        let url = self.url(visibility, "");
        let call = Anonymous::call(&self.server.anonymous(), method.parse().unwrap(), path);
        call.header("host", url.strip_prefix("http://").unwrap())
    }

    /// Somebody with this role in the workspace's organization.
    pub async fn member(&self, name: &str, role: Role) -> Person {
        self.server.person(name, Some((self.org, role))).await
    }

    pub async fn ticket(
        &self,
        person: &Person,
        visibility: &'static str,
        path: &str,
    ) -> crate::support::client::Answer {
        let body = json!({ "for": self.url(visibility, path) });
        person.post("/api/v1/tickets").json(&body).send().await
    }

    /// `name=value` of the pass, got as a browser gets it.
    pub async fn pass(&self, person: &Person, visibility: &'static str) -> String {
        let away = self.visit(visibility, "/").header("accept", "text/html").send().await.expect(303);
        self.pass_after(away, person, visibility).await
    }

    /// The same where nobody has to sign in, and the page asks whether one would.
    pub async fn signed_in_at(&self, person: &Person, visibility: &'static str) -> String {
        let away = self.visit(visibility, "/.devsanctum/sign-in?to=%2F").send().await.expect(303);
        self.pass_after(away, person, visibility).await
    }

    async fn pass_after(
        &self,
        away: crate::support::client::Answer,
        person: &Person,
        visibility: &'static str,
    ) -> String {
        let knock = cookie(&away.headers, "devsanctum_knock").unwrap();
        let entrance = self.ticket(person, visibility, "/").await.expect(200).json()["url"].clone();
        let entered = self.enter(visibility, entrance.as_str().unwrap(), &knock).await.expect(303);
        cookie(&entered.headers, "devsanctum_pass").unwrap()
    }

    /// Goes where a ticket is shown, with the knock as a cookie and in the URL.
    pub async fn enter(
        &self,
        visibility: &'static str,
        entrance: &str,
        knock: &str,
    ) -> crate::support::client::Answer {
        let (_, value) = knock.split_once('=').unwrap();
        let path = entrance.strip_prefix(&self.url(visibility, "")).unwrap();
        let call = self.visit(visibility, &format!("{path}&knock={value}")).header("cookie", knock);
        call.header("accept", "text/html").send().await
    }

    pub async fn narrow(&self, visibility: &'static str, to: Visibility) {
        self.patch(visibility, &json!({ "visibility": to })).await;
    }

    /// Changes the route, and waits until the proxy has heard of it.
    pub async fn change(&self, visibility: &'static str, change: &Value) {
        self.patch(visibility, change).await;
        self.publish().await;
    }

    /// What the database says of routes is what the proxy knows.
    async fn publish(&self) {
        let app = &self.server.app;
        let mut reader = app.store.read().await.unwrap();
        let revision = reader.routes().revision().await.unwrap();
        let published = reader.routes().published().await.unwrap();
        app.proxy.publish_all(Edition { revision, until: None }, published.into()).await.unwrap();
    }

    async fn patch(&self, visibility: &'static str, change: &Value) {
        let path = format!("/api/v1/workspaces/{}/routes", self.workspace);
        let routes = self.owner.get(&path).send().await.expect(200).json();
        let routes = routes["items"].as_array().unwrap();
        let route = routes.iter().find(|route| label_of(route) == self.label(visibility)).unwrap();
        let path = format!("{path}/{}", route["id"].as_str().unwrap());
        self.owner.patch(&path).json(change).send().await.expect(200);
    }
}

fn in_front(way: Way, shape: Shape, made: Arc<Mutex<Option<Traefik>>>) -> InFront {
    Box::new(move |edge, installation, address| {
        Box::pin(async move {
            let here = format!("http://{address}");
            let traefik =
                Traefik::start(|directory| way.arguments(&format!("{here}{ROUTES}"), directory)).await;
            let settings = TraefikSettings {
                installation,
                workspace_domain: "localhost".into(),
                access_host: "localhost".into(),
                entry_points: vec!["web".into()],
                cert_resolver: None,
                domain_cert_resolver: None,
                forward_auth: Some(format!("{here}{FORWARD_AUTH}")),
                edge_urls: vec![here],
            };
            let delivery = way.delivery(&traefik);
            let proxy = TraefikProxy::new(edge, settings, shape, delivery, Some(traefik.api())).unwrap();
            let proxy = Arc::new(proxy);
            *made.lock().unwrap() = Some(traefik);
            let routes = RoutesForTraefik { server: proxy.clone(), token: Secret::new("the-token") };
            (proxy as Arc<dyn ProxyProvider>, routes)
        })
    })
}

pub fn label_of(route: &Value) -> String {
    route["host"].as_str().unwrap().split('.').next().unwrap().to_owned()
}

/// `name=value` of the cookie that an answer sets.
pub fn cookie(headers: &axum::http::HeaderMap, name: &str) -> Option<String> {
    let cookies = headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap());
    let cookie = cookies.filter_map(|cookie| cookie.split(';').next());
    cookie
        .filter(|cookie| {
            cookie.strip_prefix(name).is_some_and(|rest| rest.starts_with('=') && rest.len() > 1)
        })
        .map(str::to_owned)
        .next()
}

/// At every address of this machine, those that the engine in memory gives to containers among them.
async fn component() -> (u16, AbortOnDropHandle<()>) {
    let listener = TcpListener::bind("0.0.0.0:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let router = Router::new()
        .route(
            "/stream",
            get(async |request: Request| {
                let first = Event::default().data(seen(&request).to_string());
                let first = stream::once(async { Ok::<_, std::convert::Infallible>(first) });
                Sse::new(first.chain(stream::pending()))
            }),
        )
        .route("/socket", any(socket))
        .fallback(async |request: Request| Json(seen(&request)));
    let serving = async move { axum::serve(listener, router).await.unwrap() };
    (port, AbortOnDropHandle::new(tokio::spawn(serving)))
}

/// Says what arrived, and then listens for as long as anybody speaks.
async fn socket(request: Request) -> Response {
    let seen = seen(&request).to_string();
    let upgrade = WebSocketUpgrade::from_request(request, &()).await.unwrap();
    upgrade.on_upgrade(async move |mut socket| {
        let _ = socket.send(Message::Text(seen.into())).await;
        while socket.recv().await.is_some_and(|frame| frame.is_ok()) {}
    })
}

fn seen(request: &Request) -> Value {
    let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let values = |name| request.headers().get_all(name).iter().map(text).collect::<Vec<_>>().join(", ");
    let headers: BTreeMap<_, _> =
        request.headers().keys().map(|name| (name.to_string(), values(name))).collect();
    json!({ "path": request.uri().to_string(), "headers": headers })
}

pub mod embedded {
    pub async fn start() -> super::World {
        super::World::start().await
    }
}

macro_rules! behind_traefik {
    ($($name:ident: $way:ident, $shape:ident;)*) => {$(
        pub mod $name {
            use super::{Shape, Way, World};

            pub async fn start() -> World {
                World::behind_traefik(Way::$way, Shape::$shape).await
            }
        }
    )*};
}

behind_traefik! {
    traefik_rest: Rest, PerRoute;
    traefik_http: Http, PerRoute;
    traefik_file: File, PerRoute;
    traefik_wildcard: Rest, Wildcard;
}
