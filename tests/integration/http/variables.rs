//! Variables of an organization, a template, a person and a workspace.

use devsanctum::{
    app::specs,
    domain::{
        role::Role,
        secret::Secret,
        variable::{Variable, VariableScope},
    },
    ports::repository::{PageRequest, audit::AuditFilter},
};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{
    client::{Answer, Person},
    in_process::TestServer,
};

const CANARY: &str = "canary-7be21f";

struct Scene {
    server: TestServer,
    /// Platform admin, and owner of the organization `ada`.
    ada: Person,
    template: String,
    workspace: String,
}

fn id_of(answer: &Value) -> String {
    answer["id"].as_str().unwrap().to_owned()
}

async fn template(person: &Person, name: &str, env: Value) -> String {
    let manifest =
        json!({ "appName": name, "components": [{ "name": "web", "type": "worker", "env": env }] });
    let body = json!({ "name": name, "source": { "kind": "manifest", "manifest": manifest } });
    id_of(&person.post("/api/v1/orgs/ada/templates").json(&body).send().await.expect(201).json())
}

async fn create(person: &Person, template: &str, variables: Value) -> Answer {
    let body = json!({ "name": "web", "template_id": template, "variables": variables, "start": false });
    person.post("/api/v1/orgs/ada/workspaces").json(&body).send().await
}

async fn put(person: &Person, base: &str, name: &str, value: &str, secret: bool) -> Answer {
    let body = json!({ "value": value, "secret": secret });
    person.call(Method::PUT, &format!("{base}/variables/{name}")).json(&body).send().await
}

async fn list(person: &Person, base: &str) -> Value {
    person.get(&format!("{base}/variables")).send().await.expect(200).json()
}

impl Scene {
    async fn set() -> Self {
        let (server, ada) = TestServer::start().await;
        let template = template(&ada, "plain", json!({})).await;
        let workspace = id_of(&create(&ada, &template, json!({})).await.expect(202).json());
        Self { server, ada, template, workspace }
    }

    /// Each with what its variables are under.
    fn bases(&self) -> [String; 4] {
        [
            "/api/v1/orgs/ada".into(),
            format!("/api/v1/templates/{}", self.template),
            "/api/v1/me".into(),
            format!("/api/v1/workspaces/{}", self.workspace),
        ]
    }

    async fn stored(&self) -> Vec<Variable> {
        let mut reader = self.server.app.store.read().await.unwrap();
        let workspace = reader.workspaces().find(self.workspace.parse().unwrap()).await.unwrap().unwrap();
        reader.variables().list(&VariableScope::around(&workspace)).await.unwrap()
    }
}

#[tokio::test]
async fn variables_are_set_listed_replaced_and_deleted() {
    let scene = Scene::set().await;
    for base in scene.bases() {
        let ada = &scene.ada;
        assert_eq!(list(ada, &base).await, json!({ "items": [], "next_cursor": null }));
        let made = put(ada, &base, "GREETING", "hello\n🦀", false).await.expect(200).json();
        assert_eq!((&made["name"], &made["value"]), (&json!("GREETING"), &json!("hello\n🦀")));
        assert_eq!(made["secret"], false);
        assert!(made["updated_at"].as_str().unwrap().ends_with('Z'));
        put(ada, &base, "ABC", "", false).await.expect(200);
        let body = json!({ "value": "without the other field" });
        ada.call(Method::PUT, &format!("{base}/variables/ABC")).json(&body).send().await.expect(200);
        put(ada, &base, "GREETING", "good evening", false).await.expect(200);
        let items = list(ada, &base).await["items"].clone();
        let pairs: Vec<_> =
            items.as_array().unwrap().iter().map(|item| (&item["name"], &item["value"])).collect();
        let expected =
            [(json!("ABC"), json!("without the other field")), (json!("GREETING"), json!("good evening"))];
        assert_eq!(pairs, expected.each_ref().map(|(name, value)| (name, value)));

        for _ in 0..2 {
            ada.delete(&format!("{base}/variables/GREETING")).send().await.expect(204);
        }
        ada.delete(&format!("{base}/variables/ABC")).send().await.expect(204);
        assert_eq!(list(ada, &base).await["items"], json!([]));
    }
    let mut reader = scene.server.app.store.read().await.unwrap();
    let page = PageRequest { limit: 100, ..PageRequest::default() };
    let entries = reader.audit().list(&AuditFilter::default(), &page).await.unwrap();
    for noun in ["org", "template", "user", "workspace"] {
        let count = |verb: &str| {
            let action = format!("{noun}.variable.{verb}");
            entries.iter().filter(|entry| entry.action == action).count()
        };
        assert_eq!((count("set"), count("delete")), (4, 2), "{noun}");
    }
    drop(reader);
    scene.server.stop().await;
}

#[tokio::test]
async fn a_secret_is_in_no_answer_no_trace_and_no_file() {
    let scene = Scene::set().await;
    let ada = &scene.ada;
    let mut answers = Vec::new();
    for base in scene.bases() {
        for (name, secret) in [("TOKEN", true), ("ONCE_SECRET", true), ("ONCE_SECRET", false)] {
            // What is not secret any more may be shown, what it was while it was secret may not.
            let value = if secret { CANARY } else { "harmless" };
            answers.push(put(ada, &base, name, value, secret).await.expect(200).text);
        }
        let shown = list(ada, &base).await;
        assert_eq!(shown["items"][1]["value"], Value::Null, "{shown:#}");
        assert_eq!(shown["items"][1]["secret"], true);
        answers.push(shown.to_string());
    }
    let env = json!({ "HELD": "${var.TOKEN}" });
    let needy = template(ada, "needy", env).await;
    let body =
        json!({ "name": "needy", "template_id": needy, "variables": { "GIVEN": CANARY, "TOKEN": CANARY } });
    let made = ada.post("/api/v1/orgs/ada/workspaces").header("prefer", "wait=30").json(&body).send().await;
    let made = made.expect(202);
    let id = id_of(&made.json());
    answers.push(made.text);
    let update = ada.post(&format!("/api/v1/workspaces/{id}/update")).header("prefer", "wait=30");
    answers.push(update.json(&json!({})).send().await.expect(202).text);
    for path in [
        format!("/api/v1/workspaces/{id}/variables"),
        format!("/api/v1/workspaces/{id}"),
        format!("/api/v1/workspaces/{id}/deployments"),
        format!("/api/v1/templates/{needy}"),
        format!("/api/v1/templates/{needy}/versions"),
        "/api/v1/orgs/ada/audit?limit=200".into(),
        "/api/v1/audit?limit=200".into(),
        "/api/v1/orgs/ada/audit?format=csv".into(),
    ] {
        answers.push(ada.get(&path).send().await.text);
    }
    for deployment in ada.get(&format!("/api/v1/workspaces/{id}/deployments")).send().await.json()["items"]
        .as_array()
        .unwrap()
    {
        let path = format!("/api/v1/deployments/{}", deployment["id"].as_str().unwrap());
        answers.push(ada.get(&path).send().await.expect(200).text);
        answers.push(ada.get(&format!("{path}/logs")).send().await.expect(200).text);
    }
    assert!(answers.iter().any(|text| text.contains("ONCE_SECRET")));
    for text in answers {
        assert!(!text.contains(CANARY), "{text}");
    }
    // Events, audit entries, specifications and all else: the files of the database.
    let directory = scene.server.catalog.parent().unwrap().to_owned();
    let mut bytes = 0;
    for file in ["test.db", "test.db-wal"] {
        let content = std::fs::read(directory.join(file)).unwrap();
        bytes += content.len();
        assert!(!content.windows(CANARY.len()).any(|found| found == CANARY.as_bytes()), "{file}");
        assert!(
            !content.windows(8).any(|found| found == b"harmless"),
            "{file}: sealed when it is no secret too"
        );
    }
    assert!(bytes > 10_000);
    scene.server.stop().await;
}

#[tokio::test]
async fn a_value_that_was_moved_or_is_called_no_secret_does_not_open() {
    let scene = Scene::set().await;
    let bases = scene.bases();
    for base in &bases {
        put(&scene.ada, base, "TOKEN", CANARY, true).await.expect(200);
        put(&scene.ada, base, "PLAIN", base, false).await.expect(200);
    }
    let stored = scene.stored().await;
    assert_eq!(stored.len(), 8);
    for variable in &stored {
        let mut forged = vec![];
        if variable.secret {
            forged.push(Variable { secret: false, ..variable.clone() });
        } else {
            let others = stored.iter().filter(|other| !other.secret && other.scope != variable.scope);
            forged.extend(others.map(|other| Variable { sealed: other.sealed.clone(), ..variable.clone() }));
            let id = scene.server.app.random.id(variable.updated_at);
            forged.push(Variable { id, name: "OTHER".parse().unwrap(), ..variable.clone() });
        }
        for forged in forged {
            let base = &bases[match forged.scope {
                VariableScope::Org(_) => 0,
                VariableScope::Template(_) => 1,
                VariableScope::User(_) => 2,
                VariableScope::Workspace(_) => 3,
            }];
            let mut work = scene.server.app.store.begin().await.unwrap();
            work.variables().put(&forged).await.unwrap();
            work.commit().await.unwrap();
            let answer = scene.ada.get(&format!("{base}/variables")).send().await;
            assert_eq!(answer.problem(500, "internal"), Vec::<String>::new());
            assert!(!answer.text.contains(CANARY));
            let mut work = scene.server.app.store.begin().await.unwrap();
            work.variables().remove(forged.scope, &forged.name).await.unwrap();
            work.variables().put(variable).await.unwrap();
            work.commit().await.unwrap();
        }
    }
    for base in &bases {
        assert_eq!(list(&scene.ada, base).await["items"].as_array().unwrap().len(), 2, "{base}");
    }
    scene.server.stop().await;
}

#[tokio::test]
async fn names_and_values_that_are_wrong_are_refused_and_change_nothing() {
    let scene = Scene::set().await;
    let ada = &scene.ada;
    for base in scene.bases() {
        for name in ["1A", "A-B", "%C3%84", "A%20B", "A%3D1", "A%00", "PATH", "LD_PRELOAD", "DEVSANCTUM_X"] {
            let refused = put(ada, &base, name, "x", false).await;
            assert_eq!(refused.problem(422, "invalid"), ["name"], "{name}");
        }
        let refused = put(ada, &base, &"A".repeat(129), &"x".repeat(32 * 1024 + 1), true).await;
        assert_eq!(refused.problem(422, "invalid"), ["name", "value"]);
        assert!(!refused.text.contains("xxxx"), "what was sent is not echoed");
        assert_eq!(put(ada, &base, "A", "a\0b", true).await.problem(422, "invalid"), ["value"]);
        let path = format!("{base}/variables/A");
        for (body, field) in [
            (json!({}), "value"),
            (json!({ "value": null }), "value"),
            (json!({ "value": 7 }), "value"),
            (json!({ "value": "x", "secret": "yes" }), "secret"),
            (json!({ "value": "x", "org_id": "x" }), "org_id"),
            (json!({ "value": "x", "user_id": "x" }), "user_id"),
            (json!({ "value": "x", "name": "B" }), "name"),
            (json!({ "value": "x", "updated_at": "2030-01-01T00:00:00Z" }), "updated_at"),
        ] {
            let refused = ada.call(Method::PUT, &path).json(&body).send().await;
            assert_eq!(refused.problem(422, "invalid"), [field], "{body}");
        }
        assert_eq!(list(ada, &base).await["items"], json!([]), "{base}");
        put(ada, &base, "A", &"x".repeat(32 * 1024), true).await.expect(200);
    }
    let template = &scene.template;
    let refused = create(ada, template, json!({ "A-B": "x", "OK": "y".repeat(40_000) })).await;
    assert_eq!(refused.problem(422, "invalid"), ["variables.A-B", "variables.OK"]);
    let many: serde_json::Map<_, _> = (0..101).map(|number| (format!("N{number}"), json!("x"))).collect();
    assert_eq!(create(ada, template, many.into()).await.problem(422, "invalid"), ["variables"]);
    scene.server.stop().await;
}

#[tokio::test]
async fn a_scope_fills_up() {
    let (server, ada) = TestServer::start().await;
    for number in 0..100 {
        put(&ada, "/api/v1/me", &format!("N{number}"), "x", false).await.expect(200);
    }
    put(&ada, "/api/v1/me", "N100", "x", false).await.problem(409, "too_many_variables");
    put(&ada, "/api/v1/me", "N7", "another value", false).await.expect(200);
    ada.delete("/api/v1/me/variables/N8").send().await.expect(204);
    put(&ada, "/api/v1/me", "N100", "x", false).await.expect(200);
    for number in 0..3 {
        put(&ada, "/api/v1/orgs/ada", &format!("N{number}"), &"x".repeat(32_000), false).await.expect(200);
    }
    let full = put(&ada, "/api/v1/orgs/ada", "N4", &"x".repeat(32_768), false).await.expect(200);
    assert!(full.json()["value"].is_string());
    put(&ada, "/api/v1/orgs/ada", "N5", &"x".repeat(4_000), false).await.problem(409, "too_many_variables");
    server.stop().await;
}

#[tokio::test]
async fn a_token_changes_variables_of_what_its_scopes_name() {
    let scene = Scene::set().await;
    let ada = &scene.ada;
    let program = async |scope: &str| {
        let body = json!({ "name": scope, "scopes": [scope], "expires_at": null });
        let made = ada.post("/api/v1/me/tokens").json(&body).send().await.expect(201).json();
        ada.with_token(made["secret"].as_str().unwrap())
    };
    let scopes = ["orgs", "templates", "account", "workspaces"];
    for (index, scope) in scopes.into_iter().enumerate() {
        let program = program(scope).await;
        for (at, base) in scene.bases().into_iter().enumerate() {
            list(&program, &base).await;
            let answer = put(&program, &base, "A", "x", false).await;
            let deleted = program.delete(&format!("{base}/variables/A")).send().await;
            if at == index {
                answer.expect(200);
                deleted.expect(204);
            } else {
                answer.problem(403, "insufficient_scope");
                deleted.problem(403, "insufficient_scope");
            }
        }
    }
    scene.server.stop().await;
}

#[tokio::test]
async fn variables_of_people_and_of_the_catalog_are_theirs_alone() {
    let scene = Scene::set().await;
    let org = scene.server.app.store.read().await.unwrap().orgs().list().await.unwrap()[0].id;
    let grace = scene.server.person("grace", Some((org, Role::Owner))).await;
    put(&scene.ada, "/api/v1/me", "MINE", "ada's", false).await.expect(200);
    put(&grace, "/api/v1/me", "MINE", "grace's", false).await.expect(200);
    assert_eq!(list(&scene.ada, "/api/v1/me").await["items"][0]["value"], "ada's");
    assert_eq!(list(&grace, "/api/v1/me").await["items"][0]["value"], "grace's");

    std::fs::create_dir(scene.server.catalog.join("hello")).unwrap();
    let manifest = json!({ "appName": "Hello", "slug": "hello",
                           "components": [{ "name": "web", "type": "worker" }] });
    let file = scene.server.catalog.join("hello/devsanctum.json");
    std::fs::write(file, manifest.to_string()).unwrap();
    scene.ada.post("/api/v1/catalog/sync").send().await.expect(200);
    let catalog = scene.ada.get("/api/v1/catalog").send().await.expect(200).json();
    let base = format!("/api/v1/templates/{}", catalog["items"][0]["id"].as_str().unwrap());
    put(&scene.ada, &base, "EVERYWHERE", "x", false).await.expect(200);
    assert_eq!(list(&scene.ada, &base).await["items"][0]["name"], "EVERYWHERE");
    grace.get(&format!("{base}/variables")).send().await.problem(403, "forbidden");
    put(&grace, &base, "EVERYWHERE", "y", false).await.problem(403, "forbidden");
    grace.delete(&format!("{base}/variables/EVERYWHERE")).send().await.problem(403, "forbidden");
    scene.ada.post("/api/v1/catalog/sync").send().await.expect(200);
    assert_eq!(list(&scene.ada, &base).await["items"][0]["value"], "x", "a sync leaves it");
    scene.server.stop().await;
}

#[tokio::test]
async fn a_variable_that_is_missing_is_named_with_what_to_do() {
    let scene = Scene::set().await;
    let ada = &scene.ada;
    let needy = template(ada, "needy", json!({ "A": "${var.NEEDED}", "B": "${var.ALSO}" })).await;
    let body = json!({ "name": "needy", "template_id": needy });
    let path = "/api/v1/orgs/ada/workspaces";
    let refused = ada.post(path).json(&body).send().await;
    assert_eq!(refused.problem(422, "invalid"), ["/components/0/env/A", "/components/0/env/B"]);
    let errors = refused.json()["errors"].clone();
    assert_eq!(errors[0]["code"], "unknown_variable");
    let message = errors[0]["message"].as_str().unwrap();
    assert!(message.contains("NEEDED") && message.contains("set it for the workspace"), "{message}");

    put(ada, "/api/v1/orgs/ada", "NEEDED", "x", true).await.expect(200);
    put(ada, &format!("/api/v1/templates/{needy}"), "ALSO", "y", false).await.expect(200);
    let made = ada.post(path).header("prefer", "wait=30").json(&body).send().await.expect(202).json();
    assert_eq!(made["status"], "running", "{made:#}");
    let workspace = format!("/api/v1/workspaces/{}", id_of(&made));

    // It stops and starts with what it was made with; only an update looks again.
    ada.delete("/api/v1/orgs/ada/variables/NEEDED").send().await.expect(204);
    for (verb, status) in [("stop", "stopped"), ("start", "running"), ("restart", "running")] {
        let call = ada.post(&format!("{workspace}/{verb}")).header("prefer", "wait=30");
        assert_eq!(call.send().await.expect(202).json()["status"], status);
    }
    let update = async || {
        let call = ada.post(&format!("{workspace}/update")).header("prefer", "wait=30");
        call.json(&json!({})).send().await
    };
    assert_eq!(update().await.problem(422, "invalid"), ["/components/0/env/A"]);
    assert_eq!(ada.get(&workspace).send().await.json()["status"], "running", "nothing changed");
    put(ada, &workspace, "NEEDED", "z", true).await.expect(200);
    let updated = update().await.expect(202).json();
    assert_eq!((&updated["status"], &updated["generation"]), (&json!("running"), &json!(2)));

    ada.delete(&workspace).header("prefer", "wait=30").send().await.expect(202);
    let id = id_of(&made).parse().unwrap();
    let mut reader = scene.server.app.store.read().await.unwrap();
    assert_eq!(reader.variables().list(&[VariableScope::Workspace(id)]).await.unwrap(), [], "gone with it");
    drop(reader);
    put(ada, &workspace, "LATE", "z", true).await.problem(409, "workspace_destroyed");
    scene.server.stop().await;
}

/// As versions wrote it that kept variables only there.
#[tokio::test]
async fn variables_that_lay_in_the_specification_become_those_of_the_workspace() {
    let scene = Scene::set().await;
    let app = &scene.server.app;
    let id = scene.workspace.parse().unwrap();
    let mut work = app.store.begin().await.unwrap();
    let sealed = work.workspaces().spec(id).await.unwrap().unwrap();
    let mut spec = specs::open(app.sealer.as_ref(), id, &sealed).unwrap();
    assert!(spec.variables.is_empty());
    spec.variables = [("OLD", CANARY), ("SINCE", CANARY), ("not a name", "x")]
        .map(|(name, value)| (name.to_owned(), Secret::new(value)))
        .into();
    let sealed = specs::seal(app.sealer.as_ref(), id, &spec).unwrap();
    work.workspaces().respecify(id, &sealed, &[]).await.unwrap();
    work.commit().await.unwrap();
    let base = format!("/api/v1/workspaces/{id}");
    put(&scene.ada, &base, "SINCE", "newer", false).await.expect(200);

    for _ in 0..2 {
        let update = scene.ada.post(&format!("{base}/update")).header("prefer", "wait=30");
        update.json(&json!({})).send().await.expect(202);
    }
    let items = list(&scene.ada, &base).await["items"].clone();
    let values: Vec<_> = items.as_array().unwrap().iter().map(|it| (&it["name"], &it["value"])).collect();
    assert_eq!(values, [(&json!("OLD"), &Value::Null), (&json!("SINCE"), &json!("newer"))]);
    let mut reader = app.store.read().await.unwrap();
    let sealed = reader.workspaces().spec(id).await.unwrap().unwrap();
    let spec = specs::open(app.sealer.as_ref(), id, &sealed).unwrap();
    assert!(spec.variables.is_empty(), "they are in one place");
    let env = &spec.spec.components[0].env;
    assert_eq!(["OLD", "SINCE"].map(|name| env[name].expose()), [CANARY, "newer"]);
    drop(reader);
    scene.server.stop().await;
}
