//! The same life of a workspace with a real Traefik in front.

use std::time::{Duration, Instant};

use futures::future::join_all;
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::support::{
    replicas::{Replicas, with_replicas},
    server::{Server, with_server},
    traefik::Traefik,
};

async fn visit(traefik: &Traefik, server: &Server, host: &str) -> (StatusCode, String) {
    let request = server.client.get(format!("http://{}/", traefik.web)).header("host", host);
    let answer = request.send().await.unwrap();
    (answer.status(), answer.text().await.unwrap())
}

fn part<'a>(ready: &'a Value, name: &str) -> &'a Value {
    ready["parts"].as_array().unwrap().iter().find(|part| part["name"] == name).unwrap()
}

async fn readiness(server: &Server) -> Value {
    let url = format!("http://127.0.0.1:{}/readyz", server.port);
    server.client.get(url).send().await.unwrap().json().await.unwrap()
}

async fn metrics(server: &Server) -> String {
    let url = format!("http://127.0.0.1:{}/metrics", server.port);
    server.client.get(url).send().await.unwrap().text().await.unwrap()
}

async fn a_life(server: &Server, traefik: &Traefik) -> Value {
    let components = json!([{ "name": "web", "type": "frontend", "path": "./web", "port": 3000 }]);
    let workspace = server.create("shop", components).await;
    let host = workspace["routes"][0]["host"].as_str().unwrap().to_owned();
    assert_eq!(workspace["status"], "running", "{workspace:#}");
    let (status, page) = visit(traefik, server, &host).await;
    assert_eq!(status, StatusCode::OK, "{page}");
    assert_eq!(part(&readiness(server).await, "proxy")["status"], "ok");

    let id = workspace["id"].as_str().unwrap();
    only_its_owner_comes_in(server, traefik, id).await;
    server.post(&format!("/workspaces/{id}/stop"), json!({})).await;
    server.until_status(id, "stopped").await;
    let (status, page) = visit(traefik, server, &host).await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(page.contains("stopped"), "{page}");
    server.post(&format!("/workspaces/{id}/start"), json!({})).await;
    server.until_status(id, "running").await;
    assert_eq!(visit(traefik, server, &host).await.0, StatusCode::OK);
    counted(server).await;
    workspace
}

/// What happened so far is in the figures.
async fn counted(server: &Server) {
    let text = metrics(server).await;
    let sum = |name: &str, labels: &[&str]| {
        let of = |line: &&str| line.starts_with(name) && labels.iter().all(|label| line.contains(label));
        let values =
            text.lines().filter(of).map(|line| line.rsplit_once(' ').unwrap().1.parse::<f64>().unwrap());
        values.reduce(|sum, value| sum + value).unwrap_or_else(|| panic!("{name} {labels:?} in\n{text}"))
    };
    assert_eq!(sum("devsanctum_routes{", &[r#"state="live""#]), 2.0);
    assert_eq!(sum("devsanctum_routes{", &[r#"state="withdrawn""#]), 0.0);
    assert_eq!(sum("devsanctum_refused_routes", &[]), 0.0);
    let pushed = [r#"proxy="traefik-"#, r#"outcome="succeeded""#];
    assert!(sum("devsanctum_route_pushes_total{", &pushed) >= 3.0, "{text}");
    assert!(sum("devsanctum_route_push_duration_seconds_count{", &pushed[..1]) >= 3.0, "{text}");
    let decided = |decision: &str, more: &[&str]| {
        let decision = format!(r#"decision="{decision}""#);
        let labels: Vec<_> = [decision.as_str()].into_iter().chain(more.iter().copied()).collect();
        sum("devsanctum_access_decisions_total{", &labels)
    };
    let (public, private) = (r#"visibility="public""#, r#"visibility="private""#);
    assert!(decided("admit", &[public, r#"proxy="forward_auth""#]) >= 1.0, "{text}");
    // What Traefik has no router for yet comes through the server.
    assert!(decided("sign_in", &[private]) >= 1.0, "{text}");
    assert_eq!((decided("admit", &[private]), decided("error", &[])), (1.0, 0.0), "{text}");
}

#[tokio::test]
async fn a_route_that_traefik_refuses_says_so() {
    let traefik = Traefik::start(|_| vec!["--providers.rest.insecure=true".into()]).await;
    with_server(async |server| {
        let url = traefik.url();
        let settings = [
            ("DEVSANCTUM_PROXY", "traefik-rest"),
            ("DEVSANCTUM_TRAEFIK_URL", &*url),
            ("DEVSANCTUM_TRAEFIK_ENTRYPOINTS", "web,nowhere"),
        ];
        server.restart_with(&settings).await;
        let components = json!([{ "name": "web", "type": "frontend", "path": "./web", "port": 3000 }]);
        let workspace = server.create("shop", components).await;
        let problem = workspace["routes"][0]["problem"].as_str().unwrap();
        assert!(problem.contains("nowhere"), "{problem}");
        let id = workspace["id"].as_str().unwrap();
        let routes = server.get(&format!("/workspaces/{id}/routes")).await;
        assert_eq!(routes["items"][0]["problem"], problem);
        let host = workspace["routes"][0]["host"].as_str().unwrap();
        assert_eq!(visit(&traefik, server, host).await.0, StatusCode::OK);
        let ready = readiness(server).await;
        assert_eq!((&ready["status"], &part(&ready, "proxy")["status"]), (&json!("ok"), &json!("degraded")));
        assert!(metrics(server).await.contains("devsanctum_refused_routes 1"));

        let mended = [settings[0], settings[1], ("DEVSANCTUM_TRAEFIK_ENTRYPOINTS", "web")];
        server.restart_with(&mended).await;
        let routes = server.get(&format!("/workspaces/{id}/routes")).await;
        assert_eq!(routes["items"][0]["problem"], json!(null));
        assert_eq!(part(&readiness(server).await, "proxy")["status"], "ok");
        server.destroy(&workspace).await;
    })
    .await;
}

/// At an address that is private.
async fn only_its_owner_comes_in(server: &Server, traefik: &Traefik, id: &str) {
    let route = json!({ "app": "inside", "component": "web", "port": 3000, "visibility": "private" });
    let route = server.post(&format!("/workspaces/{id}/routes"), route).await;
    let host = route["host"].as_str().unwrap();
    tokio::time::timeout(Duration::from_secs(20), async {
        while visit(traefik, server, host).await.0 != StatusCode::UNAUTHORIZED {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await
    .expect("the address does not ask who is there");
    let token = server.post("/me/tokens", json!({ "name": "visitor", "scopes": ["workspaces"] })).await;
    let request = server.client.get(format!("http://{}/", traefik.web)).header("host", host);
    let answer = request.bearer_auth(token["secret"].as_str().unwrap()).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
}

#[tokio::test]
async fn a_workspace_lives_behind_traefik_and_outlives_its_end() {
    let mut traefik = Traefik::start(|_| vec!["--providers.rest.insecure=true".into()]).await;
    with_server(async |server| {
        let url = traefik.url();
        let settings = [
            ("DEVSANCTUM_PROXY", "traefik-rest"),
            ("DEVSANCTUM_TRAEFIK_URL", &url),
            ("DEVSANCTUM_TRAEFIK_ENTRYPOINTS", "web"),
        ];
        server.restart_with(&settings).await;
        let workspace = a_life(server, &traefik).await;
        let host = workspace["routes"][0]["host"].as_str().unwrap();

        traefik.kill().await;
        assert_eq!(part(&readiness(server).await, "proxy")["status"], "failing");
        traefik.start_again().await;
        let back = Instant::now();
        while visit(&traefik, server, host).await.0 != StatusCode::OK {
            assert!(back.elapsed() < Duration::from_secs(3), "Traefik stays empty");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }

        // Without the server nobody knows who may come in, so nobody does. With it, all is as before.
        server.kill();
        assert_eq!(visit(&traefik, server, host).await.0, StatusCode::INTERNAL_SERVER_ERROR);
        server.start_again().await;
        assert_eq!(visit(&traefik, server, host).await.0, StatusCode::OK);
        server.destroy(&workspace).await;
        assert_eq!(visit(&traefik, server, host).await.0, StatusCode::NOT_FOUND);
    })
    .await;
}

#[tokio::test]
async fn traefik_asks_the_server_for_its_routes() {
    with_server(async |server| {
        let ask = format!("http://127.0.0.1:{}/edge/traefik", server.port);
        let provider = vec![
            format!("--providers.http.endpoint={ask}"),
            "--providers.http.pollInterval=50ms".into(),
            "--providers.http.headers.Authorization=Bearer the-token".into(),
        ];
        let traefik = Traefik::start(|_| provider).await;
        let url = traefik.url();
        let settings = [
            ("DEVSANCTUM_PROXY", "traefik-http"),
            ("DEVSANCTUM_TRAEFIK_URL", &url),
            ("DEVSANCTUM_TRAEFIK_TOKEN", "the-token"),
        ];
        server.restart_with(&settings).await;
        let workspace = a_life(server, &traefik).await;
        let asked = |token: Option<&str>| {
            let request = server.client.get(&ask).header("x-forwarded-for", "203.0.113.9");
            match token {
                Some(token) => request.bearer_auth(token),
                None => request,
            }
        };
        assert_eq!(asked(None).send().await.unwrap().status(), StatusCode::UNAUTHORIZED);
        assert_eq!(asked(Some("another")).send().await.unwrap().status(), StatusCode::UNAUTHORIZED);
        let document: Value = asked(Some("the-token")).send().await.unwrap().json().await.unwrap();
        assert!(document["http"]["routers"].is_object(), "{document:#}");
        server.destroy(&workspace).await;
    })
    .await;
}

#[tokio::test]
async fn traefik_reads_the_routes_from_a_file() {
    with_server(async |server| {
        let directory = server.path("routes");
        std::fs::create_dir(&directory).unwrap();
        let traefik = Traefik::start(|_| vec![format!("--providers.file.directory={directory}")]).await;
        let file = format!("{directory}/devsanctum.yml");
        let url = traefik.url();
        let settings = [
            ("DEVSANCTUM_PROXY", "traefik-file"),
            ("DEVSANCTUM_TRAEFIK_URL", &url),
            ("DEVSANCTUM_TRAEFIK_FILE", &file),
        ];
        server.restart_with(&settings).await;
        let workspace = a_life(server, &traefik).await;
        server.destroy(&workspace).await;
    })
    .await;
}

/// Both give it the same table; one that was paused does not bring an old one back.
#[tokio::test]
async fn two_servers_share_one_traefik() {
    let traefik = Traefik::start(|_| vec!["--providers.rest.insecure=true".into()]).await;
    with_replicas(2, async |replicas| {
        let Replicas { servers, .. } = replicas;
        let here = |server: &Server| format!("http://127.0.0.1:{}", server.port);
        let (url, edges) = (traefik.url(), servers.iter().map(here).collect::<Vec<_>>().join(","));
        let settings = [
            ("DEVSANCTUM_PROXY", "traefik-rest"),
            ("DEVSANCTUM_TRAEFIK_URL", &*url),
            ("DEVSANCTUM_INTERNAL_URL", &*edges),
        ];
        for server in &mut *servers {
            server.restart_with(&settings).await;
        }
        let (one, two) = (&servers[0], &servers[1]);
        let components = json!([{ "name": "web", "type": "frontend", "port": 8080 }]);
        let made = join_all((0..6).map(|i| {
            let (server, components) = (if i % 2 == 0 { one } else { two }, components.clone());
            async move { server.create(&format!("w{i}"), components).await }
        }))
        .await;
        let host = |workspace: &Value| workspace["routes"][0]["host"].as_str().unwrap().to_owned();
        for workspace in &made {
            assert_eq!(workspace["status"], "running", "{workspace:#}");
            assert_eq!(visit(&traefik, one, &host(workspace)).await.0, StatusCode::OK);
        }

        two.signal("-STOP");
        let id = made[0]["id"].as_str().unwrap();
        one.post(&format!("/workspaces/{id}/stop"), json!({})).await;
        one.until_status(id, "stopped").await;
        let mark = gone_from(&traefik, &made[0]).await;
        two.signal("-CONT");
        // It gives signs of life again, and what is in force stays.
        two.until_status(id, "stopped").await;
        assert_eq!(gone_from(&traefik, &made[0]).await, mark);
        for workspace in &made[1..] {
            assert_eq!(visit(&traefik, one, &host(workspace)).await.0, StatusCode::OK);
        }
        for (i, workspace) in made.iter().enumerate() {
            servers[i % 2].destroy(workspace).await;
            assert_eq!(visit(&traefik, &servers[0], &host(workspace)).await.0, StatusCode::NOT_FOUND);
        }
    })
    .await;
}

async fn mark_of(traefik: &Traefik) -> String {
    traefik.shown("/api/http/middlewares/devsanctum-table@rest").await.to_string()
}

/// The route's router leads to us and not to a container; returns the mark it was seen with.
async fn gone_from(traefik: &Traefik, workspace: &Value) -> String {
    let route = workspace["routes"][0]["id"].as_str().unwrap();
    let router = traefik.shown(&format!("/api/http/routers/route-{route}@rest")).await;
    assert_eq!(router["service"], "devsanctum", "{router:#}");
    mark_of(traefik).await
}
