//! SIGKILL at any moment: nothing acknowledged is lost, nothing is made twice, nothing is left.

use std::time::Duration;

use reqwest::Method;
use serde_json::json;

use crate::support::server::with_server;

/// After the request was sent, in milliseconds. A creation takes about 300 on a quiet machine.
const MOMENTS: [u64; 6] = [3, 20, 60, 120, 200, 320];

#[tokio::test]
async fn a_killed_server_goes_on_where_it_was() {
    with_server(async |server| {
        let components = json!([
            { "name": "web", "type": "frontend", "port": 3000, "depends_on": ["api"] },
            { "name": "api", "type": "backend", "port": 8080, "volumes": [{ "name": "data", "mount": "/data" }] }
        ]);
        // The first one also leaves the template and the built-in image behind.
        let first = server.create("victim", components).await;
        server.destroy(&first).await;
        for (round, moment) in MOMENTS.into_iter().enumerate() {
            let name = format!("victim-{round}");
            let body = json!({ "name": name, "template": "victim", "start": true });
            {
                let create = server.send(Method::POST, "/orgs/admin/workspaces", Some(body));
                let _ = tokio::time::timeout(Duration::from_millis(moment), create).await;
            }
            server.kill();
            server.start_again().await;

            let list = server.get("/orgs/admin/workspaces").await;
            let items = list["items"].as_array().unwrap();
            assert!(items.len() <= 1, "{items:#?}");
            let Some(workspace) = items.first() else { continue };
            let id = workspace["id"].as_str().unwrap();
            let settled = server.settled(id).await;
            assert_eq!(settled["status"], "running", "killed after {moment} ms: {settled:#}");
            let objects = server.objects(id).await;
            assert_eq!(objects.len(), 4, "two containers, a network, a volume: {objects:?}");
            assert_eq!(server.destroy(&settled).await["status"], "destroyed");
            assert_eq!(server.objects(id).await, Vec::<String>::new(), "killed after {moment} ms");
        }
    })
    .await;
}

#[tokio::test]
async fn a_server_killed_while_it_destroys_leaves_nothing() {
    with_server(async |server| {
        let components = json!([{ "name": "web", "type": "frontend", "port": 3000,
                                  "volumes": [{ "name": "data", "mount": "/data" }] }]);
        let workspace = server.create("victim", components).await;
        let id = workspace["id"].as_str().unwrap();
        {
            let path = format!("/workspaces/{id}");
            let destroy = server.send(Method::DELETE, &path, None);
            let _ = tokio::time::timeout(Duration::from_millis(30), destroy).await;
        }
        server.kill();
        server.start_again().await;
        let settled = server.settled(id).await;
        if settled["status"] != "destroyed" {
            // The request did not arrive before the end: then it has had no effect at all.
            assert_eq!(settled["status"], "running");
            server.destroy(&settled).await;
        }
        assert_eq!(server.objects(id).await, Vec::<String>::new());
    })
    .await;
}
