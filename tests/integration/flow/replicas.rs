//! Several servers on one PostgreSQL behave as one.

use std::time::{Duration, Instant};

use futures::{StreamExt, future::join_all};
use reqwest::{
    Method, StatusCode,
    header::{COOKIE, SET_COOKIE},
};
use serde_json::{Value, json};
use sqlx::{Connection, PgConnection};
use tokio::sync::mpsc;

use crate::support::{
    replicas::{Replicas, with_replicas},
    server::{Server, Shared},
};

const PATIENCE: Duration = Duration::from_secs(30);
const PASSWORD: &str = "a long pass phrase for tests";

fn web() -> Value {
    json!([{ "name": "web", "type": "frontend", "port": 8080 }])
}

async fn count(shared: &Shared, statement: &'static str) -> i64 {
    let mut connection = PgConnection::connect(&shared.database_url).await.unwrap();
    let count = sqlx::query_scalar(statement).fetch_one(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    count
}

/// Type and data of each event a server tells from now on, and when it was here; ends when the stream does.
async fn events(server: &Server) -> mpsc::UnboundedReceiver<(Instant, String, Value)> {
    let url = format!("http://127.0.0.1:{}/api/v1/events", server.port);
    let answer = server.client.get(url).bearer_auth(&server.token).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    let (sender, events) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        let mut stream = answer.bytes_stream();
        let mut text = String::new();
        while let Some(Ok(bytes)) = stream.next().await {
            text += &String::from_utf8_lossy(&bytes);
            while let Some((event, rest)) = text.split_once("\n\n") {
                let field = |name: &str| event.lines().find_map(|line| line.strip_prefix(name));
                if let (Some(kind), Some(data)) = (field("event: "), field("data: ")) {
                    let data = serde_json::from_str(data).unwrap();
                    let _ = sender.send((Instant::now(), kind.to_owned(), data));
                }
                text = rest.to_owned();
            }
        }
    });
    events
}

async fn until(
    events: &mut mpsc::UnboundedReceiver<(Instant, String, Value)>,
    id: &str,
    status: &str,
) -> Instant {
    let found = async {
        loop {
            let (at, kind, data) = events.recv().await.expect("the stream goes on");
            if kind.starts_with("workspace") && data["workspace_id"] == id && data["status"] == status {
                return at;
            }
        }
    };
    tokio::time::timeout(PATIENCE, found).await.expect("the event comes")
}

async fn until_ok(server: &Server, host: &str) {
    let begun = Instant::now();
    while server.visit(host).await.0 != StatusCode::OK {
        assert!(begun.elapsed() < PATIENCE, "the route does not answer");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn servers_that_start_at_once_make_everything_once() {
    with_replicas(3, async |replicas| {
        let Replicas { servers, shared } = replicas;
        for (what, statement) in [
            ("users", "SELECT COUNT(*) FROM users"),
            ("organizations", "SELECT COUNT(*) FROM orgs"),
            ("installations", "SELECT COUNT(*) FROM installation"),
            ("hosts", "SELECT COUNT(*) FROM hosts"),
            ("members", "SELECT COUNT(*) FROM memberships"),
            ("versions of each template", "SELECT MAX(number)::bigint FROM template_versions"),
            (
                "templates of one name",
                "SELECT MAX(n) FROM (SELECT COUNT(*) n FROM templates GROUP BY name) t",
            ),
            ("setups", "SELECT COUNT(*) FROM audit_entries WHERE action = 'installation.setup'"),
        ] {
            assert_eq!(count(shared, statement).await, 1, "{what}");
        }
        let templates = count(shared, "SELECT COUNT(*) FROM templates").await;
        assert!(templates >= 4, "the catalog has {templates} templates");
        assert_eq!(count(shared, "SELECT COUNT(*) FROM replicas").await, 3);

        // One more, with a key of its own.
        let stranger = Shared { master_key: "08".repeat(32), ..shared.clone() };
        let mut stranger = Server::spawn(Some(stranger));
        assert_eq!(stranger.ended().await, Some(64));

        // Who leaves says so.
        for server in &mut *servers {
            server.ask_to_end();
        }
        for server in servers {
            assert_eq!(server.ended().await, Some(0));
        }
        assert_eq!(count(shared, "SELECT COUNT(*) FROM replicas").await, 0);
    })
    .await;
}

#[tokio::test]
async fn what_one_server_does_the_others_know_at_once() {
    with_replicas(2, async |Replicas { servers, .. }| {
        let (one, two) = (&servers[0], &servers[1]);
        let workspace = one.create("web", web()).await;
        let id = workspace["id"].as_str().unwrap();
        let host = workspace["routes"][0]["host"].as_str().unwrap();
        assert_eq!(workspace["status"], "running", "{workspace:#}");
        let mut at_two = events(two).await;
        let mut late = Vec::new();
        for _ in 0..5 {
            // Through one the other hears of it, and routes no more when the answer is here.
            let stopped = one.post(&format!("/workspaces/{id}/stop"), json!({})).await;
            assert_eq!(stopped["status"], "stopped");
            let answered = Instant::now();
            assert_eq!(two.visit(host).await.0, StatusCode::SERVICE_UNAVAILABLE);
            let heard = until(&mut at_two, id, "stopped").await;
            late.push(heard.saturating_duration_since(answered));

            // Whoever reads at one that it runs may ask the other, and the other way round.
            one.post_at_once(&format!("/workspaces/{id}/start"), json!({})).await;
            until(&mut at_two, id, "running").await;
            until_ok(two, host).await;
            until_ok(one, host).await;
        }
        late.sort_unstable();
        println!("an event is at the other server after {:?} (median), {:?} at most", late[2], late[4]);
        // The timer alone finds half of them after 250 ms.
        assert!(late[2] < Duration::from_millis(150), "{late:?}");

        one.destroy(&workspace).await;
        assert_eq!(two.visit(host).await.0, StatusCode::NOT_FOUND);
    })
    .await;
}

#[tokio::test]
async fn whoever_signs_out_at_one_server_is_out_at_all() {
    with_replicas(2, async |Replicas { servers, .. }| {
        let (one, two) = (&servers[0], &servers[1]);
        let login = json!({ "login": "admin@example.org", "password": PASSWORD });
        let answer = one.send(Method::POST, "/auth/login", Some(login)).await;
        let cookie = answer.headers()[SET_COOKIE].to_str().unwrap().split(';').next().unwrap().to_owned();
        let body: Value = answer.json().await.unwrap();
        let token = body["access_token"].as_str().unwrap();
        let ask = async |server: &Server, path: &str| {
            let url = format!("http://127.0.0.1:{}/api/v1{path}", server.port);
            server.client.get(url).bearer_auth(token).send().await.unwrap()
        };
        assert_eq!(ask(two, "/me").await.status(), StatusCode::OK);
        let stream = ask(two, "/events").await;
        assert_eq!(stream.status(), StatusCode::OK);

        let url = format!("http://127.0.0.1:{}/api/v1/auth/logout", one.port);
        let out = one.client.post(url).header(COOKIE, &cookie).send().await.unwrap();
        assert_eq!(out.status(), StatusCode::NO_CONTENT);
        let ended = Instant::now();
        while ask(two, "/me").await.status() != StatusCode::UNAUTHORIZED {
            assert!(ended.elapsed() < Duration::from_secs(5), "still signed in");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        println!("signed out at the other server after {:?}", ended.elapsed());
        let stream = stream.bytes_stream().for_each(async |piece| drop(piece.expect("it ends in order")));
        tokio::time::timeout(Duration::from_secs(5), stream).await.expect("the stream ends");
        assert!(ended.elapsed() < Duration::from_secs(5));
    })
    .await;
}

#[tokio::test]
async fn guesses_spread_over_servers_are_counted_together() {
    with_replicas(2, async |Replicas { servers, .. }| {
        let guess = async |server: &Server| {
            let body = json!({ "login": "admin@example.org", "password": "not the pass phrase" });
            server.send(Method::POST, "/auth/login", Some(body)).await.status()
        };
        let begun = Instant::now();
        let mut tried = 0_u64;
        for round in 0..60 {
            match guess(&servers[round % 2]).await {
                StatusCode::UNAUTHORIZED => tried += 1,
                status => assert_eq!(status, StatusCode::TOO_MANY_REQUESTS),
            }
        }
        // Twenty at once and one more each six seconds; the start signed in once at each server.
        let allowed = 18 + begun.elapsed().as_secs() / 6 + 1;
        assert!((15..=allowed).contains(&tried), "{tried} guesses, {allowed} allowed");
        println!("{tried} of 60 guesses over two servers were looked at in {:?}", begun.elapsed());
    })
    .await;
}

#[tokio::test]
async fn a_storm_of_refreshes_over_servers_ends_no_session() {
    with_replicas(2, async |Replicas { servers, shared }| {
        let login = json!({ "login": "admin@example.org", "password": PASSWORD });
        let answer = servers[0].send(Method::POST, "/auth/login", Some(login)).await;
        let cookie_of = |answer: &reqwest::Response| {
            answer.headers()[SET_COOKIE].to_str().unwrap().split(';').next().unwrap().to_owned()
        };
        let first = cookie_of(&answer);
        let refresh = async |server: &Server, cookie: &str| {
            let url = format!("http://127.0.0.1:{}/api/v1/auth/refresh", server.port);
            server.client.post(url).header(COOKIE, cookie).send().await.unwrap()
        };
        let storm = (0..100).map(|at| refresh(&servers[at % 2], &first));
        let answers = join_all(storm).await;
        let (mut kept, mut successors) = (0, Vec::new());
        for answer in &answers {
            // The first use counts; the others repeat it within the grace and get successors of their own.
            assert_eq!(answer.status(), StatusCode::OK);
            successors.push(cookie_of(answer));
            kept += 1;
        }
        successors.sort();
        successors.dedup();
        assert_eq!((kept, successors.len()), (100, 100), "no two answers share a token");
        let again = join_all(successors.iter().take(10).map(|cookie| refresh(&servers[1], cookie))).await;
        assert!(again.iter().all(|answer| answer.status() == StatusCode::OK), "the family lives");
        let reuses = "SELECT COUNT(*) FROM audit_entries WHERE action = 'session.reuse'";
        assert_eq!(count(shared, reuses).await, 0);
        assert_eq!(count(shared, "SELECT COUNT(*) FROM sessions WHERE revoked_at IS NOT NULL").await, 0);
        // One token of each generation was used first, at one moment.
        let firsts = "SELECT COUNT(*) FROM refresh_tokens WHERE used_at IS NOT NULL";
        assert_eq!(count(shared, firsts).await, 11);
    })
    .await;
}

#[tokio::test]
async fn a_server_that_was_paused_does_not_route_by_what_it_knew() {
    with_replicas(2, async |Replicas { servers, .. }| {
        let (one, two) = (&servers[0], &servers[1]);
        let workspace = one.create("web", web()).await;
        let id = workspace["id"].as_str().unwrap();
        let host = workspace["routes"][0]["host"].as_str().unwrap();
        // A new route is waited for only shortly.
        until_ok(two, host).await;

        two.signal("-STOP");
        let begun = Instant::now();
        let stopped = one.post(&format!("/workspaces/{id}/stop"), json!({})).await;
        assert_eq!(stopped["status"], "stopped", "{stopped:#}");
        let waited = begun.elapsed();
        println!("with another server paused, a stop takes {waited:?}");
        assert!(waited > Duration::from_secs(5), "the paused server might have routed by its old table");

        // Asked while it sleeps, it answers when it wakes up.
        let asked = async {
            let request = two.client.get(format!("http://127.0.0.1:{}/", two.port)).header("host", host);
            request.send().await.unwrap()
        };
        let woken = async {
            tokio::task::yield_now().await;
            two.signal("-CONT");
        };
        let (answer, ()) = tokio::join!(asked, woken);
        assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
        let why = answer.headers()["devsanctum-route"].to_str().unwrap();
        assert!(["routes_unknown", "stopped"].contains(&why), "{why}");

        // It catches up, and is waited for again.
        let started = one.post(&format!("/workspaces/{id}/start"), json!({})).await;
        assert_eq!(started["status"], "running");
        until_ok(two, host).await;
        one.destroy(&workspace).await;
        assert_eq!(two.visit(host).await.0, StatusCode::NOT_FOUND);
    })
    .await;
}
