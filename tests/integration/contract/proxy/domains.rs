//! Custom domains beside the labels of their routes.

use devsanctum::domain::{
    route::{PublishedDomain, PublishedRoute, RouteTarget},
    workspace::Status,
};
use futures::{SinkExt, StreamExt};
use http::StatusCode;
use tokio_tungstenite::tungstenite::Message;

use super::{
    backends::Backend,
    upgrades::open,
    world::{CONTROL_PLANE, PATIENCE, Tenant, World, eventually},
};

pub fn with_domains(tenant: &Tenant, route: PublishedRoute, hosts: &[&str]) -> PublishedRoute {
    let domains = hosts.iter().zip(1_u128..).map(|(host, number)| PublishedDomain {
        id: uuid::Uuid::from_u128(tenant.id.as_uuid().as_u128() ^ number).into(),
        host: host.parse().unwrap(),
    });
    PublishedRoute { domains: domains.collect(), ..route }
}

/// Whoever stands in front answers by itself, or we do: nobody is led to a component.
async fn leads_nowhere(world: &World, host: &str) -> bool {
    let answer = world.get(host, "/whoami").await;
    answer.text() == CONTROL_PLANE || answer.status == StatusCode::NOT_FOUND
}

pub async fn a_custom_domain_leads_to_its_component(world: &World) {
    let (one, two) = (Backend::web("one").await, Backend::web("two").await);
    let (first, second) = (world.tenant("shop"), world.tenant("blog"));
    world.publish(with_domains(&first, first.live(one.address), &["shop.example.com", "example.net"])).await;
    world.publish(with_domains(&second, second.live(two.address), &["blog.example.com"])).await;
    for (host, name) in [
        ("shop.example.com", "one"),
        ("Shop.Example.COM:7080", "one"),
        ("shop.example.com.", "one"),
        ("example.net", "one"),
        (first.host().as_str(), "one"),
        ("blog.example.com", "two"),
        (second.host().as_str(), "two"),
    ] {
        assert_eq!(world.get(host, "/whoami").await.text(), name, "{host}");
    }
    let echo = world.get("shop.example.com", "/echo?a=1").await.json();
    let sent = |name: &str| {
        let headers = echo["headers"].as_array().unwrap();
        headers.iter().find(|header| header[0] == name).map(|header| header[1].as_str().unwrap().to_owned())
    };
    assert_eq!(sent("host").as_deref(), Some("shop.example.com"));
    for other in
        ["com", "example.com", "x.shop.example.com", "xshop.example.com", "shop.example.com.evil.test"]
    {
        assert!(leads_nowhere(world, other).await, "{other}");
    }
}

pub async fn a_custom_domain_that_is_taken_back_leads_nowhere(world: &World) {
    let (one, two) = (Backend::web("one").await, Backend::web("two").await);
    let (first, second) = (world.tenant("shop"), world.tenant("blog"));
    let had = |hosts: &[&str]| with_domains(&first, first.live(one.address), hosts);
    world.publish(had(&["shop.example.com", "example.net"])).await;
    assert_eq!(world.get("shop.example.com", "/whoami").await.text(), "one");
    world.publish(had(&["example.net"])).await;
    assert!(leads_nowhere(world, "shop.example.com").await);
    assert_eq!(world.get("example.net", "/whoami").await.text(), "one");
    assert_eq!(world.get(&first.host(), "/whoami").await.text(), "one");

    // It changes hands, in one go.
    let won = with_domains(&second, second.live(two.address), &["example.net"]);
    world.publish_both((first.id, vec![had(&[])]), (second.id, vec![won.clone()])).await;
    assert_eq!(world.get("example.net", "/whoami").await.text(), "two");
    assert_eq!(world.get(&first.host(), "/whoami").await.text(), "one");
    // The other way round, in a table that is read as a whole.
    world.publish_all(vec![had(&["example.net"]), second.live(two.address)]).await;
    assert_eq!(world.get("example.net", "/whoami").await.text(), "one");
    world.publish_workspace(first.id, &[]).await;
    assert!(leads_nowhere(world, "example.net").await);
    assert_eq!(world.get(&second.host(), "/whoami").await.text(), "two");
}

pub async fn a_custom_domain_says_why_its_component_is_not_there(world: &World) {
    let tenant = world.tenant("shop");
    let stopped = tenant.route(RouteTarget::Withdrawn, Status::Stopped);
    world.publish(with_domains(&tenant, stopped, &["shop.example.com"])).await;
    let answer = world.get("shop.example.com", "/").await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(answer.json()["code"], "stopped");
    let one = Backend::web("one").await;
    world.publish(with_domains(&tenant, tenant.live(one.address), &["shop.example.com"])).await;
    eventually("it is started", async || world.get("shop.example.com", "/whoami").await.text() == "one")
        .await;
}

/// Each name has connections of its own.
pub async fn a_custom_domain_that_is_taken_back_ends_its_tunnels(world: &World) {
    let backend = Backend::web("one").await;
    let tenant = world.tenant("shop");
    world
        .publish(with_domains(&tenant, tenant.live(backend.address), &["shop.example.com", "example.net"]))
        .await;
    let mut taken = open(world, "shop.example.com").await;
    let mut stays = [open(world, "example.net").await, open(world, &tenant.host()).await];
    for socket in stays.iter_mut().chain([&mut taken]) {
        socket.send(Message::text("hello")).await.unwrap();
        assert_eq!(socket.next().await.unwrap().unwrap(), Message::text("hello"));
    }
    world.publish(with_domains(&tenant, tenant.live(backend.address), &["example.net"])).await;
    let end = tokio::time::timeout(PATIENCE, taken.next()).await.expect("the tunnel stays open");
    assert!(matches!(end, None | Some(Err(_))), "{end:?}");
    for socket in &mut stays {
        socket.send(Message::text("still here")).await.unwrap();
        assert_eq!(socket.next().await.unwrap().unwrap(), Message::text("still here"));
    }
}

/// Whatever is published, our own names stay ours.
pub async fn no_custom_domain_hides_the_control_plane(world: &World) {
    let one = Backend::web("one").await;
    let tenant = world.tenant("shop");
    let taken = ["console.test", "ws.test", "nobody-abcdefgh.ws.test"];
    world.publish(with_domains(&tenant, tenant.live(one.address), &taken)).await;
    for host in ["console.test", "ws.test"] {
        assert_eq!(world.get(host, "/").await.text(), CONTROL_PLANE, "{host}");
    }
    assert_eq!(world.get("nobody-abcdefgh.ws.test", "/").await.status, StatusCode::NOT_FOUND);
    assert_eq!(one.connections(), 0);
}
