use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::Repository;
use crate::{
    domain::ids::ReplicaId,
    ports::repository::{Hint, ReplicaRepository, StoreResult, replica::Replica},
};

#[async_trait]
impl ReplicaRepository for Repository<'_> {
    async fn beat(&mut self, id: ReplicaId, routes_revision: i64, now: DateTime<Utc>) -> StoreResult<()> {
        let fresh = Replica { id, beats: 0, routes_revision, started_at: now, seen_at: now };
        let replica = self.writing()?.replicas.entry(id).or_insert(fresh);
        replica.beats += 1;
        replica.routes_revision = routes_revision;
        replica.seen_at = now;
        self.tell(Hint::Replicas);
        Ok(())
    }

    async fn call(&mut self) -> StoreResult<()> {
        self.tell(Hint::RollCall);
        Ok(())
    }

    async fn list(&mut self) -> StoreResult<Vec<Replica>> {
        Ok(self.reading()?.replicas.values().cloned().collect())
    }

    async fn leave(&mut self, id: ReplicaId) -> StoreResult<()> {
        self.writing()?.replicas.remove(&id);
        self.tell(Hint::Replicas);
        Ok(())
    }
}
