use async_trait::async_trait;

use super::StoreResult;
use crate::domain::{
    ids::{OrgId, RouteId, WorkspaceId},
    route::{PublishedRoute, Route, RouteTarget, Visibility},
};

#[async_trait]
pub trait RouteRepository: Send {
    /// `Taken("label")`.
    async fn add(&mut self, route: &Route) -> StoreResult<()>;

    async fn find(&mut self, id: RouteId) -> StoreResult<Option<Route>>;

    /// Main route first, then by application.
    async fn list(&mut self, workspace: WorkspaceId) -> StoreResult<Vec<Route>>;

    /// Of many workspaces at once, in the same order within each.
    async fn list_many(&mut self, workspaces: &[WorkspaceId]) -> StoreResult<Vec<Route>>;

    async fn set_visibility(&mut self, id: RouteId, visibility: Visibility) -> StoreResult<()>;

    /// Whether its component is told who visits.
    async fn set_identity(&mut self, id: RouteId, identity: bool) -> StoreResult<()>;

    /// Makes every address of the organization's workspaces that is wider than this as wide as this. Returns which
    /// workspaces had one, each once.
    async fn narrow(&mut self, org: OrgId, widest: Visibility) -> StoreResult<Vec<WorkspaceId>>;

    async fn retarget(&mut self, id: RouteId, target: RouteTarget) -> StoreResult<()>;

    async fn remove(&mut self, id: RouteId) -> StoreResult<()>;

    /// What the proxy must serve: every route of every workspace that is not destroyed, by label, with its custom
    /// domains that are verified.
    async fn published(&mut self) -> StoreResult<Vec<PublishedRoute>>;

    /// The same for one workspace.
    async fn published_of(&mut self, workspace: WorkspaceId) -> StoreResult<Vec<PublishedRoute>>;

    /// The one with this key (see [`PublishedRoute::keys`]), if it is among them.
    async fn published_at(&mut self, key: &str) -> StoreResult<Option<PublishedRoute>>;

    /// What is published of the workspace changes with this unit of work: its routes, or its status. Every server then
    /// reads it anew. Returns the revision, which grows by one and becomes visible in order. Call it late in a unit of
    /// work, before events: it holds up others who change routes.
    async fn revise(&mut self, workspace: WorkspaceId) -> StoreResult<i64>;

    /// The last revision; 0 when there was none.
    async fn revision(&mut self) -> StoreResult<i64>;

    /// What changed after this revision, in order, without a gap up to [`Self::revision`] unless it was forgotten or
    /// there is more than `limit`.
    async fn revised(&mut self, after: i64, limit: u32) -> StoreResult<Vec<(i64, WorkspaceId)>>;

    /// Forgets what changed up to and with this revision. Returns how many.
    async fn forget_revisions(&mut self, up_to: i64) -> StoreResult<u64>;
}
