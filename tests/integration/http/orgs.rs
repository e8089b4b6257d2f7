use devsanctum::domain::role::Role;
use futures::future::join_all;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{client::Person, in_process::TestServer};

const PATH: &str = "/api/v1/orgs";

async fn create(person: &Person, slug: &str, key: &str) -> crate::support::client::Answer {
    person.post(PATH).header("idempotency-key", key).json(&json!({ "slug": slug })).send().await
}

#[tokio::test]
async fn whoever_makes_an_organization_owns_it() {
    let (server, _) = TestServer::start().await;
    let eve = server.person("eve", None).await;
    assert_eq!(eve.get(PATH).send().await.expect(200).json()["items"], json!([]));
    let body = json!({ "slug": "acme", "name": "Acme Inc." });
    let org = eve.post(PATH).json(&body).send().await.expect(201).json();
    assert_eq!(
        (&org["slug"], &org["name"], &org["role"]),
        (&json!("acme"), &json!("Acme Inc."), &json!("owner"))
    );
    assert_eq!(eve.get("/api/v1/orgs/acme").send().await.expect(200).json(), org);
    let by_id = format!("{PATH}/{}", org["id"].as_str().unwrap());
    assert_eq!(eve.get(&by_id).send().await.expect(200).json(), org);
    eve.post(PATH).json(&body).send().await.problem(409, "taken");
    server.stop().await;
}

#[tokio::test]
async fn to_a_stranger_an_organization_does_not_exist() {
    let (server, ada) = TestServer::start().await;
    let org = ada.get("/api/v1/orgs/ada").send().await.expect(200).json();
    let org: Uuid = org["id"].as_str().unwrap().parse().unwrap();
    let eve = server.person("eve", None).await;
    let hidden = eve.get("/api/v1/orgs/ada").send().await;
    hidden.problem(404, "not_found");
    let missing = eve.get("/api/v1/orgs/eda").send().await;
    assert_eq!(hidden.json()["detail"], missing.json()["detail"].as_str().unwrap().replace("eda", "ada"));

    let grace = server.person("grace", Some((org.into(), Role::Viewer))).await;
    assert_eq!(grace.get("/api/v1/orgs/ada").send().await.expect(200).json()["role"], "viewer");
    grace.get("/api/v1/hosts").send().await.problem(403, "forbidden");
    server.stop().await;
}

#[tokio::test]
async fn a_repeated_request_makes_one_organization() {
    let (server, ada) = TestServer::start().await;
    let first = create(&ada, "acme", "k1").await.expect(201).json();
    assert_eq!(create(&ada, "acme", "k1").await.expect(201).json(), first);
    assert_eq!(create(&ada, "other", "k1").await.problem(422, "invalid"), ["Idempotency-Key"]);
    assert_eq!(create(&ada, "x", &"k".repeat(256)).await.problem(422, "invalid"), ["Idempotency-Key"]);
    let eve = server.person("eve", None).await;
    create(&eve, "acme", "k1").await.problem(409, "taken");

    server.clock.advance(chrono::Duration::minutes(14));
    assert_eq!(create(&ada, "acme", "k1").await.expect(201).json(), first);
    server.clock.advance(chrono::Duration::hours(24));
    let ada = server.sign_in("ada").await;
    create(&ada, "other", "k1").await.expect(201);
    server.stop().await;
}

#[tokio::test]
async fn of_twenty_equal_requests_at_once_one_makes_it() {
    let (server, ada) = TestServer::start().await;
    let answers = join_all((0..20).map(|_| create(&ada, "acme", "k1"))).await;
    let made: Vec<Value> = answers
        .iter()
        .filter(|answer| answer.status == 201)
        .map(|answer| answer.json()["id"].clone())
        .collect();
    assert!(!made.is_empty() && made.iter().all(|id| *id == made[0]), "{made:?}");
    for answer in answers.iter().filter(|answer| answer.status != 201) {
        answer.problem(409, "request_in_progress");
    }
    server.stop().await;
}

#[tokio::test]
async fn pages_lead_through_the_whole_list_in_every_order() {
    let (server, ada) = TestServer::start().await;
    for slug in ["cc", "bb", "dd", "aa"] {
        ada.post(PATH).json(&json!({ "slug": slug })).send().await.expect(201);
    }
    for (sort, expected) in [
        ("name", ["aa", "ada", "bb", "cc", "dd"]),
        ("-name", ["dd", "cc", "bb", "ada", "aa"]),
        ("created_at", ["ada", "cc", "bb", "dd", "aa"]),
        ("-created_at", ["aa", "dd", "bb", "cc", "ada"]),
    ] {
        let (mut seen, mut cursor) = (Vec::new(), String::new());
        loop {
            let path = format!("{PATH}?limit=2&sort={sort}{cursor}");
            let page = ada.get(&path).send().await.expect(200).json();
            let items = page["items"].as_array().unwrap();
            assert!(items.len() <= 2);
            seen.extend(items.iter().map(|org| org["slug"].as_str().unwrap().to_owned()));
            let Some(next) = page["next_cursor"].as_str() else { break };
            cursor = format!("&cursor={next}");
        }
        assert_eq!(seen, expected, "{sort}");
    }
    let found = ada.get(&format!("{PATH}?q=A")).send().await.expect(200).json();
    assert_eq!(found["items"].as_array().unwrap().len(), 2);
    for (query, field) in [
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("limit=x", "limit"),
        ("sort=id", "sort"),
        ("cursor=x", "cursor"),
    ] {
        let answer = ada.get(&format!("{PATH}?{query}")).send().await;
        assert_eq!(answer.problem(422, "invalid"), [field], "{query}");
    }
    server.stop().await;
}
