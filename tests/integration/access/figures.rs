//! Decisions are counted by what they were, for which visibility, and which proxy asked.

use super::world::World;

#[tokio::test]
async fn decisions_are_counted() {
    let world = World::behind_proxies("127.0.0.0/8").await;
    let stranger = world.server.person("stranger", None).await;
    let pass = world.pass(&world.owner, "private").await;
    let foreign = world.pass(&stranger, "authenticated").await;
    let before = counts(&world).await;
    world.visit("private", "/").header("cookie", &pass).send().await.expect(200);
    world.visit("private", "/").send().await.expect(401);
    world.visit("authenticated", "/").header("accept", "text/html").send().await.expect(303);
    world.visit("authenticated", "/").header("cookie", &foreign).send().await.expect(200);
    world.visit("public", "/").send().await.expect(200);
    let host = world.url("private", "").replace("http://", "");
    let ask = || {
        let call = world.server.anonymous().get("/edge/authorize").header("x-forwarded-host", &host);
        call.header("x-forwarded-method", "GET").header("x-forwarded-uri", "/")
    };
    ask().header("cookie", &pass).send().await.expect(200);
    ask().send().await.expect(401);
    let token = serde_json::json!({ "name": "other", "scopes": ["workspaces"] });
    let token = stranger.post("/api/v1/me/tokens").json(&token).send().await.expect(201).json();
    let token = format!("Bearer {}", token["secret"].as_str().unwrap());
    ask().header("authorization", &token).send().await.expect(403);
    let after = counts(&world).await;
    let more: Vec<_> = after
        .iter()
        .map(|(name, count)| (name.as_str(), count - before.iter().find(|(it, _)| it == name).unwrap().1))
        .filter(|(_, more)| *more > 0)
        .collect();
    assert_eq!(after.len(), 32, "all that there can be, and no more");
    let mut expected = vec![
        (r#"decision="admit",visibility="authenticated",proxy="embedded""#, 1),
        (r#"decision="admit",visibility="private",proxy="embedded""#, 1),
        (r#"decision="admit",visibility="private",proxy="forward_auth""#, 1),
        (r#"decision="refuse",visibility="private",proxy="forward_auth""#, 1),
        (r#"decision="sign_in",visibility="authenticated",proxy="embedded""#, 1),
        (r#"decision="sign_in",visibility="private",proxy="embedded""#, 1),
        (r#"decision="sign_in",visibility="private",proxy="forward_auth""#, 1),
    ];
    expected.sort_unstable();
    assert_eq!(more, expected);
    world.server.stop().await;
}

async fn counts(world: &World) -> Vec<(String, i64)> {
    let text = world.server.anonymous().get("/metrics").send().await.expect(200).text;
    assert!(
        text.contains(r#"devsanctum_route_pushes_total{proxy="embedded",outcome="succeeded"}"#),
        "{text}"
    );
    let lines = text.lines().filter_map(|line| line.strip_prefix("devsanctum_access_decisions_total{"));
    let mut counts: Vec<_> = lines
        .map(|line| {
            let (labels, count) = line.split_once("} ").unwrap();
            (labels.to_owned(), count.parse().unwrap())
        })
        .collect();
    counts.sort_unstable();
    counts
}
