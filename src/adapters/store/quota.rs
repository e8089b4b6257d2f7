use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sqlx::{FromRow, types::Json};

use super::{
    column::amount,
    repository::{Record, Repository},
};
use crate::{
    domain::{
        ids::OrgId,
        quota::{Quota, Usage},
        workspace::Desired,
    },
    ports::repository::{QuotaRepository, StoreResult},
};

#[derive(FromRow)]
struct QuotaRow {
    workspaces: Option<i64>,
    running_workspaces: Option<i64>,
    cpu_millis: Option<i64>,
    memory_bytes: Option<i64>,
    disk_bytes: Option<i64>,
}

impl Record for QuotaRow {
    const TABLE: &'static str = "quotas";
    const KEY: &'static str = "org_id";
}

impl From<QuotaRow> for Quota {
    fn from(row: QuotaRow) -> Self {
        // Written from unsigned numbers only.
        let limit = |limit: Option<i64>| limit.and_then(|limit| u64::try_from(limit).ok());
        Self {
            workspaces: limit(row.workspaces),
            running_workspaces: limit(row.running_workspaces),
            cpu_millis: limit(row.cpu_millis),
            memory_bytes: limit(row.memory_bytes),
            disk_bytes: limit(row.disk_bytes),
        }
    }
}

/// What workspaces of which the same is wanted use together.
#[derive(FromRow)]
struct UsageRow {
    desired: Json<Desired>,
    #[sqlx(try_from = "i64")]
    workspaces: u64,
    #[sqlx(try_from = "i64")]
    cpu_millis: u64,
    #[sqlx(try_from = "i64")]
    memory_bytes: u64,
    #[sqlx(try_from = "i64")]
    disk_bytes: u64,
}

impl Record for UsageRow {
    const TABLE: &'static str = "workspaces";
    const KEY: &'static str = "desired";
}

fn total(rows: Vec<UsageRow>) -> Usage {
    rows.into_iter().fold(Usage::default(), |sum, row| {
        let up = row.desired.0 == Desired::Running;
        let while_up = |amount: u64| if up { amount } else { 0 };
        Usage {
            workspaces: sum.workspaces + row.workspaces,
            running_workspaces: sum.running_workspaces + while_up(row.workspaces),
            cpu_millis: sum.cpu_millis + while_up(row.cpu_millis),
            memory_bytes: sum.memory_bytes + while_up(row.memory_bytes),
            disk_bytes: sum.disk_bytes + row.disk_bytes,
        }
    })
}

macro_rules! implement {
    ($Db:ty) => {
        #[async_trait]
        impl QuotaRepository for Repository<'_, $Db> {
            async fn find(&mut self, org: OrgId) -> StoreResult<Quota> {
                let query = sqlx::query(
                    "SELECT org_id, workspaces, running_workspaces, cpu_millis, memory_bytes, disk_bytes
                     FROM quotas WHERE org_id = $1",
                );
                let row = self.row::<QuotaRow>(query.bind(org.as_uuid())).await?;
                Ok(row.map(Into::into).unwrap_or_default())
            }

            async fn set(&mut self, org: OrgId, quota: &Quota, now: DateTime<Utc>) -> StoreResult<()> {
                let query = sqlx::query(
                    "INSERT INTO quotas (org_id, workspaces, running_workspaces, cpu_millis, memory_bytes,
                                         disk_bytes, updated_at)
                     VALUES ($1, $2, $3, $4, $5, $6, $7)
                     ON CONFLICT (org_id) DO UPDATE
                     SET workspaces = excluded.workspaces, running_workspaces = excluded.running_workspaces,
                         cpu_millis = excluded.cpu_millis, memory_bytes = excluded.memory_bytes,
                         disk_bytes = excluded.disk_bytes, updated_at = excluded.updated_at",
                )
                .bind(org.as_uuid())
                .bind(quota.workspaces.map(amount))
                .bind(quota.running_workspaces.map(amount))
                .bind(quota.cpu_millis.map(amount))
                .bind(quota.memory_bytes.map(amount))
                .bind(quota.disk_bytes.map(amount))
                .bind(now);
                self.execute(query).await.map(drop)
            }

            async fn usage(&mut self, org: OrgId) -> StoreResult<Usage> {
                let query = sqlx::query(
                    "SELECT desired, COUNT(*) AS workspaces, CAST(SUM(cpu_millis) AS BIGINT) AS cpu_millis,
                            CAST(SUM(memory_bytes) AS BIGINT) AS memory_bytes,
                            CAST(SUM(disk_bytes) AS BIGINT) AS disk_bytes
                     FROM workspaces WHERE org_id = $1 AND status <> 'destroyed' GROUP BY desired",
                );
                Ok(total(self.rows::<UsageRow>(query.bind(org.as_uuid())).await?))
            }
        }
    };
}

for_each_engine!(implement);
