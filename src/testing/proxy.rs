//! A proxy that only remembers what was published.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Instant,
};

use async_trait::async_trait;

use crate::{
    domain::route::PublishedRoute,
    ports::proxy::{Changes, Edition, ProxyError, ProxyProvider},
};

#[derive(Default)]
pub struct RecordingProxy {
    routes: Mutex<BTreeMap<String, PublishedRoute>>,
    until: Mutex<Option<Instant>>,
    is_behind: AtomicBool,
}

impl RecordingProxy {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, PublishedRoute>> {
        self.routes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn published(&self) -> Vec<PublishedRoute> {
        self.lock().values().cloned().collect()
    }

    /// Where a host name leads, if it leads anywhere.
    pub fn backend(&self, key: &str) -> Option<SocketAddr> {
        let table = self.lock();
        table.values().find(|route| route.keys().any(|other| other == key))?.route.target.address()
    }

    /// Until when the routes may be relied on; `None`: for ever.
    pub fn vouched_until(&self) -> Option<Instant> {
        *self.until.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on, what is published does not get into force, as with a proxy outside that cannot be reached.
    pub fn fall_behind(&self, is_behind: bool) {
        self.is_behind.store(is_behind, Ordering::SeqCst);
    }

    fn in_force(&self) -> Result<(), ProxyError> {
        match self.is_behind.load(Ordering::SeqCst) {
            true => Err(ProxyError::Behind("the test says so".into())),
            false => Ok(()),
        }
    }

    /// As after a restart that lost everything.
    pub fn forget(&self) {
        self.lock().clear();
    }
}

#[async_trait]
impl ProxyProvider for RecordingProxy {
    fn kind(&self) -> &'static str {
        "embedded"
    }

    async fn publish_all(&self, _: Edition, routes: Arc<[PublishedRoute]>) -> Result<(), ProxyError> {
        self.in_force()?;
        *self.lock() = routes.iter().map(|route| (route.route.label.clone(), route.clone())).collect();
        Ok(())
    }

    async fn publish_changes(&self, _: Edition, changes: Changes) -> Result<(), ProxyError> {
        self.in_force()?;
        let mut table = self.lock();
        for (workspace, routes) in changes {
            table.retain(|_, route| route.route.workspace_id != workspace);
            table.extend(routes.into_iter().map(|route| (route.route.label.clone(), route)));
        }
        Ok(())
    }

    fn vouch(&self, until: Instant) {
        *self.until.lock().unwrap_or_else(PoisonError::into_inner) = Some(until);
    }

    async fn check(&self) -> Result<(), ProxyError> {
        Ok(())
    }
}
