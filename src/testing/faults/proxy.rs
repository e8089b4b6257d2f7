use std::{sync::Arc, time::Instant};

use async_trait::async_trait;

use super::{Injector, Kind};
use crate::{
    domain::{ids::RouteId, route::PublishedRoute},
    ports::proxy::{Changes, Edition, ProxyError, ProxyProvider},
};

pub struct FaultyProxy {
    pub inner: Arc<dyn ProxyProvider>,
    pub injector: Arc<Injector>,
}

fn error(kind: Kind) -> Option<ProxyError> {
    Some(match kind {
        Kind::Timeout | Kind::Garbage | Kind::Internal => ProxyError::Unreachable("injected".into()),
        Kind::NotFound | Kind::Conflict => ProxyError::Refused("injected".into()),
    })
}

#[async_trait]
impl ProxyProvider for FaultyProxy {
    fn kind(&self) -> &'static str {
        self.inner.kind()
    }

    async fn publish_all(&self, edition: Edition, routes: Arc<[PublishedRoute]>) -> Result<(), ProxyError> {
        let effect = async || self.inner.publish_all(edition, routes).await;
        self.injector.call("proxy.publish_all", error, effect).await
    }

    async fn publish_changes(&self, edition: Edition, changes: Changes) -> Result<(), ProxyError> {
        let effect = async || self.inner.publish_changes(edition, changes).await;
        self.injector.call("proxy.publish_changes", error, effect).await
    }

    async fn lost(&self) {
        self.inner.lost().await;
    }

    fn vouch(&self, until: Instant) {
        self.inner.vouch(until);
    }

    async fn check(&self) -> Result<(), ProxyError> {
        self.injector.call("proxy.check", error, async || self.inner.check().await).await
    }

    fn refusal(&self, route: RouteId) -> Option<String> {
        self.inner.refusal(route)
    }

    fn refused(&self) -> usize {
        self.inner.refused()
    }
}
