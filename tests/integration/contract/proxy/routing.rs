//! Host names.

use bytes::Bytes;
use devsanctum::domain::{route::RouteTarget, workspace::Status};
use http::{Request, StatusCode};
use http_body_util::Full;

use super::{
    backends::Backend,
    world::{Answer, CONTROL_PLANE, DOMAIN, World, get},
};

pub async fn a_route_leads_to_its_component(world: &World) {
    let (one, two) = (Backend::web("one").await, Backend::web("two").await);
    let first = world.live_tenant("shop", one.address).await;
    let second = world.live_tenant("shop", two.address).await;
    assert_ne!(first.host(), second.host());

    assert_eq!(world.get(&first.host(), "/whoami").await.text(), "one");
    assert_eq!(world.get(&second.host(), "/whoami").await.text(), "two");
    let echo = world.get(&first.host(), "/echo?a=1&b=%20/").await.json();
    assert_eq!(echo["target"], "/echo?a=1&b=%20/");
    world.check().await;
}

pub async fn host_names_are_compared_without_case_port_and_dot(world: &World) {
    let backend = Backend::web("one").await;
    let host = world.live_tenant("shop", backend.address).await.host();
    for host in [host.to_uppercase(), format!("{host}:8080"), format!("{host}."), format!("{host}.:80")] {
        assert_eq!(world.get(&host, "/whoami").await.text(), "one", "{host}");
    }
}

pub async fn unknown_hosts_are_not_found(world: &World) {
    let backend = Backend::web("one").await;
    let tenant = world.live_tenant("shop", backend.address).await;
    let long = "x".repeat(300);
    for label in ["nobody", "", "shop", &format!("a.{}", tenant.label), &format!("{}x", tenant.label), &long]
    {
        let answer = world.get(&format!("{label}.{DOMAIN}"), "/whoami").await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{label}");
        assert_eq!(answer.header("content-type"), Some("application/problem+json"));
        assert_eq!(answer.json()["code"], "unknown_host");
    }
    assert_eq!(backend.connections(), 0);
}

pub async fn other_hosts_are_the_control_plane(world: &World) {
    for host in ["console.test:7080", "127.0.0.1:7080", "[::1]", DOMAIN, "elsewhere.test"] {
        assert_eq!(world.get(host, "/").await.text(), CONTROL_PLANE, "{host}");
    }
}

pub async fn ambiguous_hosts_are_refused(world: &World) {
    let backend = Backend::web("one").await;
    let host = world.live_tenant("shop", backend.address).await.host();
    for head in [
        "GET /whoami HTTP/1.1".to_owned(),
        format!("GET /whoami HTTP/1.1\r\nHost: {host}\r\nHost: {host}"),
        format!("GET /whoami HTTP/1.1\r\nHost: {host}\r\nHost: console.test"),
        format!("GET http://console.test/whoami HTTP/1.1\r\nHost: {host}"),
        format!("GET http://{host}/whoami HTTP/1.1\r\nHost: console.test"),
        format!("GET /whoami HTTP/1.1\r\nHost: console.test@{host}"),
        format!("GET /whoami HTTP/1.1\r\nHost: {host}, console.test"),
        "GET /whoami HTTP/1.1\r\nHost:".to_owned(),
    ] {
        let answer = world.send_raw(format!("{head}\r\nConnection: close\r\n\r\n").as_bytes()).await;
        assert!(answer.starts_with("HTTP/1.1 400 "), "{head}: {answer}");
    }
    assert_eq!(backend.connections(), 0);

    let same = format!("GET http://{host}/echo?x HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    let answer = world.send_raw(same.as_bytes()).await;
    assert!(answer.contains(r#""target":"/echo?x""#), "{answer}");

    let answer = world
        .send_raw(
            format!("CONNECT {host}:80 HTTP/1.1\r\nHost: {host}:80\r\nConnection: close\r\n\r\n").as_bytes(),
        )
        .await;
    assert!(answer.starts_with("HTTP/1.1 405 "), "{answer}");
}

pub async fn publishing_all_replaces_everything(world: &World) {
    let (one, two) = (Backend::web("one").await, Backend::web("two").await);
    let old = world.live_tenant("old", one.address).await;
    let kept = world.live_tenant("kept", one.address).await;
    let new = world.tenant("new");

    world.publish_all(vec![kept.live(one.address), new.live(two.address)]).await;
    assert_eq!(world.get(&old.host(), "/whoami").await.status, StatusCode::NOT_FOUND);
    assert_eq!(world.get(&kept.host(), "/whoami").await.text(), "one");
    assert_eq!(world.get(&new.host(), "/whoami").await.text(), "two");

    world.publish_all(Vec::new()).await;
    assert_eq!(world.get(&kept.host(), "/whoami").await.status, StatusCode::NOT_FOUND);
}

pub async fn publishing_one_workspace_leaves_the_others(world: &World) {
    let (one, two) = (Backend::web("one").await, Backend::web("two").await);
    let other = world.live_tenant("other", one.address).await;
    let tenant = world.live_tenant("shop", one.address).await;

    // A second application, while the first leads elsewhere.
    let mut app = tenant.live(two.address);
    app.route.app = Some("api".parse().unwrap());
    app.route.label = format!("api--{}", tenant.label);
    let app_host = format!("{}.{DOMAIN}", app.route.label);
    let stopped = tenant.route(RouteTarget::Withdrawn, Status::Stopped);
    world.publish_workspace(tenant.id, &[stopped, app]).await;
    assert_eq!(world.get(&app_host, "/whoami").await.text(), "two");
    assert_eq!(world.get(&tenant.host(), "/whoami").await.status, StatusCode::SERVICE_UNAVAILABLE);

    world.publish_workspace(tenant.id, &[tenant.live(one.address)]).await;
    assert_eq!(world.get(&app_host, "/whoami").await.status, StatusCode::NOT_FOUND);
    assert_eq!(world.get(&tenant.host(), "/whoami").await.text(), "one");

    world.publish_workspace(tenant.id, &[]).await;
    assert_eq!(world.get(&tenant.host(), "/whoami").await.status, StatusCode::NOT_FOUND);
    assert_eq!(world.get(&other.host(), "/whoami").await.text(), "one");
}

pub async fn both_protocol_versions_are_served(world: &World) {
    let backend = Backend::web("one").await;
    let host = world.live_tenant("shop", backend.address).await.host();
    let request =
        |path: &str| Request::get(format!("http://{host}{path}")).body(Full::<Bytes>::default()).unwrap();
    assert_eq!(Answer::read(world.send_http2(request("/whoami")).await).await.text(), "one");
    let echo = Answer::read(world.send_http2(request("/echo")).await).await.json();
    let hosts: Vec<_> =
        echo["headers"].as_array().unwrap().iter().filter(|header| header[0] == "host").collect();
    assert_eq!(hosts.len(), 1);
    assert_eq!(hosts[0][1], host.as_str());
    assert_eq!(Answer::read(world.send(get(&host, "/whoami")).await).await.text(), "one");
}
