//! A real Traefik in front of our own edge, with each way of giving it the routes.

use std::{sync::Arc, time::Duration};

use axum::Router;
use devsanctum::{
    adapters::proxy::traefik::{Delivery, Shape, TraefikProxy, TraefikSettings, TraefikUrl},
    ports::proxy::{Edition, ProxyError, ProxyProvider},
};
use uuid::Uuid;

use super::{
    embedded::EdgeHere,
    world::{DOMAIN, Plane, eventually},
};
use crate::support::traefik::{ROUTES, Traefik, Way, routes_for_traefik};

/// What our configuration gives a component (`responseHeaderTimeout`).
const HEAD_TIMEOUT: Duration = Duration::from_secs(120);

/// A Traefik with our edge behind it.
pub struct Stand {
    pub traefik: Traefik,
    pub proxy: Arc<TraefikProxy>,
    pub edge: EdgeHere,
    way: Way,
    shape: Shape,
    settings: TraefikSettings,
    routes: Router,
}

impl Stand {
    pub async fn of(way: Way, shape: Shape, change: impl FnOnce(&mut TraefikSettings)) -> Self {
        let edge = EdgeHere::bind().await;
        let ask = format!("http://{}{ROUTES}", edge.address);
        let traefik = Traefik::start(|directory| way.arguments(&ask, directory)).await;
        let delivery = way.delivery(&traefik);
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
            TraefikProxy::new(edge.proxy.clone(), settings.clone(), shape, delivery, Some(traefik.api()));
        let proxy = Arc::new(proxy.unwrap());
        let routes = routes_for_traefik(proxy.clone());
        Self { traefik, proxy, edge, way, shape, settings, routes }
    }

    /// As `DEVSANCTUM_PROXY` has it.
    fn name(&self) -> &'static str {
        match (self.shape, self.way) {
            (Shape::Wildcard, _) => "traefik-wildcard",
            (Shape::PerRoute, Way::Rest) => "traefik-rest",
            (Shape::PerRoute, Way::Http) => "traefik-http",
            (Shape::PerRoute, Way::File) => "traefik-file",
        }
    }

    /// Another server in front of the same Traefik.
    pub fn beside(&self, delivery: Delivery) -> Arc<TraefikProxy> {
        self.with(delivery, Some(self.traefik.api()))
    }

    pub fn with(&self, delivery: Delivery, url: Option<TraefikUrl>) -> Arc<TraefikProxy> {
        let settings = self.settings.clone();
        Arc::new(
            TraefikProxy::new(self.edge.proxy.clone(), settings, Shape::PerRoute, delivery, url).unwrap(),
        )
    }

    /// Serves, and waits until Traefik has taken what there is.
    pub async fn plane(self) -> (Plane, Traefik, Arc<TraefikProxy>) {
        let name = self.name();
        let Self { traefik, proxy, edge, routes, .. } = self;
        let end = edge.serve(routes);
        let empty = Edition { revision: 0, until: None };
        let provider = proxy.clone();
        eventually("Traefik has an empty table", async || {
            provider.publish_all(empty, Arc::from([])).await.is_ok()
                && matches!(provider.check().await, Ok(()) | Err(ProxyError::Refused(_)))
        })
        .await;
        let plane = Plane {
            name,
            provider,
            address: traefik.web,
            head_timeout: HEAD_TIMEOUT,
            traefik: Some(traefik.pid()),
            end,
        };
        (plane, traefik, proxy)
    }
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
