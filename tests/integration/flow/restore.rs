//! A control plane that came back from a backup, and hosts that went on meanwhile.

use std::time::Duration;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::server::{Server, with_server};

fn web() -> Value {
    json!([{ "name": "web", "type": "frontend", "port": 3000, "volumes": [{ "name": "data", "mount": "/data" }] }])
}

fn id(workspace: &Value) -> &str {
    workspace["id"].as_str().unwrap()
}

async fn until(server: &Server, path: &str, what: &str, condition: impl Fn(&Value) -> bool) -> Value {
    let begun = std::time::Instant::now();
    loop {
        let found = server.get(path).await;
        if condition(&found) {
            return found;
        }
        assert!(begun.elapsed() < Duration::from_secs(90), "never {what}: {found:#}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn until_status(server: &Server, workspace: &Value, status: &str) -> Value {
    let path = format!("/workspaces/{}", id(workspace));
    until(server, &path, status, |found| found["status"] == status).await
}

/// The ids of a workspace's containers, and since when each runs.
async fn containers(server: &Server, workspace: &Value) -> Vec<(String, String)> {
    let mut found = vec![];
    for name in server.objects(id(workspace)).await {
        if let Ok(container) = server.docker.inspect_container(&name, None).await {
            let started = container.state.unwrap().started_at.unwrap();
            found.push((container.id.unwrap(), format!("{started:?}")));
        }
    }
    assert!(!found.is_empty());
    found
}

async fn answers(server: &Server, workspace: &Value) -> StatusCode {
    server.visit(workspace["routes"][0]["host"].as_str().unwrap()).await.0
}

#[track_caller]
fn done(output: std::process::Output) {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[tokio::test]
async fn a_restored_control_plane_takes_over_what_runs_and_deletes_nothing() {
    with_server(async |server| {
        let same = server.create("same", web()).await;
        let gone = server.create("gone", web()).await;
        let bare = server.create("bare", json!([{ "name": "web", "type": "frontend", "port": 3000 }])).await;
        let updated = server.create("updated", web()).await;
        let stopped = server.create("stopped", web()).await;
        let started = server.create("started", web()).await;
        server.post(&format!("/workspaces/{}/stop", id(&started)), json!({})).await;
        let backup = server.path("backup");
        done(server.run(&["backup", &backup]));

        server.destroy(&gone).await;
        server.destroy(&bare).await;
        let newer = server.post(&format!("/workspaces/{}/update", id(&updated)), json!({})).await;
        assert_eq!((&newer["status"], &newer["generation"]), (&json!("running"), &json!(2)));
        server.post(&format!("/workspaces/{}/stop", id(&stopped)), json!({})).await;
        server.post(&format!("/workspaces/{}/start", id(&started)), json!({})).await;
        let later = server.create("later", web()).await;
        let before = [
            containers(server, &same).await,
            containers(server, &updated).await,
            containers(server, &started).await,
            containers(server, &later).await,
        ];
        let stopped_before = containers(server, &stopped).await[0].0.clone();

        server.kill();
        done(server.run(&["restore", "--replace", &backup]));
        server.start_again().await;

        until_status(server, &same, "running").await;
        until_status(server, &started, "running").await;
        let failed = until_status(server, &gone, "failed").await;
        let reason = failed["status_reason"].as_str().unwrap();
        assert!(reason.contains("not on the host") && reason.contains("empty volumes"), "{reason}");
        assert_eq!(server.objects(id(&gone)).await, Vec::<String>::new());
        let failed = until_status(server, &updated, "failed").await;
        assert!(failed["status_reason"].as_str().unwrap().contains("generation 2"), "{failed:#}");
        until_status(server, &bare, "running").await;
        until_status(server, &stopped, "running").await;
        assert_eq!(containers(server, &stopped).await[0].0, stopped_before, "the same container");
        let hosts = until(server, "/hosts", "told", |hosts| {
            hosts["items"][0]["unexplained"]["volumes"].as_u64() > Some(0)
        })
        .await;
        let unexplained = &hosts["items"][0]["unexplained"];
        assert!(unexplained["workspaces"].as_array().unwrap().contains(&later["id"]), "{unexplained:#}");

        // Nothing that ran was touched, and what is known answers again.
        let after = [
            containers(server, &same).await,
            containers(server, &updated).await,
            containers(server, &started).await,
            containers(server, &later).await,
        ];
        assert_eq!(after, before);
        for workspace in [&same, &started, &stopped, &bare] {
            let begun = std::time::Instant::now();
            while answers(server, workspace).await != StatusCode::OK {
                assert!(begun.elapsed() < Duration::from_secs(30), "{} does not answer", workspace["name"]);
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
        assert_eq!(answers(server, &later).await, StatusCode::NOT_FOUND);

        let retried = server.post(&format!("/workspaces/{}/retry", id(&updated)), json!({})).await;
        assert_eq!((&retried["status"], &retried["generation"]), (&json!("running"), &json!(3)));
        let retried = server.post(&format!("/workspaces/{}/retry", id(&gone)), json!({})).await;
        assert_eq!(retried["status"], "running", "{retried:#}");
        for workspace in [&same, &gone, &bare, &updated, &stopped, &started] {
            assert_eq!(server.destroy(workspace).await["status"], "destroyed");
            assert_eq!(server.objects(id(workspace)).await, Vec::<String>::new(), "{}", workspace["name"]);
        }
        server.remove_objects(id(&later)).await;
    })
    .await;
}

#[tokio::test]
async fn a_restore_under_a_running_server_ends_sessions_and_nothing_else() {
    with_server(async |server| {
        let workspace = server.create("web", web()).await;
        let backup = server.path("backup");
        done(server.run(&["backup", &backup]));
        let before = containers(server, &workspace).await;
        let refused = server.run(&["restore", &backup]);
        assert_eq!(refused.status.code(), Some(1));
        done(server.run(&["restore", "--replace", &backup]));

        let begun = std::time::Instant::now();
        while server.send(Method::GET, "/me", None).await.status() != StatusCode::UNAUTHORIZED {
            assert!(begun.elapsed() < Duration::from_secs(30), "the old session still lives");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        server.sign_in().await;
        let begun = std::time::Instant::now();
        while answers(server, &workspace).await != StatusCode::OK {
            assert!(begun.elapsed() < Duration::from_secs(30), "it does not answer");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        assert_eq!(until_status(server, &workspace, "running").await["generation"], 1);
        assert_eq!(containers(server, &workspace).await, before);
        assert_eq!(server.destroy(&workspace).await["status"], "destroyed");
    })
    .await;
}
