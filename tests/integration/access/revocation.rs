//! A right that is gone is gone at the edge within five seconds, for streams too.

use std::time::Duration;

use devsanctum::domain::{role::Role, route::Visibility};
use futures::StreamExt;
use serde_json::json;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

use super::world::World;
use crate::support::client::Person;

/// In which a change has to be felt, by the server's clock.
const FELT: i64 = 5;
/// Of the tests, which the server's clock does not hurry.
const PATIENCE: Duration = Duration::from_secs(20);

async fn opens(world: &World, visibility: &'static str, pass: &str) -> bool {
    let answer = world.visit(visibility, "/").header("cookie", pass).send().await;
    match answer.status.as_u16() {
        200 => true,
        401 | 403 => false,
        status => panic!("{status}: {}", answer.text),
    }
}

async fn sign_out(world: &World, person: &Person) {
    let call = world.server.anonymous().post("/api/v1/auth/logout").header("cookie", &person.cookie);
    call.send().await.expect(204);
}

pub async fn signing_out_closes_all_addresses(world: &World) {
    let pass = world.pass(&world.owner, "private").await;
    assert!(opens(world, "private", &pass).await);
    sign_out(world, &world.owner).await;
    world.server.clock.advance(chrono::Duration::seconds(FELT));
    assert!(!opens(world, "private", &pass).await);
}

pub async fn whoever_leaves_the_organization_is_out(world: &World) {
    let viewer = world.member("viewer", Role::Viewer).await;
    let pass = world.pass(&viewer, "organization").await;
    assert!(opens(world, "organization", &pass).await);
    let user = viewer.user["id"].as_str().unwrap();
    let path = format!("/api/v1/orgs/acme/members/{user}");
    world.ada.delete(&path).send().await.expect(204);
    world.server.clock.advance(chrono::Duration::seconds(FELT));
    assert!(!opens(world, "organization", &pass).await);
}

pub async fn an_address_that_is_shown_to_fewer_is_so_at_once(world: &World) {
    let viewer = world.member("viewer", Role::Viewer).await;
    let pass = world.pass(&viewer, "organization").await;
    world.narrow("organization", Visibility::Private).await;
    tokio::time::timeout(PATIENCE, async {
        while opens(world, "organization", &pass).await {
            tokio::task::yield_now().await;
        }
    })
    .await
    .expect("the address stays open");
    world.narrow("organization", Visibility::Public).await;
    tokio::time::timeout(PATIENCE, async {
        while world.visit("organization", "/").send().await.status != 200 {
            tokio::task::yield_now().await;
        }
    })
    .await
    .expect("the address stays closed");
}

pub async fn an_organization_limits_how_far_its_addresses_are_shown(world: &World) {
    let boss = world.member("boss", Role::Admin).await;
    let change = json!({ "max_visibility": "organization" });
    world.owner.patch("/api/v1/orgs/acme").json(&change).send().await.problem(403, "forbidden");
    let wrong = json!({ "max_visibility": "everybody" });
    let refused = boss.patch("/api/v1/orgs/acme").json(&wrong).send().await;
    assert_eq!(refused.problem(422, "invalid"), ["max_visibility"]);
    let org = boss.patch("/api/v1/orgs/acme").json(&change).send().await.expect(200).json();
    assert_eq!(org["max_visibility"], "organization");
    tokio::time::timeout(PATIENCE, async {
        while world.visit("public", "/").send().await.status != 401 {
            tokio::task::yield_now().await;
        }
    })
    .await
    .expect("the address stays open");

    let path = format!("/api/v1/workspaces/{}/routes", world.workspace);
    let routes = world.owner.get(&path).send().await.expect(200).json();
    let seen: Vec<_> = routes["items"].as_array().unwrap().iter().map(|route| &route["visibility"]).collect();
    assert_eq!(json!(seen), json!(["private", "organization", "organization", "organization"]));
    let wide = json!({ "app": "wide", "component": "web", "port": 81, "visibility": "authenticated" });
    assert_eq!(world.owner.post(&path).json(&wide).send().await.problem(422, "invalid"), ["visibility"]);
    let route = format!("{path}/{}", routes["items"][0]["id"].as_str().unwrap());
    let public = json!({ "visibility": "public" });
    assert_eq!(world.owner.patch(&route).json(&public).send().await.problem(422, "invalid"), ["visibility"]);
    let fits = json!({ "visibility": "organization" });
    world.owner.patch(&route).json(&fits).send().await.expect(200);

    // Lifted, it widens nothing by itself.
    let lift = json!({ "max_visibility": "public" });
    boss.patch("/api/v1/orgs/acme").json(&lift).send().await.expect(200);
    world.visit("public", "/").send().await.problem(401, "unauthenticated");
    world.owner.patch(&route).json(&public).send().await.expect(200);
    let log = boss.get("/api/v1/orgs/acme/audit?action=org.rename").send().await.expect(200).json();
    assert_eq!(
        log["items"][1]["detail"]["max_visibility"],
        json!({ "before": "public", "after": "organization" })
    );
    assert_eq!(log["items"][1]["detail"]["narrowed_workspaces"], 1);
}

pub async fn streams_and_sockets_end_with_the_right_to_them(world: &World) {
    let pass = world.pass(&world.owner, "private").await;
    let stays = world.visit("public", "/stream").open().await;
    let stream = world.visit("private", "/stream").header("cookie", &pass).open().await;
    assert_eq!(stream.status(), 200);
    let mut stream = stream.bytes_stream();
    assert!(stream.next().await.unwrap().is_ok());
    let mut request = format!("ws://{}/socket", world.door).into_client_request().unwrap();
    let host = world.url("private", "").replace("http://", "");
    request.headers_mut().insert("host", host.parse().unwrap());
    request.headers_mut().insert("cookie", pass.parse().unwrap());
    let (mut socket, _) = tokio_tungstenite::connect_async(request).await.unwrap();
    assert!(socket.next().await.unwrap().is_ok());

    sign_out(world, &world.owner).await;
    world.server.clock.advance(chrono::Duration::seconds(FELT));
    let ended = async {
        assert!(stream.next().await.is_none_or(|piece| piece.is_err()), "the stream goes on");
        assert!(socket.next().await.is_none_or(|frame| frame.is_err()), "the socket goes on");
    };
    tokio::time::timeout(PATIENCE, ended).await.expect("they stay open");
    let mut stays = stays.bytes_stream();
    assert!(stays.next().await.unwrap().is_ok(), "whoever needs no right to it keeps it");
}
