//! A template becomes a workspace that answers, keeps to itself, stops, starts and goes.

use bollard::exec::{CreateExecOptions, StartExecResults};
use futures::StreamExt;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::server::{Server, with_server};

fn shop() -> Value {
    json!([
        { "name": "web-ui", "type": "frontend", "path": "./frontend", "port": 3000, "depends_on": ["api-server"],
          "env": { "API_URL": "http://api-server:8080" } },
        { "name": "api-server", "type": "backend", "path": "./api", "port": 8080, "depends_on": ["queue"] },
        { "name": "queue", "type": "backend", "port": 5672, "volumes": [{ "name": "data", "mount": "/data" }] }
    ])
}

fn host(workspace: &Value) -> String {
    workspace["routes"][0]["host"].as_str().unwrap().to_owned()
}

/// Runs our own program in a container; returns its exit code and what it printed.
async fn inside(server: &Server, container: &str, arguments: &[&str]) -> (i64, String) {
    let command = std::iter::once("/.devsanctum/helper").chain(arguments.iter().copied());
    let options = CreateExecOptions {
        cmd: Some(command.map(str::to_owned).collect()),
        attach_stdout: Some(true),
        attach_stderr: Some(true),
        ..CreateExecOptions::default()
    };
    let exec = server.docker.create_exec(container, options).await.unwrap().id;
    let StartExecResults::Attached { mut output, .. } = server.docker.start_exec(&exec, None).await.unwrap()
    else {
        panic!("not attached")
    };
    let mut text = String::new();
    while let Some(chunk) = output.next().await {
        text += &chunk.unwrap().to_string();
    }
    let code = server.docker.inspect_exec(&exec).await.unwrap().exit_code.unwrap();
    (code, text)
}

fn container(workspace: &Value, component: &str) -> String {
    format!("ds-{}-{component}-g1", workspace["short_id"].as_str().unwrap())
}

#[tokio::test]
async fn three_components_come_up_find_each_other_and_are_reachable() {
    with_server(async |server| {
        let workspace = server.create("shop", shop()).await;
        assert_eq!(workspace["status"], "running", "{workspace:#}");
        let (status, page) = server.visit(&host(&workspace)).await;
        assert_eq!(status, StatusCode::OK);
        assert!(page.contains("web-ui"), "{page}");

        let web = container(&workspace, "web-ui");
        for (address, answers) in [("http://api-server:8080/healthz", true), ("http://nobody:8080/", false)] {
            let (code, output) = inside(server, &web, &["fetch", address]).await;
            assert_eq!(code == 0, answers, "{address}: {output}");
        }
        let ports = server.get(&format!("/workspaces/{}/ports", workspace["id"].as_str().unwrap())).await;
        assert!(ports["items"].as_array().unwrap().iter().any(|port| port["port"] == 3000), "{ports:#}");
        let stats = server.get(&format!("/workspaces/{}/stats", workspace["id"].as_str().unwrap())).await;
        assert_eq!(stats["items"].as_array().unwrap().len(), 3, "{stats:#}");
        server.destroy(&workspace).await;
    })
    .await;
}

#[tokio::test]
async fn a_renamed_workspace_keeps_its_host_name_and_every_step_has_a_line_in_the_log() {
    with_server(async |server| {
        let workspace = server.create("shop", shop()).await;
        let path = format!("/workspaces/{}", workspace["id"].as_str().unwrap());
        let renamed = server.call(Method::PATCH, &path, Some(json!({ "name": "market" }))).await;
        assert_eq!(renamed["name"], "market");
        assert_eq!(server.get(&path).await["url"], workspace["url"]);
        assert_eq!(server.visit(&host(&workspace)).await.0, StatusCode::OK);
        for refused in [json!({ "name": "Nope 🦀" }), json!({ "owner_id": workspace["id"] })] {
            let answer = server.send(Method::PATCH, &path, Some(refused)).await;
            assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY);
        }

        let deployment = format!("/deployments/{}", workspace["deployment"]["id"].as_str().unwrap());
        let steps = server.get(&deployment).await["steps"].clone();
        let log = server.send(Method::GET, &format!("{deployment}/logs"), None).await.text().await.unwrap();
        let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        for step in steps.as_array().unwrap() {
            let of_step = |line: &&Value| {
                line["step"] == step["name"]
                    && line["component"] == step["component"]
                    && line["stream"] == "system"
            };
            assert!(lines.iter().any(|line| of_step(&line)), "no line of {step:#} in {log}");
        }
        server.destroy(&workspace).await;
    })
    .await;
}

#[tokio::test]
async fn from_inside_neither_another_workspace_nor_the_control_plane_answers() {
    with_server(async |server| {
        let one = server.create("one", shop()).await;
        let two = server.create("two", shop()).await;
        let address = |inspected: bollard::models::ContainerInspectResponse| {
            let networks = inspected.network_settings.unwrap().networks.unwrap();
            let network = networks.into_values().next().unwrap();
            (network.ip_address.unwrap(), network.gateway.unwrap())
        };
        let victim = server.docker.inspect_container(&container(&one, "api-server"), None).await.unwrap();
        let (victim, _) = address(victim);
        let own = server.docker.inspect_container(&container(&two, "web-ui"), None).await.unwrap();
        let (_, gateway) = address(own);
        let attacker = container(&two, "web-ui");
        for target in [
            format!("http://{victim}:8080/"),
            format!("http://{gateway}:{}/healthz", server.port),
            format!("http://{gateway}:2375/_ping"),
            "http://169.254.169.254/latest/meta-data/".to_owned(),
        ] {
            let (code, output) = inside(server, &attacker, &["fetch", &target]).await;
            assert_ne!(code, 0, "{target} answered: {output}");
        }
        server.destroy(&one).await;
        server.destroy(&two).await;
    })
    .await;
}

#[tokio::test]
async fn a_stopped_workspace_keeps_its_files_and_says_that_it_is_stopped() {
    with_server(async |server| {
        let workspace =
            server.create("web", json!([{ "name": "web", "type": "frontend", "port": 8080 }])).await;
        let id = workspace["id"].as_str().unwrap();
        let container_id = |inspected: bollard::models::ContainerInspectResponse| inspected.id.unwrap();
        let name = container(&workspace, "web");
        let before = container_id(server.docker.inspect_container(&name, None).await.unwrap());

        let stopped = server.post(&format!("/workspaces/{id}/stop"), json!({})).await;
        assert_eq!(stopped["status"], "stopped");
        let (status, _) = server.visit(&host(&workspace)).await;
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);

        let started = server.post(&format!("/workspaces/{id}/start"), json!({})).await;
        assert_eq!(started["status"], "running");
        assert_eq!(container_id(server.docker.inspect_container(&name, None).await.unwrap()), before);
        assert_eq!(server.visit(&host(&workspace)).await.0, StatusCode::OK);

        let deployments = server.get(&format!("/workspaces/{id}/deployments")).await;
        let kinds: Vec<_> =
            deployments["items"].as_array().unwrap().iter().map(|it| it["kind"].clone()).collect();
        assert_eq!(kinds, ["start", "stop", "create"]);
        server.destroy(&workspace).await;
        assert_eq!(server.visit(&host(&workspace)).await.0, StatusCode::NOT_FOUND);
        assert_eq!(server.objects(id).await, Vec::<String>::new());
    })
    .await;
}
