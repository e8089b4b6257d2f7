use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::repository::Repository;
use crate::{
    domain::rate::Rate,
    ports::repository::{AttemptRepository, StoreResult, attempt::AttemptKey},
};

macro_rules! implement {
    ($Db:ty) => {
        #[async_trait]
        impl AttemptRepository for Repository<'_, $Db> {
            async fn take(
                &mut self,
                key: &AttemptKey,
                rate: Rate,
                now: DateTime<Utc>,
            ) -> StoreResult<Option<Duration>> {
                // `Rate::take`, where the row is: nobody comes between looking and writing.
                let now = now.timestamp_micros();
                let query = sqlx::query(
                    "INSERT INTO attempts (key, spent_until) VALUES ($1, $2 + $3)
                     ON CONFLICT (key) DO UPDATE
                     SET spent_until =
                         CASE WHEN attempts.spent_until > $2 THEN attempts.spent_until ELSE $2 END + $3
                     WHERE attempts.spent_until <= $4
                     RETURNING spent_until",
                )
                .bind(key.as_slice())
                .bind(now)
                .bind(rate.cost())
                .bind(now.saturating_add(rate.slack()));
                if self.value::<i64>(query).await?.is_some() {
                    return Ok(None);
                }
                let query = sqlx::query("SELECT spent_until FROM attempts WHERE key = $1");
                let spent_until = self.value::<i64>(query.bind(key.as_slice())).await?;
                Ok(Some(rate.take(spent_until, now).err().unwrap_or_default()))
            }

            async fn purge(&mut self, now: DateTime<Utc>) -> StoreResult<u64> {
                let query = sqlx::query("DELETE FROM attempts WHERE spent_until <= $1");
                self.execute(query.bind(now.timestamp_micros())).await
            }
        }
    };
}

for_each_engine!(implement);
