use base64::{Engine, prelude::BASE64_STANDARD};
use devsanctum::{
    domain::{audit::AuditEntry, ssh_key::MOST},
    ports::repository::PageRequest,
};
use serde_json::{Value, json};

use crate::support::{
    client::{Answer, Person},
    in_process::TestServer,
};

const PATH: &str = "/api/v1/me/ssh-keys";
const LAPTOP: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAILM+rvN+ot98qgEN796jTiQfZfG1KaT0PtFDJ/XFSqti";

async fn add(person: &Person, name: &str, public_key: &str) -> Answer {
    person.post(PATH).json(&json!({ "name": name, "public_key": public_key })).send().await
}

async fn list(person: &Person) -> Vec<Value> {
    person.get(PATH).send().await.expect(200).json()["items"].as_array().unwrap().clone()
}

/// An Ed25519 key; any 32 bytes are one.
fn ed25519(seed: u8) -> String {
    let blob = [&[0, 0, 0, 11][..], b"ssh-ed25519", &[0, 0, 0, 32], &[seed; 32]].concat();
    format!("ssh-ed25519 {}", BASE64_STANDARD.encode(blob))
}

async fn audit(server: &TestServer, action: &str) -> Vec<AuditEntry> {
    let page = PageRequest { limit: 200, ..PageRequest::default() };
    let mut reader = server.app.store.read().await.unwrap();
    let entries = reader.audit().list(&Default::default(), &page).await.unwrap();
    entries.into_iter().filter(|entry| entry.action == action).collect()
}

#[tokio::test]
async fn keys_are_added_listed_and_removed() {
    let (server, ada) = TestServer::start().await;
    let made = add(&ada, " laptop ", &format!("{LAPTOP} ada@laptop\n")).await.expect(201).json();
    let expected = json!({
        "id": made["id"], "name": "laptop", "key_type": "ssh-ed25519", "public_key": LAPTOP,
        "fingerprint": "SHA256:UCUiLr7Pjs9wFFJMDByLgc3NrtdU344OgUM45wZPcIQ",
        "created_at": made["created_at"], "last_used_at": null,
    });
    assert_eq!(made, expected);
    let second = add(&ada, "desk", &ed25519(2)).await.expect(201).json();
    assert_eq!(list(&ada).await, [second, made.clone()]);

    let bob = server.person("bob", None).await;
    assert_eq!(list(&bob).await, [] as [Value; 0]);
    let path = format!("{PATH}/{}", made["id"].as_str().unwrap());
    bob.delete(&path).send().await.problem(404, "not_found");
    ada.delete(&path).send().await.expect(204);
    ada.delete(&path).send().await.problem(404, "not_found");
    assert_eq!(list(&ada).await.len(), 1);

    let added = &audit(&server, "ssh_key.add").await[1];
    assert_eq!(added.target_name.as_deref(), Some("laptop"));
    assert_eq!(added.detail["fingerprint"], made["fingerprint"]);
    assert_eq!(audit(&server, "ssh_key.remove").await.len(), 1);
    server.stop().await;
}

#[tokio::test]
async fn what_is_no_key_of_ours_is_refused() {
    let (server, ada) = TestServer::start().await;
    let private = "-----BEGIN OPENSSH PRIVATE KEY-----\nc2VjcmV0\n-----END OPENSSH PRIVATE KEY-----\n";
    for (text, code) in [
        (private, "private_key"),
        (&"a".repeat(9000), "too_long"),
        ("ssh-dss AAAAB3NzaC1kc3M=", "unsupported_key"),
        (&format!("no-pty {LAPTOP}"), "invalid"),
        (&format!("{LAPTOP}\n{}", ed25519(2)), "invalid"),
        ("", "invalid"),
        ("ssh-ed25519 AAAA", "invalid"),
        ("\u{0}", "invalid"),
    ] {
        let answer = add(&ada, "laptop", text).await;
        assert_eq!(answer.problem(422, "invalid"), ["public_key"], "{text}");
        assert_eq!(answer.json()["errors"][0]["code"], code, "{text}");
        assert!(!answer.text.contains("c2VjcmV0"), "a private key is not repeated");
    }
    assert_eq!(add(&ada, " ", "x").await.problem(422, "invalid"), ["name", "public_key"]);
    assert_eq!(add(&ada, &"x".repeat(81), LAPTOP).await.problem(422, "invalid"), ["name"]);
    assert_eq!(add(&ada, "a\u{7}b", LAPTOP).await.problem(422, "invalid"), ["name"]);
    for body in [json!({}), json!({ "name": "x" }), json!({ "name": 1, "public_key": LAPTOP })] {
        ada.post(PATH).json(&body).send().await.problem(422, "invalid");
    }
    assert_eq!(list(&ada).await, [] as [Value; 0]);
    assert!(audit(&server, "ssh_key.add").await.is_empty());
    server.stop().await;
}

#[tokio::test]
async fn a_key_is_on_one_account_and_nobody_learns_on_which() {
    let (server, ada) = TestServer::start().await;
    let bob = server.person("bob", None).await;
    let made = add(&ada, "laptop", LAPTOP).await.expect(201).json();
    let mut refused = Vec::new();
    for person in [&ada, &bob] {
        let answer = add(person, "again", &format!("{LAPTOP} under another comment")).await;
        answer.problem(409, "key_in_use");
        refused.push(answer.json()["detail"].clone());
    }
    assert_eq!(refused[0], refused[1]);
    assert_eq!(list(&bob).await, [] as [Value; 0]);
    ada.delete(&format!("{PATH}/{}", made["id"].as_str().unwrap())).send().await.expect(204);
    add(&bob, "laptop", LAPTOP).await.expect(201);
    server.stop().await;
}

#[tokio::test]
async fn there_are_only_so_many() {
    let (server, ada) = TestServer::start().await;
    let most = u8::try_from(MOST).unwrap();
    for seed in 0..most {
        add(&ada, &format!("key {seed}"), &ed25519(seed)).await.expect(201);
    }
    add(&ada, "one more", &ed25519(most)).await.problem(409, "too_many_keys");
    let last = list(&ada).await[0]["id"].clone();
    ada.delete(&format!("{PATH}/{}", last.as_str().unwrap())).send().await.expect(204);
    add(&ada, "one more", &ed25519(most)).await.expect(201);
    server.stop().await;
}

#[tokio::test]
async fn the_same_request_adds_one_key() {
    let (server, ada) = TestServer::start().await;
    let keyed =
        async |key: &str, body: &Value| ada.post(PATH).header("idempotency-key", key).json(body).send().await;
    let laptop = json!({ "name": "laptop", "public_key": LAPTOP });
    let first = keyed("k1", &laptop).await.expect(201).json();
    assert_eq!(keyed("k1", &laptop).await.expect(201).json(), first);
    let other = json!({ "name": "other", "public_key": LAPTOP });
    assert_eq!(keyed("k1", &other).await.problem(422, "invalid"), ["Idempotency-Key"]);
    keyed("k2", &laptop).await.problem(409, "key_in_use");
    assert_eq!(list(&ada).await, [first]);
    server.stop().await;
}

#[tokio::test]
async fn a_token_without_the_scope_for_it_adds_and_removes_none() {
    let (server, ada) = TestServer::start().await;
    let made = add(&ada, "laptop", LAPTOP).await.expect(201).json();
    let path = format!("{PATH}/{}", made["id"].as_str().unwrap());
    let token = async |scopes: &[&str]| {
        let body = json!({ "name": "ci", "scopes": scopes, "expires_at": null });
        let made = ada.post("/api/v1/me/tokens").json(&body).send().await.expect(201).json();
        ada.with_token(made["secret"].as_str().unwrap())
    };
    let narrow = token(&["workspaces", "templates", "orgs", "platform"]).await;
    assert_eq!(list(&narrow).await.len(), 1);
    add(&narrow, "x", &ed25519(1)).await.problem(403, "insufficient_scope");
    narrow.delete(&path).send().await.problem(403, "insufficient_scope");
    let account = token(&["account"]).await;
    add(&account, "x", &ed25519(1)).await.expect(201);
    account.delete(&path).send().await.expect(204);
    server.stop().await;
}
