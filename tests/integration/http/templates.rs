use devsanctum::domain::role::Role;
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{
    client::{Answer, Person},
    in_process::TestServer,
};

const OF_ORG: &str = "/api/v1/orgs/ada/templates";

fn source(components: Value) -> Value {
    json!({ "kind": "manifest", "manifest": { "appName": "Shop", "description": "Sells", "components": components } })
}

fn web(port: u16) -> Value {
    source(json!([{ "name": "web", "type": "frontend", "port": port }]))
}

async fn create(person: &Person, name: &str) -> Answer {
    person.post(OF_ORG).json(&json!({ "name": name, "source": web(80) })).send().await
}

fn path(template: &Value, rest: &str) -> String {
    format!("/api/v1/templates/{}{rest}", template["id"].as_str().unwrap())
}

async fn member(server: &TestServer, ada: &Person, name: &str, role: Role) -> Person {
    let org = ada.get("/api/v1/orgs/ada").send().await.expect(200).json();
    let org: Uuid = org["id"].as_str().unwrap().parse().unwrap();
    server.person(name, Some((org.into(), role))).await
}

#[tokio::test]
async fn a_template_is_made_read_described_and_removed() {
    let (server, ada) = TestServer::start().await;
    let made = create(&ada, "shop").await.expect(201).json();
    assert_eq!(made["display_name"], "Shop");
    assert_eq!(made["active_version"], 1);
    assert_eq!(made["source_kind"], "manifest");
    assert_eq!(made["components"][0]["port"], 80);

    let read = ada.get(&path(&made, "")).send().await.expect(200);
    assert_eq!(read.json(), made);
    let list = ada.get(OF_ORG).send().await.expect(200).json();
    assert_eq!(list, json!({ "items": [made], "next_cursor": null }));

    let tag = read.headers["etag"].to_str().unwrap().to_owned();
    let change = json!({ "description": "Sells more", "tags": ["new"] });
    server.clock.advance(chrono::Duration::seconds(1));
    let patch = || ada.patch(&path(&made, "")).header("if-match", &tag).json(&change);
    let changed = patch().send().await.expect(200).json();
    assert_eq!((&changed["description"], &changed["tags"]), (&json!("Sells more"), &json!(["new"])));
    assert_eq!(changed["display_name"], "Shop");
    patch().send().await.problem(412, "precondition_failed");

    ada.delete(&path(&made, "")).header("if-match", &tag).send().await.problem(412, "precondition_failed");
    ada.delete(&path(&made, "")).send().await.expect(204);
    ada.get(&path(&made, "")).send().await.problem(404, "not_found");
    ada.delete(&path(&made, "")).send().await.problem(404, "not_found");
    server.stop().await;
}

#[tokio::test]
async fn a_repeated_request_makes_one_template_and_one_version() {
    let (server, ada) = TestServer::start().await;
    let body = json!({ "name": "shop", "source": web(80) });
    let post = |key: &str| ada.post(OF_ORG).header("idempotency-key", key).json(&body);
    let made = post("k1").send().await.expect(201).json();
    assert_eq!(post("k1").send().await.expect(201).json(), made);
    post("k2").send().await.problem(409, "name_taken");

    let versions = path(&made, "/versions");
    let body = json!({ "source": web(81), "message": "another port" });
    let post = |key: &str| ada.post(&versions).header("idempotency-key", key).json(&body);
    let second = post("k3").send().await.expect(201).json();
    assert_eq!((&second["number"], &second["active"]), (&json!(2), &json!(false)));
    assert_eq!(post("k4").send().await.expect(201).json()["number"], 3);
    assert_eq!(post("k3").send().await.expect(201).json(), second);
    assert_eq!(ada.get(&versions).send().await.expect(200).json()["items"].as_array().unwrap().len(), 3);
    server.stop().await;
}

#[tokio::test]
async fn versions_are_added_and_activated() {
    let (server, ada) = TestServer::start().await;
    let made = create(&ada, "shop").await.expect(201).json();
    let versions = path(&made, "/versions");
    for (port, activate) in [(81, false), (82, true)] {
        let body = json!({ "source": web(port), "message": format!("port {port}"), "activate": activate });
        ada.post(&versions).json(&body).send().await.expect(201);
    }
    let active = ada.get(&path(&made, "")).send().await.expect(200).json();
    assert_eq!((&active["active_version"], &active["components"][0]["port"]), (&json!(3), &json!(82)));

    let activated = ada.post(&path(&made, "/versions/2/activate")).send().await.expect(200).json();
    assert_eq!((&activated["active_version"], &activated["components"][0]["port"]), (&json!(2), &json!(81)));
    ada.post(&path(&made, "/versions/9/activate")).send().await.problem(404, "not_found");
    ada.post(&path(&made, "/versions/x/activate")).send().await.problem(404, "not_found");

    for (query, expected) in [
        ("", vec![3, 2, 1]),
        ("?sort=created_at", vec![1, 2, 3]),
        ("?q=PORT 82", vec![3]),
        ("?limit=2", vec![3, 2]),
    ] {
        let page = ada.get(&format!("{versions}{query}")).send().await.expect(200).json();
        let numbers: Vec<i64> =
            page["items"].as_array().unwrap().iter().map(|it| it["number"].as_i64().unwrap()).collect();
        assert_eq!(numbers, expected, "{query}");
        assert_eq!(page["next_cursor"].is_string(), query == "?limit=2");
        if let Some(cursor) = page["next_cursor"].as_str() {
            let rest =
                ada.get(&format!("{versions}?limit=2&cursor={cursor}")).send().await.expect(200).json();
            assert_eq!(rest["items"][0]["number"], 1);
        }
    }
    server.stop().await;
}

#[tokio::test]
async fn everything_wrong_with_a_manifest_is_told_with_its_line_and_nothing_is_made() {
    let (server, ada) = TestServer::start().await;
    let body = r#"{"name": "shop", "source": {"kind": "manifest", "manifest": {
        "components": [
            {"name": "web", "type": "frontend", "port": 70000, "depends_on": ["api"]},
            {"name": "web", "type": "backend", "path": "../..", "privileged": true},
            {"name": "api", "type": "backend", "env": {"A": "${param.x}"}, "depends_on": ["web"]}
        ]}}}"#;
    let answer = ada.post(OF_ORG).body("application/json", body).send().await;
    let fields = answer.problem(422, "invalid");
    assert_eq!(
        fields,
        [
            "/components/0/port",
            "/components/1/name",
            "/components/1/path",
            "/components/1/privileged",
            "/components/2/depends_on",
            "/components/2/env/A",
        ]
    );
    let answer = answer.json();
    let messages: Vec<&str> =
        answer["errors"].as_array().unwrap().iter().map(|error| error["message"].as_str().unwrap()).collect();
    for (message, line) in messages.iter().zip([3, 4, 4, 4, 5, 5]) {
        assert!(message.starts_with(&format!("line {line}: ")), "{message}");
    }
    assert_eq!(ada.get(OF_ORG).send().await.expect(200).json()["items"], json!([]));
    server.stop().await;
}

#[tokio::test]
async fn wrong_requests_name_their_field() {
    let (server, ada) = TestServer::start().await;
    for (body, field) in [
        (json!({ "name": "Shop", "source": web(80) }), "name"),
        (json!({ "name": "a".repeat(64), "source": web(80) }), "name"),
        (json!({ "name": "../x", "source": web(80) }), "name"),
        (json!({ "name": "🦀", "source": web(80) }), "name"),
        (json!({ "name": "x", "source": web(80), "org_id": Uuid::nil() }), "org_id"),
        (json!({ "name": "x" }), "source"),
        (json!({ "name": "x", "source": [] }), "source"),
        (json!({ "name": "x", "source": { "kind": "compose", "yaml": "" } }), "source.kind"),
        (json!({ "name": "x", "description": "x".repeat(2001), "source": web(80) }), "description"),
    ] {
        let answer = ada.post(OF_ORG).json(&body).send().await;
        assert_eq!(answer.problem(422, "invalid"), [field], "{body}");
    }
    let answer = ada.post(OF_ORG).json(&json!({ "name": "x", "source": { "kind": "git" } })).send().await;
    assert_eq!(answer.json()["errors"][0]["code"], "source_not_supported");
    server.stop().await;
}

#[tokio::test]
async fn a_check_stores_nothing() {
    let (server, ada) = TestServer::start().await;
    let check = async |manifest: Value| {
        let body = json!({ "source": { "kind": "manifest", "manifest": manifest } });
        ada.post("/api/v1/templates/check").json(&body).send().await.expect(200).json()
    };
    let good = check(json!("components:\n- name: web\n  type: frontend\n  path: ./web\n  port: 80\n")).await;
    assert_eq!((&good["errors"], &good["components"][0]["name"]), (&json!([]), &json!("web")));
    assert_eq!(good["warnings"][0]["field"], "/components/0/path");
    assert_eq!(good["warnings"][0]["line"], 4);
    let bad = check(json!({ "components": [] })).await;
    assert_eq!((&bad["components"], &bad["errors"][0]["code"]), (&json!([]), &json!("too_few")));
    assert_eq!(ada.get(OF_ORG).send().await.expect(200).json()["items"], json!([]));
    server.stop().await;
}

#[tokio::test]
async fn roles_decide_who_writes_and_strangers_see_nothing() {
    let (server, ada) = TestServer::start().await;
    let made = create(&ada, "shop").await.expect(201).json();
    let grace = member(&server, &ada, "grace", Role::Developer).await;
    let eve = server.person("eve", None).await;

    grace.get(&path(&made, "")).send().await.expect(200);
    create(&grace, "other").await.problem(403, "forbidden");
    create(&eve, "other").await.problem(404, "not_found");
    let calls = [
        (Method::PATCH, "", json!({ "description": "x" })),
        (Method::DELETE, "", Value::Null),
        (Method::POST, "/versions", json!({ "source": web(81) })),
        (Method::POST, "/versions/1/activate", Value::Null),
    ];
    for (method, rest, body) in calls {
        let call = |person: &Person| person.call(method.clone(), &path(&made, rest)).json(&body);
        call(&grace).send().await.problem(403, "forbidden");
        call(&eve).send().await.problem(404, "not_found");
    }
    for rest in ["", "/versions"] {
        eve.get(&path(&made, rest)).send().await.problem(404, "not_found");
    }
    assert_eq!(ada.get(&path(&made, "")).send().await.expect(200).json(), made);
    server.stop().await;
}

#[tokio::test]
async fn a_template_that_workspaces_use_stays() {
    let (server, ada) = TestServer::start().await;
    let made = create(&ada, "shop").await.expect(201).json();
    let body = json!({ "name": "mine", "template": "shop" });
    let workspaces = "/api/v1/orgs/ada/workspaces";
    let workspace = ada.post(workspaces).header("prefer", "wait=30").json(&body).send().await.json();
    assert_eq!(workspace["status"], "running", "{workspace}");
    ada.delete(&path(&made, "")).send().await.problem(409, "template_in_use");

    let workspace = format!("/api/v1/workspaces/{}", workspace["id"].as_str().unwrap());
    ada.delete(&workspace).header("prefer", "wait=30").send().await;
    ada.delete(&path(&made, "")).send().await.expect(204);
    server.stop().await;
}

#[tokio::test]
async fn writers_leave_audit_rows_and_events() {
    let (server, ada) = TestServer::start().await;
    let made = create(&ada, "shop").await.expect(201).json();
    ada.post(&path(&made, "/versions"))
        .json(&json!({ "source": web(81), "activate": true }))
        .send()
        .await
        .expect(201);
    ada.post(&path(&made, "/versions/1/activate")).send().await.expect(200);
    ada.delete(&path(&made, "")).send().await.expect(204);

    let mut reader = server.app.store.read().await.unwrap();
    let page = devsanctum::ports::repository::PageRequest { limit: 100, ..Default::default() };
    let id = made["id"].as_str().unwrap();
    let audit = reader.audit().list(&Default::default(), &page).await.unwrap();
    let actions: Vec<String> =
        audit.into_iter().rev().filter(|entry| entry.target == id).map(|entry| entry.action).collect();
    assert_eq!(actions, ["template.create", "template.add_version", "template.activate", "template.delete"]);
    let events = reader.events().since(0, 100).await.unwrap();
    let of_it: Vec<&str> = events
        .iter()
        .filter(|it| it.event.template_id.is_some_and(|template| template.to_string() == id))
        .map(|it| it.event.kind.as_str())
        .collect();
    assert_eq!(of_it, ["template.updated", "template.updated", "template.updated", "template.deleted"]);
    drop(reader);
    server.stop().await;
}

#[tokio::test]
async fn the_manifest_schema_is_served() {
    let (server, _) = TestServer::start().await;
    let answer = server.anonymous().get("/api/v1/schema/manifest.json").send().await.expect(200);
    assert_eq!(answer.headers["content-type"], "application/schema+json");
    assert_eq!(answer.json()["title"], "Manifest");
    server.stop().await;
}
