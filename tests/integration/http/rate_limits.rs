use devsanctum::http::state::Options;
use serde_json::json;

use crate::support::in_process::TestServer;

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
