use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sqlx::FromRow;
use uuid::Uuid;

use super::{
    column::{Digest, Word},
    repository::{Record, Repository},
};
use crate::{
    domain::{
        device::{Decision, DeviceGrant, UserCode},
        ids::UserId,
        session::TokenHash,
    },
    ports::repository::{DeviceGrantRepository, StoreResult, text::storable},
};

#[derive(FromRow)]
struct DeviceGrantRow {
    device: Digest,
    user_code: Word<UserCode>,
    client_name: String,
    address: String,
    created_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    polled_at: Option<DateTime<Utc>>,
    decided_by: Option<Uuid>,
    approved: bool,
}

impl Record for DeviceGrantRow {
    const TABLE: &'static str = "device_grants";
    const KEY: &'static str = "user_code";
}

impl From<DeviceGrantRow> for DeviceGrant {
    fn from(row: DeviceGrantRow) -> Self {
        Self {
            device: row.device.0,
            user_code: row.user_code.0,
            client_name: row.client_name,
            address: row.address,
            created_at: row.created_at,
            expires_at: row.expires_at,
            polled_at: row.polled_at,
            decision: row.decided_by.map(|by| Decision { by: by.into(), approved: row.approved }),
        }
    }
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT device, user_code, client_name, address, created_at, expires_at, polled_at, decided_by,
                    approved
             FROM device_grants ",
            $rest
        )
    };
}

macro_rules! implement {
    ($Db:ty) => {
        #[async_trait]
        impl DeviceGrantRepository for Repository<'_, $Db> {
            async fn add(&mut self, grant: &DeviceGrant) -> StoreResult<()> {
                let query = sqlx::query(
                    "INSERT INTO device_grants
                     (device, user_code, client_name, address, created_at, expires_at, polled_at, decided_by,
                      approved)
                     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
                )
                .bind(grant.device.as_slice())
                .bind(grant.user_code.as_str())
                .bind(storable(&grant.client_name))
                .bind(storable(&grant.address))
                .bind(grant.created_at)
                .bind(grant.expires_at)
                .bind(grant.polled_at)
                .bind(grant.decision.map(|decision| decision.by.as_uuid()))
                .bind(grant.decision.is_some_and(|decision| decision.approved));
                self.execute(query).await.map(drop)
            }

            async fn find(&mut self, device: &TokenHash) -> StoreResult<Option<DeviceGrant>> {
                let query = sqlx::query(select!("WHERE device = $1")).bind(device.as_slice());
                Ok(self.row::<DeviceGrantRow>(query).await?.map(Into::into))
            }

            async fn find_by_code(&mut self, code: &UserCode) -> StoreResult<Option<DeviceGrant>> {
                let query = sqlx::query(select!("WHERE user_code = $1")).bind(code.as_str());
                Ok(self.row::<DeviceGrantRow>(query).await?.map(Into::into))
            }

            async fn polled(&mut self, device: &TokenHash, now: DateTime<Utc>) -> StoreResult<()> {
                let query = sqlx::query("UPDATE device_grants SET polled_at = $2 WHERE device = $1")
                    .bind(device.as_slice())
                    .bind(now);
                self.touch(query).await
            }

            async fn decide(&mut self, code: &UserCode, user: UserId, approved: bool) -> StoreResult<()> {
                let query = sqlx::query(
                    "UPDATE device_grants SET decided_by = $2, approved = $3
                     WHERE user_code = $1 AND decided_by IS NULL",
                )
                .bind(code.as_str())
                .bind(user.as_uuid())
                .bind(approved);
                self.touch(query).await
            }

            async fn remove(&mut self, device: &TokenHash) -> StoreResult<()> {
                let query = sqlx::query("DELETE FROM device_grants WHERE device = $1").bind(device.as_slice());
                self.touch(query).await
            }

            async fn purge(&mut self, now: DateTime<Utc>) -> StoreResult<u64> {
                self.execute(sqlx::query("DELETE FROM device_grants WHERE expires_at <= $1").bind(now)).await
            }
        }
    };
}

for_each_engine!(implement);
