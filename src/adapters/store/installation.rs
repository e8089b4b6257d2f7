use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sqlx::FromRow;
use uuid::Uuid;

use super::{
    column::Digest,
    repository::{Record, Repository},
};
use crate::{
    domain::ids::InstallationId,
    ports::repository::{InstallationRepository, StoreError, StoreResult, installation::Installation},
};

#[derive(FromRow)]
struct InstallationRow {
    id: Uuid,
    created_at: DateTime<Utc>,
    setup_at: Option<DateTime<Utc>>,
    restore_id: Option<Uuid>,
}

impl Record for InstallationRow {
    const TABLE: &'static str = "installation";
}

impl From<InstallationRow> for Installation {
    fn from(row: InstallationRow) -> Self {
        Self {
            id: row.id.into(),
            created_at: row.created_at,
            setup_at: row.setup_at,
            restore_id: row.restore_id.map(Into::into),
        }
    }
}

#[derive(FromRow)]
struct KeyRow {
    key_check: Digest,
}

impl Record for KeyRow {
    const TABLE: &'static str = "installation";
}

macro_rules! implement {
    ($Db:ty) => {
        #[async_trait]
        impl InstallationRepository for Repository<'_, $Db> {
            async fn establish(
                &mut self,
                id: InstallationId,
                now: DateTime<Utc>,
            ) -> StoreResult<Installation> {
                let query = sqlx::query(
                    "INSERT INTO installation (singleton, id, created_at) VALUES (1, $1, $2)
                     ON CONFLICT (singleton) DO NOTHING",
                );
                self.execute(query.bind(id.as_uuid()).bind(now)).await?;
                self.find().await?.ok_or(StoreError::Stale(self.noun))
            }

            async fn find(&mut self) -> StoreResult<Option<Installation>> {
                let query = sqlx::query("SELECT id, created_at, setup_at, restore_id FROM installation");
                Ok(self.row::<InstallationRow>(query).await?.map(Into::into))
            }

            async fn check_key(&mut self, derived: &[u8; 32]) -> StoreResult<[u8; 32]> {
                let query = sqlx::query(
                    "UPDATE installation SET key_check = COALESCE(key_check, $1) RETURNING id, key_check",
                );
                let row = self.row::<KeyRow>(query.bind(derived.as_slice())).await?;
                row.map(|row| row.key_check.0).ok_or(StoreError::Stale(self.noun))
            }

            async fn complete_setup(&mut self, now: DateTime<Utc>) -> StoreResult<bool> {
                let query = sqlx::query("UPDATE installation SET setup_at = $1 WHERE setup_at IS NULL");
                Ok(self.execute(query.bind(now)).await? > 0)
            }
        }
    };
}

for_each_engine!(implement);
