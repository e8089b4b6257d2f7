use futures::future::join_all;
use serde_json::json;

use crate::support::in_process::{PASSWORD, SETUP_TOKEN, TestServer};

fn body(username: &str, token: &str) -> serde_json::Value {
    json!({
        "setup_token": token, "email": format!("{username}@example.org"), "username": username, "password": PASSWORD,
    })
}

#[tokio::test]
async fn the_first_run_makes_one_admin_with_an_organization() {
    let server = TestServer::empty().await;
    let methods = async || server.anonymous().get("/api/v1/auth/methods").send().await.expect(200).json();
    assert_eq!(methods().await["setup_required"], true);

    let ada = server.set_up().await;
    assert_eq!(ada.user["username"], "ada");
    assert_eq!(ada.user["platform_admin"], true);
    assert_eq!(methods().await["setup_required"], false);

    let me = ada.get("/api/v1/me").send().await.expect(200).json();
    assert_eq!(me["organizations"][0]["slug"], "ada");
    assert_eq!(me["organizations"][0]["role"], "owner");
    let again = ada.post("/api/v1/auth/setup").json(&body("eve", SETUP_TOKEN)).send().await;
    again.problem(410, "setup_done");
    server.stop().await;
}

#[tokio::test]
async fn without_the_token_nothing_happens() {
    let server = TestServer::empty().await;
    for token in ["", "the-setup-toke", "the-setup-token "] {
        let answer = server.anonymous().post("/api/v1/auth/setup").json(&body("eve", token)).send().await;
        answer.problem(401, "wrong_setup_token");
    }
    assert!(devsanctum::app::auth::setup_required(&server.app).await.unwrap());
    server.stop().await;
}

#[tokio::test]
async fn of_many_who_race_one_wins() {
    let server = TestServer::empty().await;
    let anonymous = server.anonymous();
    let calls = (0..20)
        .map(|at| anonymous.post("/api/v1/auth/setup").json(&body(&format!("user{at}"), SETUP_TOKEN)).send());
    let answers = join_all(calls).await;
    let won = answers.iter().filter(|answer| answer.status == 201).count();
    assert_eq!(won, 1);
    for late in answers.iter().filter(|answer| answer.status != 201) {
        late.problem(410, "setup_done");
    }
    let orgs = server.app.store.read().await.unwrap().orgs().list().await.unwrap();
    assert_eq!(orgs.len(), 1, "the losers left nothing: {orgs:?}");
    server.stop().await;
}

#[tokio::test]
async fn everything_wrong_is_named() {
    let server = TestServer::empty().await;
    let setup = async |body| server.anonymous().post("/api/v1/auth/setup").json(&body).send().await;
    let names =
        json!({ "setup_token": SETUP_TOKEN, "email": "nobody", "username": "Ä!", "password": PASSWORD });
    assert_eq!(setup(names).await.problem(422, "invalid"), ["email", "username"]);
    let weak =
        json!({ "setup_token": SETUP_TOKEN, "email": "a@b.c", "username": "ada", "password": "password123" });
    assert_eq!(setup(weak).await.problem(422, "invalid"), ["password"]);
    let mass = json!({
        "setup_token": SETUP_TOKEN, "email": "a@b.c", "username": "ada", "password": PASSWORD, "platform_admin": true,
    });
    assert_eq!(setup(mass).await.problem(422, "invalid"), ["platform_admin"]);
    server.stop().await;
}
