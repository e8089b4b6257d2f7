use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::StoreResult;
use crate::domain::{
    custom_domain::{CustomHost, RouteDomain, Standing},
    ids::{DomainId, RouteId, WorkspaceId},
};

/// What is verified is published with its route: revise the routes of the workspace with every change of that.
#[async_trait]
pub trait RouteDomainRepository: Send {
    /// `Taken("domain")`: the route has it, or it is verified and so is another's claim to the same host.
    async fn add(&mut self, domain: &RouteDomain) -> StoreResult<()>;

    async fn find(&mut self, id: DomainId) -> StoreResult<Option<RouteDomain>>;

    /// By host.
    async fn list(&mut self, route: RouteId) -> StoreResult<Vec<RouteDomain>>;

    /// Of all routes of these workspaces, by host within each route.
    async fn list_many(&mut self, workspaces: &[WorkspaceId]) -> StoreResult<Vec<RouteDomain>>;

    /// The claim that is verified, whatever became of its workspace.
    async fn holder(&mut self, host: &CustomHost) -> StoreResult<Option<RouteDomain>>;

    /// What a look for a proof ended with, at `now`. `Taken("domain")`: another claim to the host is verified.
    async fn settle(&mut self, id: DomainId, standing: &Standing, now: DateTime<Utc>) -> StoreResult<()>;

    /// Claims that are not verified, of workspaces that are not destroyed, made after `made_after` and not looked at after
    /// `looked_before`, longest waiting first. They count as looked at `now`: of several servers that ask, one gets each.
    async fn take_due(
        &mut self,
        made_after: DateTime<Utc>,
        looked_before: DateTime<Utc>,
        now: DateTime<Utc>,
        limit: u32,
    ) -> StoreResult<Vec<RouteDomain>>;

    async fn remove(&mut self, id: DomainId) -> StoreResult<()>;
}
