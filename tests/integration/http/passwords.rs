use chrono::Duration;
use devsanctum::testing::mailer::token_in;
use serde_json::{Value, json};

use crate::support::{
    client::Answer,
    in_process::{PASSWORD, TestServer},
};

const NEW: &str = "another horse battery";

async fn post(server: &TestServer, path: &str, body: Value) -> Answer {
    server.anonymous().post(path).json(&body).send().await
}

async fn forgot(server: &TestServer, email: &str) -> Answer {
    post(server, "/api/v1/auth/password/forgot", json!({ "email": email })).await
}

async fn reset(server: &TestServer, token: &str, password: &str) -> Answer {
    post(server, "/api/v1/auth/password/reset", json!({ "token": token, "password": password })).await
}

async fn login(server: &TestServer, login: &str, password: &str) -> Answer {
    post(server, "/api/v1/auth/login", json!({ "login": login, "password": password })).await
}

#[tokio::test]
async fn whoever_forgot_a_password_chooses_a_new_one() {
    let (server, ada) = TestServer::start().await;
    forgot(&server, " ADA@example.org ").await.expect(202);
    let mail = server.mails.take("ada@example.org", "new password").await;
    let url = format!("http://localhost:{}/reset-password#token=", server.address.port());
    assert!(mail.text.contains(&url) && mail.html.contains(&url), "{}", mail.text);
    let token = token_in(&mail);

    assert_eq!(reset(&server, &token, "short").await.problem(422, "invalid"), ["password"]);
    assert_eq!(reset(&server, &token, "ada1234567890").await.problem(422, "invalid"), ["password"]);
    reset(&server, &token, NEW).await.expect(204);
    assert_eq!(reset(&server, &token, NEW).await.problem(422, "invalid"), ["token"], "good for one use");
    ada.get("/api/v1/me").send().await.problem(401, "session_ended");
    ada.refresh(&ada.cookie).await.problem(401, "session_ended");
    login(&server, "ada", PASSWORD).await.problem(401, "wrong_credentials");
    login(&server, "ada", NEW).await.expect(200);
    server.mails.take("ada@example.org", "password was changed").await;
    server.stop().await;
}

#[tokio::test]
async fn a_link_is_good_for_an_hour_and_only_the_newest_is() {
    let (server, _) = TestServer::start().await;
    let token = async || {
        forgot(&server, "ada@example.org").await.expect(202);
        token_in(&server.mails.take("ada@example.org", "new password").await)
    };
    let (old, new) = (token().await, token().await);
    let refused = reset(&server, &old, NEW).await;
    assert_eq!(refused.problem(422, "invalid"), ["token"]);
    assert_eq!(refused.json()["errors"][0]["code"], "invalid_token");
    server.clock.advance(Duration::hours(1));
    assert_eq!(reset(&server, &new, NEW).await.problem(422, "invalid"), ["token"]);
    let fresh = token().await;
    server.clock.advance(Duration::minutes(59));
    reset(&server, &fresh, NEW).await.expect(204);
    for wrong in ["", "x", &"0".repeat(64)] {
        assert_eq!(reset(&server, wrong, NEW).await.problem(422, "invalid"), ["token"], "{wrong}");
    }
    server.stop().await;
}

#[tokio::test]
async fn an_unknown_address_answers_like_a_known_one() {
    let (server, _) = TestServer::start().await;
    let told = async |email: &str| {
        let answer = forgot(&server, email).await.expect(202);
        let mut headers: Vec<_> = answer.headers.keys().map(ToString::to_string).collect();
        headers.sort();
        (answer.text, headers)
    };
    assert_eq!(told("nobody@example.org").await, told("ada@example.org").await);
    server.mails.take("ada@example.org", "new password").await;
    assert!(server.mails.sent().is_empty(), "nothing goes to somebody who has no account");
    assert_eq!(forgot(&server, "not an address").await.problem(422, "invalid"), ["email"]);
    server.stop().await;
}

#[tokio::test]
async fn the_token_is_kept_as_a_hash_only() {
    let (server, ada) = TestServer::start().await;
    forgot(&server, "ada@example.org").await.expect(202);
    let token = token_in(&server.mails.take("ada@example.org", "new password").await);
    let user = ada.user["id"].as_str().unwrap().parse().unwrap();
    let mut work = server.app.store.read().await.unwrap();
    let kept = work
        .account_tokens()
        .find_of(user, devsanctum::domain::account::Purpose::ResetPassword)
        .await
        .unwrap()
        .unwrap();
    assert_ne!(kept.hash.as_slice(), hex::decode(&token).unwrap());
    assert_eq!(token.len(), 64, "32 bytes");
    drop(work);
    server.stop().await;
}

#[tokio::test]
async fn of_two_who_use_a_link_at_once_one_does() {
    let (server, _) = TestServer::start().await;
    forgot(&server, "ada@example.org").await.expect(202);
    let token = token_in(&server.mails.take("ada@example.org", "new password").await);
    let tries = (0..8).map(|at| {
        let (token, server) = (token.clone(), &server);
        async move { reset(server, &token, &format!("{NEW} {at}")).await.status.as_u16() }
    });
    let answers = futures::future::join_all(tries).await;
    assert_eq!(answers.iter().filter(|status| **status == 204).count(), 1, "{answers:?}");
    server.stop().await;
}

#[tokio::test]
async fn an_address_changes_when_its_link_is_opened() {
    let (server, ada) = TestServer::start().await;
    server.person("bob", None).await;
    let change = async |email: &str, password: &str| {
        let body = json!({ "email": email, "password": password });
        ada.post("/api/v1/me/email").json(&body).send().await
    };
    let confirm =
        async |token: &str| post(&server, "/api/v1/auth/email/confirm", json!({ "token": token })).await;
    assert_eq!(change("new@example.org", "wrong").await.problem(422, "invalid"), ["password"]);
    assert_eq!(change("ada@example.org", PASSWORD).await.problem(422, "invalid"), ["email"]);
    change("New@Example.org", PASSWORD).await.expect(202);
    let mail = server.mails.take("new@example.org", "Confirm").await;
    let notice = server.mails.take("ada@example.org", "about to change").await;
    assert!(notice.text.contains("new@example.org") && !notice.text.contains("#token="), "{}", notice.text);
    let me = async || ada.get("/api/v1/me").send().await.expect(200).json();
    assert_eq!(
        (&me().await["email"], &me().await["pending_email"]),
        (&json!("ada@example.org"), &json!("new@example.org"))
    );

    // A link to reset the password that went to the old address dies with it.
    forgot(&server, "ada@example.org").await.expect(202);
    let old = token_in(&server.mails.take("ada@example.org", "new password").await);
    let token = token_in(&mail);
    assert_eq!(reset(&server, &token, NEW).await.problem(422, "invalid"), ["token"], "for another purpose");
    confirm(&token).await.expect(204);
    assert_eq!(confirm(&token).await.problem(422, "invalid"), ["token"]);
    assert_eq!(
        (&me().await["email"], &me().await["pending_email"]),
        (&json!("new@example.org"), &Value::Null)
    );
    assert_eq!(reset(&server, &old, NEW).await.problem(422, "invalid"), ["token"]);
    login(&server, "new@example.org", PASSWORD).await.expect(200);

    // Somebody else's address answers alike, and nothing is mailed there.
    change("bob@example.org", PASSWORD).await.expect(202);
    server.mails.take("new@example.org", "about to change").await;
    assert!(server.mails.sent().iter().all(|mail| !mail.subject.contains("Confirm")));
    server.stop().await;
}
