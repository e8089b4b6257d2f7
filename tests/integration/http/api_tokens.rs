use chrono::Duration;
use devsanctum::{domain::audit::Via, ports::clock::Clock, ports::repository::PageRequest};
use futures::StreamExt;
use serde_json::{Value, json};

use crate::support::{
    client::{Answer, Person},
    in_process::{PASSWORD, TestServer},
};

async fn create(person: &Person, body: Value) -> Answer {
    person.post("/api/v1/me/tokens").json(&body).send().await
}

/// A program with a token of these scopes.
async fn program(person: &Person, scopes: &[&str]) -> (Person, String) {
    let body = json!({ "name": "ci", "scopes": scopes, "expires_at": null });
    let made = create(person, body).await.expect(201).json();
    let secret = made["secret"].as_str().unwrap();
    assert!(secret.starts_with("dvs_") && secret.len() == 47, "{secret}");
    assert!(secret.starts_with(made["prefix"].as_str().unwrap()));
    (person.with_token(secret), made["id"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn a_token_opens_what_its_scopes_let_it() {
    let (server, ada) = TestServer::start().await;
    let org = |slug: &str| json!({ "slug": slug, "name": slug });
    let (reader, _) = program(&ada, &["read"]).await;
    assert_eq!(reader.get("/api/v1/me").send().await.expect(200).json()["username"], "ada");
    reader.get("/api/v1/orgs").send().await.expect(200);
    reader.get("/api/v1/me/tokens").send().await.expect(200);
    reader.post("/api/v1/orgs").json(&org("one")).send().await.problem(403, "insufficient_scope");
    reader.post("/api/v1/catalog/sync").send().await.problem(403, "insufficient_scope");

    let (orgs, _) = program(&ada, &["orgs"]).await;
    orgs.post("/api/v1/orgs").json(&org("two")).send().await.expect(201);
    orgs.post("/api/v1/catalog/sync").send().await.problem(403, "insufficient_scope");
    let (platform, _) = program(&ada, &["platform"]).await;
    platform.post("/api/v1/catalog/sync").send().await.expect(200);

    // What its owner may not, it may not either.
    let bob = server.person("bob", None).await;
    let (program, _) =
        program(&bob, &["read", "workspaces", "templates", "orgs", "account", "platform"]).await;
    program.post("/api/v1/catalog/sync").send().await.problem(403, "forbidden");
    program.get("/api/v1/orgs/ada").send().await.problem(404, "not_found");
    server.stop().await;
}

#[tokio::test]
async fn without_the_scope_for_it_the_account_is_out_of_reach() {
    let (server, ada) = TestServer::start().await;
    let (other, id) = program(&ada, &["read", "workspaces", "templates", "orgs", "platform"]).await;
    let session = ada.get("/api/v1/me/sessions").send().await.json()["items"][0]["id"].clone();
    let session = format!("/api/v1/me/sessions/{}", session.as_str().unwrap());
    let both = json!({ "password": PASSWORD, "code": "123456" });
    for call in [
        other.post("/api/v1/me/tokens").json(&json!({ "name": "x", "scopes": ["read"], "expires_at": null })),
        other.delete(&format!("/api/v1/me/tokens/{id}")),
        other.post("/api/v1/me/totp").json(&json!({ "password": PASSWORD })),
        other.post("/api/v1/me/totp/confirm").json(&json!({ "code": "123456" })),
        other.delete("/api/v1/me/totp").json(&both),
        other.post("/api/v1/me/totp/recovery-codes").json(&both),
        other.post("/api/v1/me/email").json(&json!({ "email": "x@example.org", "password": PASSWORD })),
        other
            .post("/api/v1/me/password")
            .json(&json!({ "current_password": PASSWORD, "new_password": "another horse battery" })),
        other.patch("/api/v1/me").json(&json!({ "display_name": "x" })),
        other.delete("/api/v1/me/sessions"),
        other.delete(&session),
    ] {
        call.send().await.problem(403, "insufficient_scope");
    }
    ada.get("/api/v1/me").send().await.expect(200);

    let (account, _) = program(&ada, &["account"]).await;
    account.patch("/api/v1/me").json(&json!({ "display_name": "Ada" })).send().await.expect(200);
    // It makes none that may do more than itself.
    let body = |scopes: Value| json!({ "name": "x", "scopes": scopes, "expires_at": null });
    assert_eq!(create(&account, body(json!(["platform"]))).await.problem(422, "invalid"), ["scopes"]);
    create(&account, body(json!(["account", "read"]))).await.expect(201);
    server.stop().await;
}

#[tokio::test]
async fn a_token_is_shown_once_and_kept_as_a_hash() {
    let (server, ada) = TestServer::start().await;
    let (program, id) = program(&ada, &["read"]).await;
    let listed = ada.get("/api/v1/me/tokens").send().await.expect(200);
    assert!(!listed.text.contains(&program.token), "{}", listed.text);
    let item = &listed.json()["items"][0];
    assert_eq!((&item["id"], &item["last_used_at"]), (&json!(id), &Value::Null));
    program.get("/api/v1/me").send().await.expect(200);
    let used = async || ada.get("/api/v1/me/tokens").send().await.json()["items"][0]["last_used_at"].clone();
    let first = used().await;
    assert!(first.is_string());
    server.clock.advance(Duration::seconds(30));
    program.get("/api/v1/me").send().await.expect(200);
    assert_eq!(used().await, first, "at most once a minute");
    server.clock.advance(Duration::seconds(40));
    program.get("/api/v1/me").send().await.expect(200);
    assert_ne!(used().await, first);

    let bob = server.person("bob", None).await;
    bob.delete(&format!("/api/v1/me/tokens/{id}")).send().await.problem(404, "not_found");
    ada.delete(&format!("/api/v1/me/tokens/{id}")).send().await.expect(204);
    program.get("/api/v1/me").send().await.problem(401, "invalid_token");
    server.stop().await;
}

#[tokio::test]
async fn a_token_expires() {
    let (server, ada) = TestServer::start().await;
    let at = |hours| (server.clock.now() + Duration::hours(hours)).to_rfc3339();
    let body = |expires: String| json!({ "name": "x", "scopes": ["read"], "expires_at": expires });
    assert_eq!(create(&ada, body(at(-1))).await.problem(422, "invalid"), ["expires_at"]);
    let made = create(&ada, body(at(1))).await.expect(201).json();
    let program = ada.with_token(made["secret"].as_str().unwrap());
    server.clock.advance(Duration::minutes(60) - Duration::seconds(1));
    program.get("/api/v1/me").send().await.expect(200);
    server.clock.advance(Duration::seconds(1));
    program.get("/api/v1/me").send().await.problem(401, "invalid_token");
    for wrong in ["dvs_", "dvs_x", &format!("dvs_{}", "A".repeat(43)), &format!("{}x", program.token)] {
        ada.with_token(wrong).get("/api/v1/me").send().await.problem(401, "invalid_token");
    }
    let ada = server.sign_in("ada").await;
    for (body, field) in [
        (json!({ "name": "", "scopes": ["read"], "expires_at": null }), "name"),
        (json!({ "name": "x", "scopes": [], "expires_at": null }), "scopes"),
        (json!({ "name": "x", "scopes": ["admin"], "expires_at": null }), "scopes"),
    ] {
        assert_eq!(create(&ada, body).await.problem(422, "invalid"), [field]);
    }
    server.stop().await;
}

#[tokio::test]
async fn a_stream_ends_soon_after_its_token_was_revoked() {
    let (server, ada) = TestServer::start().await;
    let (program, id) = program(&ada, &["read"]).await;
    let stream = program.get("/api/v1/events").open().await;
    assert_eq!(stream.status(), 200);
    let mut body = stream.bytes_stream();
    ada.delete(&format!("/api/v1/me/tokens/{id}")).send().await.expect(204);
    let ended = async { while body.next().await.is_some_and(|chunk| chunk.is_ok()) {} };
    tokio::time::timeout(std::time::Duration::from_secs(5), ended).await.expect("it ends within 5 s");
    server.stop().await;
}

#[tokio::test]
async fn the_audit_log_says_that_a_token_did_it() {
    let (server, ada) = TestServer::start().await;
    let (program, _) = program(&ada, &["account"]).await;
    program.patch("/api/v1/me").json(&json!({ "display_name": "Ada" })).send().await.expect(200);
    let page = PageRequest { limit: 50, ..PageRequest::default() };
    let entries =
        server.app.store.read().await.unwrap().audit().list(&Default::default(), &page).await.unwrap();
    let via = |action: &str| entries.iter().find(|entry| entry.action == action).unwrap().via;
    assert_eq!((via("token.create"), via("user.rename")), (Via::Session, Via::Token));
    server.stop().await;
}
