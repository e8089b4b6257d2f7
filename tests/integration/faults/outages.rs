//! Outages of the real things: PostgreSQL killed, paused, read-only and full of others; a disk that is full; an engine
//! that goes away with everything that ran on it.

use std::{path::PathBuf, process::Command, time::Duration};

use bollard::{
    models::NetworkDisconnectRequest,
    query_parameters::{
        InspectContainerOptions, KillContainerOptionsBuilder, RemoveContainerOptionsBuilder,
        RenameContainerOptionsBuilder, StopContainerOptions,
    },
};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::{
    io::copy_bidirectional,
    net::{UnixListener, UnixStream},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::support::{
    docker,
    postgres::Postgres,
    server::{Server, Shared, guarded, with_server},
};

/// Longer than it takes any controller to look again.
const PATIENCE: Duration = Duration::from_secs(60);

fn web() -> Value {
    json!([{ "name": "web", "type": "frontend", "port": 8080, "volumes": [{ "name": "data", "mount": "/data" }] }])
}

/// Asks until the answer has this status.
async fn until(server: &Server, method: Method, path: &str, wanted: StatusCode) {
    let begun = std::time::Instant::now();
    loop {
        let found = server.try_send(method.clone(), path, &None).await;
        if found == Some(wanted) {
            return;
        }
        assert!(begun.elapsed() < PATIENCE, "{method} {path} answers {found:?}, not {wanted}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// It works again, without anybody doing anything.
async fn works(server: &Server, id: &str) {
    until(server, Method::POST, &format!("/workspaces/{id}/stop"), StatusCode::ACCEPTED).await;
    assert_eq!(server.settled(id).await["status"], "stopped");
    until(server, Method::POST, &format!("/workspaces/{id}/start"), StatusCode::ACCEPTED).await;
    let running = server.settled(id).await;
    assert_eq!(running["status"], "running");
    let host = running["routes"][0]["host"].as_str().unwrap();
    assert_eq!(server.visit(host).await.0, StatusCode::OK);
}

#[tokio::test]
async fn a_postgres_in_trouble_is_named_and_waited_for() {
    let postgres = Postgres::start().await;
    let shared = Shared { database_url: postgres.url(), master_key: "42".repeat(32) };
    let mut server = Server::spawn(Some(shared));
    server.until_up().await;
    guarded(server, async |server| {
        let workspace = server.create("victim", web()).await;
        let id = workspace["id"].as_str().unwrap();
        let stop = format!("/workspaces/{id}/stop");

        postgres.kill();
        until(server, Method::POST, &stop, StatusCode::SERVICE_UNAVAILABLE).await;
        until(server, Method::GET, "/workspaces", StatusCode::SERVICE_UNAVAILABLE).await;
        postgres.up();
        works(server, id).await;

        postgres.pause();
        let held_up = async {
            until(server, Method::POST, &stop, StatusCode::SERVICE_UNAVAILABLE).await;
        };
        // A request waits for its database, and no longer than a person would.
        tokio::time::timeout(PATIENCE, held_up).await.unwrap();
        postgres.go_on();
        works(server, id).await;

        postgres.ask("ALTER ROLE app SET default_transaction_read_only = on").await;
        postgres.ask("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'app'").await;
        until(server, Method::POST, &stop, StatusCode::SERVICE_UNAVAILABLE).await;
        until(server, Method::GET, &format!("/workspaces/{id}"), StatusCode::OK).await;
        postgres.ask("ALTER ROLE app RESET default_transaction_read_only").await;
        postgres.ask("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'app'").await;
        works(server, id).await;

        postgres.ask("ALTER ROLE app CONNECTION LIMIT 0").await;
        postgres.ask("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'app'").await;
        until(server, Method::POST, &stop, StatusCode::SERVICE_UNAVAILABLE).await;
        postgres.ask("ALTER ROLE app CONNECTION LIMIT -1").await;
        works(server, id).await;

        server.destroy(&workspace).await;
        assert_eq!(server.objects(id).await, Vec::<String>::new());
    })
    .await;
}

#[tokio::test]
async fn a_full_disk_is_named_and_nothing_is_half_done() {
    let server = Server::spawn_on_small_disk();
    guarded(server, async |server| {
        server.until_up().await;
        let workspace = server.create("victim", web()).await;
        let id = workspace["id"].as_str().unwrap();
        // Seen from outside the server's own mount namespace.
        let filler = PathBuf::from(format!("/proc/{}/root", server.pid()))
            .join(server.directory().strip_prefix("/").unwrap())
            .join("filler");
        let full = Command::new("dd").arg("if=/dev/zero").arg(format!("of={}", filler.display())).output();
        assert!(!full.unwrap().status.success(), "the disk is not small");

        until(server, Method::POST, &format!("/workspaces/{id}/stop"), StatusCode::SERVICE_UNAVAILABLE).await;
        assert_eq!(server.get(&format!("/workspaces/{id}")).await["status"], "running");
        std::fs::remove_file(&filler).unwrap();
        works(server, id).await;
        server.destroy(&workspace).await;
    })
    .await;
}

/// A way to the engine that can be closed.
struct Gate {
    path: PathBuf,
    closed: CancellationToken,
    streams: TaskTracker,
    _directory: tempfile::TempDir,
}

impl Gate {
    fn new() -> Self {
        let directory = tempfile::TempDir::new().unwrap();
        let path = directory.path().join("docker.sock");
        let mut gate = Self {
            path,
            closed: CancellationToken::new(),
            streams: TaskTracker::new(),
            _directory: directory,
        };
        gate.open();
        gate
    }

    fn open(&mut self) {
        self.closed = CancellationToken::new();
        let (closed, streams) = (self.closed.clone(), self.streams.clone());
        let listener = UnixListener::bind(&self.path).unwrap();
        self.streams.spawn(async move {
            while let Some(Ok((mut client, _))) = closed.run_until_cancelled(listener.accept()).await {
                let closed = closed.clone();
                streams.spawn(async move {
                    let socket = docker::endpoint().trim_start_matches("unix://").to_owned();
                    let mut engine = UnixStream::connect(socket).await.unwrap();
                    // How a stream ends is for the two at its ends to judge.
                    let _ = closed.run_until_cancelled(copy_bidirectional(&mut client, &mut engine)).await;
                });
            }
        });
    }

    /// Every connection breaks, and there is no way to make another.
    async fn close(&mut self) {
        self.closed.cancel();
        std::fs::remove_file(&self.path).unwrap();
        self.streams.close();
        self.streams.wait().await;
        self.streams.reopen();
    }
}

#[tokio::test]
async fn an_engine_that_goes_down_with_everything_on_it_is_brought_back() {
    let mut gate = Gate::new();
    with_server(async |server| {
        let through_gate = format!("unix://{}", gate.path.display());
        server.restart_with(&[("DEVSANCTUM_DOCKER_HOST", &through_gate)]).await;
        let workspace = server.create("victim", web()).await;
        let id = workspace["id"].as_str().unwrap();
        let objects = server.objects(id).await;

        gate.close().await;
        let shown = server.until_status(id, "unknown").await;
        assert!(shown["status_reason"].as_str().is_some_and(|reason| !reason.is_empty()), "{shown:#}");
        // What is asked meanwhile is taken, and done later.
        let stop = server.try_send(Method::POST, &format!("/workspaces/{id}/restart"), &None).await;
        assert_eq!(stop, Some(StatusCode::ACCEPTED));
        for name in objects.iter().filter(|name| name.ends_with("-web-g1")) {
            let kill = KillContainerOptionsBuilder::new().signal("KILL").build();
            server.docker.kill_container(name, Some(kill)).await.unwrap();
        }
        gate.open();
        let back = server.until_status(id, "running").await;
        assert_eq!(server.visit(back["routes"][0]["host"].as_str().unwrap()).await.0, StatusCode::OK);
        assert_eq!(server.objects(id).await, objects, "the same objects as before");
        server.destroy(&workspace).await;
    })
    .await;
}

#[tokio::test]
async fn what_somebody_does_to_our_objects_is_repaired_or_flagged_within_a_minute() {
    with_server(async |server| {
        let workspace = server.create("victim", web()).await;
        let id = workspace["id"].as_str().unwrap();
        let short_id = workspace["short_id"].as_str().unwrap();
        let container = format!("ds-{short_id}-web-g1");
        let host = workspace["routes"][0]["host"].as_str().unwrap().to_owned();
        let docker = server.docker.clone();
        let network = async || {
            let inspected =
                docker.inspect_container(&container, None::<InspectContainerOptions>).await.unwrap();
            inspected.network_settings.unwrap().networks.unwrap().into_keys().next().unwrap()
        };
        let network = network().await;
        for deed in ["stop", "pause", "detach", "remove", "rename"] {
            match deed {
                "stop" => docker.stop_container(&container, None::<StopContainerOptions>).await.unwrap(),
                "pause" => docker.pause_container(&container).await.unwrap(),
                "rename" => {
                    let name =
                        RenameContainerOptionsBuilder::new().name(&format!("{container}-away")).build();
                    docker.rename_container(&container, name).await.unwrap();
                }
                "detach" => {
                    let request =
                        NetworkDisconnectRequest { container: container.clone(), force: Some(true) };
                    docker.disconnect_network(&network, request).await.unwrap();
                }
                _ => {
                    let force = RemoveContainerOptionsBuilder::new().force(true).build();
                    docker.remove_container(&container, Some(force)).await.unwrap();
                }
            }
            let begun = std::time::Instant::now();
            loop {
                let shown = server.get(&format!("/workspaces/{id}")).await;
                // A frozen program takes a connection and says nothing.
                let visit = tokio::time::timeout(Duration::from_secs(1), server.visit(&host)).await;
                let answers = visit.is_ok_and(|(status, _)| status == StatusCode::OK);
                if shown["status"] == "running" && answers {
                    break;
                }
                if shown["status"] == "failed" {
                    // Flagged: a person is told what to do, and it helps.
                    assert!(!shown["status_reason"].is_null(), "{deed}: {shown:#}");
                    let retried = server.post(&format!("/workspaces/{id}/retry"), Value::Null).await;
                    assert_eq!(retried["status"], "running", "{deed}: {retried:#}");
                }
                assert!(begun.elapsed() < PATIENCE, "{deed}: {shown:#}");
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
        }
        // Under another name it is still ours.
        works(server, id).await;
        server.destroy(&workspace).await;
        assert_eq!(server.objects(id).await, Vec::<String>::new());
    })
    .await;
}

/// A template whose image takes some time to build.
const SLOW: &str = "appName: Slow\nslug: slow\ncomponents:\n  - { name: web, type: frontend, path: ., port: 8080, \
                    command: [\"/bin/busybox\", \"httpd\", \"-f\", \"-p\", \"8080\", \"-h\", \"/bin\"], \
                    health: { tcp: 8080 } }\n";

#[tokio::test]
async fn a_build_that_the_end_of_the_server_interrupts_is_done_again() {
    with_server(async |server| {
        let catalog = tempfile::TempDir::new().unwrap();
        let template = catalog.path().join("slow");
        std::fs::create_dir(&template).unwrap();
        std::fs::copy("/bin/busybox", template.join("busybox")).unwrap();
        std::fs::write(template.join("devsanctum.yaml"), SLOW).unwrap();
        // Never built before, so that no cache shortens it.
        let dockerfile = format!(
            "FROM scratch\nLABEL round={}\nCOPY busybox /bin/busybox\nRUN [\"/bin/busybox\", \"sleep\", \"8\"]\n",
            docker::fresh_uuid()
        );
        std::fs::write(template.join("Dockerfile"), dockerfile).unwrap();
        server.restart_with(&[("DEVSANCTUM_CATALOG_DIR", catalog.path().to_str().unwrap())]).await;
        let workspace =
            server.post_at_once("/orgs/admin/workspaces", json!({ "name": "slow", "template": "slow" })).await;
        let id = workspace["id"].as_str().unwrap();
        let deployment = format!("/deployments/{}", workspace["deployment"]["id"].as_str().unwrap());
        let begun = std::time::Instant::now();
        loop {
            let steps = server.get(&deployment).await["steps"].clone();
            let builds = |step: &Value| step["name"] == "build" && step["status"] == "running";
            if steps.as_array().unwrap().iter().any(builds) {
                break;
            }
            assert!(begun.elapsed() < PATIENCE, "never builds: {steps:#}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }

        let asked = std::time::Instant::now();
        server.ask_to_end();
        assert_eq!(server.ended().await, Some(0));
        assert!(asked.elapsed() < Duration::from_secs(20), "it took {:?} to end", asked.elapsed());
        server.start_again().await;
        let settled = server.settled(id).await;
        assert_eq!(settled["status"], "running", "{settled:#}");
        assert_eq!(settled["deployment"]["id"], workspace["deployment"]["id"], "the same deployment goes on");
        server.destroy(&workspace).await;
        assert_eq!(server.objects(id).await, Vec::<String>::new());
    })
    .await;
}
