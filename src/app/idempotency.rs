//! Creating calls that may be repeated: the same key and request lead to the same resource for 24 hours.

use chrono::{DateTime, Duration, Utc};
use uuid::Uuid;

use super::{App, AppError, AppResult};
use crate::{
    domain::ids::UserId,
    ports::repository::{StoreError, UnitOfWork, idempotency::IdempotencyRecord},
};

/// How long a key is remembered.
pub const LIFETIME: Duration = Duration::hours(24);

/// A key a client chose, with a digest of what it asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyKey {
    pub key: String,
    /// SHA-256 of method, path and body.
    pub request_hash: [u8; 32],
}

impl IdempotencyKey {
    /// For a request that holds a password: its digest alone would let whoever has the database try passwords fast.
    pub fn keyed(&self, app: &App) -> Self {
        let request_hash = app.sealer.digest("idempotency_keys.request_hash", &self.request_hash);
        Self { request_hash, ..self.clone() }
    }
}

/// What was made under this key before. Call it first in the unit of work that creates.
///
/// ```ignore
/// let mut work = app.store.begin().await?;
/// if let Some(id) = idempotency::replay(&mut *work, user, key, now).await? {
///     return get(app, caller, id.into()).await;
/// }
/// … create …
/// idempotency::remember(&mut *work, user, key, id.into(), now).await?;
/// work.commit().await?;
/// ```
pub async fn replay(
    work: &mut dyn UnitOfWork,
    user: UserId,
    key: Option<&IdempotencyKey>,
    now: DateTime<Utc>,
) -> AppResult<Option<Uuid>> {
    let Some(key) = key else { return Ok(None) };
    let mut records = work.idempotency();
    let Some(record) = records.find(user, &key.key).await? else { return Ok(None) };
    if now - record.created_at >= LIFETIME {
        records.purge(now - LIFETIME + Duration::microseconds(1)).await?;
        return Ok(None);
    }
    if record.request_hash != key.request_hash {
        return Err(AppError::invalid(
            "Idempotency-Key",
            "key_reused",
            "this key was used with another request in the last 24 hours; choose a new one",
        ));
    }
    Ok(Some(record.resource_id))
}

/// The answer to a repetition where what the first one showed is not kept. An answer without the secret would be taken
/// for one that has it, and a second secret would be one too many.
pub fn shown_before(what: &str, id: Uuid) -> AppError {
    AppError::Conflict {
        code: "secret_shown_before",
        detail: format!(
            "this key made the {what} {id} before, whose secret was shown then and is not kept; if it did not reach you, \
             revoke that {what} and make another with a new key"
        ),
    }
}

/// Keeps what was made under the key, in the same unit of work. Of two requests with the same key at the same moment
/// the slower one is refused as a conflict, and finds the result when it tries again.
pub async fn remember(
    work: &mut dyn UnitOfWork,
    user: UserId,
    key: Option<&IdempotencyKey>,
    resource_id: Uuid,
    now: DateTime<Utc>,
) -> AppResult<()> {
    let Some(key) = key else { return Ok(()) };
    let record = IdempotencyRecord {
        user_id: user,
        key: key.key.clone(),
        request_hash: key.request_hash,
        resource_id,
        created_at: now,
    };
    work.idempotency().add(&record).await.map_err(|error| match error {
        StoreError::Taken(_) => AppError::Conflict {
            code: "request_in_progress",
            detail: "another request with this key is being worked on; try again to see its result".into(),
        },
        error => error.into(),
    })
}
