use std::time::{Duration, Instant};

use devsanctum::http::{
    middleware::rate_limit::{Rate, Rates},
    state::Options,
};
use futures::{StreamExt, stream};
use serde_json::json;

use crate::support::{
    client::Answer,
    in_process::{PASSWORD, TestServer},
};

const WRONG: &str = "wrong horse battery";
/// Where the owner was before, and with what.
const HOME: &str = "198.51.100.1";
const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0";

/// A sign-in from there, and how long the answer took.
async fn sign_in(server: &TestServer, address: &str, login: &str, password: &str) -> (Answer, Duration) {
    let body = json!({ "login": login, "password": password });
    let call = server.anonymous().post("/api/v1/auth/login").header("x-forwarded-for", address);
    let began = Instant::now();
    let answer = call.header("user-agent", FIREFOX).json(&body).send().await;
    (answer, began.elapsed())
}

/// Somebody guesses from 300 addresses. How many guesses were looked at.
async fn attack(server: &TestServer, login: &str) -> usize {
    let addresses = (0..300).map(|at| format!("203.0.{}.{}", 113 + at / 250, at % 250));
    let guesses = addresses.map(async |address| sign_in(server, &address, login, WRONG).await.0);
    let answers: Vec<_> = stream::iter(guesses).buffer_unordered(20).collect().await;
    for answer in &answers {
        match answer.status.as_u16() {
            429 => answer.problem(429, "rate_limited"),
            _ => answer.problem(401, "wrong_credentials"),
        };
    }
    answers.iter().filter(|answer| answer.status == 401).count()
}

/// Behind a proxy, by which tests say where they come from. No try of an account comes back during a test.
async fn patient() -> TestServer {
    let trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
    let sign_in_by_account = Rate::new(20, Duration::from_secs(600));
    let rates = Rates { sign_in_by_account, ..Rates::default() };
    TestServer::with(Options { trusted_proxies, rates }).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_guesses_locks_themselves_out_and_not_the_owner() {
    let server = patient().await;
    server.set_up().await;
    let from =
        async |address: &str, login: &str, password: &str| sign_in(&server, address, login, password).await;
    from(HOME, "ada", PASSWORD).await.0.expect(200);
    from("198.51.100.2", "ada", PASSWORD).await.0.expect(200);
    for _ in 0..2 {
        from("198.51.100.9", "eve", WRONG).await.0.problem(401, "wrong_credentials");
    }
    // An account that is not there has as many tries as one that is.
    assert_eq!((attack(&server, "ada").await, attack(&server, "eve").await), (18, 18));

    // From elsewhere not even the right password opens it now; from where the owner was it does.
    from("192.0.2.1", "ada", PASSWORD).await.0.problem(429, "rate_limited");
    from(HOME, "Ada@example.org", PASSWORD).await.0.expect(200);
    from(HOME, "ada", PASSWORD).await.0.expect(200);
    // Whoever is wrong there learns no more than of an account that is not there.
    let mut told = Vec::new();
    for login in ["ada", "eve"] {
        let (answer, time) = from(HOME, login, WRONG).await;
        answer.problem(429, "rate_limited");
        assert!(time >= Duration::from_millis(150), "{login} was refused after {time:?}");
        let detail = answer.json()["detail"].as_str().unwrap().to_owned();
        told.push(detail.replace(|c: char| c.is_ascii_digit(), ""));
        let wait: u64 = answer.headers["retry-after"].to_str().unwrap().parse().unwrap();
        assert!((550..=601).contains(&wait), "{login}: {wait}");
    }
    assert_eq!(told[0], told[1]);
    // Guesses from there are few, too; another place of the owner's has its own.
    for _ in 0..6 {
        from(HOME, "ada", WRONG).await.0.problem(429, "rate_limited");
    }
    from(HOME, "ada", PASSWORD).await.0.problem(429, "rate_limited");
    from("198.51.100.2", "ada", PASSWORD).await.0.expect(200);
    server.stop().await;
}

/// Guesses at the door use up nothing of what somebody who is signed in has.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_is_signed_in_still_changes_their_password() {
    let server = patient().await;
    let ada = server.set_up().await;
    attack(&server, "ada").await;
    let change = async |current: &str| {
        let body = json!({ "current_password": current, "new_password": "another horse battery" });
        ada.post("/api/v1/me/password").json(&body).send().await
    };
    change(PASSWORD).await.expect(204);
    let mut tries = 1;
    while change(WRONG).await.status != 429 {
        tries += 1;
        assert!(tries < 50);
    }
    assert_eq!(tries, 20);
    server.stop().await;
}

#[tokio::test]
async fn whoever_guesses_is_slowed_down_by_address_and_by_account() {
    let trusted = vec!["127.0.0.0/8".parse().unwrap()];
    let server = TestServer::with(Options { trusted_proxies: trusted, ..Options::default() }).await;
    server.set_up().await;
    let anonymous = server.anonymous();
    let guess = async |login: &str, address: &str| {
        let body = json!({ "login": login, "password": "wrong horse battery" });
        anonymous.post("/api/v1/auth/login").header("x-forwarded-for", address).json(&body).send().await
    };
    // From one address, to many accounts.
    let mut refused = None;
    for at in 0..40 {
        let answer = guess(&format!("user{at}"), "198.51.100.7").await;
        if answer.status == 429 {
            refused = Some((at, answer));
            break;
        }
    }
    let (tries, answer) = refused.expect("it ends");
    assert!((25..=35).contains(&tries), "{tries}");
    answer.problem(429, "rate_limited");
    let wait: u64 = answer.headers["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=3).contains(&wait), "{wait}");
    guess("grace", "198.51.100.8").await.problem(401, "wrong_credentials");

    // To one account, from many addresses.
    let mut tries = 0;
    while guess("ada", &format!("203.0.113.{tries}")).await.status != 429 {
        tries += 1;
        assert!(tries < 100);
    }
    assert!((15..=25).contains(&tries), "{tries}");
    server.stop().await;
}

#[tokio::test]
async fn a_forwarded_address_of_anybody_is_not_believed() {
    let server = TestServer::with(Options::default()).await;
    server.set_up().await;
    let anonymous = server.anonymous();
    let mut last = 0;
    for at in 0..40 {
        let body = json!({ "login": format!("user{at}"), "password": "wrong horse battery" });
        let call = anonymous.post("/api/v1/auth/login").header("x-forwarded-for", &format!("203.0.113.{at}"));
        last = call.json(&body).send().await.status.as_u16();
    }
    assert_eq!(last, 429, "all of them came from one address");
    server.stop().await;
}
