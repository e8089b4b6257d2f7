use std::time::Duration;

use futures::StreamExt;
use serde_json::{Value, json};
use tokio::time::{Instant, timeout};

use crate::support::{client::Call, in_process::TestServer};

/// How long something may take that happens at once.
const PATIENCE: Duration = Duration::from_secs(20);

/// The events of a stream, as (id, type, data).
struct Events {
    bytes: futures::stream::BoxStream<'static, reqwest::Result<bytes::Bytes>>,
    read: String,
}

impl Events {
    async fn of(call: Call) -> Self {
        let response = call.open().await;
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        assert_eq!(response.headers()["cache-control"], "no-cache");
        Self { bytes: response.bytes_stream().boxed(), read: String::new() }
    }

    /// `None` when the stream has ended.
    async fn next(&mut self) -> Option<(i64, String, Value)> {
        loop {
            if let Some((block, rest)) = self.read.split_once("\n\n") {
                let field = |name: &str| {
                    block
                        .lines()
                        .find_map(|line| line.strip_prefix(name))
                        .map(|value| value.trim().to_owned())
                };
                let event = field("data:").map(|data| {
                    let id = field("id:").unwrap().parse().unwrap();
                    (id, field("event:").unwrap(), serde_json::from_str(&data).unwrap())
                });
                self.read = rest.to_owned();
                if event.is_some() {
                    return event;
                }
                continue;
            }
            let bytes = timeout(PATIENCE, self.bytes.next()).await.expect("an event or the end")?;
            self.read.push_str(std::str::from_utf8(&bytes.ok()?).unwrap());
        }
    }
}

impl Events {
    /// The next event of an organization; hosts may change at any time.
    async fn next_of_org(&mut self) -> Option<(i64, String, Value)> {
        loop {
            match self.next().await {
                Some((_, kind, _)) if kind != "org.updated" => {}
                other => return other,
            }
        }
    }
}

#[tokio::test]
async fn everybody_hears_of_what_they_may_see() {
    let (server, ada) = TestServer::start().await;
    let eve = server.person("eve", None).await;
    let mut to_ada = Events::of(ada.get("/api/v1/events")).await;
    let mut to_eve = Events::of(eve.get("/api/v1/events")).await;
    let make = async |person: &crate::support::client::Person, slug: &str| {
        person.post("/api/v1/orgs").json(&json!({ "slug": slug })).send().await.expect(201).json()["id"]
            .clone()
    };
    let of_ada = make(&ada, "acme").await;
    let of_eve = make(&eve, "evil").await;

    let (_, kind, data) = to_ada.next_of_org().await.unwrap();
    assert_eq!(
        (kind.as_str(), &data["type"], &data["org_id"]),
        ("org.updated", &json!("org.updated"), &of_ada)
    );
    let (_, _, data) = to_eve.next_of_org().await.unwrap();
    assert_eq!(data["org_id"], of_eve, "the other organization is not hers to know");
    server.stop().await;
}

#[tokio::test]
async fn a_reader_resumes_where_it_stopped() {
    let (server, ada) = TestServer::start().await;
    for slug in ["aa", "bb", "cc"] {
        ada.post("/api/v1/orgs").json(&json!({ "slug": slug })).send().await.expect(201);
    }
    let mut all = Events::of(ada.get("/api/v1/events").header("last-event-id", "0")).await;
    let mut ids = Vec::new();
    while ids.len() < 3 {
        ids.push(all.next().await.unwrap().0);
    }
    let resumed = ada.get("/api/v1/events").header("last-event-id", &ids[0].to_string());
    assert_eq!(Events::of(resumed).await.next().await.unwrap().0, ids[1]);
    server.stop().await;
}

#[tokio::test]
async fn a_revoked_session_hears_nothing_more() {
    let (server, ada) = TestServer::start().await;
    let elsewhere = server.sign_in("ada").await;
    let mut events = Events::of(elsewhere.get("/api/v1/events")).await;
    elsewhere.post("/api/v1/auth/logout").header("cookie", &elsewhere.cookie).send().await.expect(204);
    let began = Instant::now();
    ada.post("/api/v1/orgs").json(&json!({ "slug": "acme" })).send().await.expect(201);
    assert_eq!(events.next_of_org().await, None);
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    server.stop().await;
}

#[tokio::test]
async fn filters_narrow_and_unknown_ones_are_refused() {
    let (server, ada) = TestServer::start().await;
    let eve = server.person("eve", None).await;
    eve.get("/api/v1/events?org=ada").send().await.problem(404, "not_found");
    assert_eq!(ada.get("/api/v1/events?workspace=x").send().await.problem(422, "invalid"), ["workspace"]);
    server.anonymous().get("/api/v1/events").send().await.problem(401, "unauthenticated");

    let mut events = Events::of(ada.get("/api/v1/events?org=ada")).await;
    ada.post("/api/v1/orgs").json(&json!({ "slug": "acme" })).send().await.expect(201);
    assert!(
        timeout(Duration::from_millis(500), events.next_of_org()).await.is_err(),
        "another organization's event"
    );
    server.stop().await;
}

#[tokio::test]
async fn a_server_that_stops_ends_its_streams() {
    let (server, ada) = TestServer::start().await;
    let mut events = Events::of(ada.get("/api/v1/events")).await;
    let began = Instant::now();
    server.stop().await;
    assert_eq!(events.next_of_org().await, None);
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
}
