//! A proxy that only remembers what was published.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use async_trait::async_trait;

use crate::{
    domain::{
        ids::WorkspaceId,
        route::{PublishedRoute, RouteTarget},
    },
    ports::proxy::{ProxyError, ProxyProvider},
};

#[derive(Default)]
pub struct RecordingProxy {
    routes: Mutex<BTreeMap<String, PublishedRoute>>,
    until: Mutex<Option<Instant>>,
}

impl RecordingProxy {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, PublishedRoute>> {
        self.routes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn published(&self) -> Vec<PublishedRoute> {
        self.lock().values().cloned().collect()
    }

    /// Where a host name leads, if it leads anywhere.
    pub fn backend(&self, label: &str) -> Option<SocketAddr> {
        match self.lock().get(label)?.route.target {
            RouteTarget::Live { address } => Some(address),
            RouteTarget::Pending | RouteTarget::Withdrawn => None,
        }
    }

    /// Until when the routes may be relied on; `None`: for ever.
    pub fn vouched_until(&self) -> Option<Instant> {
        *self.until.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// As after a restart that lost everything.
    pub fn forget(&self) {
        self.lock().clear();
    }
}

#[async_trait]
impl ProxyProvider for RecordingProxy {
    async fn publish_all(&self, routes: Arc<[PublishedRoute]>) -> Result<(), ProxyError> {
        *self.lock() = routes.iter().map(|route| (route.route.label.clone(), route.clone())).collect();
        Ok(())
    }

    async fn publish_workspace(
        &self,
        workspace: WorkspaceId,
        routes: &[PublishedRoute],
    ) -> Result<(), ProxyError> {
        let mut table = self.lock();
        table.retain(|_, route| route.route.workspace_id != workspace);
        table.extend(routes.iter().map(|route| (route.route.label.clone(), route.clone())));
        Ok(())
    }

    fn vouch(&self, until: Instant) {
        *self.until.lock().unwrap_or_else(PoisonError::into_inner) = Some(until);
    }

    async fn check(&self) -> Result<(), ProxyError> {
        Ok(())
    }
}
