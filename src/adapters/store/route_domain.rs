use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sqlx::{FromRow, QueryBuilder};
use uuid::Uuid;

use super::{
    column::Word,
    page::{BATCH, push_ids},
    repository::{Record, Repository},
};
use crate::{
    domain::{
        custom_domain::{CustomHost, RouteDomain, Standing},
        ids::{DomainId, RouteId, WorkspaceId},
    },
    ports::repository::{RouteDomainRepository, StoreResult, text::storable},
};

#[derive(FromRow)]
struct DomainRow {
    id: Uuid,
    route_id: Uuid,
    host: Word<CustomHost>,
    token: String,
    created_at: DateTime<Utc>,
    checked_at: Option<DateTime<Utc>>,
    verified_at: Option<DateTime<Utc>>,
    failure: Option<String>,
}

impl Record for DomainRow {
    const TABLE: &'static str = "route_domains";
}

impl From<DomainRow> for RouteDomain {
    fn from(row: DomainRow) -> Self {
        Self {
            id: row.id.into(),
            route_id: row.route_id.into(),
            host: row.host.0,
            token: row.token,
            created_at: row.created_at,
            checked_at: row.checked_at,
            standing: match row.verified_at {
                Some(since) => Standing::Verified { since },
                None => Standing::Pending { failure: row.failure },
            },
        }
    }
}

/// The two columns that a standing lies in.
fn columns(standing: &Standing) -> (Option<DateTime<Utc>>, Option<&str>) {
    match standing {
        Standing::Verified { since } => (Some(*since), None),
        Standing::Pending { failure } => (None, failure.as_deref()),
    }
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, route_id, host, token, created_at, checked_at, verified_at, failure
             FROM route_domains ",
            $rest
        )
    };
}

macro_rules! implement {
    ($Db:ty) => {
        #[async_trait]
        impl RouteDomainRepository for Repository<'_, $Db> {
            async fn add(&mut self, domain: &RouteDomain) -> StoreResult<()> {
                let (verified_at, failure) = columns(&domain.standing);
                let query = sqlx::query(
                    "INSERT INTO route_domains
                     (id, route_id, host, token, created_at, checked_at, verified_at, failure)
                     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
                )
                .bind(domain.id.as_uuid())
                .bind(domain.route_id.as_uuid())
                .bind(domain.host.as_str())
                .bind(storable(&domain.token))
                .bind(domain.created_at)
                .bind(domain.checked_at)
                .bind(verified_at)
                .bind(failure.map(storable));
                self.execute(query).await.map(drop)
            }

            async fn find(&mut self, id: DomainId) -> StoreResult<Option<RouteDomain>> {
                let query = sqlx::query(select!("WHERE id = $1")).bind(id.as_uuid());
                Ok(self.row::<DomainRow>(query).await?.map(Into::into))
            }

            async fn list(&mut self, route: RouteId) -> StoreResult<Vec<RouteDomain>> {
                let query = sqlx::query(select!("WHERE route_id = $1 ORDER BY host")).bind(route.as_uuid());
                Ok(self.rows::<DomainRow>(query).await?.into_iter().map(Into::into).collect())
            }

            async fn list_many(&mut self, workspaces: &[WorkspaceId]) -> StoreResult<Vec<RouteDomain>> {
                let mut domains = Vec::new();
                for batch in workspaces.chunks(BATCH) {
                    let mut query = QueryBuilder::new(select!(
                        "WHERE route_id IN (SELECT id FROM routes WHERE workspace_id IN ("
                    ));
                    push_ids(&mut query, batch);
                    query.push(") ORDER BY route_id, host");
                    domains.extend(self.rows::<DomainRow>(query.build()).await?);
                }
                Ok(domains.into_iter().map(Into::into).collect())
            }

            async fn holder(&mut self, host: &CustomHost) -> StoreResult<Option<RouteDomain>> {
                let query = sqlx::query(select!("WHERE host = $1 AND verified_at IS NOT NULL"));
                Ok(self.row::<DomainRow>(query.bind(host.as_str())).await?.map(Into::into))
            }

            async fn settle(
                &mut self,
                id: DomainId,
                standing: &Standing,
                now: DateTime<Utc>,
            ) -> StoreResult<()> {
                let (verified_at, failure) = columns(standing);
                let query = sqlx::query(
                    "UPDATE route_domains SET verified_at = $2, failure = $3, checked_at = $4 WHERE id = $1",
                )
                .bind(id.as_uuid())
                .bind(verified_at)
                .bind(failure.map(storable))
                .bind(now);
                self.touch(query).await
            }

            async fn take_due(
                &mut self,
                made_after: DateTime<Utc>,
                looked_before: DateTime<Utc>,
                now: DateTime<Utc>,
                limit: u32,
            ) -> StoreResult<Vec<RouteDomain>> {
                // Said twice: who waited for another server to take a row looks at it again.
                let query = sqlx::query(
                    "UPDATE route_domains SET checked_at = $1
                     WHERE id IN (SELECT d.id FROM route_domains d
                                  JOIN routes r ON r.id = d.route_id JOIN workspaces w ON w.id = r.workspace_id
                                  WHERE d.verified_at IS NULL AND d.created_at > $2
                                    AND (d.checked_at IS NULL OR d.checked_at <= $3) AND w.status <> 'destroyed'
                                  ORDER BY COALESCE(d.checked_at, d.created_at), d.id LIMIT $4)
                       AND verified_at IS NULL AND (checked_at IS NULL OR checked_at <= $3)
                     RETURNING id, route_id, host, token, created_at, checked_at, verified_at, failure",
                )
                .bind(now)
                .bind(made_after)
                .bind(looked_before)
                .bind(i64::from(limit));
                Ok(self.rows::<DomainRow>(query).await?.into_iter().map(Into::into).collect())
            }

            async fn remove(&mut self, id: DomainId) -> StoreResult<()> {
                self.touch(sqlx::query("DELETE FROM route_domains WHERE id = $1").bind(id.as_uuid())).await
            }
        }
    };
}

for_each_engine!(implement);
