use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::Duration;
use devsanctum::{
    adapters::jwt::JwtTokens,
    app::auth::keys,
    domain::{
        ids::{InstallationId, SessionId},
        secret::Secret,
        signing_key::{KeyFamily, SigningKey},
    },
    ports::{
        access_token::{AccessClaims, AccessTokens, Purpose, VerifyingKey},
        clock::Clock,
    },
};
use serde_json::Value;
use uuid::Uuid;

use crate::{
    contract::store::engine::with_database,
    support::{in_process::TestServer, python::python},
};

/// For what one server tells another.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(20);

/// The key that signs, opened as a server does it.
async fn signing_key(server: &TestServer) -> VerifyingKey {
    let rows = server.app.store.read().await.unwrap().signing_keys().list(KeyFamily::Access).await.unwrap();
    let row = rows.into_iter().next().unwrap();
    let secret = server.app.sealer.open(&SigningKey::context(row.family, &row.id), &row.sealed).unwrap();
    VerifyingKey { id: row.id, secret }
}

/// The id of the key that signed it.
fn kid(token: &str) -> String {
    let head = BASE64_URL_SAFE_NO_PAD.decode(token.split('.').next().unwrap()).unwrap();
    serde_json::from_slice::<Value>(&head).unwrap()["kid"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_token_is_good_for_a_quarter_of_an_hour() {
    let (server, ada) = TestServer::start().await;
    server.clock.advance(Duration::minutes(14));
    ada.get("/api/v1/me").send().await.expect(200);
    server.clock.advance(Duration::minutes(1));
    ada.get("/api/v1/me").send().await.problem(401, "token_expired");
    server.stop().await;
}

#[tokio::test]
async fn only_our_own_tokens_open() {
    let (server, ada) = TestServer::start().await;
    let user: Uuid = ada.user["id"].as_str().unwrap().parse().unwrap();
    let claims = |session: SessionId| AccessClaims {
        user_id: user.into(),
        credential: session.into(),
        token_id: None,
        issued_at: server.clock.now(),
        expires_at: server.clock.now() + Duration::minutes(15),
    };
    let live =
        server.app.store.read().await.unwrap().sessions().list_live(user.into(), server.clock.now()).await;
    let session = live.unwrap()[0].id;
    let key = signing_key(&server).await;
    let other_key = VerifyingKey { secret: Secret::new("00".repeat(32)), ..key.clone() };
    let issue = |installation: InstallationId, key: &VerifyingKey| {
        let tokens = JwtTokens::new(installation);
        tokens.use_keys(std::slice::from_ref(key)).unwrap();
        tokens.issue(Purpose::Api, &claims(session)).unwrap().expose().to_owned()
    };
    let (head, rest) = ada.token.split_once('.').unwrap();
    let (body, signature) = rest.split_once('.').unwrap();
    for forged in [
        issue(server.app.installation, &other_key),
        issue(Uuid::from_u128(1).into(), &key),
        // {"alg":"none","typ":"at+jwt"}
        format!("eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0In0.{body}."),
        format!("{head}.{body}."),
        format!("{head}.{body}.{}", &signature[1..]),
        "x".repeat(4000),
    ] {
        server.anonymous().with_token(&forged).get("/api/v1/me").send().await.problem(401, "invalid_token");
    }
    let good = issue(server.app.installation, &key);
    server.anonymous().with_token(&good).get("/api/v1/me").send().await.expect(200);

    let nobody = server.app.identity.tokens.issue(Purpose::Api, &claims(Uuid::from_u128(9).into())).unwrap();
    let call = server.anonymous().with_token(nobody.expose()).get("/api/v1/me");
    call.send().await.problem(401, "session_ended");
    server.stop().await;
}

#[tokio::test]
async fn a_token_counts_only_in_its_header() {
    let (server, ada) = TestServer::start().await;
    let anonymous = server.anonymous();
    let query = format!("/api/v1/me?access_token={0}&token={0}", ada.token);
    anonymous.get(&query).send().await.problem(401, "unauthenticated");
    anonymous.get("/api/v1/me").header("cookie", &ada.cookie).send().await.problem(401, "unauthenticated");
    for scheme in ["Basic", "Token", "Bearer:"] {
        let call = anonymous.get("/api/v1/me").header("authorization", &format!("{scheme} {}", ada.token));
        let answer = call.send().await;
        answer.problem(401, "unauthenticated");
        assert_eq!(answer.headers["www-authenticate"], "Bearer");
    }
    let twice = ada.get("/api/v1/me").header("authorization", "Bearer other").send().await;
    twice.problem(401, "unauthenticated");
    server.stop().await;
}

#[tokio::test]
async fn a_new_key_signs_every_thirty_days_and_the_old_one_goes_later() {
    let (server, ada) = TestServer::start().await;
    let first = signing_key(&server).await.id;
    assert_eq!(kid(&ada.token), first);

    server.clock.advance(Duration::days(30) - Duration::minutes(5));
    let before = server.sign_in("ada").await;
    server.clock.advance(Duration::minutes(5));
    keys::keep(&server.app).await.unwrap();
    let after = server.sign_in("ada").await;
    assert_eq!(kid(&before.token), first);
    assert_ne!(kid(&after.token), first);
    for person in [&before, &after] {
        person.get("/api/v1/me").send().await.expect(200);
    }

    server.clock.advance(Duration::hours(13));
    keys::keep(&server.app).await.unwrap();
    let left = server.app.store.read().await.unwrap().signing_keys().list(KeyFamily::Access).await.unwrap();
    assert_eq!(left.len(), 1);
    assert_eq!(left[0].id, kid(&after.token));
    server.stop().await;
}

#[tokio::test]
async fn a_key_that_another_server_has_just_made_is_found() {
    let (server, ada) = TestServer::start().await;
    // As after a restart that has not read it, or before word of it came.
    server.app.identity.tokens.use_keys(&[]).unwrap();
    ada.get("/api/v1/me").send().await.expect(200);

    server.app.identity.tokens.use_keys(&[]).unwrap();
    ada.get("/api/v1/me").send().await.problem(401, "invalid_token");
    server.clock.advance(Duration::seconds(1));
    ada.get("/api/v1/me").send().await.expect(200);
    server.stop().await;
}

/// Of two servers on one database, one makes a new key.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_key_is_good_at_every_server_and_an_old_one_until_its_tokens_expire() {
    with_database(async |url| {
        let servers = TestServer::pair(&url).await;
        let [one, two] = &servers;
        let at = |server: &TestServer, token: &str| server.anonymous().with_token(token).get("/api/v1/me");
        let first = kid(&one.set_up().await.token);
        let old = signing_key(two).await;
        one.clock.advance(Duration::days(30) - Duration::minutes(5));
        let before = [one.sign_in("ada").await.token, two.sign_in("ada").await.token];
        assert_eq!([kid(&before[0]), kid(&before[1])], [first.clone(), first.clone()]);
        one.clock.advance(Duration::minutes(5));
        keys::keep(&one.app).await.unwrap();
        let new = one.sign_in("ada").await.token;
        assert_ne!(kid(&new), first);

        // Word of it comes to the other, which signs with it from then on.
        let began = std::time::Instant::now();
        while kid(&two.sign_in("ada").await.token) != kid(&new) {
            assert!(began.elapsed() < PATIENCE, "the other server goes on signing with the old key");
        }
        // Where word of it has not come yet, the first token of the new key brings it.
        two.app.identity.tokens.use_keys(std::slice::from_ref(&old)).unwrap();
        at(two, &new).send().await.expect(200);
        for server in &servers {
            for token in &before {
                at(server, token).send().await.expect(200);
            }
        }
        let also_new = two.sign_in("ada").await.token;
        at(one, &also_new).send().await.expect(200);

        // Ten minutes of fifteen were left.
        one.clock.advance(Duration::minutes(9));
        for server in &servers {
            at(server, &before[0]).send().await.expect(200);
            at(server, &before[1]).send().await.expect(200);
        }
        one.clock.advance(Duration::minutes(1));
        for server in &servers {
            at(server, &before[0]).send().await.problem(401, "token_expired");
            at(server, &new).send().await.expect(200);
        }
        // Nothing that the old key signed is good any more, and it goes.
        one.clock.advance(Duration::hours(13));
        keys::keep(&two.app).await.unwrap();
        let left = one.app.store.read().await.unwrap().signing_keys().list(KeyFamily::Access).await.unwrap();
        assert_eq!(left.iter().map(|key| key.id.clone()).collect::<Vec<_>>(), [kid(&new)]);
        let last = one.sign_in("ada").await.token;
        at(two, &last).send().await.expect(200);
        for server in servers {
            server.stop().await;
        }
    })
    .await;
}

/// However many keys come of it, each server verifies what the other signs.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_servers_may_make_a_key_at_the_same_moment() {
    with_database(async |url| {
        let [one, two] = TestServer::pair(&url).await;
        let first = kid(&one.set_up().await.token);
        one.clock.advance(Duration::days(30));
        let (made, also) = tokio::join!(keys::keep(&one.app), keys::keep(&two.app));
        made.and(also).unwrap();
        for (signs, verifies) in [(&one, &two), (&two, &one)] {
            let token = signs.sign_in("ada").await.token;
            assert_ne!(kid(&token), first);
            verifies.anonymous().with_token(&token).get("/api/v1/me").send().await.expect(200);
        }
        one.stop().await;
        two.stop().await;
    })
    .await;
}

/// Everything that an independent library lets one say.
#[tokio::test]
async fn tokens_of_another_library_open_only_when_they_are_as_ours() {
    let (server, ada) = TestServer::start().await;
    let key = signing_key(&server).await;
    let script = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/integration/http/tokens.py");
    let asked = python().arg(script).arg(&ada.token).arg(key.secret.expose()).output().unwrap();
    assert!(asked.status.success(), "{}", String::from_utf8_lossy(&asked.stderr));
    let made: Vec<(String, String)> = serde_json::from_slice(&asked.stdout).unwrap();
    assert!(made.len() > 15, "{made:?}");
    let mut opened = 0;
    for (name, token) in made {
        // A key that nobody has is looked for once a second.
        server.clock.advance(Duration::seconds(2));
        let answer = server.anonymous().with_token(&token).get("/api/v1/me").send().await;
        if name.starts_with("good") {
            answer.expect(200);
            opened += 1;
        } else {
            assert_eq!(answer.status, 401, "{name}: {}", answer.text);
        }
    }
    assert_eq!(opened, 2, "what is as ours opens");
    server.stop().await;
}
