//! Who may have a terminal, how they come to it, and when it ends. The shells are in memory.

use devsanctum::domain::role::Role;
use serde_json::{Value, json};

use super::world::World;
use crate::support::{
    client::Person,
    socket::{End, Socket},
};

/// In which a change has to be felt, by the server's clock.
const FELT: i64 = 5;

impl World {
    fn terminal(&self) -> String {
        format!("/api/v1/workspaces/{}/terminal", self.workspace)
    }

    fn origin(&self) -> &str {
        &self.server.app.settings.access_url
    }

    /// As a program opens it.
    async fn sit(&self, person: &Person, query: &str) -> Result<Socket, (u16, String)> {
        let bearer = format!("Bearer {}", person.token);
        let path = format!("{}{query}", self.terminal());
        Socket::open(self.server.address, &path, &[("authorization", &bearer)]).await
    }

    async fn terminal_ticket(&self, person: &Person) -> String {
        let body = json!({ "for": self.terminal() });
        let answer = person.post("/api/v1/tickets").json(&body).send().await.expect(200).json();
        assert_eq!(answer["expires_in"], 30);
        let ticket = answer["ticket"].as_str().unwrap().to_owned();
        let url = format!("{}{}?ticket={ticket}", self.origin().replacen("http", "ws", 1), self.terminal());
        assert_eq!(answer["url"], url);
        ticket
    }

    async fn with_ticket(
        &self,
        ticket: &str,
        headers: &[(&'static str, &str)],
    ) -> Result<Socket, (u16, String)> {
        Socket::open(self.server.address, &format!("{}?ticket={ticket}", self.terminal()), headers).await
    }

    async fn token(&self, person: &Person, scope: &str) -> Person {
        let body = json!({ "name": scope, "scopes": [scope], "expires_at": null });
        let made = person.post("/api/v1/me/tokens").json(&body).send().await.expect(201).json();
        self.server.anonymous().with_token(made["secret"].as_str().unwrap())
    }

    async fn until_terminals(&self, count: usize) {
        for _ in 0..500 {
            if self.server.app.terminals.count() == count {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        panic!("there are {} terminals", self.server.app.terminals.count());
    }

    async fn opened(&self) -> Vec<Value> {
        let path = "/api/v1/audit?action=workspace.terminal_opened";
        let log = self.ada.get(path).send().await.expect(200).json();
        log["items"].as_array().unwrap().clone()
    }
}

fn refusal(refused: Result<Socket, (u16, String)>) -> (u16, String) {
    let (status, body) = refused.err().expect("it is open");
    let problem: Value = serde_json::from_str(&body).unwrap_or_else(|error| panic!("{error}: {body:?}"));
    (status, problem["code"].as_str().unwrap().to_owned())
}

fn error(code: u16, reason: &str, end: &End) {
    assert_eq!((end.code, end.reason.as_str()), (code, reason), "{end:?}");
    assert_eq!((&end.last["type"], &end.last["code"]), (&json!("error"), &json!(reason)), "{end:?}");
    assert!(end.last["detail"].as_str().unwrap().len() > 10, "{end:?}");
}

#[tokio::test]
async fn only_who_may_enter_gets_a_terminal() {
    let world = World::start().await;
    let stranger = world.server.person("stranger", None).await;
    let mut refused = vec![(stranger, 404, "not_found")];
    for (name, role) in [("viewer", Role::Viewer), ("grace", Role::Developer)] {
        refused.push((world.member(name, role).await, 403, "forbidden"));
    }
    refused.push((world.token(&world.owner, "read").await, 403, "insufficient_scope"));
    refused.push((world.server.anonymous().with_token("dvs_nobody"), 401, "invalid_token"));
    for (person, status, code) in &refused {
        assert_eq!(refusal(world.sit(person, "").await), (*status, (*code).to_owned()));
        let body = json!({ "for": world.terminal() });
        person.post("/api/v1/tickets").json(&body).send().await.problem(*status, code);
    }
    assert_eq!(refusal(Socket::open(world.server.address, &world.terminal(), &[]).await).0, 401);
    assert_eq!(world.opened().await, Vec::<Value>::new(), "what is refused leaves no trace");

    let boss = world.member("boss", Role::Admin).await;
    let token = world.token(&world.owner, "workspaces").await;
    for person in [&world.owner, &boss, &world.ada, &token] {
        let socket = world.sit(person, "").await.unwrap();
        assert_eq!(socket.session["resumed"], false);
        assert_eq!(socket.session["component"], "web");
        let ticket = world.terminal_ticket(person).await;
        world.with_ticket(&ticket, &[]).await.unwrap();
    }
    let opened = world.opened().await;
    assert_eq!(opened.len(), 8);
    assert_eq!(opened[0]["detail"], json!({ "component": "web", "resumed": false }));
    assert_eq!(opened[0]["via"], "token");
    world.server.stop().await;
}

#[tokio::test]
async fn a_ticket_is_good_once_for_one_workspace_and_half_a_minute() {
    let world = World::start().await;
    let ticket = world.terminal_ticket(&world.owner).await;
    let other = World::workspace(&world.owner, "other").await["id"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/workspaces/{other}/terminal?ticket={ticket}");
    let elsewhere = Socket::open(world.server.address, &path, &[]).await;
    assert_eq!(refusal(elsewhere), (401, "invalid_ticket".into()));
    world.with_ticket(&ticket, &[]).await.unwrap();
    assert_eq!(refusal(world.with_ticket(&ticket, &[]).await), (401, "invalid_ticket".into()));

    let late = world.terminal_ticket(&world.owner).await;
    world.server.clock.advance(chrono::Duration::seconds(30));
    assert_eq!(refusal(world.with_ticket(&late, &[]).await), (401, "invalid_ticket".into()));

    // What opens the API opens nothing in a URL, and a ticket nothing else.
    assert_eq!(refusal(world.with_ticket(&world.owner.token, &[]).await), (401, "invalid_ticket".into()));
    let ticket = world.terminal_ticket(&world.owner).await;
    world.server.anonymous().with_token(&ticket).get("/api/v1/me").send().await.problem(401, "invalid_token");
    let bearer = format!("Bearer {}", world.owner.token);
    let both = world.with_ticket(&ticket, &[("authorization", &bearer)]).await;
    assert_eq!(refusal(both), (401, "unauthenticated".into()), "two credentials are one too many");

    // Of somebody who may no more.
    let ticket = world.terminal_ticket(&world.owner).await;
    world
        .server
        .anonymous()
        .post("/api/v1/auth/logout")
        .header("cookie", &world.owner.cookie)
        .send()
        .await
        .expect(204);
    world.server.clock.advance(chrono::Duration::seconds(FELT));
    assert_eq!(refusal(world.with_ticket(&ticket, &[]).await), (401, "session_ended".into()));
    world.server.stop().await;
}

#[tokio::test]
async fn no_page_of_somebody_else_opens_one() {
    let world = World::start().await;
    let bearer = format!("Bearer {}", world.owner.token);
    let sibling = world.url("private", "");
    let cookie = world.owner.cookie.clone();
    let foreign = ["http://evil.example", &sibling, "null", "", "https://localhost"];
    for origin in foreign {
        let ticket = world.terminal_ticket(&world.owner).await;
        for headers in [
            vec![("origin", origin), ("authorization", bearer.as_str())],
            vec![("origin", origin), ("authorization", bearer.as_str()), ("cookie", cookie.as_str())],
        ] {
            let refused = Socket::open(world.server.address, &world.terminal(), &headers).await;
            assert_eq!(refusal(refused), (403, "cross_origin".into()), "{origin:?}");
        }
        assert_eq!(
            refusal(world.with_ticket(&ticket, &[("origin", origin)]).await),
            (403, "cross_origin".into())
        );
        // It was not used up.
        world.with_ticket(&ticket, &[("origin", world.origin())]).await.unwrap();
    }
    // A cookie without an origin is a browser that hides something; and no cookie opens anything by itself.
    let ticket = world.terminal_ticket(&world.owner).await;
    let hidden = world.with_ticket(&ticket, &[("cookie", &cookie)]).await;
    assert_eq!(refusal(hidden), (403, "cross_origin".into()));
    let alone = [("cookie", cookie.as_str()), ("origin", world.origin())];
    let refused = Socket::open(world.server.address, &world.terminal(), &alone).await;
    assert_eq!(refusal(refused), (401, "unauthenticated".into()));
    world.with_ticket(&ticket, &alone).await.unwrap();
    world.server.stop().await;
}

#[tokio::test]
async fn wrong_requests_are_told_what_would_be_right() {
    let world = World::start().await;
    for (query, field) in [
        ("?cols=0", "cols"),
        ("?rows=1001", "rows"),
        ("?cols=x", "cols"),
        ("?component=nobody", "component"),
        ("?component=No%20Name", "component"),
    ] {
        let call = world.owner.get(&format!("{}{query}", world.terminal()));
        assert_eq!(call.send().await.problem(422, "invalid"), [field], "{query}");
    }
    world.owner.get(&world.terminal()).send().await.problem(426, "upgrade_required");
    let mut socket = world.sit(&world.owner, "?cols=100&rows=30").await.unwrap();
    socket.press("stty size\r").await;
    socket.until("30 100").await;
    socket.say(r#"{"type":"resize","cols":90,"rows":20}"#).await;
    socket.press("stty size\r").await;
    socket.until("20 90").await;
    socket.say(r#"{"type":"resize","cols":0,"rows":20}"#).await;
    let end = socket.end().await;
    assert_eq!((end.code, end.reason.as_str()), (1008, "cols and rows must be between 1 and 1000"));
    world.server.stop().await;
}

#[tokio::test]
async fn a_shell_outlives_its_connection_and_is_its_persons_alone() {
    let world = World::start().await;
    let mut socket = world.sit(&world.owner, "").await.unwrap();
    socket.press("remember me\r").await;
    socket.until("remember me").await;
    let back = format!("?session={}", socket.id());
    socket.drop_the_line();
    let mut again = world.sit(&world.owner, &back).await.unwrap();
    assert_eq!(again.session["resumed"], true);
    again.until("remember me").await;

    // Somebody else who may enter gets a shell of their own.
    let boss = world.member("boss", Role::Admin).await;
    let other = world.sit(&boss, &back).await.unwrap();
    assert_eq!(other.session["resumed"], false);
    assert_ne!(other.id(), again.id());

    // Whoever comes last has it.
    let mut last = world.sit(&world.owner, &back).await.unwrap();
    error(4409, "taken_over", &again.end().await);
    last.until("remember me").await;
    last.press("exit 3\r").await;
    let end = last.end().await;
    assert_eq!((end.code, &end.last), (1000, &json!({ "type": "exit", "code": 3 })));
    // What is over is not there to come back to.
    assert_eq!(world.sit(&world.owner, &back).await.unwrap().session["resumed"], false);
    // Coming back with the same sign-in is no news; with another credential, it is.
    assert_eq!(world.opened().await.len(), 3);
    world.server.stop().await;
}

#[tokio::test]
async fn coming_back_with_another_credential_is_written_down() {
    let world = World::start().await;
    let socket = world.sit(&world.owner, "").await.unwrap();
    let token = world.token(&world.owner, "workspaces").await;
    let again = world.sit(&token, &format!("?session={}", socket.id())).await.unwrap();
    assert_eq!(again.session["resumed"], true);
    let opened = world.opened().await;
    assert_eq!(opened[0]["detail"], json!({ "component": "web", "resumed": true }));
    assert_eq!((&opened[0]["via"], opened.len()), (&json!("token"), 2));
    world.server.stop().await;
}

#[tokio::test]
async fn a_right_that_ends_ends_the_terminal() {
    let world = World::start().await;
    let boss = world.member("boss", Role::Admin).await;
    let demoted = world.sit(&boss, "").await.unwrap();
    let token = world.token(&world.owner, "workspaces").await;
    let revoked = world.sit(&token, "").await.unwrap();
    let left = world.sit(&world.owner, "").await.unwrap();
    let (back, user) = (format!("?session={}", left.id()), boss.user["id"].as_str().unwrap());
    left.drop_the_line();
    assert_eq!(world.server.app.terminals.count(), 3);

    let path = format!("/api/v1/orgs/acme/members/{user}");
    world.ada.call(reqwest::Method::PUT, &path).json(&json!({ "role": "viewer" })).send().await.expect(200);
    let tokens = world.owner.get("/api/v1/me/tokens").send().await.expect(200).json();
    let id = tokens["items"][0]["id"].as_str().unwrap();
    world.owner.delete(&format!("/api/v1/me/tokens/{id}")).send().await.expect(204);
    let cookie = &world.owner.cookie;
    world.server.anonymous().post("/api/v1/auth/logout").header("cookie", cookie).send().await.expect(204);
    world.server.clock.advance(chrono::Duration::seconds(FELT));
    error(4403, "forbidden", &demoted.end().await);
    error(4401, "session_ended", &revoked.end().await);
    // The shell that nobody looked at went as well.
    let owner = world.server.sign_in("owner").await;
    world.until_terminals(0).await;
    assert_eq!(world.sit(&owner, &back).await.unwrap().session["resumed"], false);
    world.server.stop().await;
}

#[tokio::test]
async fn a_workspace_that_stops_takes_its_terminals_along() {
    let world = World::start().await;
    let socket = world.sit(&world.owner, "").await.unwrap();
    let path = format!("/api/v1/workspaces/{}/stop", world.workspace);
    world.owner.post(&path).send().await.expect(202);
    error(4410, "workspace_stopped", &socket.end().await);
    assert_eq!(refusal(world.sit(&world.owner, "").await), (409, "workspace_stopped".into()));
    world.server.stop().await;
}

#[tokio::test]
async fn a_person_has_so_many_terminals_and_no_more() {
    let world = World::start().await;
    let mut sockets = Vec::new();
    for _ in 0..devsanctum::domain::terminal::PER_WORKSPACE {
        sockets.push(world.sit(&world.owner, "").await.unwrap());
    }
    assert_eq!(refusal(world.sit(&world.owner, "").await), (409, "too_many_terminals".into()));
    let mut one = sockets.pop().unwrap();
    one.press("exit 0\r").await;
    one.end().await;
    world.sit(&world.owner, "").await.unwrap();
    world.server.stop().await;
}

#[tokio::test]
async fn a_server_that_stops_says_so() {
    let world = World::start().await;
    let socket = world.sit(&world.owner, "").await.unwrap();
    let (end, ()) = tokio::join!(socket.end(), world.server.stop());
    error(1001, "server_stopping", &end);
}
