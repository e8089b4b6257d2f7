use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sqlx::{FromRow, QueryBuilder};
use uuid::Uuid;

use super::{
    page::{BATCH, push_ids},
    repository::{Record, Repository},
};
use crate::{
    domain::{
        ids::UserId,
        second_factor::{RecoveryHash, SecondFactor},
        secret::Sealed,
    },
    ports::repository::{SecondFactorRepository, StoreResult},
};

#[derive(FromRow)]
struct FactorRow {
    user_id: Uuid,
    sealed: Vec<u8>,
    created_at: DateTime<Utc>,
    confirmed_at: Option<DateTime<Utc>>,
    last_step: i64,
}

impl Record for FactorRow {
    const TABLE: &'static str = "second_factors";
    const KEY: &'static str = "user_id";
}

impl From<FactorRow> for SecondFactor {
    fn from(row: FactorRow) -> Self {
        Self {
            user_id: row.user_id.into(),
            sealed: Sealed::from_bytes(row.sealed),
            created_at: row.created_at,
            confirmed_at: row.confirmed_at,
            last_step: row.last_step,
        }
    }
}

#[derive(FromRow)]
struct UserRow {
    user_id: Uuid,
}

impl Record for UserRow {
    const TABLE: &'static str = "second_factors";
    const KEY: &'static str = "user_id";
}

macro_rules! implement {
    ($Db:ty) => {
        #[async_trait]
        impl SecondFactorRepository for Repository<'_, $Db> {
            async fn put(&mut self, factor: &SecondFactor) -> StoreResult<()> {
                let query = sqlx::query(
                    "INSERT INTO second_factors (user_id, sealed, created_at, confirmed_at, last_step)
                     VALUES ($1, $2, $3, $4, $5)
                     ON CONFLICT (user_id) DO UPDATE
                     SET sealed = excluded.sealed, created_at = excluded.created_at,
                         confirmed_at = excluded.confirmed_at, last_step = excluded.last_step
                     WHERE second_factors.confirmed_at IS NULL",
                )
                .bind(factor.user_id.as_uuid())
                .bind(factor.sealed.as_bytes())
                .bind(factor.created_at)
                .bind(factor.confirmed_at)
                .bind(factor.last_step);
                self.touch(query).await
            }

            async fn find(&mut self, user: UserId) -> StoreResult<Option<SecondFactor>> {
                let query = sqlx::query(
                    "SELECT user_id, sealed, created_at, confirmed_at, last_step FROM second_factors
                     WHERE user_id = $1",
                );
                Ok(self.row::<FactorRow>(query.bind(user.as_uuid())).await?.map(Into::into))
            }

            async fn confirm(&mut self, user: UserId, step: i64, now: DateTime<Utc>) -> StoreResult<()> {
                let query = sqlx::query(
                    "UPDATE second_factors SET confirmed_at = $2, last_step = $3
                     WHERE user_id = $1 AND confirmed_at IS NULL",
                )
                .bind(user.as_uuid())
                .bind(now)
                .bind(step);
                self.touch(query).await
            }

            async fn accept(&mut self, user: UserId, step: i64) -> StoreResult<bool> {
                let query = sqlx::query(
                    "UPDATE second_factors SET last_step = $2 WHERE user_id = $1 AND last_step < $2",
                )
                .bind(user.as_uuid())
                .bind(step);
                Ok(self.execute(query).await? > 0)
            }

            async fn remove(&mut self, user: UserId) -> StoreResult<()> {
                let query = sqlx::query("DELETE FROM second_factors WHERE user_id = $1");
                self.execute(query.bind(user.as_uuid())).await.map(drop)
            }

            async fn set_recovery_codes(&mut self, user: UserId, codes: &[RecoveryHash]) -> StoreResult<()> {
                let query = sqlx::query("DELETE FROM recovery_codes WHERE user_id = $1");
                self.execute(query.bind(user.as_uuid())).await?;
                for code in codes {
                    let query = sqlx::query("INSERT INTO recovery_codes (user_id, hash) VALUES ($1, $2)");
                    self.execute(query.bind(user.as_uuid()).bind(code.as_slice())).await?;
                }
                Ok(())
            }

            async fn use_recovery_code(&mut self, user: UserId, code: &RecoveryHash) -> StoreResult<bool> {
                let query = sqlx::query("DELETE FROM recovery_codes WHERE user_id = $1 AND hash = $2")
                    .bind(user.as_uuid())
                    .bind(code.as_slice());
                Ok(self.execute(query).await? > 0)
            }

            async fn recovery_codes_left(&mut self, user: UserId) -> StoreResult<u64> {
                let query = sqlx::query("SELECT COUNT(*) FROM recovery_codes WHERE user_id = $1");
                let count = self.value::<i64>(query.bind(user.as_uuid())).await?;
                Ok(count.and_then(|count| u64::try_from(count).ok()).unwrap_or_default())
            }

            async fn confirmed(&mut self, users: &[UserId]) -> StoreResult<Vec<UserId>> {
                let mut found = Vec::new();
                for batch in users.chunks(BATCH) {
                    let mut query = QueryBuilder::new(
                        "SELECT user_id FROM second_factors WHERE confirmed_at IS NOT NULL AND user_id IN (",
                    );
                    push_ids(&mut query, batch);
                    found.extend(self.rows::<UserRow>(query.build()).await?);
                }
                Ok(found.into_iter().map(|row| row.user_id.into()).collect())
            }
        }
    };
}

for_each_engine!(implement);
