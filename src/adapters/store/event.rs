use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sqlx::{FromRow, QueryBuilder};
use uuid::Uuid;

use super::{
    column::{Word, amount},
    page::BATCH,
    repository::{Record, Repository},
};
use crate::{
    domain::event::{Event, EventKind, NewEvent},
    ports::repository::{EventRepository, Hint, StoreError, StoreResult, text::storable},
};

#[derive(FromRow)]
struct EventRow {
    sequence: i64,
    kind: Word<EventKind>,
    at: DateTime<Utc>,
    org_id: Option<Uuid>,
    workspace_id: Option<Uuid>,
    deployment_id: Option<Uuid>,
    template_id: Option<Uuid>,
    host_id: Option<Uuid>,
    status: Option<String>,
}

impl Record for EventRow {
    const TABLE: &'static str = "events";
    const KEY: &'static str = "sequence";
}

impl From<EventRow> for Event {
    fn from(row: EventRow) -> Self {
        let event = NewEvent {
            kind: row.kind.0,
            at: row.at,
            org_id: row.org_id.map(Into::into),
            workspace_id: row.workspace_id.map(Into::into),
            deployment_id: row.deployment_id.map(Into::into),
            template_id: row.template_id.map(Into::into),
            host_id: row.host_id.map(Into::into),
            status: row.status,
        };
        Self { sequence: row.sequence, event }
    }
}

macro_rules! implement {
    ($Db:ty) => {
        impl Repository<'_, $Db> {
            async fn last_event(&mut self, raise_by: i64) -> StoreResult<i64> {
                let query = match raise_by {
                    0 => sqlx::query("SELECT last FROM event_counter"),
                    // Holds the row until the commit: the next writer gets its numbers after this one is visible.
                    _ => sqlx::query("UPDATE event_counter SET last = last + $1 RETURNING last").bind(raise_by),
                };
                self.value::<i64>(query).await?.ok_or_else(|| StoreError::Corrupt {
                    table: "event_counter",
                    id: "1".into(),
                    reason: "the row is missing".into(),
                })
            }
        }

        #[async_trait]
        impl EventRepository for Repository<'_, $Db> {
            async fn append(&mut self, events: &[NewEvent]) -> StoreResult<()> {
                if events.is_empty() {
                    return Ok(());
                }
                let count = amount(events.len() as u64);
                let mut numbered = (self.last_event(count).await? - count + 1..).zip(events);
                for batch in events.chunks(BATCH) {
                    let mut query = QueryBuilder::new(
                        "INSERT INTO events (sequence, kind, at, org_id, workspace_id, deployment_id,
                                             template_id, host_id, status) ",
                    );
                    query.push_values(numbered.by_ref().take(batch.len()), |mut row, (sequence, event)| {
                        row.push_bind(sequence)
                            .push_bind(event.kind.as_str())
                            .push_bind(event.at)
                            .push_bind(event.org_id.map(Uuid::from))
                            .push_bind(event.workspace_id.map(Uuid::from))
                            .push_bind(event.deployment_id.map(Uuid::from))
                            .push_bind(event.template_id.map(Uuid::from))
                            .push_bind(event.host_id.map(Uuid::from))
                            .push_bind(event.status.as_deref().map(storable));
                    });
                    self.execute(query.build()).await?;
                }
                self.tell(Hint::Events);
                Ok(())
            }

            async fn since(&mut self, after: i64, limit: u32) -> StoreResult<Vec<Event>> {
                let query = sqlx::query(
                    "SELECT sequence, kind, at, org_id, workspace_id, deployment_id, template_id, host_id, status
                     FROM events WHERE sequence > $1 ORDER BY sequence LIMIT $2",
                )
                .bind(after)
                .bind(i64::from(limit));
                let rows = self.rows::<EventRow>(query).await?;
                Ok(rows.into_iter().map(Into::into).collect())
            }

            async fn latest(&mut self) -> StoreResult<i64> {
                self.last_event(0).await
            }

            async fn purge(&mut self, before: DateTime<Utc>) -> StoreResult<u64> {
                self.execute(sqlx::query("DELETE FROM events WHERE at < $1").bind(before)).await
            }
        }
    };
}

for_each_engine!(implement);
