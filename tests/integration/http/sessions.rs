use chrono::Duration;
use futures::future::join_all;
use serde_json::json;

use crate::support::in_process::{PASSWORD, TestServer};

#[tokio::test]
async fn signing_in_takes_the_name_or_the_address() {
    let (server, _) = TestServer::start().await;
    for login in ["ada", "ADA", " ada@example.org ", "Ada@Example.org"] {
        let body = json!({ "login": login, "password": PASSWORD });
        let answer = server.anonymous().post("/api/v1/auth/login").json(&body).send().await.expect(200);
        let cookie = answer.cookie();
        for part in ["devsanctum_refresh=", "; Path=/api/v1/auth;", "; HttpOnly", "; SameSite=Strict"] {
            assert!(cookie.contains(part), "{part} in {cookie}");
        }
        assert_eq!(answer.json()["expires_in"], 900);
        assert_eq!(answer.headers["cache-control"], "no-store");
    }
    server.stop().await;
}

#[tokio::test]
async fn an_unknown_account_answers_like_a_wrong_password() {
    let (server, _) = TestServer::start().await;
    let login = async |login: &str| {
        let body = json!({ "login": login, "password": "wrong horse battery" });
        let answer = server.anonymous().post("/api/v1/auth/login").json(&body).send().await;
        answer.problem(401, "wrong_credentials");
        let mut told = answer.json();
        told["request_id"].take();
        (told, answer.headers.contains_key("set-cookie"))
    };
    assert_eq!(login("ada").await, login("nobody").await);
    server.stop().await;
}

#[tokio::test]
async fn a_refresh_token_is_used_once_and_its_theft_ends_the_session() {
    let (server, ada) = TestServer::start().await;
    let next = ada.signed_in(ada.refresh(&ada.cookie).await.expect(200));
    assert_ne!(next.cookie, ada.cookie);
    next.get("/api/v1/me").send().await.expect(200);

    server.clock.advance(Duration::seconds(11));
    ada.refresh(&ada.cookie).await.problem(401, "session_ended");
    ada.refresh(&next.cookie).await.problem(401, "session_ended");
    next.get("/api/v1/me").send().await.problem(401, "session_ended");
    server.stop().await;
}

#[tokio::test]
async fn a_lost_reply_does_not_sign_anybody_out() {
    let (server, ada) = TestServer::start().await;
    ada.refresh(&ada.cookie).await.expect(200);
    server.clock.advance(Duration::seconds(9));
    let again = ada.signed_in(ada.refresh(&ada.cookie).await.expect(200));
    again.get("/api/v1/me").send().await.expect(200);
    server.stop().await;
}

#[tokio::test]
async fn a_hundred_refreshes_at_once_end_well() {
    let (server, ada) = TestServer::start().await;
    let answers = join_all((0..100).map(|_| ada.refresh(&ada.cookie))).await;
    for answer in answers {
        let next = ada.signed_in(answer.expect(200));
        next.get("/api/v1/me").send().await.expect(200);
    }
    server.clock.advance(Duration::seconds(11));
    ada.refresh(&ada.cookie).await.problem(401, "session_ended");
    server.stop().await;
}

#[tokio::test]
async fn a_session_ends_when_nobody_used_it_for_long() {
    let (server, ada) = TestServer::start().await;
    server.clock.advance(Duration::days(29));
    let next = ada.signed_in(ada.refresh(&ada.cookie).await.expect(200));
    server.clock.advance(Duration::days(29));
    let next = ada.signed_in(ada.refresh(&next.cookie).await.expect(200));
    server.clock.advance(Duration::days(31));
    ada.refresh(&next.cookie).await.problem(401, "session_ended");
    server.stop().await;
}

#[tokio::test]
async fn leaving_ends_the_session_and_twice_is_fine() {
    let (server, ada) = TestServer::start().await;
    for _ in 0..2 {
        let answer = ada.post("/api/v1/auth/logout").header("cookie", &ada.cookie).send().await.expect(204);
        assert!(answer.cookie().starts_with("devsanctum_refresh=; "), "{}", answer.cookie());
        assert!(answer.cookie().contains("Max-Age=0"));
    }
    ada.get("/api/v1/me").send().await.problem(401, "session_ended");
    ada.refresh(&ada.cookie).await.problem(401, "session_ended");
    server.anonymous().post("/api/v1/auth/logout").send().await.expect(204);
    server.stop().await;
}

#[tokio::test]
async fn only_pages_of_this_server_act_on_the_cookie() {
    let (server, ada) = TestServer::start().await;
    for path in ["/api/v1/auth/refresh", "/api/v1/auth/logout"] {
        for (name, value) in [
            ("origin", "https://evil.example"),
            ("origin", "http://shop-abcdefgh.localhost"),
            ("origin", "null"),
            ("sec-fetch-site", "same-site"),
            ("sec-fetch-site", "cross-site"),
        ] {
            let call = server.anonymous().post(path).header("cookie", &ada.cookie).header(name, value);
            let answer = call.send().await;
            answer.problem(403, "cross_origin");
            assert!(!answer.headers.contains_key("access-control-allow-origin"));
        }
    }
    let own = format!("http://localhost:{}", server.address.port());
    let call = server.anonymous().post("/api/v1/auth/refresh").header("cookie", &ada.cookie);
    call.header("origin", &own).header("sec-fetch-site", "same-origin").send().await.expect(200);
    server.stop().await;
}

#[tokio::test]
async fn without_a_cookie_there_is_nothing_to_refresh() {
    let (server, ada) = TestServer::start().await;
    server.anonymous().post("/api/v1/auth/refresh").send().await.problem(401, "no_session");
    ada.refresh("devsanctum_refresh=forged").await.problem(401, "session_ended");
    let twice = format!("{0}; {0}", ada.cookie);
    ada.refresh(&twice).await.problem(401, "no_session");
    server.stop().await;
}
