//! Members, invitations, accounts, and how fast a change of rights is felt.

use std::time::Duration;

use devsanctum::{domain::role::Role, testing::mailer::token_in};
use futures::StreamExt;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::time::{Instant, timeout};
use uuid::Uuid;

use crate::support::{
    client::{Answer, Person},
    in_process::{PASSWORD, TestServer},
};

/// What the security model promises.
const SOON: Duration = Duration::from_secs(5);

async fn org(ada: &Person) -> Uuid {
    let org = ada.get("/api/v1/orgs/ada").send().await.expect(200).json();
    org["id"].as_str().unwrap().parse().unwrap()
}

fn id(person: &Person) -> &str {
    person.user["id"].as_str().unwrap()
}

async fn invite(person: &Person, email: &str, role: &str) -> Answer {
    let body = json!({ "email": email, "role": role });
    person.post("/api/v1/orgs/ada/invitations").json(&body).send().await
}

fn token(invited: &Answer) -> String {
    let link = invited.json()["accept_url"].as_str().unwrap().to_owned();
    link.split_once("/invitations#token=").unwrap().1.to_owned()
}

async fn register(server: &TestServer, body: Value) -> Answer {
    server.anonymous().post("/api/v1/auth/register").json(&body).send().await
}

#[tokio::test]
async fn an_invitation_makes_an_account_and_a_member_once() {
    let (server, ada) = TestServer::start().await;
    let invited = invite(&ada, "Grace@Example.org", "developer").await.expect(201);
    let made = invited.json();
    assert_eq!(made["email"], "grace@example.org");
    assert_eq!(made["mailed"], true);
    assert_eq!(made["invited_by"]["username"], "ada");
    let mail = server.mails.take("grace@example.org", "Join").await;
    let token = token(&invited);
    assert_eq!(token_in(&mail), token, "the mail has the same link");
    let listed = ada.get("/api/v1/orgs/ada/invitations").send().await.expect(200).json();
    assert_eq!(listed["items"][0]["id"], made["id"]);
    assert!(!listed.to_string().contains(&token), "it is shown once");

    let show = async || {
        server.anonymous().post("/api/v1/invitations/show").json(&json!({ "token": token })).send().await
    };
    let shown = show().await.expect(200).json();
    assert_eq!((&shown["org"]["slug"], &shown["account_exists"]), (&json!("ada"), &json!(false)));

    let body = json!({ "invitation_token": token, "username": "grace", "password": PASSWORD });
    let other = json!({ "invitation_token": token, "username": "eve", "password": PASSWORD, "email": "eve@example.org" });
    assert_eq!(register(&server, other).await.problem(422, "invalid"), ["email"]);
    let grace = register(&server, body.clone()).await.expect(201);
    let grace = server.anonymous().signed_in(grace);
    let me = grace.get("/api/v1/me").send().await.expect(200).json();
    assert_eq!(
        (&me["email"], &me["organizations"][0]["role"]),
        (&json!("grace@example.org"), &json!("developer"))
    );
    assert_eq!(show().await.problem(422, "invalid"), ["token"]);
    assert_eq!(register(&server, body).await.problem(422, "invalid"), ["token"]);
    let left = ada.get("/api/v1/orgs/ada/invitations").send().await.expect(200).json();
    assert_eq!(left["items"], json!([]));
    server.stop().await;
}

#[tokio::test]
async fn an_invitation_is_for_one_address_and_good_for_a_week() {
    let (server, ada) = TestServer::start().await;
    let (grace, eve) = (server.person("grace", None).await, server.person("eve", None).await);
    let accept = async |person: &Person, token: &str| {
        person.post("/api/v1/invitations/accept").json(&json!({ "token": token })).send().await
    };
    // Whether the address has an account cannot be told from the answer.
    let known = invite(&ada, "grace@example.org", "viewer").await.expect(201);
    let unknown = invite(&ada, "nobody@example.org", "viewer").await.expect(201);
    let shape = |answer: &Answer| answer.json().as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(shape(&known), shape(&unknown));

    accept(&eve, &token(&known)).await.problem(403, "wrong_address");
    let again = invite(&ada, "grace@example.org", "admin").await.expect(201);
    assert_eq!(accept(&grace, &token(&known)).await.problem(422, "invalid"), ["token"], "it was replaced");
    let joined = accept(&grace, &token(&again)).await.expect(200).json();
    assert_eq!(
        (&joined["slug"], &joined["role"], &joined["members"]),
        (&json!("ada"), &json!("admin"), &json!(2))
    );
    invite(&grace, "ada@example.org", "viewer").await.problem(409, "already_member");
    invite(&grace, "x@example.org", "owner").await.problem(403, "forbidden");

    // An admin who is none any more has opened no door.
    let by_grace = invite(&grace, "eve@example.org", "admin").await.expect(201);
    let path = format!("/api/v1/orgs/ada/members/{}", id(&grace));
    ada.call(Method::PUT, &path).json(&json!({ "role": "viewer" })).send().await.expect(200);
    assert_eq!(accept(&eve, &token(&by_grace)).await.problem(422, "invalid"), ["token"]);

    let late = invite(&ada, "eve@example.org", "viewer").await.expect(201);
    server.clock.advance(chrono::Duration::days(7));
    let eve = server.sign_in("eve").await;
    assert_eq!(accept(&eve, &token(&late)).await.problem(422, "invalid"), ["token"]);
    server.stop().await;
}

#[tokio::test]
async fn without_an_invitation_nobody_makes_an_account() {
    let (server, ada) = TestServer::start().await;
    let body = json!({ "email": "eve@example.org", "username": "eve", "password": PASSWORD });
    register(&server, body).await.problem(403, "registration_closed");
    let methods = ada.get("/api/v1/auth/methods").send().await.expect(200).json();
    assert_eq!(methods["registration"], false);
    server.stop().await;
}

/// Reads until the stream ends; how long that took.
async fn until_it_ends(stream: reqwest::Response) -> Duration {
    let began = Instant::now();
    let mut bytes = stream.bytes_stream();
    let end = async { while bytes.next().await.is_some_and(|piece| piece.is_ok()) {} };
    timeout(SOON * 2, end).await.expect("the stream goes on");
    began.elapsed()
}

#[tokio::test]
async fn a_removed_member_hears_nothing_more_of_a_workspace() {
    let (server, ada) = TestServer::start().await;
    let grace = server.person("grace", Some((org(&ada).await.into(), Role::Viewer))).await;
    let manifest =
        json!({ "appName": "Shop", "components": [{ "name": "web", "type": "frontend", "port": 80 }] });
    let body = json!({ "name": "shop", "source": { "kind": "manifest", "manifest": manifest } });
    ada.post("/api/v1/orgs/ada/templates").json(&body).send().await.expect(201);
    let body = json!({ "name": "web", "template": "shop" });
    let made = ada.post("/api/v1/orgs/ada/workspaces").json(&body).header("prefer", "wait=20").send().await;
    let made = made.json();
    let path = format!("/api/v1/workspaces/{}/stats", made["id"].as_str().unwrap());
    let call = grace.get(&path).header("accept", "text/event-stream");
    let stream = call.open().await;
    assert_eq!(stream.status(), 200);
    ada.delete(&format!("/api/v1/orgs/ada/members/{}", id(&grace))).send().await.expect(204);
    grace.get(&path).send().await.problem(404, "not_found");
    assert!(until_it_ends(stream).await < SOON);
    server.stop().await;
}

#[tokio::test]
async fn a_suspended_user_is_out_at_once_and_comes_back_only_when_let_in() {
    let (server, ada) = TestServer::start().await;
    let eve = server.person("eve", None).await;
    let stream = eve.get("/api/v1/events").open().await;
    let path = format!("/api/v1/users/{}", id(&eve));
    let suspend = async |suspended: bool| {
        ada.patch(&path).json(&json!({ "suspended": suspended })).send().await.expect(200).json()
    };
    assert_eq!(suspend(true).await["suspended"], true);
    eve.get("/api/v1/me").send().await.problem(401, "session_ended");
    assert!(until_it_ends(stream).await < SOON);
    assert_eq!(eve.refresh(&eve.cookie).await.status, 401);
    let sign_in = async |password: &str| {
        let body = json!({ "login": "eve", "password": password });
        server.anonymous().post("/api/v1/auth/login").json(&body).send().await
    };
    sign_in("not the password").await.problem(401, "wrong_credentials");
    sign_in(PASSWORD).await.problem(403, "account_suspended");
    suspend(false).await;
    eve.get("/api/v1/me").send().await.problem(401, "session_ended");
    sign_in(PASSWORD).await.expect(200);
    server.stop().await;
}

#[tokio::test]
async fn accounts_are_made_listed_changed_and_removed() {
    let (server, ada) = TestServer::start().await;
    let body = json!({ "email": "grace@example.org", "username": "grace", "password": PASSWORD });
    let grace = ada.post("/api/v1/users").json(&body).send().await.expect(201).json();
    ada.post("/api/v1/users").json(&body).send().await.problem(409, "taken");
    let path = format!("/api/v1/users/{}", grace["id"].as_str().unwrap());
    let shown = ada.get(&path).send().await.expect(200).json();
    assert_eq!((&shown["has_password"], &shown["last_seen_at"]), (&json!(true), &Value::Null));
    let signed_in = server.sign_in("grace").await;
    let found = ada.get("/api/v1/users?q=GRACE@").send().await.expect(200).json();
    assert_eq!(found["items"].as_array().unwrap().len(), 1);
    assert!(found["items"][0]["last_seen_at"].is_string());

    let change = json!({ "display_name": "Grace", "platform_admin": true });
    let changed = ada.patch(&path).json(&change).send().await.expect(200).json();
    assert_eq!((&changed["display_name"], &changed["platform_admin"]), (&json!("Grace"), &json!(true)));
    signed_in.get("/api/v1/users").send().await.expect(200);

    signed_in.post("/api/v1/orgs").json(&json!({ "slug": "hers" })).send().await.expect(201);
    ada.delete(&path).send().await.problem(409, "last_owner");
    ada.call(Method::DELETE, "/api/v1/orgs/hers")
        .json(&json!({ "confirm": "hers" }))
        .send()
        .await
        .expect(204);
    ada.delete(&path).send().await.expect(204);
    ada.get(&path).send().await.problem(404, "not_found");
    signed_in.get("/api/v1/me").send().await.problem(401, "session_ended");
    let me = format!("/api/v1/users/{}", id(&ada));
    ada.delete(&me).send().await.problem(409, "last_platform_admin");
    ada.patch(&me).json(&json!({ "platform_admin": false })).send().await.problem(409, "last_platform_admin");
    server.stop().await;
}

#[tokio::test]
async fn an_organization_goes_with_everything_in_it() {
    let (server, ada) = TestServer::start().await;
    let manifest =
        json!({ "appName": "Shop", "components": [{ "name": "web", "type": "frontend", "port": 80 }] });
    let body = json!({ "name": "shop", "source": { "kind": "manifest", "manifest": manifest } });
    ada.post("/api/v1/orgs/ada/templates").json(&body).send().await.expect(201);
    for name in ["one", "two"] {
        let body = json!({ "name": name, "template": "shop" });
        ada.post("/api/v1/orgs/ada/workspaces").json(&body).send().await.expect(202);
    }
    let delete = async |body: Value| ada.call(Method::DELETE, "/api/v1/orgs/ada").json(&body).send().await;
    delete(json!({ "confirm": "ada" })).await.problem(409, "not_empty");
    delete(json!({ "confirm": "ada", "everything": true })).await.expect(202);
    let began = Instant::now();
    while ada.get("/api/v1/orgs/ada").send().await.status != 404 {
        assert!(began.elapsed() < Duration::from_secs(30), "it is still there");
        tokio::task::yield_now().await;
    }
    let audit = ada.get("/api/v1/audit?action=org").send().await.expect(200).json();
    let actions: Vec<_> = audit["items"].as_array().unwrap().iter().map(|it| it["action"].clone()).collect();
    assert_eq!(actions, ["org.deleted", "org.delete"]);
    server.stop().await;
}

#[tokio::test]
async fn the_audit_log_is_filtered_and_exported() {
    let (server, ada) = TestServer::start().await;
    let rename = async |name: &str| {
        ada.patch("/api/v1/orgs/ada").json(&json!({ "name": name })).send().await.expect(200)
    };
    rename("=1+1").await;
    rename("Ada, \"Ltd\"").await;
    let of = async |query: &str| ada.get(&format!("/api/v1/orgs/ada/audit{query}")).send().await;
    let page = of("?action=org.rename&limit=1").await.expect(200).json();
    let first = &page["items"][0];
    assert_eq!(first["detail"]["name"], json!({ "before": "=1+1", "after": "Ada, \"Ltd\"" }));
    assert_eq!((&first["user"]["username"], &first["via"]), (&json!("ada"), &json!("session")));
    assert_eq!((&first["target_name"], &first["address"]), (&json!("ada"), &json!("127.0.0.1")));
    let next = page["next_cursor"].as_str().unwrap();
    let second = of(&format!("?action=org&limit=1&cursor={next}")).await.expect(200).json();
    assert_eq!(second["items"][0]["detail"]["name"]["after"], "=1+1");
    assert_eq!(second["next_cursor"], Value::Null);
    assert_eq!(of("?user=00000000-0000-0000-0000-000000000001").await.json()["items"], json!([]));
    assert_eq!(of("?from=x").await.problem(422, "invalid"), ["from"]);

    let export = async |accept: &str| {
        ada.get("/api/v1/orgs/ada/audit?action=org.rename").header("accept", accept).send().await.expect(200)
    };
    let csv = export("text/csv").await;
    assert_eq!(csv.headers["content-disposition"], "attachment; filename=\"audit-ada.csv\"");
    let lines: Vec<_> = csv.text.split("\r\n").collect();
    assert!(lines[0].starts_with("id,at,user_id,username,via,action"), "{}", lines[0]);
    assert_eq!(lines.len(), 4, "{}", csv.text);
    assert!(lines[1].contains(r#"""after"":""Ada, \""Ltd\"""""#), "{}", lines[1]);
    let lines = export("application/x-ndjson").await;
    let entries: Vec<Value> = lines.text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(entries, [first.clone(), second["items"][0].clone()]);
    server.stop().await;
}

#[tokio::test]
async fn a_quota_is_set_by_the_platform_and_shown_with_what_is_used() {
    let (server, ada) = TestServer::start().await;
    let quota = json!({
        "workspaces": 3, "running_workspaces": null, "cpu_millis": null, "memory_bytes": 0, "disk_bytes": null,
    });
    let path = "/api/v1/orgs/ada/quota";
    assert_eq!(ada.call(Method::PUT, path).json(&quota).send().await.expect(200).json(), quota);
    assert_eq!(ada.get(path).send().await.expect(200).json(), quota);
    let usage = ada.get("/api/v1/orgs/ada/usage").send().await.expect(200).json();
    assert_eq!(usage["workspaces"], json!({ "used": 0, "limit": 3 }));
    assert_eq!(usage["cpu_millis"], json!({ "used": 0, "limit": null }));
    let manifest =
        json!({ "appName": "Shop", "components": [{ "name": "web", "type": "frontend", "port": 80 }] });
    let body = json!({ "name": "shop", "source": { "kind": "manifest", "manifest": manifest } });
    ada.post("/api/v1/orgs/ada/templates").json(&body).send().await.expect(201);
    let body = json!({ "name": "web", "template": "shop" });
    let refused = ada.post("/api/v1/orgs/ada/workspaces").json(&body).send().await;
    refused.problem(409, "quota_exceeded");
    assert!(refused.json()["detail"].as_str().unwrap().contains("memory_bytes: 0 used"), "{}", refused.text);
    let body = json!({ "name": "web", "template": "shop", "start": false });
    ada.post("/api/v1/orgs/ada/workspaces").json(&body).send().await.expect(202);
    server.stop().await;
}
