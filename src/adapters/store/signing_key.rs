use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sqlx::FromRow;

use super::repository::{Record, Repository};
use crate::{
    domain::{secret::Sealed, signing_key::SigningKey},
    ports::repository::{Hint, SigningKeyRepository, StoreResult},
};

#[derive(FromRow)]
struct KeyRow {
    id: String,
    sealed: Vec<u8>,
    created_at: DateTime<Utc>,
}

impl Record for KeyRow {
    const TABLE: &'static str = "signing_keys";
}

impl From<KeyRow> for SigningKey {
    fn from(row: KeyRow) -> Self {
        Self { id: row.id, sealed: Sealed::from_bytes(row.sealed), created_at: row.created_at }
    }
}

macro_rules! implement {
    ($Db:ty) => {
        #[async_trait]
        impl SigningKeyRepository for Repository<'_, $Db> {
            async fn add(&mut self, key: &SigningKey) -> StoreResult<()> {
                let query =
                    sqlx::query("INSERT INTO signing_keys (id, sealed, created_at) VALUES ($1, $2, $3)")
                        .bind(key.id.as_str())
                        .bind(key.sealed.as_bytes())
                        .bind(key.created_at);
                self.execute(query).await?;
                self.tell(Hint::SigningKeys);
                Ok(())
            }

            async fn list(&mut self) -> StoreResult<Vec<SigningKey>> {
                let query = sqlx::query(
                    "SELECT id, sealed, created_at FROM signing_keys ORDER BY created_at DESC, id DESC",
                );
                Ok(self.rows::<KeyRow>(query).await?.into_iter().map(Into::into).collect())
            }

            async fn purge(&mut self, made_before: DateTime<Utc>) -> StoreResult<u64> {
                let query = sqlx::query("DELETE FROM signing_keys WHERE created_at < $1");
                self.execute(query.bind(made_before)).await
            }
        }
    };
}

for_each_engine!(implement);
