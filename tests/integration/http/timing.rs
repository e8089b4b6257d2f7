//! Whether the time of an answer tells that an account exists. A sample runs with the other tests; the full measurement is
//! `DEVSANCTUM_TEST_TIMING=2000 cargo test --test integration -- http::timing --nocapture` on a machine that does
//! nothing else. The hasher is the cheap one: the real one would only hide a difference.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::in_process::TestServer;

#[expect(clippy::disallowed_methods, reason = "whoever measures chooses how often by the environment")]
fn tries() -> usize {
    std::env::var("DEVSANCTUM_TEST_TIMING").ok().and_then(|text| text.parse().ok()).unwrap_or(60)
}

/// How likely one of the first takes longer than one of the second: 0.5 when they cannot be told apart (Mann and
/// Whitney's U, over the number of pairs).
fn longer(first: &[Duration], second: &[Duration]) -> f64 {
    let mut all: Vec<_> = first.iter().map(|time| (*time, true)).collect();
    all.extend(second.iter().map(|time| (*time, false)));
    all.sort_unstable();
    let mut ranks = 0.0;
    for (at, (_, is_first)) in all.iter().enumerate() {
        if *is_first {
            ranks += (at + 1) as f64;
        }
    }
    let (n, m) = (first.len() as f64, second.len() as f64);
    (ranks - n * (n + 1.0) / 2.0) / (n * m)
}

fn median(times: &[Duration]) -> Duration {
    let mut sorted = times.to_vec();
    sorted.sort_unstable();
    sorted[sorted.len() / 2]
}

/// Two requests in turn, each once to get warm.
async fn measure(server: &TestServer, path: &str, known: Value, unknown: Value) {
    let tries = tries();
    let anonymous = server.anonymous();
    let once = async |body: &Value| {
        let began = Instant::now();
        anonymous.post(path).json(body).send().await;
        began.elapsed()
    };
    let (mut to_known, mut to_unknown) = (Vec::new(), Vec::new());
    for at in 0..tries + 10 {
        // Which comes first changes, so that whatever one leaves behind for the next falls on both.
        let (a, b) = if at % 2 == 0 {
            let a = once(&known).await;
            (a, once(&unknown).await)
        } else {
            let b = once(&unknown).await;
            (once(&known).await, b)
        };
        if at >= 10 {
            to_known.push(a);
            to_unknown.push(b);
        }
    }
    let auc = longer(&to_known, &to_unknown);
    let (known, unknown) = (median(&to_known), median(&to_unknown));
    println!(
        "{path}: {tries} tries, known {known:?}, unknown {unknown:?}, known longer in {auc:.4} of pairs"
    );
    // Five standard deviations of two samples from one distribution, and what no attacker makes use of over a network.
    let n = tries as f64;
    let chance = 5.0 * ((2.0 * n + 1.0) / (12.0 * n * n)).sqrt();
    assert!((auc - 0.5).abs() < chance + 0.05, "known and unknown differ: {auc:.4} ± {chance:.4}");
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_in_takes_as_long_for_an_unknown_account() {
    let (server, _) = TestServer::start().await;
    let body = |login: &str| json!({ "login": login, "password": "wrong horse battery" });
    measure(&server, "/api/v1/auth/login", body("ada"), body("eve")).await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn asking_for_a_new_password_takes_as_long_for_an_unknown_address() {
    let (server, _) = TestServer::start().await;
    let body = |email: &str| json!({ "email": email });
    measure(&server, "/api/v1/auth/password/forgot", body("ada@example.org"), body("eve@example.org")).await;
    server.stop().await;
}

#[test]
fn the_measure_tells_a_difference() {
    let times = |from: u64| (0..200).map(|at| Duration::from_micros(from + at)).collect::<Vec<_>>();
    assert!((longer(&times(0), &times(0)) - 0.5).abs() < 0.01);
    assert!(longer(&times(100), &times(0)) > 0.8);
    assert!(longer(&times(0), &times(100)) < 0.2);
}
