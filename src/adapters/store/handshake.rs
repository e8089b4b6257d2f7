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
        identity::{Handshake, Provider},
        return_to::ReturnTo,
        secret::Sealed,
        session::TokenHash,
    },
    ports::repository::{HandshakeRepository, StoreResult},
};

#[derive(FromRow)]
struct HandshakeRow {
    state: Digest,
    browser: Digest,
    provider: Word<Provider>,
    secrets: Vec<u8>,
    linking: Option<Uuid>,
    return_to: Word<ReturnTo>,
    expires_at: DateTime<Utc>,
}

impl Record for HandshakeRow {
    const TABLE: &'static str = "handshakes";
}

impl From<HandshakeRow> for Handshake {
    fn from(row: HandshakeRow) -> Self {
        Self {
            state: row.state.0,
            browser: row.browser.0,
            provider: row.provider.0,
            secrets: Sealed::from_bytes(row.secrets),
            linking: row.linking.map(Into::into),
            return_to: row.return_to.0,
            expires_at: row.expires_at,
        }
    }
}

macro_rules! implement {
    ($Db:ty) => {
        #[async_trait]
        impl HandshakeRepository for Repository<'_, $Db> {
            async fn add(&mut self, handshake: &Handshake) -> StoreResult<()> {
                let query = sqlx::query(
                    "INSERT INTO handshakes
                     (state, browser, provider, secrets, linking, return_to, expires_at)
                     VALUES ($1, $2, $3, $4, $5, $6, $7)",
                )
                .bind(handshake.state.as_slice())
                .bind(handshake.browser.as_slice())
                .bind(handshake.provider.as_str())
                .bind(handshake.secrets.as_bytes())
                .bind(handshake.linking.map(|user| user.as_uuid()))
                .bind(handshake.return_to.as_str())
                .bind(handshake.expires_at);
                self.execute(query).await.map(drop)
            }

            async fn take(&mut self, state: &TokenHash) -> StoreResult<Option<Handshake>> {
                let query = sqlx::query(
                    "DELETE FROM handshakes WHERE state = $1
                     RETURNING state, browser, provider, secrets, linking, return_to, expires_at",
                )
                .bind(state.as_slice());
                Ok(self.row::<HandshakeRow>(query).await?.map(Into::into))
            }

            async fn purge(&mut self, now: DateTime<Utc>) -> StoreResult<u64> {
                self.execute(sqlx::query("DELETE FROM handshakes WHERE expires_at <= $1").bind(now)).await
            }
        }
    };
}

for_each_engine!(implement);
