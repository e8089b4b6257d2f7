//! A command line is let in from a browser.

use chrono::Duration;
use serde_json::{Value, json};

use crate::support::{client::Answer, in_process::TestServer};

async fn ask(server: &TestServer) -> Value {
    let body = json!({ "client_name": "devsanctum on laptop" });
    server.anonymous().post("/api/v1/auth/device").json(&body).send().await.expect(200).json()
}

async fn poll(server: &TestServer, asked: &Value) -> Answer {
    let body = json!({ "device_code": asked["device_code"] });
    server.anonymous().post("/api/v1/auth/device/token").json(&body).send().await
}

fn page(asked: &Value) -> String {
    format!("/api/v1/auth/device/{}", asked["user_code"].as_str().unwrap())
}

#[tokio::test]
async fn a_client_that_is_approved_gets_a_token_once() {
    let (server, ada) = TestServer::start().await;
    let asked = ask(&server).await;
    let uri = asked["verification_uri_complete"].as_str().unwrap();
    assert_eq!(
        uri,
        format!(
            "{}/device?user_code={}",
            server.app.settings.access_url,
            asked["user_code"].as_str().unwrap()
        )
    );
    poll(&server, &asked).await.problem(400, "authorization_pending");
    poll(&server, &asked).await.problem(400, "slow_down");

    let typed = page(&asked).to_lowercase().replace('-', "");
    let question = ada.get(&typed).send().await.expect(200).json();
    assert_eq!(question["client_name"], "devsanctum on laptop");
    ada.post(&page(&asked)).json(&json!({ "approve": true })).send().await.expect(204);
    ada.post(&page(&asked)).json(&json!({ "approve": false })).send().await.problem(404, "not_found");

    server.clock.advance(Duration::seconds(5));
    let token = poll(&server, &asked).await.expect(200).json();
    assert_eq!(token["user"]["username"], "ada");
    let secret = token["access_token"].as_str().unwrap();
    assert!(secret.starts_with("dvs_"), "scanners find it");
    let cli = server.anonymous().with_token(secret);
    assert_eq!(cli.get("/api/v1/me").send().await.expect(200).json()["username"], "ada");
    let tokens = ada.get("/api/v1/me/tokens").send().await.json();
    assert_eq!(tokens["items"][0]["name"], "devsanctum on laptop");

    server.clock.advance(Duration::seconds(5));
    poll(&server, &asked).await.problem(400, "expired_token");
    // What was let in lets nobody else in.
    let second = ask(&server).await;
    cli.post(&page(&second)).json(&json!({ "approve": true })).send().await.problem(403, "forbidden");
    server.stop().await;
}

#[tokio::test]
async fn a_client_that_is_refused_or_late_gets_nothing() {
    let (server, ada) = TestServer::start().await;
    let refused = ask(&server).await;
    server.anonymous().get(&page(&refused)).send().await.problem(401, "unauthenticated");
    ada.post(&page(&refused)).json(&json!({ "approve": false })).send().await.expect(204);
    poll(&server, &refused).await.problem(400, "access_denied");

    let late = ask(&server).await;
    ada.post(&page(&late)).json(&json!({ "approve": true })).send().await.expect(204);
    server.clock.advance(Duration::minutes(10));
    poll(&server, &late).await.problem(400, "expired_token");
    let unseen = ask(&server).await;
    server.clock.advance(Duration::minutes(10));
    let ada = server.anonymous().signed_in(ada.refresh(&ada.cookie).await.expect(200));
    ada.get(&page(&unseen)).send().await.problem(404, "not_found");
    ada.get("/api/v1/auth/device/NOCODE").send().await.problem(404, "not_found");
    poll(&server, &json!({ "device_code": "made up" })).await.problem(400, "expired_token");
    server.stop().await;
}
