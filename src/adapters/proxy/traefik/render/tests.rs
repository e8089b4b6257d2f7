use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::domain::{
    route::{PublishedDomain, Route},
    workspace::Status,
};

fn settings() -> TraefikSettings {
    TraefikSettings {
        installation: Uuid::from_u128(1).into(),
        workspace_domain: "ws.example.org".into(),
        access_host: "dev.example.org".into(),
        entry_points: vec!["websecure".into()],
        cert_resolver: Some("letsencrypt".into()),
        domain_cert_resolver: None,
        edge_urls: vec!["http://127.0.0.1:7080".into()],
        forward_auth: Some("http://127.0.0.1:7080/edge/authorize".into()),
    }
}

fn published(number: u128, label: &str, target: RouteTarget) -> PublishedRoute {
    PublishedRoute {
        org_id: Uuid::from_u128(1).into(),
        owner_id: Uuid::from_u128(2).into(),
        route: Route {
            id: Uuid::from_u128(number).into(),
            workspace_id: Uuid::from_u128(number).into(),
            app: None,
            label: label.into(),
            component: "web".parse().unwrap(),
            port: 8080,
            visibility: crate::domain::route::Visibility::Private,
            identity: false,
            target,
        },
        workspace_name: "shop".parse().unwrap(),
        workspace_status: Status::Running,
        domains: Vec::new(),
    }
}

fn live(address: &str) -> RouteTarget {
    RouteTarget::Live { address: address.parse().unwrap(), health: None }
}

#[test]
fn the_document_is_what_traefik_reads() {
    let routes = [
        published(1, "shop-abcdefgh", live("10.201.0.2:8080")),
        published(2, "api--shop-abcdefgh", live("[fd00::2]:3000")),
        published(3, "blog-hgfedcba", RouteTarget::Withdrawn),
    ];
    let rendered = per_route(&settings(), 42, &routes);
    assert_eq!(rendered.routes.len(), 3);
    assert!(rendered.left_out.is_empty());
    insta::assert_snapshot!("per_route", serde_json::to_string_pretty(&rendered.configuration).unwrap());
}

#[test]
fn a_component_is_asked_by_its_own_check_but_not_all_the_time() {
    let check = |seconds| {
        let health = Some(route::HealthCheck {
            path: "/health".into(),
            interval: Duration::from_secs(seconds),
            timeout: Duration::from_secs(1),
        });
        let target = RouteTarget::Live { address: "10.201.0.2:8080".parse().unwrap(), health };
        let rendered = per_route(&settings(), 1, &[published(1, "shop-abcdefgh", target)]);
        let service = &rendered.configuration.http.services[&format!("route-{}", Uuid::from_u128(1))];
        let check = service.load_balancer.health_check.clone().unwrap();
        assert_eq!((check.path.as_str(), check.timeout.as_str()), ("/health", "1000ms"));
        (check.interval, check.unhealthy_interval)
    };
    assert_eq!(check(2), ("10000ms".into(), "2000ms".into()));
    assert_eq!(check(30), ("30000ms".into(), "10000ms".into()));
    let plain = per_route(&settings(), 1, &[published(1, "shop-abcdefgh", live("10.201.0.2:8080"))]);
    assert!(plain.configuration.http.services.values().all(|it| it.load_balancer.health_check.is_none()));
}

#[test]
fn one_router_stands_for_all() {
    let plain =
        TraefikSettings { entry_points: Vec::new(), cert_resolver: None, forward_auth: None, ..settings() };
    let rendered = wildcard::one_for_all(&plain, 0, []);
    insta::assert_snapshot!("wildcard", serde_json::to_string_pretty(&rendered.configuration).unwrap());
    let with_tls = serde_json::to_string(&wildcard::one_for_all(&settings(), 1, []).configuration).unwrap();
    assert!(with_tls.contains(r#""domains":[{"main":"*.ws.example.org"}]"#), "{with_tls}");
}

fn with_domains(route: PublishedRoute, hosts: &[&str]) -> PublishedRoute {
    let domain = |(number, host): (u128, &&str)| PublishedDomain {
        id: Uuid::from_u128(number).into(),
        host: host.parse().unwrap(),
    };
    let first = route.route.id.as_uuid().as_u128() * 100;
    PublishedRoute { domains: (first..).zip(hosts).map(domain).collect(), ..route }
}

#[test]
fn a_custom_domain_has_a_router_and_a_certificate_of_its_own() {
    let resolvers = TraefikSettings { domain_cert_resolver: Some("by-http".into()), ..settings() };
    let routes = [
        with_domains(published(1, "shop-abcdefgh", live("10.201.0.2:8080")), &["shop.example.com"]),
        with_domains(published(2, "blog-hgfedcba", RouteTarget::Withdrawn), &["xn--bcher-kva.example"]),
    ];
    let per_route = per_route(&resolvers, 1, &routes);
    let (wildcard, plain) =
        (wildcard::one_for_all(&resolvers, 1, &routes), wildcard::one_for_all(&settings(), 1, &routes));
    let name = |number: u128| format!("domain-{}", Uuid::from_u128(number));
    let route = format!("route-{}", Uuid::from_u128(1));
    for (rendered, number, host, service, middlewares) in [
        (&per_route, 100, "shop.example.com", route.as_str(), 4),
        (&per_route, 200, "xn--bcher-kva.example", EDGE, 1),
        (&wildcard, 100, "shop.example.com", EDGE, 1),
        (&wildcard, 200, "xn--bcher-kva.example", EDGE, 1),
    ] {
        let router = &rendered.configuration.http.routers[&name(number)];
        assert_eq!(router.rule, format!("Host(`{host}`)"));
        assert_eq!((router.service.as_str(), router.middlewares.len()), (service, middlewares));
        let tls = router.tls.as_ref().unwrap();
        assert_eq!((tls.cert_resolver.as_deref(), tls.domains.len()), (Some("by-http"), 0));
        assert_eq!(rendered.routes[&name(number)], Uuid::from_u128(number / 100).into());
    }
    let tls = plain.configuration.http.routers[&name(100)].tls.as_ref().unwrap();
    assert_eq!(
        tls.cert_resolver.as_deref(),
        Some("letsencrypt"),
        "the general one, without one of their own"
    );
    let without = TraefikSettings { cert_resolver: None, ..settings() };
    assert_eq!(wildcard::one_for_all(&without, 1, &routes).configuration.http.routers[&name(100)].tls, None);
}

#[test]
fn names_that_became_ours_get_no_router_of_a_workspace() {
    let hosts = ["dev.example.org", "x.dev.example.org", "ws.example.org", "a.ws.example.org", "example.org"];
    let routes = [with_domains(published(1, "shop-abcdefgh", live("10.201.0.2:8080")), &hosts)];
    for rendered in [per_route(&settings(), 1, &routes), wildcard::one_for_all(&settings(), 1, &routes)] {
        assert_eq!(rendered.left_out.len(), hosts.len());
        assert!(rendered.left_out.iter().all(|(workspace, _)| *workspace == Uuid::from_u128(1).into()));
        assert!(!rendered.routes.keys().any(|name| name.starts_with("domain-")));
    }
}

#[test]
fn an_empty_table_is_said_in_full() {
    let rendered = per_route(&settings(), 1, []);
    let json = serde_json::to_value(&rendered.configuration).unwrap();
    for map in ["routers", "services", "middlewares", "serversTransports"] {
        assert!(json["http"][map].is_object(), "{map}: Traefik ignores a document that says nothing");
    }
}

#[test]
fn the_mark_tells_tables_apart_and_not_their_order() {
    let (one, two) =
        (published(1, "a-abcdefgh", live("10.0.0.1:80")), published(2, "b-abcdefgh", RouteTarget::Pending));
    let mark =
        |revision, routes: &[&PublishedRoute]| per_route(&settings(), revision, routes.iter().copied()).mark;
    assert_eq!(mark(1, &[&one, &two]), mark(1, &[&two, &one]));
    assert!(mark(1, &[&one]).is_same_table(&mark(2, &[&one])));
    assert!(!mark(1, &[&one]).is_same_table(&mark(1, &[&one, &two])));
    let moved = published(1, "a-abcdefgh", live("10.0.0.2:80"));
    assert!(!mark(1, &[&one]).is_same_table(&mark(1, &[&moved])));
}

#[test]
fn a_host_name_that_would_leave_its_rule_gets_no_router() {
    for label in [
        "",
        "-a",
        "a-",
        "A",
        "a.b",
        "a`) || HostRegexp(`.*",
        "a`",
        "a\\",
        "a b",
        "a\n",
        "a/b",
        "*",
        "ä",
        "{{env}}",
        "a$",
    ] {
        let rendered = per_route(&settings(), 1, &[published(9, label, live("10.0.0.1:80"))]);
        assert_eq!(rendered.left_out.len(), 1, "{label:?}");
        assert!(rendered.routes.is_empty() && rendered.configuration.http.services.len() == 1, "{label:?}");
    }
}

proptest! {
    #[test]
    fn a_rule_holds_one_host_and_nothing_else(label in "\\PC{0,80}", port: u16) {
        let address = format!("10.0.0.1:{port}");
        let rendered = per_route(&settings(), 1, &[published(9, &label, live(&address))]);
        for (name, router) in &rendered.configuration.http.routers {
            let inside = router.rule.strip_prefix("Host(`").and_then(|rule| rule.strip_suffix("`)"));
            let plain = inside.is_some_and(|host| {
                host.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'.')
            });
            prop_assert!(plain || name == WILDCARD, "{}", router.rule);
        }
        let json = serde_json::to_string(&rendered.configuration).unwrap();
        prop_assert_eq!(rendered.left_out.len() + rendered.routes.len(), 1);
        prop_assert_eq!(json.matches(&address).count(), rendered.routes.len());
    }

    #[test]
    fn labels_that_workspaces_have_get_a_router(label in "[a-z]([a-z0-9]{0,20}(-?-?[a-z0-9]){0,10})?") {
        let rendered = per_route(&settings(), 1, &[published(9, &label, RouteTarget::Pending)]);
        prop_assert_eq!(rendered.routes.len(), 1);
    }
}
