use serde_json::json;

use crate::support::in_process::TestServer;

const PATH: &str = "/api/v1/orgs";

#[tokio::test]
async fn what_is_not_the_right_json_is_refused_by_what_is_wrong() {
    let (server, ada) = TestServer::start().await;
    for (body, status, code, fields) in [
        (r#"{"slug":"#, 400, "malformed_json", &[][..]),
        ("", 400, "malformed_json", &[]),
        ("[]", 422, "invalid", &["body"]),
        ("null", 422, "invalid", &["body"]),
        ("{}", 422, "invalid", &["slug"]),
        (r#"{"slug":7}"#, 422, "invalid", &["slug"]),
        (r#"{"slug":"acme","owner_id":"x"}"#, 422, "invalid", &["owner_id"]),
        (r#"{"slug":"acme","slug":"acme"}"#, 422, "invalid", &["slug"]),
        (r#"{"slug":"ACME"}"#, 422, "invalid", &["slug"]),
        (r#"{"slug":"../x"}"#, 422, "invalid", &["slug"]),
        (r#"{"slug":"🚀"}"#, 422, "invalid", &["slug"]),
        (r#"{"slug":"-","name":"a\u0000b"}"#, 422, "invalid", &["slug", "name"]),
    ] {
        let answer = ada.post(PATH).body("application/json", body).send().await;
        assert_eq!(answer.problem(status, code), fields, "{body}");
    }
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let answer = ada.post(PATH).body("application/json", format!(r#"{{"slug":{deep}}}"#)).send().await;
    assert!(answer.status.is_client_error(), "{}", answer.text);
    let orgs = ada.get(PATH).send().await.expect(200).json();
    assert_eq!(orgs["items"].as_array().unwrap().len(), 1, "nothing was made");
    server.stop().await;
}

#[tokio::test]
async fn other_media_types_and_large_bodies_are_refused() {
    let (server, ada) = TestServer::start().await;
    for content_type in ["text/plain", "application/x-www-form-urlencoded", "application/jsonx"] {
        let answer = ada.post(PATH).body(content_type, r#"{"slug":"acme"}"#).send().await;
        answer.problem(415, "unsupported_media_type");
    }
    ada.post(PATH).send().await.problem(415, "unsupported_media_type");
    let charset = ada.post(PATH).body("application/json; charset=utf-8", r#"{"slug":"acme"}"#);
    charset.send().await.expect(201);
    let large = json!({ "slug": "x".repeat(2 * 1024 * 1024) });
    ada.post(PATH).json(&large).send().await.problem(413, "body_too_large");
    server.stop().await;
}

#[tokio::test]
async fn unknown_paths_and_methods_say_so() {
    let (server, ada) = TestServer::start().await;
    for path in ["/api", "/api/", "/api/v1", "/api/v2/me", "/api/v1/me/nothing", "/api/v1//me"] {
        ada.get(path).send().await.problem(404, "not_found");
    }
    let answer = ada.delete("/api/v1/me").send().await;
    answer.problem(405, "method_not_allowed");
    let allowed = answer.headers["allow"].to_str().unwrap();
    assert!(allowed.contains("GET") && allowed.contains("PATCH"), "{allowed}");
    ada.call(reqwest::Method::TRACE, "/api/v1/me").send().await.problem(405, "method_not_allowed");
    let outside = ada.post("/").send().await;
    outside.problem(405, "method_not_allowed");
    server.stop().await;
}

#[tokio::test]
async fn ids_that_are_none_are_not_found() {
    let (server, ada) = TestServer::start().await;
    for id in ["1", "..", "%2e%2e%2f", "019aa000-0000-7000-8000-00000000000g", "🚀", "%00"] {
        ada.get(&format!("/api/v1/hosts/{id}")).send().await.problem(404, "not_found");
        ada.get(&format!("/api/v1/orgs/{id}")).send().await.problem(404, "not_found");
    }
    server.stop().await;
}
