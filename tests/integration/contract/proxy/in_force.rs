//! What is in force at Traefik, and how we know.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use axum::{Router, routing::get};
use bytes::Bytes;
use devsanctum::{
    adapters::proxy::traefik::{
        ConfigurationFile, Delivery, Shape, TraefikProxy, TraefikSettings, TraefikUrl,
    },
    domain::{
        route::{HealthCheck, PublishedRoute, RouteTarget},
        secret::Secret,
        workspace::Status,
    },
    ports::proxy::{Edition, ProxyError, ProxyProvider},
};
use http::{HeaderMap, Request, StatusCode};
use http_body_util::Empty;
use tokio::net::TcpListener;
use tokio_util::task::AbortOnDropHandle;

use super::{
    backends::Backend,
    domains::with_domains,
    traefik::Stand,
    world::{Answer, Plane, Tenant, World, eventually},
};
use crate::support::traefik::{Traefik, Way, routes_file};

struct Scene {
    world: World,
    traefik: Traefik,
    proxy: Arc<TraefikProxy>,
}

impl Scene {
    async fn of(way: Way, shape: Shape, change: impl FnOnce(&mut TraefikSettings)) -> Self {
        let (plane, traefik, proxy) = Stand::of(way, shape, change).await.plane().await;
        Self { world: World::around(plane), traefik, proxy }
    }

    async fn rest() -> Self {
        Self::of(Way::Rest, Shape::PerRoute, |_| {}).await
    }

    async fn mark(&self) -> String {
        let shown = self.traefik.shown("/api/http/middlewares/devsanctum-table@rest").await;
        shown["headers"]["customRequestHeaders"]["Devsanctum-Table"].as_str().unwrap().to_owned()
    }

    async fn status(&self, tenant: &Tenant) -> StatusCode {
        self.world.get(&tenant.host(), "/whoami").await.status
    }

    /// As the reconciler of routes does.
    fn refill(&self, routes: Vec<PublishedRoute>) -> tokio::task::JoinHandle<()> {
        let (proxy, edition) = (self.proxy.clone(), self.world.next_edition());
        tokio::spawn(async move {
            loop {
                proxy.lost().await;
                let _ = proxy.publish_all(edition, routes.clone().into()).await;
            }
        })
    }

    async fn end(self) {
        drop(self.traefik);
        self.world.end().await;
    }
}

fn alone(revision: i64) -> Edition {
    Edition { revision, until: None }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_traefik_that_is_killed_and_comes_back_empty_is_filled_within_three_seconds() {
    let mut scene = Scene::rest().await;
    let backend = Backend::web("one").await;
    let tenant = scene.world.live_tenant("shop", backend.address).await;
    assert_eq!(scene.status(&tenant).await, StatusCode::OK);
    let refill = scene.refill(vec![tenant.live(backend.address)]);
    for _ in 0..2 {
        scene.traefik.kill().await;
        assert!(matches!(scene.proxy.check().await, Err(ProxyError::Unreachable(_))), "readiness tells");
        scene.traefik.start_again().await;
        let back = Instant::now();
        eventually("it is filled again", async || scene.status(&tenant).await == StatusCode::OK).await;
        assert!(back.elapsed() < Duration::from_secs(3), "filled after {:?}", back.elapsed());
        eventually("readiness sees it", async || scene.proxy.check().await.is_ok()).await;
    }
    refill.abort();
    scene.end().await;
}

#[tokio::test]
async fn a_router_that_traefik_refuses_is_seen_and_its_route_still_answers() {
    let scene = Scene::of(Way::Rest, Shape::PerRoute, |settings| {
        settings.entry_points = vec!["web".into(), "nowhere".into()];
    })
    .await;
    let backend = Backend::web("one").await;
    let tenant = scene.world.live_tenant("shop", backend.address).await;
    assert_eq!(scene.status(&tenant).await, StatusCode::OK);
    let refused = scene.proxy.check().await.unwrap_err();
    assert!(matches!(&refused, ProxyError::Refused(why) if why.contains("nowhere")), "{refused}");
    let why = scene.proxy.refusal(tenant.live(backend.address).route.id).unwrap();
    assert!(why.contains("nowhere"), "{why}");
    assert_eq!(scene.proxy.refused(), 1);
    scene.end().await;
}

#[tokio::test]
async fn a_route_without_a_router_is_told_apart_from_its_neighbours() {
    let scene = Scene::rest().await;
    let backend = Backend::web("one").await;
    let good = scene.world.tenant("shop").live(backend.address);
    let mut odd = scene.world.tenant("odd").live(backend.address);
    (odd.route.workspace_id, odd.route.label) = (good.route.workspace_id, "no_host-name".into());
    let both = [good.clone(), odd.clone()];
    scene.world.publish_workspace(good.route.workspace_id, &both).await;
    assert_eq!(scene.proxy.refusal(good.route.id), None);
    let why = scene.proxy.refusal(odd.route.id).unwrap();
    assert!(why.contains("host name"), "{why}");
    assert_eq!(scene.proxy.refused(), 1);
    assert!(matches!(scene.proxy.check().await, Err(ProxyError::Refused(_))));

    // Mended, it is not said any more.
    scene.world.publish_workspace(good.route.workspace_id, std::slice::from_ref(&good)).await;
    assert_eq!((scene.proxy.refusal(odd.route.id), scene.proxy.refused()), (None, 0));
    scene.proxy.check().await.unwrap();
    scene.end().await;
}

/// Well or not as it is told, at `/health`; elsewhere always.
async fn moody(well: Arc<AtomicBool>) -> (SocketAddr, AbortOnDropHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let health = get(async move || match well.load(Ordering::SeqCst) {
        true => StatusCode::OK,
        false => StatusCode::INTERNAL_SERVER_ERROR,
    });
    let router = Router::new().route("/health", health).fallback(async || "here");
    let serving = async move { axum::serve(listener, router).await.unwrap() };
    (address, AbortOnDropHandle::new(tokio::spawn(serving)))
}

#[tokio::test]
async fn a_component_that_is_not_well_gets_no_requests_until_it_is() {
    let scene = Scene::rest().await;
    let well = Arc::new(AtomicBool::new(true));
    let (address, _component) = moody(well.clone()).await;
    let tenant = scene.world.tenant("shop");
    let health = Some(HealthCheck {
        path: "/health".into(),
        interval: Duration::from_secs(1),
        timeout: Duration::from_secs(1),
    });
    scene.world.publish(tenant.route(RouteTarget::Live { address, health }, Status::Running)).await;
    assert_eq!(scene.status(&tenant).await, StatusCode::OK);
    well.store(false, Ordering::SeqCst);
    eventually("it gets none", async || scene.status(&tenant).await == StatusCode::SERVICE_UNAVAILABLE).await;
    well.store(true, Ordering::SeqCst);
    eventually("it gets them again", async || scene.status(&tenant).await == StatusCode::OK).await;
    scene.end().await;
}

#[tokio::test]
async fn live_routes_do_not_pass_through_us_and_others_do() {
    let edges = Stand::of(Way::Rest, Shape::PerRoute, |_| {}).await;
    let edge = edges.edge.proxy.clone();
    let (plane, traefik, proxy) = edges.plane().await;
    let scene = Scene { world: World::around(plane), traefik, proxy };
    let asked = || edge.metrics().read().requests.into_iter().collect::<BTreeMap<_, _>>();
    let backend = Backend::web("one").await;
    let tenant = scene.world.live_tenant("shop", backend.address).await;
    assert_eq!(scene.status(&tenant).await, StatusCode::OK);
    assert_eq!(asked()["forwarded"], 0);
    scene.world.publish(tenant.route(RouteTarget::Withdrawn, Status::Stopped)).await;
    assert_eq!(scene.status(&tenant).await, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!((asked()["forwarded"], asked()["not_live"]), (0, 1));
    let nobody = scene.world.tenant("nobody");
    let answer = scene.world.get(&nobody.host(), "/").await;
    assert_eq!(
        (answer.status, answer.json()["code"].as_str()),
        (StatusCode::NOT_FOUND, Some("unknown_host"))
    );
    assert_eq!(scene.world.get("console.test", "/").await.text(), super::world::CONTROL_PLANE);
    drop(edge);
    scene.end().await;
}

/// Decides by a cookie, and says which credentials the component gets.
async fn gatekeeper() -> String {
    let decide = async |headers: HeaderMap| match headers.get("cookie") {
        Some(cookie) if cookie == "own=1; pass=2" => Ok([("cookie", "own=1")]),
        _ => Err(StatusCode::UNAUTHORIZED),
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let gate = Router::new().route("/edge/authorize", get(decide));
    tokio::spawn(async move { axum::serve(listener, gate).await.unwrap() });
    format!("http://{address}/edge/authorize")
}

#[tokio::test]
async fn whoever_decides_about_access_also_says_which_credentials_go_on() {
    let gate = gatekeeper().await;
    let scene = Scene::of(Way::Rest, Shape::PerRoute, |settings| settings.forward_auth = Some(gate)).await;
    let backend = Backend::web("one").await;
    let tenant = scene.world.live_tenant("shop", backend.address).await;
    assert_eq!(scene.status(&tenant).await, StatusCode::UNAUTHORIZED);
    assert_eq!(backend.connections(), 0);
    let request = Request::get("/echo")
        .header("host", tenant.host())
        .header("cookie", "own=1; pass=2")
        .header("authorization", "Bearer secret")
        .body(Empty::<Bytes>::new())
        .unwrap();
    let echo = Answer::read(scene.world.send(request).await).await.text().to_lowercase();
    assert!(echo.contains("own=1") && !echo.contains("pass=2") && !echo.contains("secret"), "{echo}");
    scene.end().await;
}

#[tokio::test]
async fn what_has_not_changed_is_not_given_again() {
    let scene = Scene::rest().await;
    let backend = Backend::web("one").await;
    let tenant = scene.world.live_tenant("shop", backend.address).await;
    let before = scene.mark().await;
    for _ in 0..3 {
        scene.world.publish(tenant.live(backend.address)).await;
        scene.world.publish_all(vec![tenant.live(backend.address)]).await;
    }
    assert_eq!(scene.mark().await, before);
    scene.end().await;
}

#[tokio::test]
async fn every_address_a_workspace_moves_to_is_in_force_at_once() {
    let scene = Scene::rest().await;
    let (one, two) = (Backend::web("one").await, Backend::web("two").await);
    let tenant = scene.world.tenant("shop");
    for backend in [&one, &two].into_iter().cycle().take(20) {
        scene.world.publish(tenant.live(backend.address)).await;
        let name = if std::ptr::eq(backend, &one) { "one" } else { "two" };
        assert_eq!(scene.world.get(&tenant.host(), "/whoami").await.text(), name);
    }
    scene.end().await;
}

#[tokio::test]
async fn the_last_route_that_goes_is_gone() {
    let scene = Scene::rest().await;
    let backend = Backend::web("one").await;
    let tenant = scene.world.live_tenant("shop", backend.address).await;
    let before = backend.connections();
    scene.world.publish_all(Vec::new()).await;
    assert_eq!(scene.status(&tenant).await, StatusCode::NOT_FOUND);
    assert_eq!(backend.connections(), before);
    let routers = scene.traefik.shown("/api/http/routers?search=route-").await;
    assert_eq!(routers.as_array().unwrap().len(), 0, "{routers:#}");
    scene.end().await;
}

#[tokio::test]
async fn a_server_that_fell_behind_replaces_nothing() {
    let stand = Stand::of(Way::Rest, Shape::PerRoute, |_| {}).await;
    let slow = stand.beside(Delivery::Rest);
    let (plane, traefik, proxy) = stand.plane().await;
    let scene = Scene { world: World::around(plane), traefik, proxy };
    let backend = Backend::web("one").await;
    let (gone, new) = (scene.world.tenant("gone"), scene.world.tenant("new"));
    let (old, now) = (gone.live(backend.address), new.live(backend.address));
    let table = |routes: &[&PublishedRoute]| routes.iter().copied().cloned().collect::<Vec<_>>().into();
    scene.proxy.publish_all(alone(7), table(&[&now])).await.unwrap();
    let mark = scene.mark().await;

    let refused = slow.publish_all(alone(6), table(&[&old])).await.unwrap_err();
    assert!(matches!(refused, ProxyError::Behind(_)), "{refused}");
    assert_eq!(scene.mark().await, mark);
    // Heard of by nobody for too long, it does not even try.
    let unheard = Edition { revision: 8, until: Some(Instant::now()) };
    assert!(slow.publish_all(unheard, table(&[&old])).await.is_err());
    assert_eq!(scene.mark().await, mark);
    // When it has caught up, both agree and nobody changes anything.
    slow.publish_all(alone(7), table(&[&now])).await.unwrap();
    assert_eq!(scene.mark().await, mark);
    slow.publish_all(alone(8), table(&[&old])).await.unwrap();
    assert_eq!(scene.status(&gone).await, StatusCode::OK);
    drop(slow);
    scene.end().await;
}

#[tokio::test]
async fn a_file_is_replaced_whole_and_never_by_an_older_one() {
    let stand = Stand::of(Way::File, Shape::PerRoute, |_| {}).await;
    let path = routes_file(stand.traefik.directory());
    let slow = stand.beside(Delivery::File(ConfigurationFile::at(path.clone()).unwrap()));
    let (plane, traefik, proxy) = stand.plane().await;
    let scene = Scene { world: World::around(plane), traefik, proxy };
    let backend = Backend::web("one").await;
    let tenant = scene.world.tenant("shop");
    let routes: Arc<[PublishedRoute]> = vec![tenant.live(backend.address)].into();
    scene.proxy.publish_all(alone(7), routes).await.unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(slow.publish_all(alone(6), Arc::from([])).await.is_err());
    assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
    let names: Vec<_> = std::fs::read_dir(path.parent().unwrap()).unwrap().map(|it| it.unwrap()).collect();
    assert!(!names.iter().any(|it| it.file_name().to_string_lossy().ends_with(".draft")), "{names:?}");
    drop(slow);
    scene.end().await;
}

#[tokio::test]
async fn without_traefiks_api_a_file_is_still_read() {
    let stand = Stand::of(Way::File, Shape::PerRoute, |_| {}).await;
    let path = routes_file(stand.traefik.directory());
    let blind = stand.with(Delivery::File(ConfigurationFile::at(path).unwrap()), None);
    let (plane, traefik, _) = stand.plane().await;
    let plane = Plane { provider: blind, ..plane };
    let world = World::around(plane);
    let backend = Backend::web("one").await;
    let tenant = world.live_tenant("shop", backend.address).await;
    eventually("the route answers", async || {
        world.get(&tenant.host(), "/whoami").await.status == StatusCode::OK
    })
    .await;
    // Whoever takes back waits for it, also without seeing it.
    world.publish_workspace(tenant.id, &[]).await;
    assert_eq!(world.get(&tenant.host(), "/whoami").await.status, StatusCode::NOT_FOUND);
    drop(traefik);
    world.end().await;
}

#[tokio::test]
async fn one_router_serves_any_number_of_routes() {
    let scene = Scene::of(Way::Rest, Shape::Wildcard, |_| {}).await;
    let backend = Backend::web("one").await;
    let tenants: Vec<_> = (0..1_000).map(|i| scene.world.tenant(&format!("t{i}"))).collect();
    scene.world.publish_all(tenants.iter().map(|tenant| tenant.live(backend.address)).collect()).await;
    for tenant in tenants.iter().step_by(100) {
        let answer = scene.world.get(&tenant.host(), "/whoami").await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    }
    let routers = scene.traefik.shown("/api/http/routers?search=devsanctum").await;
    assert_eq!(routers.as_array().unwrap().len(), 2, "{routers:#}");
    scene.end().await;
}

#[tokio::test]
async fn beside_the_one_router_there_are_those_of_custom_domains() {
    let scene = Scene::of(Way::Rest, Shape::Wildcard, |settings| {
        settings.entry_points = vec!["web".into(), "nowhere".into()];
    })
    .await;
    let backend = Backend::web("one").await;
    let tenant = scene.world.live_tenant("shop", backend.address).await;
    let (before, route) = (scene.mark().await, tenant.live(backend.address).route.id);
    scene.world.publish(tenant.route(RouteTarget::Withdrawn, Status::Stopped)).await;
    assert_eq!(scene.mark().await, before, "nothing of it concerns Traefik");
    assert_eq!(scene.proxy.refusal(route), None);
    scene.world.publish(with_domains(&tenant, tenant.live(backend.address), &["shop.example.com"])).await;
    assert_ne!(scene.mark().await, before);
    assert_eq!(scene.world.get("shop.example.com", "/whoami").await.text(), "one");
    // Half of what it asks for is not there, and it is known whose router that is.
    let why = scene.proxy.refusal(route).unwrap();
    assert!(why.contains("nowhere"), "{why}");
    scene.world.publish(tenant.live(backend.address)).await;
    assert_eq!(scene.world.get("shop.example.com", "/whoami").await.status, StatusCode::NOT_FOUND);
    assert_eq!(scene.proxy.refusal(route), None);
    scene.end().await;
}

#[tokio::test]
async fn what_is_wrong_with_traefik_is_told_apart() {
    let traefik = Traefik::start(|_| Vec::new()).await;
    let stand = Stand::of(Way::Rest, Shape::PerRoute, |_| {}).await;
    let url = TraefikUrl::parse(&Secret::new(traefik.url())).unwrap();
    let told = async |url| {
        let proxy = stand.with(Delivery::Rest, Some(url));
        proxy.publish_all(alone(1), Arc::from([])).await.unwrap_err().to_string()
    };
    assert!(told(url).await.contains("providers.rest"));
    let nobody = TraefikUrl::parse(&Secret::new("http://ada:hunter2@127.0.0.1:1")).unwrap();
    let unreachable = told(nobody).await;
    assert!(
        unreachable.contains("DEVSANCTUM_TRAEFIK_URL") && !unreachable.contains("hunter2"),
        "{unreachable}"
    );
    let web = TraefikUrl::parse(&Secret::new(format!("http://{}", traefik.web))).unwrap();
    assert!(told(web).await.contains("there is no API"));

    // As a `basicAuth` middleware does; with the right name and password there is nothing behind it.
    let door = async |headers: HeaderMap| match headers.get("authorization") {
        Some(shown) if shown == "Basic YWRhOnBAc3M=" => StatusCode::IM_A_TEAPOT,
        _ => StatusCode::UNAUTHORIZED,
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, Router::new().fallback(door)).await.unwrap() });
    let with = |login: &str| TraefikUrl::parse(&Secret::new(format!("http://{login}{address}"))).unwrap();
    assert!(told(with("")).await.contains("name and password"));
    assert!(told(with("ada:hunter2@")).await.contains("name and password"));
    assert!(told(with("ada:p%40ss@")).await.contains("418"));
}
