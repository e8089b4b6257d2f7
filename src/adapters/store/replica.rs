use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sqlx::FromRow;
use uuid::Uuid;

use super::repository::{Record, Repository};
use crate::{
    domain::ids::ReplicaId,
    ports::repository::{Hint, ReplicaRepository, StoreResult, replica::Replica},
};

#[derive(FromRow)]
struct ReplicaRow {
    id: Uuid,
    beats: i64,
    routes_revision: i64,
    started_at: DateTime<Utc>,
    seen_at: DateTime<Utc>,
}

impl Record for ReplicaRow {
    const TABLE: &'static str = "replicas";
}

impl From<ReplicaRow> for Replica {
    fn from(row: ReplicaRow) -> Self {
        Self {
            id: row.id.into(),
            beats: row.beats,
            routes_revision: row.routes_revision,
            started_at: row.started_at,
            seen_at: row.seen_at,
        }
    }
}

macro_rules! implement {
    ($Db:ty) => {
        #[async_trait]
        impl ReplicaRepository for Repository<'_, $Db> {
            async fn beat(
                &mut self,
                id: ReplicaId,
                routes_revision: i64,
                now: DateTime<Utc>,
            ) -> StoreResult<()> {
                let query = sqlx::query(
                    "INSERT INTO replicas (id, beats, routes_revision, started_at, seen_at)
                     VALUES ($1, 1, $2, $3, $3)
                     ON CONFLICT (id) DO UPDATE
                     SET beats = replicas.beats + 1, routes_revision = $2, seen_at = $3",
                )
                .bind(id.as_uuid())
                .bind(routes_revision)
                .bind(now);
                self.execute(query).await?;
                self.tell(Hint::Replicas);
                Ok(())
            }

            async fn call(&mut self) -> StoreResult<()> {
                self.tell(Hint::RollCall);
                Ok(())
            }

            async fn list(&mut self) -> StoreResult<Vec<Replica>> {
                let query = sqlx::query(
                    "SELECT id, beats, routes_revision, started_at, seen_at FROM replicas ORDER BY id",
                );
                let rows = self.rows::<ReplicaRow>(query).await?;
                Ok(rows.into_iter().map(Into::into).collect())
            }

            async fn leave(&mut self, id: ReplicaId) -> StoreResult<()> {
                let query = sqlx::query("DELETE FROM replicas WHERE id = $1").bind(id.as_uuid());
                self.execute(query).await?;
                self.tell(Hint::Replicas);
                Ok(())
            }
        }
    };
}

for_each_engine!(implement);
