use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sqlx::{FromRow, types::Json};
use uuid::Uuid;

use super::{
    column::Document,
    repository::{Record, Repository},
};
use crate::{
    domain::{
        host::{Host, HostFacts, HostState, Unexplained},
        ids::HostId,
    },
    ports::repository::{HostRepository, StoreResult, text::storable},
};

#[derive(FromRow)]
struct HostRow {
    id: Uuid,
    name: String,
    endpoint: String,
    state: Json<HostState>,
    cordoned: bool,
    facts: Json<HostFacts>,
    unexplained: Json<Unexplained>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl Record for HostRow {
    const TABLE: &'static str = "hosts";
}

impl From<HostRow> for Host {
    fn from(row: HostRow) -> Self {
        Self {
            id: row.id.into(),
            name: row.name,
            endpoint: row.endpoint,
            state: row.state.0,
            cordoned: row.cordoned,
            facts: row.facts.0,
            unexplained: row.unexplained.0,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, name, endpoint, state, cordoned, facts, unexplained, created_at, updated_at FROM hosts ",
            $rest
        )
    };
}

macro_rules! implement {
    ($Db:ty) => {
        #[async_trait]
        impl HostRepository for Repository<'_, $Db> {
            async fn add(&mut self, host: &Host) -> StoreResult<()> {
                let query = sqlx::query(
                    "INSERT INTO hosts (id, name, endpoint, state, cordoned, facts, unexplained, created_at, updated_at)
                     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
                )
                .bind(host.id.as_uuid())
                .bind(storable(&host.name))
                .bind(storable(&host.endpoint))
                .bind(Document(&host.state))
                .bind(host.cordoned)
                .bind(Document(&host.facts))
                .bind(Document(&host.unexplained))
                .bind(host.created_at)
                .bind(host.updated_at);
                self.execute(query).await.map(drop)
            }

            async fn find(&mut self, id: HostId) -> StoreResult<Option<Host>> {
                let query = sqlx::query(select!("WHERE id = $1")).bind(id.as_uuid());
                Ok(self.row::<HostRow>(query).await?.map(Into::into))
            }

            async fn find_by_name(&mut self, name: &str) -> StoreResult<Option<Host>> {
                let query = sqlx::query(select!("WHERE name = $1")).bind(storable(name));
                Ok(self.row::<HostRow>(query).await?.map(Into::into))
            }

            async fn list(&mut self) -> StoreResult<Vec<Host>> {
                let rows = self.rows::<HostRow>(sqlx::query(select!("ORDER BY name"))).await?;
                Ok(rows.into_iter().map(Into::into).collect())
            }

            async fn move_to(&mut self, id: HostId, endpoint: &str, now: DateTime<Utc>) -> StoreResult<()> {
                let query = sqlx::query("UPDATE hosts SET endpoint = $2, updated_at = $3 WHERE id = $1")
                    .bind(id.as_uuid())
                    .bind(storable(endpoint))
                    .bind(now);
                self.touch(query).await
            }

            async fn record_state(
                &mut self,
                id: HostId,
                state: &HostState,
                facts: &HostFacts,
                now: DateTime<Utc>,
            ) -> StoreResult<()> {
                let query =
                    sqlx::query("UPDATE hosts SET state = $2, facts = $3, updated_at = $4 WHERE id = $1")
                        .bind(id.as_uuid())
                        .bind(Document(state))
                        .bind(Document(facts))
                        .bind(now);
                self.touch(query).await
            }

            async fn record_unexplained(
                &mut self,
                id: HostId,
                unexplained: &Unexplained,
                now: DateTime<Utc>,
            ) -> StoreResult<()> {
                let query = sqlx::query("UPDATE hosts SET unexplained = $2, updated_at = $3 WHERE id = $1")
                    .bind(id.as_uuid())
                    .bind(Document(unexplained))
                    .bind(now);
                self.touch(query).await
            }
        }
    };
}

for_each_engine!(implement);
