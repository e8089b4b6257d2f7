use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::StoreResult;
use crate::domain::ids::ReplicaId;

/// A server that may route to workspaces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replica {
    pub id: ReplicaId,
    /// Grows with every sign of life. Whether it still does is for each reader to watch, by their own clock.
    pub beats: i64,
    /// Everything up to this revision of the routes is in its table.
    pub routes_revision: i64,
    pub started_at: DateTime<Utc>,
    /// By the clock of the replica itself.
    pub seen_at: DateTime<Utc>,
}

#[async_trait]
pub trait ReplicaRepository: Send {
    /// A sign of life, which registers the replica if it is not (any more).
    async fn beat(&mut self, id: ReplicaId, routes_revision: i64, now: DateTime<Utc>) -> StoreResult<()>;

    /// Asks every replica for a sign of life once this is committed. Nothing is kept of it.
    async fn call(&mut self) -> StoreResult<()>;

    /// By id.
    async fn list(&mut self) -> StoreResult<Vec<Replica>>;

    /// It routes no more. Success when it is not there.
    async fn leave(&mut self, id: ReplicaId) -> StoreResult<()>;
}
