//! From an access token or an API token to who is asking.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Mutex, MutexGuard, PoisonError},
};

use chrono::{DateTime, Duration, Utc};

use super::{hash_token, keys};
use crate::{
    app::{App, AppError, AppResult, Caller},
    domain::{
        api_token::{ApiToken, PREFIX, USE_EVERY},
        ids::{ApiTokenId, UserId},
        policy::{Actor, Credential, CredentialId},
        secret::Secret,
        session::TokenHash,
    },
    ports::{
        access_token::{AccessTokenError, Purpose},
        repository::UnitOfWork,
    },
};

/// How long what was read of a credential and its user's roles is believed. Every call needs it, so reading it each time
/// would double the load of the database; a revocation on another server is seen this late.
pub const FRESH_FOR: Duration = Duration::seconds(2);

/// Who is asking, if the token is valid and its session lives, or if it is an API token that has not been revoked.
pub async fn authenticate(app: &App, token: &str, address: Option<IpAddr>) -> AppResult<Actor> {
    if token.starts_with(PREFIX) {
        return of_api_token(app, &Secret::new(token), address).await;
    }
    let claims = keys::verify(app, Purpose::Api, token).await.map_err(|error| AppError::Unauthenticated {
        code: match error {
            AccessTokenError::Expired => "token_expired",
            AccessTokenError::UnknownKey | AccessTokenError::NoKey | AccessTokenError::Invalid => {
                "invalid_token"
            }
        },
        detail: error.to_string(),
    })?;
    let actor = of(app, claims.credential).await?;
    if actor.user_id != claims.user_id {
        return Err(ended());
    }
    Ok(actor)
}

/// Who a credential belongs to, as long as it is good. Long streams ask again and again.
pub async fn of(app: &App, credential: CredentialId) -> AppResult<Actor> {
    let now = app.clock.now();
    if let Some(actor) = app.identity.actors.get(credential, now) {
        return Ok(actor);
    }
    let mut work = app.store.read().await?;
    match credential {
        CredentialId::Session(id) => {
            let found = work.sessions().find(id).await?.filter(|session| session.is_live(now));
            let Some(found) = found else { return Err(ended()) };
            load(app, &mut *work, found.user_id, Credential::Session(id), now).await
        }
        CredentialId::Token(id) => {
            let found = work.api_tokens().find(id).await?.filter(|token| token.is_live(now));
            let Some(found) = found else { return Err(unknown_token()) };
            load(app, &mut *work, found.user_id, of_row(&found), now).await
        }
    }
}

async fn of_api_token(app: &App, token: &Secret, address: Option<IpAddr>) -> AppResult<Actor> {
    let (hash, now) = (hash_token(token), app.clock.now());
    if let Some(actor) = app.identity.actors.get_by_hash(&hash, now) {
        return Ok(actor);
    }
    let mut work = app.store.read().await?;
    let found = work.api_tokens().find_by_hash(&hash).await?.filter(|token| token.is_live(now));
    let Some(found) = found else { return Err(unknown_token()) };
    let actor = load(app, &mut *work, found.user_id, of_row(&found), now).await?;
    drop(work);
    app.identity.actors.put_hash(hash, found.id);
    note_use(app, &found, address, now).await;
    Ok(actor)
}

fn of_row(token: &ApiToken) -> Credential {
    Credential::Token { id: token.id, scopes: token.scopes.clone(), expires_at: token.expires_at }
}

async fn load(
    app: &App,
    work: &mut dyn UnitOfWork,
    user: UserId,
    credential: Credential,
    now: DateTime<Utc>,
) -> AppResult<Actor> {
    let user = work.users().find(user).await?.filter(|user| user.suspended_at.is_none());
    let Some(user) = user else { return Err(ended()) };
    let actor = Actor {
        user_id: user.id,
        username: user.username,
        credential,
        platform_admin: user.platform_admin,
        memberships: work.orgs().memberships(user.id).await?,
    };
    app.identity.actors.put(actor.clone(), now);
    Ok(actor)
}

/// The caller as the unit of work sees them, for decisions that must not rest on what was true a moment ago.
pub async fn afresh(work: &mut dyn UnitOfWork, caller: &Caller) -> AppResult<Actor> {
    let user = work.users().find(caller.actor.user_id).await?.filter(|user| user.suspended_at.is_none());
    let user = user.ok_or_else(ended)?;
    let memberships = work.orgs().memberships(user.id).await?;
    Ok(Actor { platform_admin: user.platform_admin, memberships, ..caller.actor.clone() })
}

/// Now and then, since every use would be a write. Whoever asked is not refused because of it.
async fn note_use(app: &App, token: &ApiToken, address: Option<IpAddr>, now: DateTime<Utc>) {
    let not_since = now - USE_EVERY;
    if token.last_used_at.is_some_and(|at| at > not_since) {
        return;
    }
    let address = address.map(|address| address.to_string());
    let noted = async {
        let mut work = app.store.begin().await?;
        work.api_tokens().used(token.id, address.as_deref(), not_since, now).await?;
        work.commit().await
    };
    if let Err(error) = noted.await {
        tracing::warn!(token.id = %token.id, error = %error, "the use of an API token could not be noted");
    }
}

fn ended() -> AppError {
    AppError::Unauthenticated { code: "session_ended", detail: "the session has ended; sign in again".into() }
}

fn unknown_token() -> AppError {
    AppError::Unauthenticated {
        code: "invalid_token",
        detail: "the API token is unknown, was revoked, or has expired".into(),
    }
}

/// What was read of credentials in the last [`FRESH_FOR`].
#[derive(Default)]
pub struct Actors(Mutex<Cache>);

#[derive(Default)]
struct Cache {
    seen: HashMap<CredentialId, Seen>,
    /// Hashes of API tokens never change their meaning, except that the token goes.
    hashes: HashMap<TokenHash, ApiTokenId>,
}

struct Seen {
    actor: Actor,
    at: DateTime<Utc>,
}

impl Actors {
    /// Beyond this many, those that are no longer fresh are dropped before another is added.
    const CROWDED: usize = 1024;

    fn get(&self, credential: CredentialId, now: DateTime<Utc>) -> Option<Actor> {
        let cache = self.lock();
        cache.seen.get(&credential).filter(|seen| is_fresh(seen, now)).map(|seen| seen.actor.clone())
    }

    fn get_by_hash(&self, hash: &TokenHash, now: DateTime<Utc>) -> Option<Actor> {
        let id = self.lock().hashes.get(hash).copied()?;
        self.get(id.into(), now)
    }

    fn put(&self, actor: Actor, now: DateTime<Utc>) {
        let mut cache = self.lock();
        if cache.seen.len() >= Self::CROWDED {
            cache.seen.retain(|_, seen| is_fresh(seen, now));
        }
        cache.seen.insert(actor.credential.id(), Seen { actor, at: now });
    }

    fn put_hash(&self, hash: TokenHash, id: ApiTokenId) {
        let mut cache = self.lock();
        if cache.hashes.len() >= Self::CROWDED {
            cache.hashes.clear();
        }
        cache.hashes.insert(hash, id);
    }

    /// The credential was revoked.
    pub fn forget(&self, credential: CredentialId) {
        self.lock().seen.remove(&credential);
    }

    /// Nothing that was read is to be believed any more.
    pub fn forget_all(&self) {
        self.lock().seen.clear();
    }

    /// The user's roles or rights changed.
    pub fn forget_user(&self, user: UserId) {
        self.lock().seen.retain(|_, seen| seen.actor.user_id != user);
    }

    fn lock(&self) -> MutexGuard<'_, Cache> {
        // A cache is whole after any panic.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn is_fresh(seen: &Seen, now: DateTime<Utc>) -> bool {
    let expired = match &seen.actor.credential {
        Credential::Token { expires_at: Some(expires), .. } => now >= *expires,
        _ => false,
    };
    !expired && (Duration::zero()..FRESH_FOR).contains(&(now - seen.at))
}
