use devsanctum::domain::role::Role;
use serde_json::json;

use super::world::World;
use crate::support::client::Person;

const VISIBILITIES: [&str; 4] = ["private", "organization", "authenticated", "public"];

async fn api_token(person: &Person, scope: &str) -> String {
    let body = json!({ "name": scope, "scopes": [scope] });
    let made = person.post("/api/v1/me/tokens").json(&body).send().await.expect(201).json();
    made["secret"].as_str().unwrap().to_owned()
}

pub async fn each_visibility_lets_in_whom_it_names(world: &World) {
    let stranger = world.server.person("stranger", None).await;
    let viewer = world.member("viewer", Role::Viewer).await;
    let boss = world.member("boss", Role::Owner).await;
    for (who, person, expected) in [
        ("owner", &world.owner, [200, 200, 200, 200]),
        ("viewer", &viewer, [403, 200, 200, 200]),
        ("owner of the organization", &boss, [403, 200, 200, 200]),
        ("platform admin", &world.ada, [403, 200, 200, 200]),
        ("stranger", &stranger, [403, 403, 200, 200]),
    ] {
        let token = api_token(person, "workspaces").await;
        for (visibility, status) in VISIBILITIES.into_iter().zip(expected) {
            let call = world.visit(visibility, "/x").header("authorization", &format!("Bearer {token}"));
            let answer = call.send().await;
            assert_eq!(answer.status.as_u16(), status, "{who} at {visibility}: {}", answer.text);
            let ticket = world.ticket(person, visibility, "/x").await;
            assert_eq!(ticket.status.as_u16(), status, "ticket of {who} for {visibility}: {}", ticket.text);
            if status == 403 {
                answer.problem(403, "address_refused");
                ticket.problem(403, "address_refused");
            }
        }
    }
    for visibility in &VISIBILITIES[..3] {
        let answer = world.visit(visibility, "/").send().await;
        answer.problem(401, "unauthenticated");
        assert_eq!(answer.headers["www-authenticate"], "Bearer");
    }
    world.visit("public", "/").send().await.expect(200);
}

pub async fn a_token_comes_in_by_its_scope_and_goes_no_further(world: &World) {
    for scope in ["read", "templates", "orgs", "account", "platform"] {
        let token = api_token(&world.owner, scope).await;
        let call = world.visit("private", "/").header("authorization", &format!("Bearer {token}"));
        call.send().await.problem(403, "address_refused");
    }
    let token = api_token(&world.owner, "workspaces").await;
    for visibility in VISIBILITIES {
        let call = world.visit(visibility, "/a?b=c").header("authorization", &format!("Bearer {token}"));
        let seen = call.send().await.expect(200).json();
        assert_eq!(seen["path"], "/a?b=c");
        assert!(!seen.to_string().contains("dvs_"), "{visibility}: {seen}");
    }
    // What the workspace itself asks for is not ours.
    let own =
        world.visit("public", "/").header("authorization", "Bearer its-own").send().await.expect(200).json();
    assert_eq!(own["headers"]["authorization"], "Bearer its-own");
    // An access token opens the API, and no address.
    for token in [world.owner.token.as_str(), "dvs_unknown", "its-own"] {
        let call = world.visit("private", "/").header("authorization", &format!("Bearer {token}"));
        call.send().await.problem(401, "unauthenticated");
    }
    let query = format!("/?token={token}&access_token={token}&ticket={token}");
    world.visit("private", &query).send().await.problem(401, "unauthenticated");
}

pub async fn tickets_are_for_addresses_and_for_people(world: &World) {
    let ask = async |person: &Person, url: &str| {
        person.post("/api/v1/tickets").json(&json!({ "for": url })).send().await
    };
    for wrong in
        ["", "/", "/api/v1/me", "https://evil.example/", "http://localhost/", "http://x.evil.example/"]
    {
        ask(&world.owner, wrong).await.problem(422, "invalid");
    }
    let unknown = world.server.app.settings.route_url("nobody-abcdefgh");
    ask(&world.owner, &unknown).await.problem(404, "not_found");
    let token = world.server.anonymous().with_token(&api_token(&world.owner, "workspaces").await);
    ask(&token, &world.url("private", "/")).await.problem(403, "session_needed");
}
