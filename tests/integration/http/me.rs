use serde_json::json;

use crate::support::in_process::{PASSWORD, TestServer};

#[tokio::test]
async fn people_name_themselves() {
    let (server, ada) = TestServer::start().await;
    let me = async |body| ada.patch("/api/v1/me").json(&body).send().await;
    assert_eq!(me(json!({ "display_name": " Ada L. " })).await.expect(200).json()["display_name"], "Ada L.");
    assert_eq!(me(json!({})).await.expect(200).json()["display_name"], "Ada L.");
    assert_eq!(me(json!({ "display_name": "x".repeat(81) })).await.problem(422, "invalid"), ["display_name"]);
    assert_eq!(me(json!({ "platform_admin": true })).await.problem(422, "invalid"), ["platform_admin"]);
    server.stop().await;
}

#[tokio::test]
async fn a_new_password_ends_all_other_sessions() {
    let (server, ada) = TestServer::start().await;
    let elsewhere = server.sign_in("ada").await;
    let change = async |current: &str, new: &str| {
        let body = json!({ "current_password": current, "new_password": new });
        ada.post("/api/v1/me/password").json(&body).send().await
    };
    assert_eq!(
        change("wrong horse battery", "new horse battery").await.problem(422, "invalid"),
        ["current_password"]
    );
    assert_eq!(change(PASSWORD, "short").await.problem(422, "invalid"), ["new_password"]);
    elsewhere.get("/api/v1/me").send().await.expect(200);

    change(PASSWORD, "new horse battery").await.expect(204);
    ada.get("/api/v1/me").send().await.expect(200);
    elsewhere.get("/api/v1/me").send().await.problem(401, "session_ended");
    let login = async |password: &str| {
        let body = json!({ "login": "ada", "password": password });
        server.anonymous().post("/api/v1/auth/login").json(&body).send().await
    };
    login(PASSWORD).await.problem(401, "wrong_credentials");
    login("new horse battery").await.expect(200);
    server.stop().await;
}

#[tokio::test]
async fn sessions_are_listed_and_ended_one_by_one() {
    let (server, ada) = TestServer::start().await;
    let elsewhere = server.sign_in("ada").await;
    let list = async || ada.get("/api/v1/me/sessions").send().await.expect(200).json()["items"].clone();
    let sessions = list().await;
    assert_eq!(sessions.as_array().unwrap().len(), 2);
    let other = sessions.as_array().unwrap().iter().find(|session| session["current"] == false).unwrap();
    assert_eq!(other["address"], "127.0.0.1");
    let path = format!("/api/v1/me/sessions/{}", other["id"].as_str().unwrap());

    let eve = server.person("eve", None).await;
    eve.delete(&path).send().await.problem(404, "not_found");
    elsewhere.get("/api/v1/me").send().await.expect(200);
    for _ in 0..2 {
        ada.delete(&path).send().await.expect(204);
    }
    elsewhere.get("/api/v1/me").send().await.problem(401, "session_ended");
    assert_eq!(list().await.as_array().unwrap().len(), 1);
    server.stop().await;
}

#[tokio::test]
async fn all_other_sessions_end_at_once() {
    let (server, ada) = TestServer::start().await;
    let (phone, tablet) = (server.sign_in("ada").await, server.sign_in("ada").await);
    let bob = server.person("bob", None).await;
    for _ in 0..2 {
        ada.delete("/api/v1/me/sessions").send().await.expect(204);
    }
    ada.get("/api/v1/me").send().await.expect(200);
    bob.get("/api/v1/me").send().await.expect(200);
    for other in [phone, tablet] {
        other.get("/api/v1/me").send().await.problem(401, "session_ended");
        other.refresh(&other.cookie).await.problem(401, "session_ended");
    }
    server.stop().await;
}

#[tokio::test]
async fn a_sign_in_from_somewhere_new_is_told_to_the_owner() {
    const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
    let trusted = vec!["127.0.0.0/8".parse().unwrap()];
    let (server, ada) = TestServer::start_with_proxies(trusted).await;
    let login = async |address: &str, user_agent: &str| {
        let call = server.anonymous().post("/api/v1/auth/login").header("x-forwarded-for", address);
        let body = json!({ "login": "ada", "password": PASSWORD });
        call.header("user-agent", user_agent).json(&body).send().await.expect(200);
    };
    login("198.51.100.7", FIREFOX).await;
    let mail = server.mails.take("ada@example.org", "New sign-in").await;
    assert!(mail.text.contains("Device: Firefox on Linux\nFrom: 198.51.100.7"), "{}", mail.text);
    // The same device in the same network, after an update of the browser.
    login("198.51.100.7", &FIREFOX.replace("140", "141")).await;
    login("203.0.113.9", FIREFOX).await;
    let mail = server.mails.take("ada@example.org", "New sign-in").await;
    assert!(mail.text.contains("203.0.113.9"), "{}", mail.text);
    login("198.51.100.7", "curl/8.5.0").await;
    let mail = server.mails.take("ada@example.org", "New sign-in").await;
    assert!(mail.text.contains("Device: curl"), "{}", mail.text);
    assert!(server.mails.sent().is_empty());

    let sessions = ada.get("/api/v1/me/sessions").send().await.expect(200).json();
    let devices: Vec<_> = sessions["items"].as_array().unwrap().iter().map(|it| &it["device"]).collect();
    assert!(
        devices.contains(&&json!("curl")) && devices.contains(&&json!("Firefox on Linux")),
        "{devices:?}"
    );
    server.stop().await;
}
