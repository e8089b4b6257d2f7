//! What is wrong is refused, named, and changes nothing.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::server::{Server, with_server};

async fn refused(server: &Server, method: Method, path: &str, body: Value) -> (StatusCode, Value) {
    let answer = server.send(method, path, Some(body)).await;
    let status = answer.status();
    assert_eq!(answer.headers()["content-type"], "application/problem+json", "{path}");
    (status, answer.json().await.unwrap())
}

#[tokio::test]
async fn names_ids_and_methods_that_are_wrong_are_refused() {
    with_server(async |server| {
        for name in ["", "Web", "näh", "🦀", "a_b", "../etc", "-a", "a--b", &"a".repeat(33), &"a".repeat(64)]
        {
            let body = json!({ "name": name, "template": "hello" });
            let (status, problem) = refused(server, Method::POST, "/orgs/admin/workspaces", body).await;
            assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{name}");
            assert_eq!(problem["errors"][0]["field"], "name", "{problem:#}");
        }
        let body = json!({ "name": "web", "template": "hello", "owner_id": "me", "status": "running" });
        let (status, problem) = refused(server, Method::POST, "/orgs/admin/workspaces", body).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{problem:#}");

        let unknown = "01890000-0000-7000-8000-000000000000";
        for path in [format!("/workspaces/{unknown}/start"), "/workspaces/not-an-id/stop".to_owned()] {
            let (status, problem) = refused(server, Method::POST, &path, json!({})).await;
            assert_eq!(
                (status, problem["code"].as_str()),
                (StatusCode::NOT_FOUND, Some("not_found")),
                "{problem:#}"
            );
        }
        let (status, _) = refused(server, Method::PUT, "/workspaces", json!({})).await;
        assert_eq!(status, StatusCode::METHOD_NOT_ALLOWED);
        let body = json!({ "name": "x".repeat(3 * 1024 * 1024), "template": "hello" });
        let (status, _) = refused(server, Method::POST, "/orgs/admin/workspaces", body).await;
        assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
        assert_eq!(server.get("/orgs/admin/workspaces").await["items"], json!([]));
    })
    .await;
}

#[tokio::test]
async fn every_problem_of_a_manifest_is_told_at_once() {
    with_server(async |server| {
        let manifest = json!({
            "appName": "Broken",
            "components": [
                { "name": "web", "type": "frontend", "port": 99999, "depends_on": ["api"] },
                { "name": "api", "type": "backend", "port": 80, "depends_on": ["web"], "privileged": true },
                { "name": "api", "type": "backend", "path": "../outside", "env": { "X": "${nothing.here}" } }
            ]
        });
        let body = json!({ "name": "broken", "source": { "kind": "manifest", "manifest": manifest } });
        let (status, problem) = refused(server, Method::POST, "/orgs/admin/templates", body).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        let fields: Vec<&str> = problem["errors"]
            .as_array()
            .unwrap()
            .iter()
            .map(|error| error["field"].as_str().unwrap())
            .collect();
        for part in ["/components/0/port", "/components/1/privileged", "/components/2/path"] {
            assert!(fields.iter().any(|field| field.contains(part)), "{part} in {fields:?}");
        }
        assert_eq!(server.get("/orgs/admin/templates").await["items"], json!([]));
    })
    .await;
}
