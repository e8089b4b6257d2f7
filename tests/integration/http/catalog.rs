use std::{fs, os::unix::fs::symlink, path::Path};

use devsanctum::domain::role::Role;
use serde_json::{Value, json};

use crate::support::{client::Person, in_process::TestServer};

const WEB: &str = "components: [{name: web, type: frontend, path: ., port: 80}]\n";

fn write(catalog: &Path, file: &str, text: &str) {
    let path = catalog.join(file);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

async fn sync(person: &Person) -> Value {
    person.post("/api/v1/catalog/sync").send().await.expect(200).json()
}

fn report(added: &[&str], updated: &[&str], unchanged: &[&str], removed: &[&str]) -> Value {
    json!({ "added": added, "updated": updated, "unchanged": unchanged, "removed": removed, "errors": [] })
}

async fn names(person: &Person) -> Vec<String> {
    let list = person.get("/api/v1/catalog?sort=name").send().await.expect(200).json();
    list["items"].as_array().unwrap().iter().map(|it| it["name"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_sync_brings_templates_to_what_the_directories_hold() {
    let (server, ada) = TestServer::start().await;
    write(&server.catalog, "hello/devsanctum.yaml", WEB);
    write(&server.catalog, "hello/README.md", "# Hello");
    write(&server.catalog, "hello/Dockerfile", "FROM scratch");
    write(
        &server.catalog,
        "shop/app-manifest.json",
        r#"{"components": [{"name": "web", "type": "frontend"}]}"#,
    );
    assert_eq!(sync(&ada).await, report(&["hello", "shop"], &[], &[], &[]));
    assert_eq!(sync(&ada).await, report(&[], &[], &["hello", "shop"], &[]));

    let list = ada.get("/api/v1/catalog?sort=name").send().await.expect(200).json();
    let hello = &list["items"][0];
    assert_eq!((&hello["org_id"], &hello["readme"]), (&Value::Null, &json!("# Hello")));
    assert_eq!((&hello["source_kind"], &hello["active_version"]), (&json!("catalog"), &json!(1)));

    write(&server.catalog, "hello/Dockerfile", "FROM alpine");
    fs::remove_dir_all(server.catalog.join("shop")).unwrap();
    assert_eq!(sync(&ada).await, report(&[], &["hello"], &[], &["shop"]));
    let list = ada.get("/api/v1/catalog").send().await.expect(200).json();
    assert_eq!(list["items"].as_array().unwrap().len(), 1);
    assert_eq!(list["items"][0]["active_version"], 2);
    server.stop().await;
}

#[tokio::test]
async fn a_broken_directory_is_reported_and_holds_up_nobody() {
    let (server, ada) = TestServer::start().await;
    for name in ["fine", "broken", "strange"] {
        write(&server.catalog, &format!("{name}/devsanctum.yaml"), WEB);
    }
    sync(&ada).await;
    write(
        &server.catalog,
        "broken/devsanctum.yaml",
        "components: [{name: web, type: frontend, port: 0, x: 1}]",
    );
    write(&server.catalog, "fine/more", "");
    symlink("/etc/passwd", server.catalog.join("strange/link")).unwrap();
    fs::create_dir(server.catalog.join("empty")).unwrap();
    let report = sync(&ada).await;
    assert_eq!(report["updated"], json!(["fine"]));
    let paths: Vec<&str> =
        report["errors"].as_array().unwrap().iter().map(|it| it["path"].as_str().unwrap()).collect();
    assert_eq!(paths, ["broken/devsanctum.yaml", "broken/devsanctum.yaml", "empty", "strange"]);
    assert!(report["errors"][3]["message"].as_str().unwrap().contains("/etc/passwd"));
    // What broke is still there as it was.
    assert_eq!(names(&ada).await, ["broken", "fine", "strange"]);
    server.stop().await;
}

#[tokio::test]
async fn while_a_directory_cannot_be_told_nothing_is_taken_for_vanished() {
    let (server, ada) = TestServer::start().await;
    write(&server.catalog, "one/devsanctum.yaml", &format!("slug: first\n{WEB}"));
    sync(&ada).await;
    write(&server.catalog, "one/devsanctum.yaml", "slug: [");
    assert_eq!(sync(&ada).await["removed"], json!([]));
    assert_eq!(names(&ada).await, ["first"]);
    server.stop().await;
}

#[tokio::test]
async fn a_vanished_template_that_workspaces_use_is_kept_and_reported() {
    let (server, ada) = TestServer::start().await;
    write(&server.catalog, "hello/devsanctum.yaml", "components: [{name: web, type: frontend}]");
    sync(&ada).await;
    let body = json!({ "name": "mine", "template": "hello" });
    ada.post("/api/v1/orgs/ada/workspaces").json(&body).send().await.expect(202);
    fs::remove_dir_all(server.catalog.join("hello")).unwrap();
    let report = sync(&ada).await;
    assert_eq!((&report["removed"], &report["errors"][0]["path"]), (&json!([]), &json!("hello")));
    assert_eq!(names(&ada).await, ["hello"]);
    server.stop().await;
}

#[tokio::test]
async fn two_directories_of_one_name_are_told_apart() {
    let (server, ada) = TestServer::start().await;
    write(&server.catalog, "a/devsanctum.yaml", &format!("slug: same\n{WEB}"));
    write(&server.catalog, "b/devsanctum.yaml", &format!("slug: same\n{WEB}# other\n"));
    let report = sync(&ada).await;
    assert_eq!((&report["added"], &report["errors"][0]["path"]), (&json!(["same"]), &json!("b")));
    server.stop().await;
}

#[tokio::test]
async fn the_catalog_is_everybodys_to_read_and_the_platforms_to_change() {
    let (server, ada) = TestServer::start().await;
    write(&server.catalog, "hello/devsanctum.yaml", WEB);
    sync(&ada).await;
    let eve = server.person("eve", None).await;
    assert_eq!(names(&eve).await, ["hello"]);
    let list = eve.get("/api/v1/catalog").send().await.expect(200).json();
    let hello = format!("/api/v1/templates/{}", list["items"][0]["id"].as_str().unwrap());
    eve.get(&hello).send().await.expect(200);
    eve.get(&format!("{hello}/versions")).send().await.expect(200);
    eve.post("/api/v1/catalog/sync").send().await.problem(403, "forbidden");
    eve.delete(&hello).send().await.problem(403, "forbidden");
    eve.post(&format!("{hello}/versions/1/activate")).send().await.problem(403, "forbidden");
    let grace = server.person("grace", None).await;
    let mut work = server.app.store.begin().await.unwrap();
    let org = work.orgs().find_by_slug(&"ada".parse().unwrap()).await.unwrap().unwrap();
    let user = grace.user["id"].as_str().unwrap().parse::<uuid::Uuid>().unwrap();
    work.orgs().set_member(org.id, user.into(), Role::Owner, org.created_at).await.unwrap();
    work.commit().await.unwrap();
    grace.delete(&hello).send().await.problem(403, "forbidden");

    // What the next sync would undo is not done at all.
    for answer in
        [ada.delete(&hello).send().await, ada.patch(&hello).json(&json!({ "icon": "x" })).send().await]
    {
        answer.problem(409, "catalog_template");
    }
    server.anonymous().get("/api/v1/catalog").send().await.problem(401, "unauthenticated");
    server.stop().await;
}
