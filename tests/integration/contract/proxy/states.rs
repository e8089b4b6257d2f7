//! Routes that lead nowhere at the moment, and components that do not answer.

use std::time::Instant;

use bytes::Bytes;
use devsanctum::domain::{route::RouteTarget, workspace::Status};
use http::{Method, Request, StatusCode, header::HOST};
use http_body_util::Full;
use tokio::{io::AsyncReadExt, net::TcpListener};

use super::{
    backends::Backend,
    world::{ACCESS_URL, Answer, PATIENCE, World, get},
};

const STATES: [(Status, StatusCode, &str); 8] = [
    (Status::Pending, StatusCode::SERVICE_UNAVAILABLE, "starting"),
    (Status::Provisioning, StatusCode::SERVICE_UNAVAILABLE, "starting"),
    (Status::Running, StatusCode::SERVICE_UNAVAILABLE, "starting"),
    (Status::Stopping, StatusCode::SERVICE_UNAVAILABLE, "stopped"),
    (Status::Stopped, StatusCode::SERVICE_UNAVAILABLE, "stopped"),
    (Status::Failed, StatusCode::SERVICE_UNAVAILABLE, "failed"),
    (Status::Unknown, StatusCode::SERVICE_UNAVAILABLE, "host_unknown"),
    (Status::Destroying, StatusCode::NOT_FOUND, "workspace_gone"),
];

pub async fn routes_that_are_not_live_say_why(world: &World) {
    let tenant = world.tenant("shop");
    for (status, code, why) in STATES {
        for target in [RouteTarget::Pending, RouteTarget::Withdrawn] {
            world.publish(tenant.route(target, status)).await;
            let answer = world.get(&tenant.host(), "/api").await;
            assert_eq!(answer.status, code, "{status:?}");
            assert_eq!(answer.header("content-type"), Some("application/problem+json"));
            assert_eq!(answer.header("cache-control"), Some("no-store"));
            let problem = answer.json();
            assert_eq!(problem["code"], why);
            assert_eq!(problem["status"], code.as_u16());
            assert!(problem["title"].as_str().unwrap().starts_with("shop "));
            if code == StatusCode::SERVICE_UNAVAILABLE {
                let seconds: u32 = answer.header("retry-after").unwrap().parse().unwrap();
                assert!((1..=60).contains(&seconds));
            }
        }
    }
}

pub async fn people_get_a_page(world: &World) {
    let tenant = world.tenant("shop");
    let browser = |method: Method| {
        Request::builder()
            .method(method)
            .uri("/a?b=c")
            .header(HOST, tenant.host())
            .header("accept", "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8")
            .body(Full::<Bytes>::default())
            .unwrap()
    };
    for (status, code, why) in STATES {
        world.publish(tenant.route(RouteTarget::Withdrawn, status)).await;
        let page = Answer::read(world.send(browser(Method::GET)).await).await;
        assert_eq!(page.status, code);
        assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
        assert_eq!(page.header("devsanctum-route"), Some(why));
        let policy = page.header("content-security-policy").unwrap();
        assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
        let html = page.text();
        assert!(html.contains(r#"<html lang="en">"#) && html.contains("<h1 id=\"title\">shop "), "{html}");
        assert!(!html.contains("{{"), "a slot was not filled: {html}");
        let way = match why {
            "starting" | "stopped" | "failed" => {
                format!("/open?to=http%3A%2F%2F{}%2Fa%3Fb%3Dc", tenant.host())
            }
            "workspace_gone" => "/workspaces".to_owned(),
            _ => format!("/workspaces/{}", tenant.id),
        };
        let link = format!("href=\"{ACCESS_URL}{way}\"");
        assert!(html.contains(&link), "{link} in {html}");
        // Nothing is loaded: the only address in it is the way to the control plane.
        let rest = html.replace(&link, "").replace("http-equiv", "");
        assert!(!rest.contains("http"), "{html}");

        let head = Answer::read(world.send(browser(Method::HEAD)).await).await;
        assert_eq!((head.status, head.body.len()), (code, 0));
    }
    let post = Answer::read(world.send(browser(Method::POST)).await).await;
    assert_eq!(post.header("content-type"), Some("application/problem+json"));
}

pub async fn a_component_that_is_down_is_a_bad_gateway(world: &World) {
    // An address that was free a moment ago.
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let tenant = world.live_tenant("shop", free).await;
    let answer = world.get(&tenant.host(), "/").await;
    assert_eq!(answer.status, StatusCode::BAD_GATEWAY);
    assert_eq!(answer.json()["code"], "backend_unreachable");

    let backend = Backend::scripted(async |stream| drop(stream)).await;
    world.publish(tenant.live(backend.address)).await;
    assert_eq!(world.get(&tenant.host(), "/").await.status, StatusCode::BAD_GATEWAY);

    let backend = Backend::scripted(async |mut stream| {
        let mut request = [0; 4096];
        assert_ne!(stream.read(&mut request).await.unwrap(), 0);
        tokio::io::AsyncWriteExt::write_all(&mut stream, b"SSH-2.0-OpenSSH_9.2\r\n\r\n").await.unwrap();
    })
    .await;
    world.publish(tenant.live(backend.address)).await;
    assert_eq!(world.get(&tenant.host(), "/").await.status, StatusCode::BAD_GATEWAY);
}

pub async fn a_component_that_never_answers_is_a_gateway_timeout(world: &World) {
    let backend = Backend::scripted(async |mut stream| {
        let mut sink = Vec::new();
        stream.read_to_end(&mut sink).await.ok();
    })
    .await;
    let host = world.live_tenant("shop", backend.address).await.host();
    let asked = Instant::now();
    let answer = world.get(&host, "/").await;
    assert_eq!(answer.status, StatusCode::GATEWAY_TIMEOUT);
    assert_eq!(answer.json()["code"], "backend_timeout");
    assert!(asked.elapsed() >= world.head_timeout() && asked.elapsed() < PATIENCE);
    assert_eq!(backend.connections(), 1, "a request that was taken is not sent again");

    // Others are not held up meanwhile.
    let other = Backend::web("other").await;
    let other_host = world.live_tenant("other", other.address).await.host();
    let slow = world.send(get(&host, "/"));
    tokio::select! {
        _ = slow => panic!("the silent component answered first"),
        answer = world.get(&other_host, "/whoami") => assert_eq!(answer.text(), "other"),
    }
}

/// A table that may be old leads to nobody, and says so, until somebody vouches for it again.
pub async fn what_nobody_vouches_for_any_more_is_not_routed(world: &World) {
    let backend = Backend::web("one").await;
    let tenant = world.live_tenant("shop", backend.address).await;
    let mut session = world.session().await;
    let status =
        async |session: &mut super::world::Session| session.get(&tenant.host(), "/whoami").await.status;
    assert_eq!(status(&mut session).await, StatusCode::OK);

    world.vouch(Instant::now() + PATIENCE);
    assert_eq!(status(&mut session).await, StatusCode::OK);
    world.vouch(Instant::now());
    for host in [tenant.host(), world.tenant("other").host()] {
        let answer = session.get(&host, "/whoami").await;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(answer.header("devsanctum-route"), Some("routes_unknown"));
        assert!(answer.header("retry-after").is_some());
    }
    assert!(world.is_failing().await, "and readiness tells");
    world.vouch(Instant::now() + PATIENCE);
    assert_eq!(status(&mut session).await, StatusCode::OK);
}
