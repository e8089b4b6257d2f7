use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sqlx::FromRow;

use super::repository::{Record, Repository};
use crate::{
    domain::{
        secret::Sealed,
        signing_key::{KeyFamily, SigningKey},
    },
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

impl KeyRow {
    fn of(self, family: KeyFamily) -> SigningKey {
        let sealed = Sealed::from_bytes(self.sealed);
        SigningKey { id: self.id, family, sealed, created_at: self.created_at }
    }
}

/// The same statement on the table of each family.
macro_rules! on_table {
    ($family:expr, $before:literal, $after:literal) => {
        match $family {
            KeyFamily::Access => concat!($before, " signing_keys ", $after),
            KeyFamily::Identity => concat!($before, " identity_keys ", $after),
        }
    };
}

macro_rules! implement {
    ($Db:ty) => {
        #[async_trait]
        impl SigningKeyRepository for Repository<'_, $Db> {
            async fn add(&mut self, key: &SigningKey) -> StoreResult<()> {
                let insert =
                    on_table!(key.family, "INSERT INTO", "(id, sealed, created_at) VALUES ($1, $2, $3)");
                let query = sqlx::query(insert)
                    .bind(key.id.as_str())
                    .bind(key.sealed.as_bytes())
                    .bind(key.created_at);
                self.execute(query).await?;
                self.tell(Hint::SigningKeys);
                Ok(())
            }

            async fn list(&mut self, family: KeyFamily) -> StoreResult<Vec<SigningKey>> {
                let select = on_table!(
                    family,
                    "SELECT id, sealed, created_at FROM",
                    "ORDER BY created_at DESC, id DESC"
                );
                let rows = self.rows::<KeyRow>(sqlx::query(select)).await?;
                Ok(rows.into_iter().map(|row| row.of(family)).collect())
            }

            async fn purge(&mut self, family: KeyFamily, made_before: DateTime<Utc>) -> StoreResult<u64> {
                let delete = on_table!(family, "DELETE FROM", "WHERE created_at < $1");
                self.execute(sqlx::query(delete).bind(made_before)).await
            }
        }
    };
}

for_each_engine!(implement);
