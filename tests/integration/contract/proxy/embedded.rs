//! The embedded proxy behind the listener it shares with the control plane.

use std::{sync::Arc, time::Duration};

use axum::Router;
use devsanctum::{
    adapters::proxy::{EdgeSettings, EmbeddedProxy},
    http::front::{Front, Hosts, Limits, Workers},
};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::world::{ACCESS_URL, CONTROL_PLANE, DOMAIN, Plane};
use crate::support::gate::Closed;

const HEAD_TIMEOUT: Duration = Duration::from_secs(2);

pub async fn start() -> Plane {
    let (soft, hard) = (CancellationToken::new(), CancellationToken::new());
    let settings = EdgeSettings { head_timeout: HEAD_TIMEOUT, ..EdgeSettings::new(ACCESS_URL, Vec::new()) };
    let proxy = EmbeddedProxy::start(settings, soft.clone());
    let front = Front {
        control_plane: Router::new().fallback(async || CONTROL_PLANE),
        gate: Arc::new(Closed),
        workspaces: proxy.clone(),
        hosts: Hosts::new(DOMAIN, "console.test"),
        workspace_networks: Vec::new(),
        limits: Limits::default(),
        workers: Workers::start().unwrap(),
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let served = tokio::spawn(front.serve(listener, soft.clone(), hard.clone()));
    let provider = proxy.clone();
    let end = async move {
        soft.cancel();
        hard.cancel();
        served.await.unwrap();
        proxy.stopped().await;
        assert_eq!(proxy.metrics().read().open_upgrades, 0);
    };
    Plane { provider, address, head_timeout: HEAD_TIMEOUT, end: Box::pin(end) }
}
