//! Variables arrive in a real container.

use std::collections::BTreeMap;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::server::{Server, with_server};

/// Says what it finds in its environment, and stays.
fn components() -> Value {
    json!([{
        "name": "web", "type": "worker", "image": "debian:bookworm-slim",
        "command": ["sh", "-c", "env -0 | tr '\\n' ' ' | tr '\\0' '\\n'; echo complete; exec sleep infinity"],
        "env": { "FIXED": "of the manifest", "QUOTED": "<${var.A}>" }
    }])
}

async fn set(server: &Server, base: &str, variables: &[(&str, &str)]) {
    for (name, value) in variables {
        let body = json!({ "value": value, "secret": name.len() > 1 });
        server.call(Method::PUT, &format!("{base}/variables/{name}"), Some(body)).await;
    }
}

/// What the newest container found in its environment.
async fn environment(server: &Server, workspace: &str) -> BTreeMap<String, String> {
    let begun = std::time::Instant::now();
    loop {
        let path = format!("/workspaces/{workspace}/logs?component=web");
        let log = server.send(Method::GET, &path, None).await.text().await.unwrap();
        let lines: Vec<String> = log
            .lines()
            .filter_map(|line| serde_json::from_str::<Value>(line).ok()?["text"].as_str().map(str::to_owned))
            .collect();
        if lines.iter().any(|line| line == "complete") {
            let pair = |line: &String| line.split_once('=').map(|(name, value)| (name.into(), value.into()));
            return lines.iter().filter_map(pair).collect();
        }
        assert!(begun.elapsed() < std::time::Duration::from_secs(60), "it does not say: {log}");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn every_component_gets_each_name_from_the_nearest_scope_and_its_manifest_wins() {
    with_server(async |server| {
        let manifest = json!({ "appName": "web", "components": components() });
        let body = json!({ "name": "web", "source": { "kind": "manifest", "manifest": manifest } });
        let template = server.post("/orgs/admin/templates", body).await["id"].as_str().unwrap().to_owned();
        let all = ["A", "B", "C", "D", "FIXED"];
        let from = |value: &'static str, names: &[&'static str]| -> Vec<(&'static str, &'static str)> {
            names.iter().map(|name| (*name, value)).collect()
        };
        set(server, "/orgs/admin", &from("org", &all)).await;
        set(server, &format!("/templates/{template}"), &from("template", &["B", "C", "D", "FIXED"])).await;
        set(server, "/me", &from("user", &["C", "D", "FIXED", "MULTI_LINE"])).await;
        set(server, "/me", &[("MULTI_LINE", "one\ntwo 🦀 \"$(three)\"")]).await;
        let body = json!({ "name": "web", "template": "web", "variables": { "D": "workspace", "FIXED": "workspace" } });
        let made = server.post("/orgs/admin/workspaces", body).await;
        assert_eq!(made["status"], "running", "{made:#}");
        let id = made["id"].as_str().unwrap();

        let found = environment(server, id).await;
        let told = |name: &str| found.get(name).map(String::as_str);
        assert_eq!(["A", "B", "C", "D"].map(told), ["org", "template", "user", "workspace"].map(Some));
        assert_eq!(told("FIXED"), Some("of the manifest"));
        assert_eq!(told("QUOTED"), Some("<org>"));
        assert_eq!(told("MULTI_LINE"), Some("one two 🦀 \"$(three)\""));
        assert!(told("PATH").unwrap().contains("/bin"), "the image's own");

        // The same containers start again; new ones come with an update, and with what holds today.
        set(server, &format!("/workspaces/{id}"), &[("A", "later")]).await;
        server.call(Method::DELETE, "/me/variables/C", None).await;
        server.post(&format!("/workspaces/{id}/restart"), json!({})).await;
        assert_eq!(environment(server, id).await["A"], "org");
        let updated = server.post(&format!("/workspaces/{id}/update"), json!({})).await;
        assert_eq!(updated["status"], "running", "{updated:#}");
        let found = environment(server, id).await;
        assert_eq!(["A", "C", "QUOTED"].map(|name| found[name].as_str()), ["later", "template", "<later>"]);

        server.destroy(&made).await;
        let gone = server.send(Method::GET, &format!("/workspaces/{id}/variables"), None).await;
        assert_eq!(gone.status(), StatusCode::OK);
        assert_eq!(gone.json::<Value>().await.unwrap()["items"], json!([]));
    })
    .await;
}
