//! What handlers work with.

use std::sync::Arc;

use axum::extract::FromRef;
use ipnet::IpNet;
use tokio_util::sync::CancellationToken;

use super::{
    middleware::rate_limit::{RateLimits, Rates},
    traefik::RoutesForTraefik,
};
use crate::{app::App, telemetry::Metrics};

#[derive(Clone)]
pub struct ApiState {
    pub app: Arc<App>,
    pub options: Arc<Options>,
    pub limits: Arc<RateLimits>,
    pub metrics: Metrics,
    /// Cancelled first: whoever spreads requests over servers should choose another.
    pub leaving: CancellationToken,
    /// Cancelled when the server is about to stop: streams end, so that connections drain.
    pub stopping: CancellationToken,
    /// With Traefik's HTTP provider.
    pub routes_for_traefik: Option<RoutesForTraefik>,
}

/// What HTTP needs to know of the configuration.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Peers whose forwarded headers count.
    pub trusted_proxies: Vec<IpNet>,
    pub rates: Rates,
}

impl ApiState {
    pub fn new(app: Arc<App>, options: Options, metrics: Metrics, stopping: CancellationToken) -> Self {
        let limits = Arc::new(RateLimits::new(options.rates));
        let leaving = stopping.clone();
        Self { app, options: Arc::new(options), limits, metrics, leaving, stopping, routes_for_traefik: None }
    }

    /// Whether people reach us over TLS.
    pub fn is_https(&self) -> bool {
        self.app.settings.access_url.starts_with("https://")
    }
}

impl FromRef<ApiState> for Arc<App> {
    fn from_ref(state: &ApiState) -> Self {
        state.app.clone()
    }
}
