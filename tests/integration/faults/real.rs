//! Real crashes of the real binary on the real engine: the process aborts before or after a call to Docker, the proxy or
//! the database, is started again, and what it left is looked at from outside.

use std::{collections::BTreeSet, fs, path::Path};

use bollard::{Docker, query_parameters::InspectContainerOptions};
use devsanctum::testing::faults::{Fault, Mishap, Point};
use futures::{StreamExt, stream};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::setting;
use crate::support::server::{Server, with_server};

/// Crashes in the sample of each operation.
const SAMPLE: usize = 3;
/// `ds-` and 16 bytes in hexadecimal.
const VOLUME_NAME: usize = 3 + 32;
/// Servers that crash side by side.
const AT_ONCE: usize = 3;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operation {
    Create,
    Stop,
    Start,
    Restart,
    Update,
    Destroy,
}

impl Operation {
    const ALL: [Self; 6] =
        [Self::Create, Self::Stop, Self::Start, Self::Restart, Self::Update, Self::Destroy];

    fn target(self) -> &'static str {
        match self {
            Self::Create | Self::Start | Self::Restart | Self::Update => "running",
            Self::Stop => "stopped",
            Self::Destroy => "destroyed",
        }
    }

    /// The state it begins in; `None`: there is no workspace yet.
    async fn prepare(self, server: &Server) -> Option<String> {
        let components = json!([
            { "name": "web", "type": "frontend", "port": 3000, "depends_on": ["api"] },
            { "name": "api", "type": "backend", "port": 8080, "volumes": [{ "name": "data", "mount": "/data" }] }
        ]);
        let manifest = json!({ "appName": "victim", "components": components });
        let body = json!({ "name": "victim", "source": { "kind": "manifest", "manifest": manifest } });
        server.post("/orgs/admin/templates", body).await;
        if self == Self::Create {
            return None;
        }
        let made =
            server.post("/orgs/admin/workspaces", json!({ "name": "victim", "template": "victim" })).await;
        let id = made["id"].as_str().unwrap().to_owned();
        if self == Self::Start {
            server.post(&format!("/workspaces/{id}/stop"), Value::Null).await;
        }
        Some(id)
    }

    /// Whether it was acknowledged; the server may end before.
    async fn ask(self, server: &Server, id: Option<&str>) -> bool {
        let path = format!("/workspaces/{}", id.unwrap_or_default());
        let (method, path, body) = match self {
            Self::Create => {
                let body = json!({ "name": "victim", "template": "victim" });
                (Method::POST, "/orgs/admin/workspaces".into(), Some(body))
            }
            Self::Stop => (Method::POST, path + "/stop", None),
            Self::Start => (Method::POST, path + "/start", None),
            Self::Restart => (Method::POST, path + "/restart", None),
            Self::Update => (Method::POST, path + "/update", Some(json!({}))),
            Self::Destroy => (Method::DELETE, path, None),
        };
        // The answer comes at once; whatever follows goes on without us.
        server.try_send(method, &path, &body).await.is_some_and(|status| status == StatusCode::ACCEPTED)
    }
}

/// The calls of an operation, learned from a run in which nothing goes wrong.
async fn learn(operation: Operation) -> Vec<Point> {
    let mut calls = Vec::new();
    with_server(async |server| {
        let trigger = server.directory().join("trigger");
        server.restart_with(&[("DEVSANCTUM_FAULT_TRIGGER", trigger.to_str().unwrap())]).await;
        let id = operation.prepare(server).await;
        fs::write(&trigger, "").unwrap();
        assert!(operation.ask(server, id.as_deref()).await);
        let id = match id {
            Some(id) => id,
            None => only_workspace(server).await.unwrap(),
        };
        assert_eq!(server.settled(&id).await["status"], operation.target());
        calls = noted(&trigger);
        fs::remove_file(&trigger).unwrap();
        server.destroy(&json!({ "id": id })).await;
    })
    .await;
    calls
}

fn noted(trigger: &Path) -> Vec<Point> {
    fs::read_to_string(trigger).unwrap().lines().map(|line| line.parse().unwrap()).collect()
}

async fn only_workspace(server: &Server) -> Option<String> {
    let list = server.get("/orgs/admin/workspaces").await;
    let items = list["items"].as_array().unwrap();
    assert!(items.len() <= 1, "one was asked for: {items:#?}");
    Some(items.first()?["id"].as_str().unwrap().to_owned())
}

/// Returns whether it crashed.
async fn crash(operation: Operation, mishap: &Mishap) -> bool {
    let mut crashed = false;
    with_server(async |server| {
        let trigger = server.directory().join("trigger");
        let fault = mishap.to_string();
        let faults =
            [("DEVSANCTUM_FAULT_TRIGGER", trigger.to_str().unwrap()), ("DEVSANCTUM_FAULT", fault.as_str())];
        server.restart_with(&faults).await;
        let known = operation.prepare(server).await;
        let volumes = match &known {
            Some(id) => volumes(server, id).await,
            None => BTreeSet::new(),
        };
        fs::write(&trigger, "").unwrap();
        let acknowledged = operation.ask(server, known.as_deref()).await;
        crashed = server.ends_within(std::time::Duration::from_secs(5)).await;
        fs::remove_file(&trigger).unwrap();
        if !crashed {
            server.kill();
        }
        server.restart_with(&[]).await;

        let id = match known {
            Some(id) => Some(id),
            None => only_workspace(server).await,
        };
        let Some(id) = id else {
            assert!(!acknowledged, "{operation:?} {mishap}: an acknowledged workspace is gone");
            return;
        };
        let settled = server.settled(&id).await;
        let case = format!("{operation:?} {mishap}, acknowledged {acknowledged}: {settled:#}");
        if acknowledged {
            assert_eq!(settled["status"], operation.target(), "{case}");
        }
        let wrong = disagreements(server, &settled).await;
        assert!(wrong.is_empty(), "{wrong:#?}; {case}");
        if operation != Operation::Destroy {
            assert!(volumes.is_subset(&self::volumes(server, &id).await), "a volume is gone; {case}");
        }
        if settled["status"] != "destroyed" {
            assert_eq!(server.destroy(&settled).await["status"], "destroyed", "{case}");
        }
        assert_eq!(server.objects(&id).await, Vec::<String>::new(), "{case}");
    })
    .await;
    crashed
}

async fn volumes(server: &Server, id: &str) -> BTreeSet<String> {
    server.objects(id).await.into_iter().filter(|name| name.len() == VOLUME_NAME).collect()
}

/// Between what the API says and what the engine has and the proxy answers.
async fn disagreements(server: &Server, workspace: &Value) -> Vec<String> {
    let mut wrong = Vec::new();
    let id = workspace["id"].as_str().unwrap();
    let objects = server.objects(id).await;
    let generation = workspace["generation"].as_i64().unwrap();
    let mut running = 0;
    // `ds-<short id>-<component>-g<generation>`; a network's short id may begin with a g, too.
    let containers = objects.iter().filter(|name| name.matches('-').count() >= 3);
    for name in containers {
        if !name.ends_with(&format!("-g{generation}")) {
            wrong.push(format!("{name} is left of another generation"));
        }
        running += usize::from(runs(&server.docker, name).await);
    }
    let host = workspace["routes"][0]["host"].as_str().unwrap_or("none");
    let expected = match workspace["status"].as_str().unwrap() {
        "running" => (2, 4, StatusCode::OK),
        "stopped" => (0, 4, StatusCode::SERVICE_UNAVAILABLE),
        "destroyed" => (0, 0, StatusCode::NOT_FOUND),
        other => return vec![format!("it is {other}")],
    };
    let found = (running, objects.len(), server.visit(host).await.0);
    // A container that was never needed need not be there.
    let fits = found == expected || (expected.1 == 4 && found.0 == 0 && found.1 < 4 && found.2 == expected.2);
    if !fits {
        wrong.push(format!("running, objects and page are {found:?}, not {expected:?}: {objects:?}"));
    }
    wrong
}

async fn runs(docker: &Docker, container: &str) -> bool {
    let inspected = docker.inspect_container(container, None::<InspectContainerOptions>).await.unwrap();
    inspected.state.unwrap().running.unwrap()
}

/// What touches the world. Reading the database does not.
fn touches(point: &Point) -> bool {
    !["store.read", "store.check", "proxy.check", "docker.facts"].contains(&point.call.as_str())
}

#[tokio::test]
async fn a_crash_at_any_call_is_got_over() {
    let whole = setting("DEVSANCTUM_FAULTS").as_deref() == Some("all");
    let mut cases = Vec::new();
    for operation in Operation::ALL {
        let points: Vec<_> = learn(operation).await.into_iter().filter(touches).collect();
        assert!(points.iter().any(|point| point.call.starts_with("docker.")), "{operation:?}: {points:?}");
        let faults =
            |at: Point| [Fault::CrashBefore, Fault::CrashAfter].map(|fault| Mishap { at: at.clone(), fault });
        let all: Vec<_> = points.into_iter().flat_map(faults).collect();
        let step = if whole { 1 } else { all.len().div_ceil(SAMPLE) };
        cases.extend(all.into_iter().step_by(step).map(|mishap| (operation, mishap)));
    }
    let count = cases.len();
    let crashes = stream::iter(cases)
        .map(async |(operation, mishap)| {
            let crashed = crash(operation, &mishap).await;
            println!("{operation:?} {mishap}: crashed {crashed}");
            crashed
        })
        .buffer_unordered(AT_ONCE)
        .filter(|crashed| std::future::ready(*crashed))
        .count()
        .await;
    println!("real crashes: {count} runs, {crashes} crashed where they were to, 0 violations");
    // When the engine is quick, a timer's call comes after the operation and not within it.
    assert!(crashes * 10 >= count * 8, "{crashes} of {count}");
}
