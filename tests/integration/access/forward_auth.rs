//! What a proxy in front is told about a request.

use super::world::World;
use crate::support::client::Call;

fn ask(world: &World, visibility: &'static str, method: &str, path: &str) -> Call {
    let host = world.url(visibility, "").replace("http://", "");
    let call = world.server.anonymous().get("/edge/authorize").header("x-forwarded-host", &host);
    call.header("x-forwarded-method", method).header("x-forwarded-uri", path)
}

#[tokio::test]
async fn a_request_goes_on_without_what_is_the_platforms() {
    let world = World::behind_proxies("127.0.0.0/8").await;
    let pass = world.pass(&world.owner, "private").await;
    let call = ask(&world, "private", "GET", "/a?b=c").header("cookie", &format!("own=1; {pass}"));
    let through = call.header("authorization", "Basic b3duOjE=").send().await.expect(200);
    assert_eq!(through.headers["cookie"], "own=1");
    assert_eq!(through.headers["authorization"], "Basic b3duOjE=");
    let bare = ask(&world, "private", "GET", "/").header("cookie", &pass).send().await.expect(200);
    assert!(!bare.headers.contains_key("cookie"));
    let public =
        ask(&world, "public", "POST", "/").header("authorization", "Bearer dvs_x").header("cookie", &pass);
    let public = public.send().await.expect(200);
    assert!(!public.headers.contains_key("authorization") && !public.headers.contains_key("cookie"));
    world.end().await;
}

#[tokio::test]
async fn whoever_may_not_come_in_gets_the_answer_of_the_gate() {
    let world = World::behind_proxies("127.0.0.0/8").await;
    ask(&world, "private", "GET", "/").send().await.problem(401, "unauthenticated");
    let person =
        ask(&world, "private", "GET", "/deep").header("accept", "text/html").send().await.expect(303);
    assert!(person.headers["location"].to_str().unwrap().contains("/open?to="));
    assert!(person.headers.contains_key("set-cookie"));
    let viewer = world.member("viewer", devsanctum::domain::role::Role::Viewer).await;
    let pass = world.pass(&viewer, "organization").await;
    ask(&world, "organization", "GET", "/").header("cookie", &pass).send().await.expect(200);
    ask(&world, "private", "GET", "/").header("cookie", &pass).send().await.problem(401, "unauthenticated");
    // The way back in, with a ticket, is answered here as well.
    let entrance = ask(&world, "private", "GET", "/.devsanctum/enter?ticket=x&to=%2F").send().await;
    assert_eq!(entrance.status, 400);
    world.end().await;
}

#[tokio::test]
async fn only_proxies_that_are_trusted_are_answered() {
    let world = World::start().await;
    ask(&world, "public", "GET", "/").send().await.problem(403, "not_a_proxy");
    world.end().await;
    let world = World::behind_proxies("127.0.0.0/8").await;
    let path = "/edge/authorize";
    let anonymous = world.server.anonymous();
    anonymous.get(path).send().await.problem(400, "bad_forward");
    for host in ["localhost", "evil", "x.y.localhost", ""] {
        let call = anonymous.get(path).header("x-forwarded-host", host).header("x-forwarded-method", "GET");
        call.header("x-forwarded-uri", "/").send().await.problem(400, "bad_forward");
    }
    for unknown in ["nobody-abcdefgh.localhost", "evil.example"] {
        let call =
            anonymous.get(path).header("x-forwarded-host", unknown).header("x-forwarded-method", "GET");
        call.header("x-forwarded-uri", "/").send().await.problem(404, "not_found");
    }
    let twice = ask(&world, "public", "GET", "/").header("x-forwarded-host", "nobody-abcdefgh.localhost");
    twice.send().await.problem(400, "bad_forward");
    world.end().await;
}
