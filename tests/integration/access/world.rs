//! A server with one running workspace, an address of each visibility, and a component that tells what it is asked.

use std::collections::BTreeMap;

use axum::{
    Json, Router,
    extract::{Request, WebSocketUpgrade, ws::Message},
    http::HeaderMap,
    response::sse::{Event, Sse},
    routing::{any, get},
};
use devsanctum::{
    domain::{
        ids::{OrgId, WorkspaceId},
        role::Role,
        route::Visibility,
    },
    ports::proxy::Edition,
};
use futures::{StreamExt, stream};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio_util::task::AbortOnDropHandle;

use crate::support::{
    client::{Anonymous, Call, Person},
    in_process::TestServer,
};

pub struct World {
    pub server: TestServer,
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
        Self::on(server, ada).await
    }

    pub async fn behind_proxies(networks: &str) -> Self {
        let (server, ada) = TestServer::start_with_proxies(vec![networks.parse().unwrap()]).await;
        Self::on(server, ada).await
    }

    async fn on(server: TestServer, ada: Person) -> Self {
        let admin = server.person("admin", None).await;
        let org = admin.post("/api/v1/orgs").json(&json!({ "slug": "acme" })).send().await.expect(201).json();
        let org: OrgId = org["id"].as_str().unwrap().parse().unwrap();
        let owner = server.person("owner", Some((org, Role::Developer))).await;
        let (port, component) = component().await;
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
        let world = Self { server, ada, owner, org, workspace, labels, _component: component };
        world.publish().await;
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

    /// What the database says of routes is what the proxy knows.
    async fn publish(&self) {
        let app = &self.server.app;
        let mut reader = app.store.read().await.unwrap();
        let revision = reader.routes().revision().await.unwrap();
        let published = reader.routes().published().await.unwrap();
        app.proxy.publish_all(Edition { revision, until: None }, published.into()).await.unwrap();
    }

    pub fn label(&self, visibility: &'static str) -> &str {
        &self.labels[visibility]
    }

    pub fn url(&self, visibility: &'static str, path: &str) -> String {
        format!("{}{path}", self.server.app.settings.route_url(self.label(visibility)))
    }

    pub fn visit(&self, visibility: &'static str, path: &str) -> Call {
        visit(&self.server, self.label(visibility), path)
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

    async fn patch(&self, visibility: &'static str, change: &Value) {
        let path = format!("/api/v1/workspaces/{}/routes", self.workspace);
        let routes = self.owner.get(&path).send().await.expect(200).json();
        let routes = routes["items"].as_array().unwrap();
        let route = routes.iter().find(|route| label_of(route) == self.label(visibility)).unwrap();
        let path = format!("{path}/{}", route["id"].as_str().unwrap());
        self.owner.patch(&path).json(change).send().await.expect(200);
    }
}

pub fn visit(server: &TestServer, label: &str, path: &str) -> Call {
    let url = server.app.settings.route_url(label);
    Anonymous::get(&server.anonymous(), path).header("host", url.strip_prefix("http://").unwrap())
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

/// As it was told, in one line.
fn visitor(headers: &HeaderMap) -> Option<String> {
    let told: Vec<_> =
        headers.get_all("x-devsanctum-identity").iter().map(|it| it.to_str().unwrap()).collect();
    (!told.is_empty()).then(|| told.join(", "))
}

/// Answers at the addresses of all containers of the engine in memory, on this port.
async fn component() -> (u16, AbortOnDropHandle<()>) {
    let listener = TcpListener::bind("0.0.0.0:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let router = Router::new()
        .route(
            "/stream",
            get(async |headers: HeaderMap| {
                let hello = Event::default().data(visitor(&headers).unwrap_or("hello".into()));
                let first = stream::once(async { Ok::<_, std::convert::Infallible>(hello) });
                Sse::new(first.chain(stream::pending()))
            }),
        )
        .route(
            "/socket",
            any(async |headers: HeaderMap, upgrade: WebSocketUpgrade| {
                let visitor = visitor(&headers);
                upgrade.on_upgrade(async |mut socket| {
                    if let Some(visitor) = visitor {
                        socket.send(Message::text(visitor)).await.unwrap();
                    }
                    while socket.recv().await.is_some_and(|frame| frame.is_ok()) {}
                })
            }),
        )
        .fallback(async |request: Request| {
            let headers: BTreeMap<_, _> = request
                .headers()
                .iter()
                .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
                .collect();
            Json(json!({ "path": request.uri().to_string(), "headers": headers }))
        });
    let serving = async move { axum::serve(listener, router).await.unwrap() };
    (port, AbortOnDropHandle::new(tokio::spawn(serving)))
}
