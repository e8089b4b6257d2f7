//! Who may call what: the table in `table.txt`, tried cell by cell over HTTP.

mod requests;
mod scene;
mod table;

use std::{collections::BTreeSet, time::Instant};

use devsanctum::{domain::ids::AuditId, ports::repository::PageRequest};
use reqwest::Method;
use serde_json::{Value, json};

use self::{
    requests::request,
    scene::{Scene, Stage},
    table::{Who, rows},
};
use crate::support::client::Answer;

/// Operations of the document: method, path and its description.
fn operations() -> Vec<(Method, String, Value)> {
    let document: Value = serde_json::from_str(include_str!("../../../../docs/api/openapi.json")).unwrap();
    let paths = document["paths"].as_object().unwrap();
    let of_path = |(path, item): (&String, &Value)| {
        let operations = item.as_object().unwrap().iter();
        operations
            .map(|(method, operation)| {
                (method.to_uppercase().parse().unwrap(), path.clone(), operation.clone())
            })
            .collect::<Vec<_>>()
    };
    paths.iter().flat_map(of_path).collect()
}

#[test]
fn every_operation_has_its_row() {
    let documented: BTreeSet<_> =
        operations().into_iter().map(|(method, path, _)| format!("{method} {path}")).collect();
    let listed: Vec<_> = rows().into_iter().map(|row| row.operation()).collect();
    let known: BTreeSet<_> = listed.iter().cloned().collect();
    assert_eq!(known.len(), listed.len(), "a row is there twice");
    let missing: Vec<_> = documented.difference(&known).collect();
    assert!(missing.is_empty(), "operations without a row in table.txt: {missing:#?}");
    let gone: Vec<_> = known.difference(&documented).collect();
    assert!(gone.is_empty(), "rows of operations that are not documented: {gone:#?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_caller_gets_what_the_table_says() {
    let began = Instant::now();
    let stage = Stage::set().await;
    let mut wrong = Vec::new();
    let mut checks = 0;
    for row in rows() {
        for (who, expected) in row.cells() {
            checks += 1;
            let scene = stage.scene(who).await;
            let (path, body) = request(&scene, &row.method, &row.path, who).await;
            let before = stage.newest_audit().await;
            let answer = ask(&scene, who, &row.method, &path, body.as_ref()).await;
            if !expected.fits(answer.status.as_u16()) {
                wrong.push(format!(
                    "{} by {who:?}: {} instead of {expected}: {}",
                    row.operation(),
                    answer.status,
                    answer.text
                ));
            }
            let refused = matches!(answer.status.as_u16(), 401 | 403 | 404);
            // Tries at the door are recorded.
            if refused && !row.path.contains("/auth/") {
                assert_eq!(answer.headers["content-type"], "application/problem+json", "{}", row.operation());
                if stage.newest_audit().await != before {
                    wrong.push(format!("{} by {who:?} was refused and left a trace", row.operation()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {checks} checks failed:\n{}", wrong.len(), wrong.join("\n"));
    println!("{checks} checks in {:?}", began.elapsed());
    stage.server.stop().await;
}

/// Two ids in one path that do not belong together, for somebody who may use either: as if there were no such thing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ids_that_disagree_lead_nowhere() {
    let stage = Stage::set().await;
    let mut checks = 0;
    for row in rows() {
        // A version is a number and a variable has a name: neither is an id.
        let is_id = |part: &&str| part.starts_with('{') && !["{n}", "{name}"].contains(part);
        let names: Vec<&str> = row.path.split('/').filter(is_id).collect();
        if names.len() < 2 {
            continue;
        }
        let (one, other) = (stage.scene(Who::Owner).await, stage.scene(Who::Owner).await);
        for foreign in &names {
            checks += 1;
            let (_, body) = request(&one, &row.method, &row.path, Who::Owner).await;
            let mut path = row.path.clone();
            for name in &names {
                let scene = if name == foreign { &other } else { &one };
                path = path.replacen(name, &scene.id_in(&row.path, name).await, 1);
            }
            let before = stage.newest_audit().await;
            let answer = ask(&one, Who::Owner, &row.method, &path, body.as_ref()).await;
            // What is not there needs no removing.
            if row.method == Method::DELETE && answer.status == 204 {
                assert_eq!(stage.newest_audit().await, before, "{path} was removed");
                continue;
            }
            assert_eq!(answer.status, 404, "{} {path}: {}", row.method, answer.text);
        }
    }
    assert!(checks >= 10, "only {checks} were tried");
    println!("{checks} checks");
    stage.server.stop().await;
}

/// What only the server decides is in no body.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_assigns_what_is_not_theirs() {
    const FIELDS: [&str; 9] = [
        "id",
        "org_id",
        "owner_id",
        "role",
        "status",
        "generation",
        "created_at",
        "user_id",
        "platform_admin",
    ];
    let stage = Stage::set().await;
    let scene = stage.scene(Who::Platform).await;
    let mut checks = 0;
    for (method, path, operation) in operations() {
        let Some(schema) = operation.pointer("/requestBody/content/application~1json/schema") else {
            continue;
        };
        let known = properties(schema);
        let (target, body) = request(&scene, &method, &path, Who::Platform).await;
        let body = body.unwrap_or_else(|| panic!("{method} {path} needs a body in requests.rs"));
        for field in FIELDS.iter().filter(|field| !known.contains(**field)) {
            checks += 1;
            let mut body = body.clone();
            body[*field] = json!("owner");
            let answer = ask(&scene, Who::Platform, &method, &target, Some(&body)).await;
            assert_eq!(answer.status, 422, "{method} {path} with {field}: {}", answer.text);
            let errors = answer.json()["errors"].clone();
            let named = errors
                .as_array()
                .unwrap()
                .iter()
                .any(|error| error["code"] == "unknown_field" && error["field"] == *field);
            assert!(named, "{method} {path} with {field}: {errors}");
        }
    }
    assert!(checks > 100, "only {checks} were tried");
    println!("{checks} checks");
    stage.server.stop().await;
}

fn properties(schema: &Value) -> BTreeSet<String> {
    let document: Value = serde_json::from_str(include_str!("../../../../docs/api/openapi.json")).unwrap();
    let name = schema["$ref"].as_str().map(|text| text.trim_start_matches('#').to_owned());
    let schema = name.map_or(schema.clone(), |pointer| document.pointer(&pointer).unwrap().clone());
    let properties = schema["properties"].as_object().cloned().unwrap_or_default();
    properties.keys().cloned().collect()
}

/// The status and headers, and the text of what is refused: answers that are granted may never end.
async fn ask(scene: &Scene<'_>, who: Who, method: &Method, path: &str, body: Option<&Value>) -> Answer {
    let call = scene.call(who, method.clone(), path);
    let call = match body {
        Some(body) => call.json(body),
        None => call,
    };
    let response = call.open().await;
    let (status, headers) = (response.status(), response.headers().clone());
    let text = if status.is_success() { String::new() } else { response.text().await.unwrap() };
    Answer { status, headers, text }
}

impl Stage {
    /// What was recorded last.
    async fn newest_audit(&self) -> Option<AuditId> {
        let page = PageRequest { limit: 1, ..PageRequest::default() };
        let mut reader = self.server.app.store.read().await.unwrap();
        let newest = reader.audit().list(&Default::default(), &page).await.unwrap();
        newest.first().map(|entry| entry.id)
    }
}
