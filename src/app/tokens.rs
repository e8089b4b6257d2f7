//! API tokens: a person's own, for programs that act for them.

use chrono::{DateTime, Utc};
use serde_json::json;

use super::{
    App, AppError, AppResult, Caller, audit, auth::hash_token, idempotency, idempotency::IdempotencyKey,
};
use crate::{
    domain::{
        api_token::{ApiToken, MOST, PREFIX, SHOWN},
        ids::{ApiTokenId, UserId},
        scope::{Scope, Scopes},
        secret::Secret,
    },
    ports::repository::UnitOfWork,
};

/// Random bytes of a token: out of reach of guessing.
const TOKEN_BYTES: usize = 32;

#[derive(Debug, Clone)]
pub struct NewToken {
    pub name: String,
    pub scopes: Scopes,
    pub expires_at: Option<DateTime<Utc>>,
}

/// The token with its secret, which nobody can show again.
#[derive(Debug)]
pub struct Made {
    pub token: ApiToken,
    pub secret: Secret,
}

pub async fn list(app: &App, caller: &Caller) -> AppResult<Vec<ApiToken>> {
    Ok(app.store.read().await?.api_tokens().list(caller.actor.user_id).await?)
}

pub async fn create(
    app: &App,
    caller: &Caller,
    new: NewToken,
    key: Option<&IdempotencyKey>,
) -> AppResult<Made> {
    app.authorize_account(&caller.actor)?;
    let (now, user) = (app.clock.now(), caller.actor.user_id);
    if new.expires_at.is_some_and(|expires| expires <= now) {
        return Err(AppError::invalid("expires_at", "past", "must be in the future"));
    }
    // A token makes no token that may do more than itself, or lives longer.
    if let Some((scopes, expires_at)) = caller.actor.credential.limits() {
        if let Some(scope) = new.scopes.iter().find(|scope| *scope != Scope::Read && !scopes.has(*scope)) {
            let message = format!("{scope} is not among those of the token that asks");
            return Err(AppError::invalid("scopes", "insufficient_scope", message));
        }
        if expires_at.is_some_and(|limit| new.expires_at.is_none_or(|expires| expires > limit)) {
            let message = "must not be later than that of the token that asks";
            return Err(AppError::invalid("expires_at", "too_late", message));
        }
    }
    let mut work = app.store.begin().await?;
    if let Some(id) = idempotency::replay(&mut *work, user, key, now).await? {
        return Err(idempotency::shown_before("token", id));
    }
    let made = mint(app, &mut *work, user, new, now).await?;
    idempotency::remember(&mut *work, user, key, made.token.id.into(), now).await?;
    let scopes: Vec<_> = made.token.scopes.iter().map(Scope::as_str).collect();
    let detail = json!({ "name": made.token.name, "scopes": scopes, "expires_at": made.token.expires_at });
    let mut entry = audit::by(app, caller, "token.create", None, made.token.id, detail, now);
    entry.target_name = Some(made.token.name.clone());
    work.audit().append(&entry).await?;
    work.commit().await?;
    Ok(made)
}

/// In the unit of work of whoever lets the program in, who also decides whether it may and writes the audit entry.
pub async fn mint(
    app: &App,
    work: &mut dyn UnitOfWork,
    user: UserId,
    new: NewToken,
    now: DateTime<Utc>,
) -> AppResult<Made> {
    let there = work.api_tokens().list(user).await?;
    if there.iter().filter(|token| token.is_live(now)).count() >= MOST {
        let detail = format!("a person has at most {MOST} tokens; revoke one first");
        return Err(AppError::Conflict { code: "too_many_tokens", detail });
    }
    let secret = Secret::new(format!("{PREFIX}{}", base64url(&app.random.bytes::<TOKEN_BYTES>())));
    let token = ApiToken {
        id: app.random.id(now),
        user_id: user,
        name: new.name,
        prefix: secret.expose().chars().take(SHOWN).collect(),
        hash: hash_token(&secret),
        scopes: new.scopes,
        created_at: now,
        expires_at: new.expires_at,
        last_used_at: None,
        last_used_address: None,
    };
    work.api_tokens().add(&token).await?;
    Ok(Made { token, secret })
}

/// From now on it opens nothing, and streams that it opened end.
pub async fn revoke(app: &App, caller: &Caller, id: ApiTokenId) -> AppResult<()> {
    app.authorize_account(&caller.actor)?;
    let now = app.clock.now();
    let mut work = app.store.begin().await?;
    let found = work.api_tokens().find(id).await?.filter(|token| token.user_id == caller.actor.user_id);
    let token = found.ok_or_else(|| AppError::not_found("token", id))?;
    work.api_tokens().remove(id).await?;
    let mut entry = audit::by(app, caller, "token.revoke", None, id, json!({ "name": token.name }), now);
    entry.target_name = Some(token.name);
    work.audit().append(&entry).await?;
    work.commit().await?;
    app.identity.actors.forget(id.into());
    Ok(())
}

fn base64url(bytes: &[u8]) -> String {
    use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}
