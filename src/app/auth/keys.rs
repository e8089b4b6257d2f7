//! The keys that access tokens are signed with: made by us, kept sealed in the database, and so the same on all servers.
//! A new one takes over every thirty days; older ones verify until nothing they signed is good any more.

use std::sync::Mutex;

use chrono::{DateTime, Duration, Utc};

use crate::{
    app::{App, AppError, AppResult},
    domain::{
        secret::Secret,
        session::{ACCESS_LIFETIME, PASS_LIFETIME, TICKET_LIFETIME},
        signing_key::{SigningKey, is_due, useless_before},
    },
    ports::access_token::{AccessClaims, AccessTokenError, Purpose, VerifyingKey},
};

const KEY_BYTES: usize = 32;
const ID_BYTES: usize = 8;
/// A token that names a key nobody has would otherwise make us read the database each time.
const RELOAD_EVERY: Duration = Duration::seconds(1);

/// When the keys were last read because a token named an unknown one.
#[derive(Default)]
pub struct Reloads(Mutex<Option<DateTime<Utc>>>);

impl Reloads {
    fn take(&self, now: DateTime<Utc>) -> bool {
        // A time is whole after any panic.
        let mut last = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let allowed = last.is_none_or(|last| !(Duration::zero()..RELOAD_EVERY).contains(&(now - last)));
        if allowed {
            *last = Some(now);
        }
        allowed
    }
}

/// What a token for this purpose says. One that names a key we do not know was perhaps signed by a server that has just made one.
pub(in crate::app) async fn verify(
    app: &App,
    purpose: Purpose<'_>,
    token: &str,
) -> Result<AccessClaims, AccessTokenError> {
    let now = app.clock.now();
    match app.identity.tokens.verify(purpose, token, now) {
        Err(AccessTokenError::UnknownKey) if app.identity.reloads.take(now) => {
            if let Err(error) = load(app).await {
                tracing::warn!(error = error.chain(), "the keys of access tokens cannot be read");
            }
            app.identity.tokens.verify(purpose, token, now)
        }
        verified => verified,
    }
}

/// Reads all keys.
pub async fn load(app: &App) -> AppResult<()> {
    let rows = app.store.read().await?.signing_keys().list().await?;
    let open = |row: SigningKey| {
        let secret = app.sealer.open(&SigningKey::context(&row.id), &row.sealed)?;
        Ok::<_, AppError>(VerifyingKey { id: row.id, secret })
    };
    let keys = rows.into_iter().map(open).collect::<AppResult<Vec<_>>>()?;
    app.identity.tokens.use_keys(&keys).map_err(|error| AppError::Internal(error.into()))
}

/// Makes a key when it is time for one, forgets those that are of no use any more, and reads all that there are.
/// Several servers may do it at once: one key too many does no harm.
pub async fn keep(app: &App) -> AppResult<()> {
    let now = app.clock.now();
    let newest = async || {
        let keys = app.store.read().await?.signing_keys().list().await?;
        Ok::<_, AppError>(keys.first().map(|key| key.created_at))
    };
    let newest = newest().await?;
    let useless = newest.and_then(|newest| useless_before(newest, now));
    if is_due(newest, now) || useless.is_some() {
        let mut work = app.store.begin().await?;
        // Another server may have been faster.
        let keys = work.signing_keys().list().await?;
        if is_due(keys.first().map(|key| key.created_at), now) {
            let key = make(app, now)?;
            work.signing_keys().add(&key).await?;
            tracing::info!(key.id = key.id, "access tokens are signed with a new key");
        }
        if let Some(useless) = useless {
            work.signing_keys().purge(useless).await?;
        }
        work.commit().await?;
    }
    load(app).await
}

fn make(app: &App, now: DateTime<Utc>) -> AppResult<SigningKey> {
    let id = app.random.hex::<ID_BYTES>();
    let secret = Secret::new(app.random.hex::<KEY_BYTES>());
    let sealed = app.sealer.seal(&SigningKey::context(&id), &secret)?;
    Ok(SigningKey { id, sealed, created_at: now })
}

/// What [`useless_before`] counts on.
const _: () = assert!(
    ACCESS_LIFETIME.num_hours() < PASS_LIFETIME.num_hours()
        && TICKET_LIFETIME.num_hours() < PASS_LIFETIME.num_hours()
);
