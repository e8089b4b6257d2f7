//! Letting a command line in from a browser (RFC 8628): the client shows a code, a signed-in person approves it, and the
//! client gets an API token of theirs.

use chrono::Duration;
use serde_json::json;

use super::{Origin, hash_token};
use crate::{
    app::{
        App, AppError, AppResult, Caller, audit,
        tokens::{self, NewToken},
    },
    domain::{
        device::{Answer, DeviceGrant, LIFETIME, UserCode},
        scope::{Scope, Scopes},
        secret::Secret,
        user::User,
    },
    ports::repository::StoreError,
};

/// How long a command line stays signed in.
const TOKEN_LIFETIME: Duration = Duration::days(90);
const DEVICE_CODE_BYTES: usize = 32;
/// What a client may call itself.
const MAX_NAME: usize = 100;

/// What the client shows, and what it asks with.
#[derive(Debug)]
pub struct Asked {
    pub device_code: Secret,
    pub user_code: UserCode,
}

/// What the client gets, once.
#[derive(Debug)]
pub struct Granted {
    pub token: Secret,
    /// Seconds.
    pub expires_in: i64,
    pub user: User,
}

pub async fn ask(app: &App, client_name: &str, origin: &Origin) -> AppResult<Asked> {
    let now = app.clock.now();
    let device_code = Secret::new(app.random.hex::<DEVICE_CODE_BYTES>());
    let grant = DeviceGrant {
        device: hash_token(&device_code),
        user_code: UserCode::of(&app.random.bytes()),
        client_name: named(client_name),
        address: origin.address(),
        created_at: now,
        expires_at: now + LIFETIME,
        polled_at: None,
        decision: None,
    };
    let mut work = app.store.begin().await?;
    work.device_grants().add(&grant).await?;
    work.commit().await?;
    Ok(Asked { device_code, user_code: grant.user_code })
}

/// It will stand in a list of tokens: one line, and something.
fn named(client_name: &str) -> String {
    let name: String = client_name.chars().filter(|c| !c.is_control()).take(MAX_NAME).collect();
    if name.trim().is_empty() { "Command line".into() } else { name.trim().to_owned() }
}

/// The open question behind a code, for the person who decides.
pub async fn show(app: &App, caller: &Caller, code: &UserCode) -> AppResult<DeviceGrant> {
    ensure_session(caller)?;
    let found = app.store.read().await?.device_grants().find_by_code(code).await?;
    found
        .filter(|grant| grant.is_open(app.clock.now()))
        .ok_or_else(|| AppError::not_found("device code", code))
}

/// A token lets nobody else in.
fn ensure_session(caller: &Caller) -> AppResult<()> {
    if caller.actor.credential.limits().is_some() { Err(AppError::Forbidden) } else { Ok(()) }
}

pub async fn decide(app: &App, caller: &Caller, code: &UserCode, approve: bool) -> AppResult<()> {
    let (now, grant) = (app.clock.now(), show(app, caller, code).await?);
    let mut work = app.store.begin().await?;
    match work.device_grants().decide(code, caller.actor.user_id, approve).await {
        Ok(()) => {}
        Err(StoreError::Stale(_)) => return Err(AppError::not_found("device code", code)),
        Err(error) => return Err(error.into()),
    }
    let action = if approve { "device.approve" } else { "device.deny" };
    let detail = json!({ "client_name": grant.client_name, "asked_from": grant.address });
    let target = hex::encode(&grant.device[..8]);
    work.audit().append(&audit::by(app, caller, action, None, target, detail, now)).await?;
    work.commit().await?;
    Ok(())
}

/// What the client is told when it asks; `Err` says why it gets nothing yet, or ever. A code it never got has expired as
/// far as it can know.
pub async fn redeem(app: &App, device_code: &Secret) -> AppResult<Result<Granted, Answer>> {
    let (now, device) = (app.clock.now(), hash_token(device_code));
    let mut work = app.store.begin().await?;
    let Some(grant) = work.device_grants().find(&device).await? else { return Ok(Err(Answer::ExpiredToken)) };
    let user = match grant.answer(now) {
        Answer::Granted(user) => user,
        answer => {
            if matches!(answer, Answer::AuthorizationPending | Answer::SlowDown) {
                work.device_grants().polled(&device, now).await?;
                work.commit().await?;
            }
            return Ok(Err(answer));
        }
    };
    let user = work.users().find(user).await?.filter(|user| user.suspended_at.is_none());
    let Some(user) = user else { return Ok(Err(Answer::AccessDenied)) };
    match work.device_grants().remove(&device).await {
        Ok(()) => {}
        Err(StoreError::Stale(_)) => return Ok(Err(Answer::ExpiredToken)),
        Err(error) => return Err(error.into()),
    }
    let scopes =
        Scopes::new(Scope::ALL).ok_or_else(|| AppError::Internal(anyhow::anyhow!("there is no scope")))?;
    let new = NewToken { name: grant.client_name, scopes, expires_at: Some(now + TOKEN_LIFETIME) };
    let made = tokens::mint(app, &mut *work, user.id, new, now).await?;
    let origin = Origin { address: grant.address.parse().ok(), user_agent: String::new() };
    let entry = audit::at_the_door(app, &origin, "token.create", Some(user.id), made.token.id, now);
    work.audit().append(&entry).await?;
    work.commit().await?;
    Ok(Ok(Granted { token: made.secret, expires_in: TOKEN_LIFETIME.num_seconds(), user }))
}
