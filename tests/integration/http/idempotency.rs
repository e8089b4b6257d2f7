//! A creating call that is sent again makes nothing twice, and a secret that was shown is not shown again.

use chrono::Duration;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::support::{
    client::{Answer, Person},
    in_process::{PASSWORD, TestServer},
};

async fn create(person: &Person, path: &str, key: &str, body: &Value) -> Answer {
    person.post(path).header("idempotency-key", key).json(body).send().await
}

async fn count(person: &Person, path: &str) -> usize {
    person.get(path).send().await.expect(200).json()["items"].as_array().unwrap().len()
}

/// Another body under the same key is refused, and the same body under another key is another request.
async fn other_body_is_refused(person: &Person, path: &str, key: &str, body: &Value) {
    let answer = create(person, path, key, body).await;
    assert_eq!(answer.problem(422, "invalid"), ["Idempotency-Key"], "{path}");
    assert_eq!(answer.json()["errors"][0]["code"], "key_reused");
}

#[tokio::test]
async fn a_user_is_made_once() {
    let (server, ada) = TestServer::start().await;
    let path = "/api/v1/users";
    let grace = json!({ "email": "grace@example.org", "username": "grace", "password": PASSWORD });
    let first = create(&ada, path, "k1", &grace).await.expect(201).json();
    assert_eq!(create(&ada, path, "k1", &grace).await.expect(201).json(), first);
    let mut other = grace.clone();
    other["password"] = "another horse battery".into();
    other_body_is_refused(&ada, path, "k1", &other).await;
    create(&ada, path, "k2", &grace).await.problem(409, "taken");

    let bob = json!({ "email": "bob@example.org", "username": "bob" });
    let first = create(&ada, path, "k3", &bob).await.expect(201).json();
    let link = first["reset_url"].as_str().unwrap();
    let again = create(&ada, path, "k3", &bob).await.expect(201);
    assert_eq!((&again.json()["id"], &again.json()["reset_url"]), (&first["id"], &Value::Null));
    // The link that was shown is still good.
    let token = link.split_once("#token=").unwrap().1;
    let reset = json!({ "token": token, "password": PASSWORD });
    server.anonymous().post("/api/v1/auth/password/reset").json(&reset).send().await.expect(204);
    assert_eq!(count(&ada, path).await, 3);
    let gone = format!("{path}/{}", first["id"].as_str().unwrap());
    ada.delete(&gone).send().await.expect(204);
    create(&ada, path, "k3", &bob).await.problem(404, "not_found");
    server.stop().await;
}

/// Whoever has the database must not be able to try passwords faster than the password's own hash lets them.
#[tokio::test]
async fn no_fast_digest_of_a_password_is_kept() {
    let (server, ada) = TestServer::start().await;
    let body = json!({ "email": "grace@example.org", "username": "grace", "password": PASSWORD });
    create(&ada, "/api/v1/users", "k1", &body).await.expect(201);
    let user = ada.user["id"].as_str().unwrap().parse().unwrap();
    let mut reader = server.app.store.read().await.unwrap();
    let kept = reader.idempotency().find(user, "k1").await.unwrap().unwrap().request_hash;
    let digest = |path: &str| -> [u8; 32] {
        let mut digest = Sha256::new();
        digest.update(format!("POST {path}\n"));
        digest.update(serde_json::to_vec(&body).unwrap());
        digest.finalize().into()
    };
    let fast = ["/api/v1/users", "/users"].map(digest);
    assert!(!fast.contains(&kept));
    let keyed = fast.map(|fast| server.app.sealer.digest("idempotency_keys.request_hash", &fast));
    assert!(keyed.contains(&kept), "and this test knows what would have been kept");
    server.stop().await;
}

#[tokio::test]
async fn an_invitation_is_made_once_and_its_link_shown_once() {
    let (server, ada) = TestServer::start().await;
    let path = "/api/v1/orgs/ada/invitations";
    let body = json!({ "email": "grace@example.org", "role": "viewer" });
    let first = create(&ada, path, "k1", &body).await.expect(201).json();
    let again = create(&ada, path, "k1", &body).await.expect(201).json();
    assert_eq!((&again["id"], &again["accept_url"]), (&first["id"], &Value::Null));
    assert_eq!((&again["mailed"], &again["invited_by"]), (&first["mailed"], &first["invited_by"]));
    other_body_is_refused(&ada, path, "k1", &json!({ "email": "grace@example.org", "role": "admin" })).await;
    // The link that was shown is still good; inviting again on purpose replaces it.
    let token = first["accept_url"].as_str().unwrap().split_once("#token=").unwrap().1;
    let show = json!({ "token": token });
    server.anonymous().post("/api/v1/invitations/show").json(&show).send().await.expect(200);
    let other = create(&ada, path, "k2", &body).await.expect(201).json();
    assert_ne!(other["id"], first["id"]);
    assert_eq!(count(&ada, path).await, 1);
    create(&ada, path, "k1", &body).await.problem(404, "not_found");
    // Whoever may not invite any more learns nothing by repeating.
    let stranger = server.person("stranger", None).await;
    create(&stranger, path, "k1", &body).await.problem(404, "not_found");
    server.stop().await;
}

#[tokio::test]
async fn a_token_is_made_once_and_its_secret_shown_once() {
    let (server, ada) = TestServer::start().await;
    let path = "/api/v1/me/tokens";
    let body = json!({ "name": "ci", "scopes": ["read"], "expires_at": null });
    let first = create(&ada, path, "k1", &body).await.expect(201).json();
    let again = create(&ada, path, "k1", &body).await;
    again.problem(409, "secret_shown_before");
    let detail = again.json()["detail"].as_str().unwrap().to_owned();
    assert!(detail.contains(first["id"].as_str().unwrap()) && detail.contains("new key"), "{detail}");
    assert!(!again.text.contains(first["secret"].as_str().unwrap()));
    other_body_is_refused(&ada, path, "k1", &json!({ "name": "cd", "scopes": ["read"], "expires_at": null }))
        .await;
    assert_eq!(count(&ada, path).await, 1);
    create(&ada, path, "k2", &body).await.expect(201);
    // Keys of one person say nothing to another, and are forgotten after a day.
    let bob = server.person("bob", None).await;
    create(&bob, path, "k1", &body).await.expect(201);
    server.clock.advance(Duration::hours(24));
    let ada = server.sign_in("ada").await;
    create(&ada, path, "k1", &body).await.expect(201);
    assert_eq!(count(&ada, path).await, 3);
    server.stop().await;
}

#[tokio::test]
async fn a_route_is_made_once() {
    let (server, ada) = TestServer::start().await;
    let component = json!({ "name": "web", "type": "frontend", "port": 80 });
    let manifest = json!({ "appName": "Shop", "components": [component] });
    let template = json!({ "name": "shop", "source": { "kind": "manifest", "manifest": manifest } });
    ada.post("/api/v1/orgs/ada/templates").json(&template).send().await.expect(201);
    let body = json!({ "name": "first", "template": "shop", "start": false });
    let made = ada.post("/api/v1/orgs/ada/workspaces").json(&body).send().await.expect(202).json();
    let path = format!("/api/v1/workspaces/{}/routes", made["id"].as_str().unwrap());
    let before = count(&ada, &path).await;
    let route = json!({ "app": "admin", "component": "web", "port": 8080 });
    let first = create(&ada, &path, "k1", &route).await.expect(201).json();
    assert_eq!(create(&ada, &path, "k1", &route).await.expect(201).json(), first);
    other_body_is_refused(&ada, &path, "k1", &json!({ "app": "admin", "component": "web", "port": 8081 }))
        .await;
    create(&ada, &path, "k2", &route).await.problem(409, "taken");
    assert_eq!(count(&ada, &path).await, before + 1);
    let gone = format!("{path}/{}", first["id"].as_str().unwrap());
    ada.delete(&gone).send().await.expect(204);
    create(&ada, &path, "k1", &route).await.problem(404, "not_found");
    server.stop().await;
}
