//! Docker gives an address that has become free to the next who asks. Whoever still asks for the workspace that had it
//! before never reaches the one that has it now.

use std::{
    net::SocketAddr,
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use futures::future::join_all;
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};

use crate::support::{
    server::{Server, with_server},
    traefik::{Traefik, Way},
};

/// How often the address changes hands.
const HANDOVERS: usize = 1;
/// Ask for all workspaces without a pause, and each waits once for an answer that does not come.
const VISITORS: usize = 4;
/// Between two rounds of a visitor.
const PACE: Duration = Duration::from_millis(5);
const PATIENCE: Duration = Duration::from_secs(30);

/// Says whose it is, answers nothing at `/slow`, and tells at `/seen` for whom it was asked and who waits.
const COMPONENT: &str = r#"
const hosts = new Set();
let waiting = 0;
require("node:http").createServer((request, response) => {
  hosts.add(request.headers.host.split(":")[0]);
  if (request.url === "/seen") response.end(JSON.stringify({ hosts: [...hosts], waiting }));
  else if (request.url === "/slow") waiting++;
  else response.end(process.env.WHO);
}).listen(8080);
process.on("SIGTERM", () => process.exit());
"#;

/// Addresses for one workspace beside the one that stays: whoever comes next gets what the last one had.
fn narrow(which: u32) -> [(&'static str, String); 2] {
    let third = (std::process::id() * 2 + which) % 256;
    [("DEVSANCTUM_NETWORK_POOL", format!("10.249.{third}.0/27")), ("DEVSANCTUM_NETWORK_PREFIX", "28".into())]
}

struct Visitors {
    door: SocketAddr,
    client: Client,
    /// Host names of workspaces, with what each answers.
    hosts: Mutex<Vec<(String, String)>>,
    answers: AtomicUsize,
    over: AtomicBool,
}

impl Visitors {
    fn of(door: SocketAddr) -> Self {
        Self {
            door,
            client: Client::builder().no_proxy().timeout(PATIENCE).build().unwrap(),
            hosts: Mutex::default(),
            answers: AtomicUsize::new(0),
            over: AtomicBool::new(false),
        }
    }

    async fn get(&self, host: &str, path: &str) -> Option<(StatusCode, String)> {
        let request = self.client.get(format!("http://{}{path}", self.door)).header("host", host);
        let answer = request.send().await.ok()?;
        Some((answer.status(), answer.text().await.ok()?))
    }

    /// Asks for all of them over and over, those that are gone too.
    async fn come(&self) {
        while !self.over.load(Ordering::SeqCst) {
            let hosts = self.hosts.lock().unwrap().clone();
            for (host, name) in hosts {
                if let Some((StatusCode::OK, body)) = self.get(&host, "/").await {
                    assert_eq!(body, name, "{host} was answered by another workspace");
                    self.answers.fetch_add(1, Ordering::SeqCst);
                }
            }
            tokio::time::sleep(PACE).await;
        }
    }

    /// Over a connection to the component that was used before, which some proxies replace when it breaks.
    async fn wait(&self, host: &str) -> Option<(StatusCode, String)> {
        self.get(host, "/").await;
        self.get(host, "/slow").await
    }

    async fn seen(&self, host: &str) -> Value {
        let (status, seen) = self.get(host, "/seen").await.unwrap();
        assert_eq!(status, StatusCode::OK, "{seen}");
        serde_json::from_str(&seen).unwrap()
    }

    /// Until this one was visited many times more, and all its waiting visitors wait there.
    async fn until_busy(&self, host: &str) {
        let before = self.answers.load(Ordering::SeqCst);
        let waiting = async {
            while self.answers.load(Ordering::SeqCst) < before + 5 * VISITORS
                || self.seen(host).await["waiting"] != VISITORS
            {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(PATIENCE, waiting).await.expect("nobody visits it");
    }
}

async fn address(server: &Server, workspace: &Value) -> String {
    let name = format!("ds-{}-web-g1", workspace["short_id"].as_str().unwrap());
    let inspected = server.docker.inspect_container(&name, None).await.unwrap();
    let networks = inspected.network_settings.unwrap().networks.unwrap();
    networks.into_values().find_map(|network| network.ip_address).unwrap()
}

async fn create(server: &Server, name: &str) -> Value {
    let body = json!({ "name": name, "template": "who" });
    let made = server.post("/orgs/admin/workspaces", body).await;
    assert_eq!(made["status"], "running", "{made:#}");
    made
}

async fn one_address_for_many(server: &Server, door: SocketAddr) {
    let manifest = json!({ "appName": "who", "components": [{
        "name": "web", "type": "frontend", "port": 8080, "visibility": "public", "image": "node:22-slim",
        "command": ["node", "-e", COMPONENT], "env": { "WHO": "${workspace.name}" },
    }]});
    let body = json!({ "name": "who", "source": { "kind": "manifest", "manifest": manifest } });
    server.post("/orgs/admin/templates", body).await;
    let stays = create(server, "stays").await;
    let visitors = Visitors::of(door);
    let guests = async {
        guests(server, &visitors).await;
        visitors.over.store(true, Ordering::SeqCst);
    };
    tokio::join!(guests, join_all((0..VISITORS).map(|_| visitors.come())));
    server.destroy(&stays).await;
}

async fn guests(server: &Server, visitors: &Visitors) {
    let mut guest = create(server, "guest-0").await;
    let the_address = address(server, &guest).await;
    for number in 0..HANDOVERS {
        let host = guest["routes"][0]["host"].as_str().unwrap().to_owned();
        visitors.hosts.lock().unwrap().push((host.clone(), format!("guest-{number}")));
        let waits = join_all((0..VISITORS).map(|_| visitors.wait(&host)));
        let next = async {
            visitors.until_busy(&host).await;
            server.destroy(&guest).await;
            create(server, &format!("guest-{}", number + 1)).await
        };
        // Those who wait are told that nothing comes before anybody looks whom the next one was asked for.
        let (ends, next) = tokio::join!(waits, next);
        assert!(!ends.iter().flatten().any(|(status, _)| *status == StatusCode::OK), "{ends:?}");
        assert_eq!(address(server, &next).await, the_address, "nothing was tried: it has another address");
        let host = next["routes"][0]["host"].as_str().unwrap();
        assert_eq!(visitors.seen(host).await["hosts"], json!([host]), "it was asked for somebody else");
        guest = next;
    }
    server.destroy(&guest).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_in_new_hands_is_not_reached_by_old_ways_through_our_own_proxy() {
    with_server(async |server| {
        let [pool, prefix] = narrow(0);
        server.restart_with(&[(pool.0, &pool.1), (prefix.0, &prefix.1)]).await;
        one_address_for_many(server, SocketAddr::from(([127, 0, 0, 1], server.port))).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_in_new_hands_is_not_reached_by_old_ways_through_traefik() {
    let traefik = Traefik::start(|directory| Way::Rest.arguments("", directory)).await;
    with_server(async |server| {
        let ([pool, prefix], url) = (narrow(1), traefik.url());
        let settings = [
            (pool.0, &*pool.1),
            (prefix.0, &*prefix.1),
            ("DEVSANCTUM_PROXY", "traefik-rest"),
            ("DEVSANCTUM_TRAEFIK_URL", &*url),
            ("DEVSANCTUM_TRAEFIK_ENTRYPOINTS", "web"),
        ];
        server.restart_with(&settings).await;
        one_address_for_many(server, traefik.web).await;
    })
    .await;
}
