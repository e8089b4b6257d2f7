use crate::support::in_process::TestServer;

#[tokio::test]
async fn readiness_names_every_part() {
    let (server, ada) = TestServer::start().await;
    ada.get("/healthz").send().await.expect(200);
    let ready = ada.get("/readyz").send().await.expect(200).json();
    let names: Vec<_> = ready["parts"].as_array().unwrap().iter().map(|part| part["name"].clone()).collect();
    assert_eq!(names, ["database", "proxy", "docker:local", "mail"]);
    assert_eq!(ready["status"], "ok");

    server.engine.unplug();
    let failing = ada.get("/readyz").send().await.expect(503).json();
    assert_eq!(failing["status"], "failing");
    assert_eq!(failing["parts"][0]["status"], "ok", "the database is not to blame");
    assert_eq!(failing["parts"][2]["status"], "failing");
    assert!(!failing["parts"][2]["detail"].as_str().unwrap().is_empty());
    ada.get("/healthz").send().await.expect(200);
    server.engine.plug_in();
    ada.get("/readyz").send().await.expect(200);
    server.stop().await;
}

#[tokio::test]
async fn metrics_count_requests_by_route_not_by_path() {
    let (server, ada) = TestServer::start().await;
    for path in ["/api/v1/orgs/one", "/api/v1/orgs/two", "/api/v1/nothing"] {
        ada.get(path).send().await.expect(404);
    }
    let metrics = ada.get("/metrics").send().await.expect(200).text;
    for line in [
        r#"devsanctum_http_requests_total{method="GET",route="/api/v1/orgs/{org}",status="404"} 2"#,
        r#"devsanctum_http_requests_total{method="GET",route="unknown",status="404"} 1"#,
        r#"devsanctum_workspaces{status="running"} 0"#,
        "devsanctum_build_info{version=",
    ] {
        assert!(metrics.contains(line), "{line} in\n{metrics}");
    }
    assert!(metrics.trim_end().ends_with("# EOF"));
    server.stop().await;
}

#[tokio::test]
async fn the_ui_goes_out_compressed_and_answers_of_the_api_do_not() {
    let (server, ada) = TestServer::start().await;
    let encoding = async |path: &str| {
        let answer = ada.get(path).header("accept-encoding", "gzip").open().await;
        assert_eq!(answer.status(), 200);
        answer.headers().get("content-encoding").map(|it| it.to_str().unwrap().to_owned())
    };
    assert_eq!(encoding("/workspaces").await.as_deref(), Some("gzip"));
    assert_eq!(encoding("/api/v1/me").await, None);
    server.stop().await;
}

#[tokio::test]
async fn the_documentation_needs_nothing_from_outside() {
    let (server, ada) = TestServer::start().await;
    let page = ada.get("/docs/").send().await.expect(200);
    assert!(!page.text.contains("http://") && !page.text.contains("https://"), "{}", page.text);
    let policy = page.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.contains("script-src 'self';"), "{policy}");
    for file in ["swagger-ui.css", "index.css", "swagger-ui-bundle.js", "swagger-initializer.js"] {
        ada.get(&format!("/docs/{file}")).send().await.expect(200);
    }
    let initializer = ada.get("/docs/swagger-initializer.js").send().await.expect(200).text;
    assert!(initializer.contains("/api/openapi.json"), "{initializer}");
    let document = ada.get("/api/openapi.json").send().await.expect(200).json();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    server.stop().await;
}

#[tokio::test]
async fn every_answer_has_the_headers_that_browsers_need() {
    let (server, ada) = TestServer::start().await;
    for path in ["/", "/api/v1/me", "/api/v1/nothing", "/docs/", "/assets/missing.js"] {
        let answer = ada.get(path).send().await;
        assert_eq!(answer.headers["x-content-type-options"], "nosniff", "{path}");
        let policy = answer.headers["content-security-policy"].to_str().unwrap();
        for directive in
            ["default-src 'self'", "frame-ancestors 'none'", "object-src 'none'", "base-uri 'none'"]
        {
            assert!(policy.contains(directive), "{path}: {policy}");
        }
        assert!(!policy.contains("script-src 'self' "), "{path} allows more scripts: {policy}");
        assert!(!answer.headers.contains_key("access-control-allow-origin"), "{path}");
        assert!(!answer.headers.contains_key("strict-transport-security"), "{path} is plain http");
    }
    server.stop().await;
}

#[tokio::test]
async fn the_ui_answers_its_own_paths_only() {
    let (server, ada) = TestServer::start().await;
    let page = ada.get("/workspaces/1").send().await.expect(200);
    assert!(page.headers["content-type"].to_str().unwrap().starts_with("text/html"));
    ada.get("/assets/index-0000.js").send().await.problem(404, "not_found");
    let version = ada.get("/api/v1/version").send().await.expect(200).json();
    assert_eq!(version["version"], env!("CARGO_PKG_VERSION"));
    server.stop().await;
}
