use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sqlx::{FromRow, QueryBuilder, types::Json};
use uuid::Uuid;

use super::{
    column::{Document, Word},
    page::{newest, push_page},
    repository::{Record, Repository},
};
use crate::{
    domain::audit::{AuditEntry, Via},
    ports::repository::{AuditRepository, PageRequest, StoreResult, audit::AuditFilter, text::storable},
};

#[derive(FromRow)]
struct AuditRow {
    id: Uuid,
    at: DateTime<Utc>,
    user_id: Option<Uuid>,
    org_id: Option<Uuid>,
    action: String,
    via: Word<Via>,
    target: String,
    target_name: Option<String>,
    address: String,
    detail: Json<serde_json::Value>,
}

impl Record for AuditRow {
    const TABLE: &'static str = "audit_entries";
}

impl From<AuditRow> for AuditEntry {
    fn from(row: AuditRow) -> Self {
        Self {
            id: row.id.into(),
            at: row.at,
            user_id: row.user_id.map(Into::into),
            org_id: row.org_id.map(Into::into),
            action: row.action,
            via: row.via.0,
            target: row.target,
            target_name: row.target_name,
            address: row.address,
            detail: row.detail.0,
        }
    }
}

macro_rules! implement {
    ($Db:ty) => {
        #[async_trait]
        impl AuditRepository for Repository<'_, $Db> {
            async fn append(&mut self, entry: &AuditEntry) -> StoreResult<()> {
                let query = sqlx::query(
                    "INSERT INTO audit_entries
                     (id, at, user_id, org_id, action, via, target, target_name, address, detail)
                     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
                )
                .bind(entry.id.as_uuid())
                .bind(entry.at)
                .bind(entry.user_id.map(Uuid::from))
                .bind(entry.org_id.map(Uuid::from))
                .bind(storable(&entry.action))
                .bind(entry.via.as_str())
                .bind(storable(&entry.target))
                .bind(entry.target_name.as_deref().map(storable))
                .bind(storable(&entry.address))
                .bind(Document(&entry.detail));
                self.execute(query).await.map(drop)
            }

            async fn list(
                &mut self,
                filter: &AuditFilter,
                page: &PageRequest,
            ) -> StoreResult<Vec<AuditEntry>> {
                let mut query = QueryBuilder::new(
                    "SELECT id, at, user_id, org_id, action, via, target, target_name, address, detail
                     FROM audit_entries WHERE TRUE",
                );
                if let Some(org) = filter.org {
                    query.push(" AND org_id = ").push_bind(org.as_uuid());
                }
                if let Some(user) = filter.user {
                    query.push(" AND user_id = ").push_bind(user.as_uuid());
                }
                if let Some(action) = &filter.action {
                    let action = storable(action).into_owned();
                    query.push(" AND (action = ").push_bind(action.clone());
                    // Everything that begins with it and a dot: '/' follows '.'.
                    query.push(" OR (action >= ").push_bind(format!("{action}."));
                    query.push(" AND action < ").push_bind(format!("{action}/")).push("))");
                }
                if let Some(target) = &filter.target {
                    query.push(" AND target = ").push_bind(storable(target).into_owned());
                }
                if let Some(from) = filter.from {
                    query.push(" AND at >= ").push_bind(from);
                }
                if let Some(to) = filter.to {
                    query.push(" AND at < ").push_bind(to);
                }
                push_page(&mut query, &newest(page), "action");
                let rows = self.rows::<AuditRow>(query.build()).await?;
                Ok(rows.into_iter().map(Into::into).collect())
            }

            async fn purge(&mut self, made_before: DateTime<Utc>) -> StoreResult<u64> {
                self.execute(sqlx::query("DELETE FROM audit_entries WHERE at < $1").bind(made_before)).await
            }
        }
    };
}

for_each_engine!(implement);
