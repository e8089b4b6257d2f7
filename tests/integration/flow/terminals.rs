//! Terminals of the binary, with real shells.

use std::time::{Duration, Instant};

use bollard::query_parameters::TopOptionsBuilder;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{
    server::{Server, with_server},
    socket::{End, Socket},
};

fn components() -> Value {
    json!([
        { "name": "db", "type": "worker", "image": "debian:bookworm-slim", "command": ["sleep", "infinity"] },
        { "name": "job", "type": "worker", "image": "debian:bookworm-slim", "command": ["true"], "restart": "no" },
        { "name": "dev", "type": "workspace", "image": "debian:bookworm-slim", "env": { "MARK": "of the manifest" } },
    ])
}

impl Server {
    /// As our page opens it.
    async fn sit(&self, workspace: &Value, query: &str) -> Socket {
        let path = format!("/api/v1/workspaces/{}/terminal", workspace["id"].as_str().unwrap());
        let ticket =
            self.post("/tickets", json!({ "for": path })).await["ticket"].as_str().unwrap().to_owned();
        let path = format!("{path}?ticket={ticket}{query}");
        let origin = format!("http://127.0.0.1:{}", self.port);
        let address = ([127, 0, 0, 1], self.port).into();
        Socket::open(address, &path, &[("origin", &origin)]).await.unwrap()
    }

    /// Programs in the containers of the workspace whose command line has this in it.
    async fn programs(&self, workspace: &Value, text: &str) -> usize {
        let mut count = 0;
        for container in self.objects(workspace["id"].as_str().unwrap()).await {
            let options = TopOptionsBuilder::new().ps_args("-eo pid,args").build();
            // Networks and volumes have no programs.
            if let Ok(found) = self.docker.top_processes(&container, Some(options)).await {
                let rows = found.processes.unwrap_or_default();
                count += rows.iter().filter(|row| row[1..].join(" ").contains(text)).count();
            }
        }
        count
    }

    async fn until_programs(&self, workspace: &Value, text: &str, count: usize) {
        let begun = Instant::now();
        while self.programs(workspace, text).await != count {
            assert!(begun.elapsed() < Duration::from_secs(20), "{text}: never {count}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

#[tokio::test]
async fn people_work_in_a_shell_that_waits_for_them() {
    with_server(async |server| {
        let workspace = server.create("dev", components()).await;
        assert_eq!(workspace["status"], "running", "{workspace:#}");

        let mut socket = server.sit(&workspace, "&cols=100&rows=30").await;
        assert_eq!(socket.session["component"], "dev", "the place to work in, not the first");
        socket.press("echo $((6*7)) $MARK $TERM; stty size; pwd\r").await;
        let shown = socket.until("30 100").await;
        assert!(shown.contains("42 of the manifest xterm-256color"), "{shown:?}");
        socket.press("sleep 4004 &\r").await;
        server.until_programs(&workspace, "sleep 4004", 1).await;

        let back = format!("&session={}", socket.id());
        socket.drop_the_line();
        let mut again = server.sit(&workspace, &back).await;
        assert_eq!(again.session["resumed"], true);
        again.until("42 of the manifest").await;
        again.press("jobs; exit 5\r").await;
        again.until("sleep 4004").await;
        let end = again.end().await;
        assert_eq!((end.code, &end.last), (1000, &json!({ "type": "exit", "code": 5 })));

        let mut other = server.sit(&workspace, "&component=db").await;
        assert_eq!(other.session["component"], "db");
        other.press("hostname\r").await;
        other.until("db\r\n").await;
        let metrics = server.client.get(format!("http://127.0.0.1:{}/metrics", server.port));
        let metrics = metrics.send().await.unwrap().text().await.unwrap();
        assert!(metrics.contains("devsanctum_terminals 1"), "{metrics}");

        let done = format!("/workspaces/{}/terminal?component=job", workspace["id"].as_str().unwrap());
        let refused = server.send(Method::GET, &done, None).await.json::<Value>().await.unwrap();
        assert_eq!((&refused["status"], &refused["code"]), (&json!(409), &json!("component_not_running")));

        let path = format!("/workspaces/{}/stop", workspace["id"].as_str().unwrap());
        let stopping = server.send(Method::POST, &path, None);
        let (End { code, reason, .. }, _) = tokio::join!(other.end(), stopping);
        assert_eq!((code, reason.as_str()), (4410, "workspace_stopped"));
        server.destroy(&workspace).await;
    })
    .await;
}

#[tokio::test]
async fn no_shell_outlives_its_server() {
    with_server(async |server| {
        let workspace = server.create("dev", components()).await;
        for ends in ["TERM", "KILL"] {
            let mut socket = server.sit(&workspace, "").await;
            socket.press("sleep 4005\r").await;
            server.until_programs(&workspace, "sleep 4005", 1).await;
            if ends == "TERM" {
                let begun = Instant::now();
                server.ask_to_end();
                let end = socket.end().await;
                assert_eq!((end.code, end.reason.as_str()), (1001, "server_stopping"));
                assert_eq!(server.ended().await, Some(0));
                assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
            } else {
                server.kill();
            }
            server.until_programs(&workspace, "sleep 4005", 0).await;
            server.until_programs(&workspace, "helper shell", 0).await;
            server.start_again().await;
        }
        server.destroy(&workspace).await;
    })
    .await;
}
