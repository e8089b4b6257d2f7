//! A real Traefik in front of our own edge, with each way of giving it the routes.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use axum::{Router, http::StatusCode, routing::get};
use devsanctum::{
    adapters::proxy::traefik::{
        ConfigurationFile, Delivery, ServedConfiguration, Shape, TraefikProxy, TraefikSettings, TraefikUrl,
    },
    domain::secret::Secret,
    ports::proxy::{Edition, ProxyError, ProxyProvider, RouteServer},
};
use uuid::Uuid;

use super::{
    embedded::EdgeHere,
    world::{DOMAIN, Plane, eventually},
};
use crate::support::traefik::Traefik;

/// What our configuration gives a component (`responseHeaderTimeout`).
const HEAD_TIMEOUT: Duration = Duration::from_secs(120);

/// Where Traefik's routes come from in a test.
#[derive(Clone, Copy)]
pub enum Way {
    Rest,
    Http,
    File,
}

/// A Traefik with our edge behind it.
pub struct Stand {
    pub traefik: Traefik,
    pub proxy: Arc<TraefikProxy>,
    pub edge: EdgeHere,
    settings: TraefikSettings,
    routes: Router,
}

impl Stand {
    pub async fn of(way: Way, shape: Shape, change: impl FnOnce(&mut TraefikSettings)) -> Self {
        let edge = EdgeHere::bind().await;
        let ask = format!("http://{}/edge/traefik", edge.address);
        let traefik = Traefik::start(|directory| arguments(way, &ask, directory)).await;
        let delivery = match way {
            Way::Rest => Delivery::Rest,
            Way::Http => Delivery::Http(Arc::new(ServedConfiguration::default())),
            Way::File => Delivery::File(ConfigurationFile::at(routes_file(traefik.directory())).unwrap()),
        };
        let mut settings = TraefikSettings {
            installation: Uuid::from_u128(7).into(),
            workspace_domain: DOMAIN.into(),
            access_host: "console.test".into(),
            entry_points: vec!["web".into()],
            cert_resolver: None,
            domain_cert_resolver: None,
            edge_urls: vec![format!("http://{}", edge.address)],
            forward_auth: None,
        };
        change(&mut settings);
        let proxy =
            TraefikProxy::new(edge.proxy.clone(), settings.clone(), shape, delivery, Some(api_of(&traefik)));
        let proxy = Arc::new(proxy.unwrap());
        let server = proxy.clone();
        let routes = Router::new().route(
            "/edge/traefik",
            get(async move || server.configuration().ok_or(StatusCode::SERVICE_UNAVAILABLE)),
        );
        Self { traefik, proxy, edge, settings, routes }
    }

    /// Another server in front of the same Traefik.
    pub fn beside(&self, delivery: Delivery) -> Arc<TraefikProxy> {
        self.with(delivery, Some(api_of(&self.traefik)))
    }

    pub fn with(&self, delivery: Delivery, url: Option<TraefikUrl>) -> Arc<TraefikProxy> {
        let settings = self.settings.clone();
        Arc::new(
            TraefikProxy::new(self.edge.proxy.clone(), settings, Shape::PerRoute, delivery, url).unwrap(),
        )
    }

    /// Serves, and waits until Traefik has taken what there is.
    pub async fn plane(self) -> (Plane, Traefik, Arc<TraefikProxy>) {
        let Self { traefik, proxy, edge, routes, .. } = self;
        let end = edge.serve(routes);
        let empty = Edition { revision: 0, until: None };
        let provider = proxy.clone();
        eventually("Traefik has an empty table", async || {
            provider.publish_all(empty, Arc::from([])).await.is_ok()
                && matches!(provider.check().await, Ok(()) | Err(ProxyError::Refused(_)))
        })
        .await;
        let plane = Plane { provider, address: traefik.web, head_timeout: HEAD_TIMEOUT, end };
        (plane, traefik, proxy)
    }
}

fn api_of(traefik: &Traefik) -> TraefikUrl {
    TraefikUrl::parse(&Secret::new(traefik.url())).unwrap()
}

fn arguments(way: Way, ask: &str, directory: &Path) -> Vec<String> {
    match way {
        Way::Rest => vec!["--providers.rest.insecure=true".into()],
        Way::Http => {
            vec![format!("--providers.http.endpoint={ask}"), "--providers.http.pollInterval=50ms".into()]
        }
        Way::File => {
            let watched = routes_file(directory).parent().unwrap().to_owned();
            std::fs::create_dir(&watched).unwrap();
            vec![format!("--providers.file.directory={}", watched.display())]
        }
    }
}

pub fn routes_file(directory: &Path) -> PathBuf {
    directory.join("routes").join("devsanctum.yml")
}

async fn started(way: Way, shape: Shape) -> Plane {
    let (mut plane, traefik, _) = Stand::of(way, shape, |_| {}).await.plane().await;
    let end = plane.end;
    plane.end = Box::pin(async move {
        drop(traefik);
        end.await;
    });
    plane
}

macro_rules! planes {
    ($($name:ident: $way:expr, $shape:expr;)*) => {$(
        pub mod $name {
            use super::{Plane, Shape, Way};

            pub async fn start() -> Plane {
                super::started($way, $shape).await
            }
        }
    )*};
}

planes! {
    rest: Way::Rest, Shape::PerRoute;
    http: Way::Http, Shape::PerRoute;
    file: Way::File, Shape::PerRoute;
    wildcard: Way::Rest, Shape::Wildcard;
}
