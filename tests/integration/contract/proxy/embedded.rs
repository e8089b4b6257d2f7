//! The embedded proxy behind the listener it shares with the control plane.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::Router;
use devsanctum::{
    adapters::proxy::{EdgeSettings, EmbeddedProxy},
    http::front::{Front, Hosts, Limits, Workers},
};
use futures::future::BoxFuture;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::world::{ACCESS_URL, CONTROL_PLANE, DOMAIN, Plane};
use crate::support::gate::Closed;

const HEAD_TIMEOUT: Duration = Duration::from_secs(2);

pub async fn start() -> Plane {
    let edge = EdgeHere::bind().await;
    let (provider, address) = (edge.proxy.clone(), edge.address);
    let end = edge.serve(Router::new());
    Plane { name: "embedded", provider, address, head_timeout: HEAD_TIMEOUT, traefik: None, end }
}

/// The proxy and its listener, which nobody serves yet.
pub struct EdgeHere {
    pub proxy: Arc<EmbeddedProxy>,
    pub address: SocketAddr,
    listener: TcpListener,
    soft: CancellationToken,
}

impl EdgeHere {
    pub async fn bind() -> Self {
        let soft = CancellationToken::new();
        let settings =
            EdgeSettings { head_timeout: HEAD_TIMEOUT, ..EdgeSettings::new(ACCESS_URL, Vec::new()) };
        let proxy = EmbeddedProxy::start(settings, soft.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        Self { proxy, address, listener, soft }
    }

    /// Serves until what is returned is awaited. `paths` are the control plane's, besides what it always says.
    pub fn serve(self, paths: Router) -> BoxFuture<'static, ()> {
        let hard = CancellationToken::new();
        let front = Front {
            control_plane: paths.fallback(async || CONTROL_PLANE),
            gate: Arc::new(Closed),
            workspaces: self.proxy.clone(),
            hosts: Hosts::new(DOMAIN, "console.test"),
            workspace_networks: Vec::new(),
            limits: Limits::default(),
            workers: Workers::start().unwrap(),
        };
        let served = tokio::spawn(front.serve(self.listener, self.soft.clone(), hard.clone()));
        Box::pin(async move {
            self.soft.cancel();
            hard.cancel();
            served.await.unwrap();
            self.proxy.stopped().await;
            assert_eq!(self.proxy.metrics().read().open_upgrades, 0);
        })
    }
}
