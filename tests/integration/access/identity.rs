//! What a component is told of its visitors, through both proxies, and believed by an independent library only as far as
//! it should be.

use std::net::SocketAddr;

use chrono::{DateTime, Duration, Utc};
use devsanctum::{
    adapters::proxy::traefik::{TraefikSettings, render::per_route},
    app::auth::keys,
    domain::role::Role,
    ports::clock::Clock,
};
use futures::StreamExt;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

use super::world::{World, cookie};
use crate::{
    contract::store::engine::with_database,
    support::{
        client::{Anonymous, Call, Person},
        in_process::TestServer,
        python::python,
        traefik::Traefik,
    },
};

const HEADER: &str = "x-devsanctum-identity";

/// A server, and a Traefik in front of it that leads to components by itself.
struct Fronts {
    world: World,
    traefik: Traefik,
}

impl Fronts {
    async fn start() -> Self {
        let world = World::behind_proxies("127.0.0.0/8").await;
        let traefik = Traefik::start(|_| vec!["--providers.rest.insecure=true".into()]).await;
        let fronts = Self { world, traefik };
        fronts.publish().await;
        fronts
    }

    /// What the database says now goes to Traefik.
    async fn publish(&self) {
        let app = &self.world.server.app;
        let edge = format!("http://{}", self.world.server.address);
        let settings = TraefikSettings {
            installation: app.installation,
            workspace_domain: app.settings.workspace_domain.clone(),
            access_host: "localhost".into(),
            entry_points: vec!["web".into()],
            cert_resolver: None,
            domain_cert_resolver: None,
            edge_urls: vec![edge.clone()],
            forward_auth: Some(format!("{edge}/edge/authorize")),
        };
        let published = app.store.read().await.unwrap().routes().published().await.unwrap();
        let rendered = per_route(&settings, 1, &published);
        let url = format!("{}/api/providers/rest", self.traefik.url());
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let put = client.put(url).json(&rendered.configuration).send().await.unwrap();
        assert_eq!(put.status(), 200);
        let shown = "/api/http/middlewares/devsanctum-table@rest";
        let wanted = rendered.mark.to_string();
        let in_force = async || self.traefik.shown(shown).await.to_string().contains(&wanted);
        let began = std::time::Instant::now();
        while !in_force().await {
            assert!(began.elapsed() < std::time::Duration::from_secs(20), "Traefik does not take the routes");
        }
    }

    fn both(&self) -> [(&'static str, SocketAddr); 2] {
        [("embedded", self.world.server.address), ("traefik", self.traefik.web)]
    }

    fn visit(&self, front: SocketAddr, visibility: &'static str, path: &str) -> Call {
        let host = self.world.url(visibility, "");
        Anonymous::of(front).get(path).header("host", host.strip_prefix("http://").unwrap())
    }

    /// Changes the switch, and waits until it is so everywhere.
    async fn tell(&self, visibility: &'static str, identity: bool) {
        self.world.change(visibility, &json!({ "identity": identity })).await;
        self.publish().await;
    }

    async fn end(self) {
        drop(self.traefik);
        self.world.server.stop().await;
    }
}

/// What the component got under the one name.
async fn told(call: Call) -> Option<String> {
    told_in(&call.send().await.expect(200).text)
}

fn told_in(seen: &str) -> Option<String> {
    let seen: Value = serde_json::from_str(seen).unwrap();
    let plain = seen["headers"].to_string().to_lowercase().replace('_', "-");
    assert!(plain.matches("devsanctum").count() <= 1, "{seen}");
    seen["headers"][HEADER].as_str().map(str::to_owned)
}

/// As the documentation's example reads it by what is published at the server: the claims, or what is wrong.
fn verified(token: &str, server: &TestServer, audience: &str) -> Result<Value, String> {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let script = root.join("tests/integration/access/verify.py");
    let issuer = &server.app.settings.access_url;
    let documentation = root.join("docs/identity.md");
    let asked = python().arg(script).arg(documentation).args([token, issuer, audience]).output().unwrap();
    assert!(asked.status.success(), "{}", String::from_utf8_lossy(&asked.stderr));
    let answer: Value = serde_json::from_slice(&asked.stdout).unwrap();
    match answer["error"].as_str() {
        Some(error) => Err(error.to_owned()),
        None => Ok(answer),
    }
}

async fn api_token(person: &Person, scope: &str) -> String {
    let body = json!({ "name": scope, "scopes": [scope] });
    let made = person.post("/api/v1/me/tokens").json(&body).send().await.expect(201).json();
    format!("Bearer {}", made["secret"].as_str().unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_component_that_asks_for_it_is_told_who_visits() {
    let fronts = Fronts::start().await;
    let world = &fronts.world;
    let viewer = world.member("viewer", Role::Viewer).await;
    let pass = world.pass(&viewer, "organization").await;
    for (name, front) in fronts.both() {
        let call = fronts.visit(front, "organization", "/").header("cookie", &pass);
        assert_eq!(told(call).await, None, "{name}: nobody asked for it");
    }
    fronts.tell("organization", true).await;
    let audience = world.url("organization", "");
    for (name, front) in fronts.both() {
        let before = world.server.clock.now().timestamp();
        let call = fronts.visit(front, "organization", "/").header("cookie", &pass);
        let call = call.header(HEADER, "root").header("x_devsanctum_identity", "root");
        let token = told(call).await.expect(name);
        let claims = verified(&token, &world.server, &audience).expect(name);
        let expected = json!({
            "iss": world.server.app.settings.access_url, "aud": audience,
            "sub": viewer.user["id"], "preferred_username": "viewer",
            "org": world.org, "workspace": world.workspace,
            "iat": claims["iat"], "nbf": claims["iat"], "exp": claims["iat"].as_i64().unwrap() + 60,
        });
        assert_eq!(claims, expected, "{name}");
        assert!((before - 30..=before + 5).contains(&claims["iat"].as_i64().unwrap()), "{name}: {claims}");
        // Which address it is for is part of it, and so is who says it.
        for wrong in [world.url("private", ""), "https://evil.example".into()] {
            assert_eq!(verified(&token, &world.server, &wrong), Err("InvalidAudienceError".into()), "{name}");
        }
    }
    fronts.tell("organization", false).await;
    for (name, front) in fronts.both() {
        let call = fronts.visit(front, "organization", "/").header("cookie", &pass);
        assert_eq!(told(call).await, None, "{name}: nobody asks for it any more");
    }
    fronts.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_public_address_tells_of_those_who_show_who_they_are() {
    let fronts = Fronts::start().await;
    let world = &fronts.world;
    fronts.tell("public", true).await;
    let audience = world.url("public", "");
    let pass = world.signed_in_at(&world.owner, "public").await;
    let [token, narrow] =
        [api_token(&world.owner, "workspaces").await, api_token(&world.owner, "read").await];
    for (name, front) in fronts.both() {
        let visit = || fronts.visit(front, "public", "/");
        assert_eq!(told(visit()).await, None, "{name}: anonymous");
        let pretended = visit().header(HEADER, "root").header("x-devsanctum_identity", "root");
        assert_eq!(told(pretended).await, None, "{name}: pretended");
        let stale = visit().header("cookie", "devsanctum_pass=x");
        assert_eq!(told(stale).await, None, "{name}: a pass that is none");
        let elsewhere = world.pass(&world.owner, "private").await;
        assert_eq!(told(visit().header("cookie", &elsewhere)).await, None, "{name}: of another address");
        assert_eq!(told(visit().header("authorization", &narrow)).await, None, "{name}: too narrow a token");
        for known in [visit().header("cookie", &pass), visit().header("authorization", &token)] {
            let token = told(known).await.expect(name);
            let claims = verified(&token, &world.server, &audience).expect(name);
            assert_eq!(claims["preferred_username"], "owner", "{name}");
        }
        // A page of somebody else's makes nobody known.
        let foreign = visit().header("cookie", &pass).header("origin", "https://evil.example");
        assert_eq!(told(foreign).await, None, "{name}: from elsewhere");
    }
    fronts.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn streams_and_sockets_are_told_in_their_first_request() {
    let fronts = Fronts::start().await;
    let world = &fronts.world;
    fronts.tell("private", true).await;
    let pass = world.pass(&world.owner, "private").await;
    let host = world.url("private", "").replace("http://", "");
    for (name, front) in fronts.both() {
        let call = fronts.visit(front, "private", "/stream").header("cookie", &pass).header(HEADER, "root");
        let mut stream = call.open().await.bytes_stream();
        let first = String::from_utf8(stream.next().await.unwrap().unwrap().to_vec()).unwrap();
        let token = told_in(first.trim().strip_prefix("data: ").expect(name)).expect(name);
        let claims = verified(&token, &world.server, &world.url("private", "")).expect(name);
        assert_eq!(claims["preferred_username"], "owner", "{name}");

        let mut request = format!("ws://{front}/socket").into_client_request().unwrap();
        for (name, value) in [
            ("host", host.as_str()),
            ("cookie", pass.as_str()),
            (HEADER, "root"),
            ("x_devsanctum_identity", "root"),
            ("connection", "Upgrade"),
        ] {
            request.headers_mut().insert(name, value.parse().unwrap());
        }
        let (mut socket, _) = tokio_tungstenite::connect_async(request).await.unwrap();
        let greeting = socket.next().await.unwrap().unwrap().into_text().unwrap();
        let token = told_in(&greeting).expect(name);
        let claims = verified(&token, &world.server, &world.url("private", "")).expect(name);
        assert_eq!(claims["preferred_username"], "owner", "{name}");
    }
    fronts.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_visitor_who_signs_out_is_not_named_for_longer_than_it_takes_to_feel_it() {
    let fronts = Fronts::start().await;
    let world = &fronts.world;
    fronts.tell("public", true).await;
    let pass = world.signed_in_at(&world.owner, "public").await;
    let visit = |front| fronts.visit(front, "public", "/").header("cookie", &pass);
    for (name, front) in fronts.both() {
        assert!(told(visit(front)).await.is_some(), "{name}");
    }
    let stream = fronts.visit(world.server.address, "public", "/stream").header("cookie", &pass);
    let mut stream = stream.open().await.bytes_stream();
    assert!(stream.next().await.unwrap().is_ok());
    let logout = world.server.anonymous().post("/api/v1/auth/logout").header("cookie", &world.owner.cookie);
    logout.send().await.expect(204);
    world.server.clock.advance(Duration::seconds(5));
    for (name, front) in fronts.both() {
        assert_eq!(told(visit(front)).await, None, "{name}");
    }
    let ended =
        async { assert!(stream.next().await.is_none_or(|piece| piece.is_err()), "the stream goes on") };
    tokio::time::timeout(std::time::Duration::from_secs(20), ended).await.expect("it stays open as somebody");
    fronts.end().await;
}

#[tokio::test]
async fn one_signature_serves_a_busy_page_and_not_for_long() {
    let world = World::start().await;
    world.change("private", &json!({ "identity": true })).await;
    let pass = world.pass(&world.owner, "private").await;
    let token = async || told(world.visit("private", "/").header("cookie", &pass)).await.unwrap();
    let first = token().await;
    for _ in 0..20 {
        assert_eq!(token().await, first);
    }
    world.server.clock.advance(Duration::seconds(30));
    assert_ne!(token().await, first);
    world.server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_identity_opens_nothing_of_ours_and_nothing_of_ours_is_one() {
    let world = World::start().await;
    world.change("private", &json!({ "identity": true })).await;
    let pass = world.pass(&world.owner, "private").await;
    let token = told(world.visit("private", "/").header("cookie", &pass)).await.unwrap();
    let server = &world.server;
    let call = server.anonymous().with_token(&token).get("/api/v1/me");
    call.send().await.problem(401, "invalid_token");
    let as_pass = world.visit("private", "/").header("cookie", &format!("devsanctum_pass={token}"));
    as_pass.send().await.problem(401, "unauthenticated");
    let as_token = world.visit("private", "/").header("authorization", &format!("Bearer {token}"));
    as_token.send().await.problem(401, "unauthenticated");
    let by_itself = world.visit("private", "/").header(HEADER, &token);
    by_itself.send().await.problem(401, "unauthenticated");

    let audience = world.url("private", "");
    let (_, pass) = pass.split_once('=').unwrap();
    for ours in [world.owner.token.as_str(), pass] {
        assert_eq!(verified(ours, server, &audience), Err("PyJWKClientError".into()));
    }
    world.server.stop().await;
}

/// Everything that an independent library lets one say, against what the documentation tells components to do.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_documentation_tells_components_to_do_refuses_forgeries() {
    let world = World::start().await;
    world.change("private", &json!({ "identity": true })).await;
    let pass = world.pass(&world.owner, "private").await;
    let token = told(world.visit("private", "/").header("cookie", &pass)).await.unwrap();
    let script = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/integration/access/forge.py");
    let keys = format!("http://{}/.well-known/jwks.json", world.server.address);
    let forged = python().arg(script).args([&token, &keys]).output().unwrap();
    assert!(forged.status.success(), "{}", String::from_utf8_lossy(&forged.stderr));
    let forged: Vec<(String, String)> = serde_json::from_slice(&forged.stdout).unwrap();
    assert!(forged.len() > 8, "{forged:?}");
    let audience = world.url("private", "");
    verified(&token, &world.server, &audience).unwrap();
    for (name, token) in forged {
        verified(&token, &world.server, &audience).expect_err(&name);
    }
    world.server.clock.advance(Duration::seconds(-120));
    let old = told(world.visit("private", "/").header("cookie", &pass)).await.unwrap();
    assert_eq!(verified(&old, &world.server, &audience), Err("ExpiredSignatureError".into()));
    world.server.stop().await;
}

async fn key_set(server: &TestServer) -> Vec<String> {
    let answer = server.anonymous().get("/.well-known/jwks.json").send().await.expect(200);
    assert_eq!(answer.headers["cache-control"], "public, max-age=300");
    let set = answer.json();
    let keys = set["keys"].as_array().unwrap();
    for key in keys {
        let names: Vec<_> = key.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(names, ["alg", "crv", "kid", "kty", "use", "x", "y"], "only public halves: {key}");
        assert_eq!((&key["alg"], &key["use"], &key["kty"]), (&json!("ES256"), &json!("sig"), &json!("EC")));
    }
    keys.iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
}

/// The key that an identity would be signed with now.
fn signer(server: &TestServer, now: DateTime<Utc>) -> String {
    let claims = devsanctum::ports::identity_token::IdentityClaims {
        issuer: "iss".into(),
        audience: "aud".into(),
        user_id: uuid::Uuid::from_u128(1).into(),
        username: "ada".parse().unwrap(),
        org: uuid::Uuid::from_u128(2).into(),
        workspace: uuid::Uuid::from_u128(3).into(),
        issued_at: now,
        expires_at: now + Duration::seconds(60),
    };
    let token = server.app.identity.visitors.issue(&claims).unwrap();
    jsonwebtoken::decode_header(token.expose()).unwrap().kid.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_key_is_published_by_all_servers_before_one_signs_with_it() {
    with_database(async |url| {
        let servers = TestServer::pair(&url).await;
        let [one, two] = &servers;
        let first = key_set(one).await;
        assert_eq!((first.len(), key_set(two).await), (1, first.clone()), "one key, the same at both");
        one.clock.advance(Duration::days(30));
        keys::keep(&one.app).await.unwrap();
        let began = std::time::Instant::now();
        while key_set(two).await.len() < 2 {
            assert!(began.elapsed() < std::time::Duration::from_secs(20), "word of it does not come");
        }
        let both = key_set(one).await;
        assert_eq!(key_set(two).await, both);
        assert_eq!(both[1], first[0]);
        for hours in [0, 12, 11] {
            one.clock.advance(Duration::hours(hours));
            for server in &servers {
                assert_eq!(signer(server, server.clock.now()), first[0], "it is not known everywhere yet");
            }
        }
        one.clock.advance(Duration::hours(1));
        for server in &servers {
            assert_eq!(signer(server, server.clock.now()), both[0]);
            assert_eq!(key_set(server).await, both, "what the old one signed a moment ago is still verified");
        }
        one.clock.advance(Duration::hours(2));
        keys::keep(&two.app).await.unwrap();
        assert_eq!(key_set(two).await, [both[0].clone()]);
        for server in servers {
            server.stop().await;
        }
    })
    .await;
}

#[tokio::test]
async fn whoever_operates_a_workspace_says_whether_its_components_are_told() {
    let world = World::start().await;
    let routes = format!("/api/v1/workspaces/{}/routes", world.workspace);
    let new = json!({ "app": "told", "component": "web", "port": 81, "identity": true });
    let made = world.owner.post(&routes).json(&new).send().await.expect(201).json();
    assert_eq!(made["identity"], true);
    let list = world.owner.get(&routes).send().await.expect(200).json();
    let told: Vec<_> = list["items"].as_array().unwrap().iter().map(|route| &route["identity"]).collect();
    assert_eq!(
        json!(told),
        json!([false, false, false, false, true]),
        "by application; off unless asked for"
    );

    let route = format!("{routes}/{}", made["id"].as_str().unwrap());
    let change = async |change: Value| world.owner.patch(&route).json(&change).send().await;
    let wider = change(json!({ "visibility": "organization" })).await.expect(200).json();
    assert_eq!((&wider["visibility"], &wider["identity"]), (&json!("organization"), &json!(true)));
    let quiet = change(json!({ "identity": false })).await.expect(200).json();
    assert_eq!((&quiet["visibility"], &quiet["identity"]), (&json!("organization"), &json!(false)));
    assert_eq!(change(json!({})).await.problem(422, "invalid"), ["visibility"]);
    assert_eq!(change(json!({ "identity": "yes" })).await.problem(422, "invalid"), ["identity"]);
    assert_eq!(change(json!({ "identity": true, "label": "x" })).await.problem(422, "invalid"), ["label"]);

    let viewer = world.member("viewer", Role::Viewer).await;
    viewer.patch(&route).json(&json!({ "identity": true })).send().await.problem(403, "forbidden");
    let boss = world.member("boss", Role::Admin).await;
    let log = "/api/v1/orgs/acme/audit?action=workspace.route.change";
    let log = boss.get(log).send().await.expect(200).json();
    assert_eq!(log["items"][0]["detail"]["identity"], json!({ "before": true, "after": false }));
    world.server.stop().await;
}

/// Whoever a page sends to sign in comes back to where the page says, and nowhere else.
#[tokio::test]
async fn a_page_of_a_public_address_can_ask_its_visitor_to_sign_in() {
    let world = World::start().await;
    world.change("public", &json!({ "identity": true })).await;
    let away = world.visit("public", "/.devsanctum/sign-in?to=%2Fcart%3Fa%3Db").send().await.expect(303);
    let location = away.headers["location"].to_str().unwrap();
    let encoded = |text: &str| {
        percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
    };
    let decoded = percent_encoding::percent_decode_str(location).decode_utf8().unwrap().into_owned();
    let access_url = &world.server.app.settings.access_url;
    assert!(
        decoded.starts_with(&format!("{access_url}/open?to={}", world.url("public", "/cart?a=b&knock=")))
    );
    assert!(cookie(&away.headers, "devsanctum_knock").is_some());
    for to in ["//evil.example", "https://evil.example/", "@evil.example", ""] {
        let path = format!("/.devsanctum/sign-in?to={}", encoded(to));
        let away = world.visit("public", &path).send().await.expect(303);
        let location = away.headers["location"].to_str().unwrap().to_owned();
        let location = percent_encoding::percent_decode_str(&location).decode_utf8().unwrap().into_owned();
        assert!(
            location.starts_with(&format!("{access_url}/open?to={}", world.url("public", "/"))),
            "{location}"
        );
    }
    let post = world.visit_by("POST", "public", "/.devsanctum/sign-in").send().await;
    post.problem(405, "method_not_allowed");
    let pass = world.signed_in_at(&world.owner, "public").await;
    assert!(told(world.visit("public", "/").header("cookie", &pass)).await.is_some());
    world.server.stop().await;
}
