//! The keys that access tokens and identities are signed with: made by us, kept sealed in the database, and so the same
//! on all servers. A new one takes over every thirty days; older ones verify until nothing they signed is good any more.

use std::sync::Mutex;

use chrono::{DateTime, Duration, Utc};

use crate::{
    app::{App, AppError, AppResult},
    domain::{
        secret::Secret,
        session::{ACCESS_LIFETIME, PASS_LIFETIME, TICKET_LIFETIME},
        signing_key::{KeyFamily, SigningKey, is_due, useless_before},
    },
    ports::{
        access_token::{AccessClaims, AccessTokenError, Purpose, VerifyingKey},
        identity_token::IdentityKey,
        repository::UnitOfWork,
    },
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
    let mut reader = app.store.read().await?;
    let access = reader.signing_keys().list(KeyFamily::Access).await?;
    let identity = reader.signing_keys().list(KeyFamily::Identity).await?;
    drop(reader);
    let open = |row: &SigningKey| app.sealer.open(&SigningKey::context(row.family, &row.id), &row.sealed);
    let keys = access.into_iter().map(|row| Ok(VerifyingKey { secret: open(&row)?, id: row.id }));
    let keys = keys.collect::<AppResult<Vec<_>>>()?;
    app.identity.tokens.use_keys(&keys).map_err(|error| AppError::Internal(error.into()))?;
    let keys = identity
        .into_iter()
        .map(|row| Ok(IdentityKey { secret: open(&row)?, id: row.id, created_at: row.created_at }));
    let keys = keys.collect::<AppResult<Vec<_>>>()?;
    app.identity.visitors.use_keys(&keys).map_err(|error| AppError::Internal(error.into()))
}

/// Makes a key of each family when it is time for one, forgets those that are of no use any more, and reads all that there
/// are. Several servers may do it at once: one key too many does no harm.
pub async fn keep(app: &App) -> AppResult<()> {
    for family in KeyFamily::ALL {
        keep_family(app, family).await?;
    }
    load(app).await
}

async fn keep_family(app: &App, family: KeyFamily) -> AppResult<()> {
    let now = app.clock.now();
    let newest = newest_of(app.store.read().await?.as_mut(), family).await?;
    let useless = newest.and_then(|newest| useless_before(family, newest, now));
    if !is_due(newest, now) && useless.is_none() {
        return Ok(());
    }
    let mut work = app.store.begin().await?;
    // Another server may have been faster.
    if is_due(newest_of(work.as_mut(), family).await?, now) {
        let key = make(app, family, now)?;
        work.signing_keys().add(&key).await?;
        tracing::info!(key.id = key.id, ?family, "there is a new key to sign tokens with");
    }
    if let Some(useless) = useless {
        work.signing_keys().purge(family, useless).await?;
    }
    work.commit().await?;
    Ok(())
}

async fn newest_of(work: &mut dyn UnitOfWork, family: KeyFamily) -> AppResult<Option<DateTime<Utc>>> {
    Ok(work.signing_keys().list(family).await?.first().map(|key| key.created_at))
}

fn make(app: &App, family: KeyFamily, now: DateTime<Utc>) -> AppResult<SigningKey> {
    let id = app.random.hex::<ID_BYTES>();
    let mut secret = Secret::new(app.random.hex::<KEY_BYTES>());
    while family == KeyFamily::Identity && !app.identity.visitors.is_key(&secret) {
        secret = Secret::new(app.random.hex::<KEY_BYTES>());
    }
    let sealed = app.sealer.seal(&SigningKey::context(family, &id), &secret)?;
    Ok(SigningKey { id, family, sealed, created_at: now })
}

/// What [`useless_before`] counts on.
const _: () = assert!(
    ACCESS_LIFETIME.num_hours() < PASS_LIFETIME.num_hours()
        && TICKET_LIFETIME.num_hours() < PASS_LIFETIME.num_hours()
);
