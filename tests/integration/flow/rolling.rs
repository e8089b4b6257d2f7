//! Servers end, in order or not, while others beside them go on with the work.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use bollard::Docker;
use futures::StreamExt;
use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};
use sqlx::{Connection, PgConnection};
use tokio::{sync::RwLock, task::JoinHandle};
use uuid::Uuid;

use crate::support::{
    docker::bare,
    replicas::{Replicas, with_replicas},
    server::{Server, Shared, objects},
};

const PATIENCE: Duration = Duration::from_secs(60);
/// Workspaces that go through their lives side by side.
const LIVES: usize = 3;
/// A lease that nobody renews ends after ten seconds, and is looked for each second.
const LEASE: Duration = Duration::from_secs(12);

/// What was asked for, and answered.
#[derive(Default)]
struct Figures {
    created: AtomicUsize,
    stopped: AtomicUsize,
    destroyed: AtomicUsize,
}

/// Asks one server, until told to ask another.
struct Load {
    client: Client,
    token: String,
    /// Held for as long as a request takes, so that a server is asked nothing more when it ends.
    port: RwLock<u16>,
    enough: AtomicBool,
    figures: Figures,
}

impl Load {
    /// Every answer must be a success.
    async fn call(&self, method: Method, path: &str, body: Value) -> Value {
        let port = self.port.read().await;
        let url = format!("http://127.0.0.1:{port}/api/v1{path}");
        let request = self.client.request(method, url).bearer_auth(&self.token);
        let answer = request.header("prefer", "wait=5").json(&body).send().await;
        let answer = answer.unwrap_or_else(|error| panic!("{path}: {error}"));
        let status = answer.status();
        let text = answer.text().await.unwrap();
        assert!(status.is_success(), "{path}: {status}: {text}");
        serde_json::from_str(&text).unwrap_or(Value::Null)
    }

    async fn until(&self, id: &str, wanted: &str) -> Value {
        let begun = Instant::now();
        loop {
            let found = self.call(Method::GET, &format!("/workspaces/{id}"), Value::Null).await;
            if found["status"] == wanted {
                return found;
            }
            assert_ne!(found["status"], "failed", "{found:#}");
            assert!(begun.elapsed() < PATIENCE, "waited for {wanted}: {found:#}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    async fn visit(&self, host: &str) -> StatusCode {
        let port = self.port.read().await;
        let request = self.client.get(format!("http://127.0.0.1:{port}/")).header("host", host);
        request.send().await.unwrap().status()
    }

    /// Workspaces are made, stopped and destroyed, one after the other.
    async fn live(&self, life: usize, docker: &Docker) {
        for round in 0.. {
            if self.enough.load(Ordering::Relaxed) {
                return;
            }
            let name = format!("life-{life}-{round}");
            let body = json!({ "name": name, "template": "web" });
            let workspace = self.call(Method::POST, "/orgs/admin/workspaces", body).await;
            let id = workspace["id"].as_str().unwrap();
            let host = workspace["routes"][0]["host"].as_str().unwrap();
            self.until(id, "running").await;
            let made = objects(docker, id).await;
            assert_eq!(made.len(), 2, "a container and a network: {made:?}");
            assert_eq!(self.visit(host).await, StatusCode::OK, "{name} runs");
            self.figures.created.fetch_add(1, Ordering::Relaxed);

            self.call(Method::POST, &format!("/workspaces/{id}/stop"), json!({})).await;
            self.until(id, "stopped").await;
            assert_eq!(self.visit(host).await, StatusCode::SERVICE_UNAVAILABLE, "{name} is stopped");
            self.figures.stopped.fetch_add(1, Ordering::Relaxed);

            self.call(Method::DELETE, &format!("/workspaces/{id}"), Value::Null).await;
            self.until(id, "destroyed").await;
            assert_eq!(objects(docker, id).await, Vec::<String>::new());
            self.figures.destroyed.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// The database, to look at leases.
struct Leases(PgConnection);

impl Leases {
    async fn of(shared: &Shared) -> Self {
        Self(PgConnection::connect(&shared.database_url).await.unwrap())
    }

    /// The server that was started last.
    async fn newest_replica(&mut self) -> Uuid {
        let query = sqlx::query_scalar("SELECT id FROM replicas ORDER BY started_at DESC LIMIT 1");
        query.fetch_one(&mut self.0).await.unwrap()
    }

    async fn replicas(&mut self) -> Vec<Uuid> {
        sqlx::query_scalar("SELECT id FROM replicas").fetch_all(&mut self.0).await.unwrap()
    }

    async fn held_by(&mut self, replica: Uuid) -> Vec<(Uuid, i64)> {
        let query = sqlx::query_as("SELECT id, lease_token FROM workspaces WHERE lease_holder = $1");
        query.bind(replica).fetch_all(&mut self.0).await.unwrap()
    }

    /// Waits until the server works on something.
    async fn busy(&mut self, replica: Uuid) -> Vec<(Uuid, i64)> {
        let begun = Instant::now();
        loop {
            let held = self.held_by(replica).await;
            if !held.is_empty() {
                return held;
            }
            assert!(begun.elapsed() < PATIENCE, "the server has nothing to do");
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    /// How long after `since` somebody else holds each, or is done with it.
    async fn taken_over(&mut self, held: &[(Uuid, i64)], from: Uuid, since: Instant) -> Vec<Duration> {
        let mut took = Vec::new();
        let mut left = held.to_vec();
        while !left.is_empty() {
            assert!(since.elapsed() < PATIENCE, "nobody goes on with {left:?}");
            let mut waiting = Vec::new();
            for (id, token) in left {
                let query =
                    sqlx::query_as("SELECT lease_token, lease_holder, due_at FROM workspaces WHERE id = $1");
                let (now, holder, due): (i64, Option<Uuid>, Option<chrono::DateTime<chrono::Utc>>) =
                    query.bind(id).fetch_one(&mut self.0).await.unwrap();
                if now > token {
                    took.push(since.elapsed());
                } else if holder == Some(from) || due.is_some() {
                    waiting.push((id, token));
                }
                // Otherwise the server was done with it before it ended.
            }
            left = waiting;
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        took
    }
}

/// Follows from now on what becomes of the leases of a server that is about to end.
async fn watch_leases(shared: &Shared, replica: Uuid) -> JoinHandle<Vec<Duration>> {
    let mut leases = Leases::of(shared).await;
    let held = leases.held_by(replica).await;
    let since = Instant::now();
    tokio::spawn(async move { leases.taken_over(&held, replica, since).await })
}

fn told(what: &str, mut took: Vec<Duration>) -> Duration {
    took.sort_unstable();
    let (Some(middle), Some(last)) = (took.get(took.len() / 2), took.last()) else {
        println!("{what}: nothing had to be taken over");
        return Duration::ZERO;
    };
    println!("{what}: {} leases taken over, p50 {middle:?}, max {last:?}", took.len());
    *last
}

/// What a client of a server sees that ends in order: a stream and a request that wait. `at` is called at the moment at
/// which it is asked to end.
async fn leave_in_order(server: &mut Server, at: impl AsyncFnOnce()) -> Duration {
    let base = format!("http://127.0.0.1:{}", server.port);
    let events = server.client.get(format!("{base}/api/v1/events")).bearer_auth(&server.token);
    let events = events.send().await.unwrap();
    assert_eq!(events.status(), StatusCode::OK);
    // A request that waits for longer than the server has.
    let body = json!({ "name": "last", "template": "slow" });
    let request = server.client.post(format!("{base}/api/v1/orgs/admin/workspaces"));
    let request = request.bearer_auth(&server.token).header("prefer", "wait=60").json(&body).send();
    let accepted = tokio::spawn(request);
    let id = loop {
        let list = server.get("/orgs/admin/workspaces").await;
        let found = list["items"].as_array().unwrap().iter().find(|it| it["name"] == body["name"]).cloned();
        if let Some(found) = found {
            break found["id"].as_str().unwrap().to_owned();
        }
    };

    at().await;
    let asked = Instant::now();
    server.ask_to_end();
    // It says that it is not ready while it still takes requests.
    let fresh = Client::builder().pool_max_idle_per_host(0).build().unwrap();
    loop {
        let ready =
            fresh.get(format!("{base}/readyz")).send().await.expect("it still takes requests").status();
        if ready == StatusCode::SERVICE_UNAVAILABLE {
            break;
        }
        assert!(asked.elapsed() < Duration::from_secs(1), "it is still ready");
    }
    assert!(fresh.get(format!("{base}/healthz")).send().await.is_ok(), "first not ready, and only then gone");
    let answer = accepted.await.unwrap().expect("what was accepted is answered");
    assert_eq!(answer.status(), StatusCode::ACCEPTED);
    assert_eq!(answer.json::<Value>().await.unwrap()["id"], id.as_str());
    let pieces = events.bytes_stream().map(|piece| piece.expect("the stream ends in order"));
    tokio::time::timeout(PATIENCE, pieces.for_each(async |_| {})).await.expect("the stream ends");
    assert_eq!(server.ended().await, Some(0));
    let took = asked.elapsed();
    assert!(took < Duration::from_secs(20), "{took:?}");
    took
}

/// One whose workspaces run, and one whose workspaces stay under way.
async fn templates(server: &Server) {
    let web = json!([{ "name": "web", "type": "frontend", "port": 8080 }]);
    let slow = json!([
        { "name": "web", "type": "frontend", "port": 8080,
          "health": { "tcp": 9, "start_period_seconds": 600 } }
    ]);
    for (name, components) in [("web", web), ("slow", slow)] {
        let manifest = json!({ "appName": name, "components": components });
        let body = json!({ "name": name, "source": { "kind": "manifest", "manifest": manifest } });
        server.post("/orgs/admin/templates", body).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn servers_end_in_turn_and_nothing_is_lost() {
    with_replicas(2, async |replicas| {
        let Replicas { servers, shared } = replicas;
        templates(&servers[0]).await;
        let mut leases = Leases::of(shared).await;
        // Who is who shows when one of them starts again.
        servers[1].ask_to_end();
        assert_eq!(servers[1].ended().await, Some(0));
        let mut names = [leases.newest_replica().await; 2];
        servers[1].start_again().await;
        names[1] = leases.newest_replica().await;
        assert_ne!(names[0], names[1]);

        // Always under way, so that whoever ends has something to give back.
        let anchor = json!({ "name": "anchor", "template": "slow" });
        let anchor = servers[0].post_at_once("/orgs/admin/workspaces", anchor).await;
        let load = Arc::new(Load {
            client: Client::builder().build().unwrap(),
            token: servers[0].token.clone(),
            port: RwLock::new(servers[0].port),
            enough: AtomicBool::new(false),
            figures: Figures::default(),
        });
        let lives: Vec<_> = (0..LIVES)
            .map(|life| {
                let load = load.clone();
                tokio::spawn(async move { load.live(life, &bare()).await })
            })
            .collect();

        let (mut softly, mut hard, mut exits, mut kills) = (vec![], vec![], vec![], 0);
        let begun = Instant::now();
        for (ends, in_order) in
            [(0, true), (0, true), (1, true), (0, false), (1, false), (0, false), (1, false)]
        {
            // From here on only the other one is asked.
            *load.port.write().await = servers[1 - ends].port;
            leases.busy(names[ends]).await;
            let taken: JoinHandle<Vec<Duration>>;
            if in_order {
                let mut watch = None;
                let exit = leave_in_order(&mut servers[ends], async || {
                    watch = Some(watch_leases(shared, names[ends]).await);
                });
                exits.push(exit.await);
                taken = watch.unwrap();
                assert!(!leases.replicas().await.contains(&names[ends]), "it said that it leaves");
                let list = servers[1 - ends].get("/orgs/admin/workspaces?limit=100").await;
                let last = list["items"].as_array().unwrap().iter().find(|it| it["name"] == "last").unwrap();
                assert_eq!(servers[1 - ends].destroy(last).await["status"], "destroyed");
                softly.extend(taken.await.unwrap());
            } else {
                taken = watch_leases(shared, names[ends]).await;
                servers[ends].kill();
                kills += 1;
                hard.extend(taken.await.unwrap());
            }
            servers[ends].start_again().await;
            names[ends] = leases.newest_replica().await;
        }
        load.enough.store(true, Ordering::Relaxed);
        for life in lives {
            life.await.unwrap();
        }
        let took = begun.elapsed();

        assert_eq!(servers[1].destroy(&anchor).await["status"], "destroyed");
        let lost: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM workspaces WHERE status <> 'destroyed'")
            .fetch_one(&mut leases.0)
            .await
            .unwrap();
        assert_eq!(lost, 0);
        let Figures { created, stopped, destroyed } = &load.figures;
        let count = |figure: &AtomicUsize| figure.load(Ordering::Relaxed);
        println!(
            "two servers, {took:?}: {} workspaces created, {} stopped, {} destroyed; {} ends in order, {kills} \
             kills; 0 duplicates, 0 lost, 0 failed requests",
            count(created),
            count(stopped),
            count(destroyed),
            exits.len(),
        );
        println!("an end in order takes {:?} at most", exits.iter().max().unwrap());
        assert!(told("ends in order", softly) < Duration::from_secs(5));
        assert!(told("kills", hard) < LEASE + Duration::from_secs(3));
        assert_eq!(count(created), count(destroyed));
    })
    .await;
}
