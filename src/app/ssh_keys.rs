//! SSH keys: a person's own, with which they enter their workspaces.

use chrono::{DateTime, Utc};
use serde_json::json;

use super::{App, AppError, AppResult, Caller, audit, idempotency, idempotency::IdempotencyKey};
use crate::{
    domain::{
        ids::SshKeyId,
        ssh_key::{MOST, PublicKey, SshKey},
    },
    ports::repository::{StoreError, UnitOfWork},
};

#[derive(Debug, Clone)]
pub struct NewSshKey {
    pub name: String,
    pub key: PublicKey,
}

pub async fn list(app: &App, caller: &Caller) -> AppResult<Vec<SshKey>> {
    Ok(app.store.read().await?.ssh_keys().list(caller.actor.user_id).await?)
}

/// A key names one person, so that it is on one account only.
pub async fn add(
    app: &App,
    caller: &Caller,
    new: NewSshKey,
    idempotency: Option<&IdempotencyKey>,
) -> AppResult<SshKey> {
    app.authorize_account(&caller.actor)?;
    let (now, user) = (app.clock.now(), caller.actor.user_id);
    let mut work = app.store.begin().await?;
    if let Some(id) = idempotency::replay(&mut *work, user, idempotency, now).await? {
        return own(&mut *work, caller, id.into()).await;
    }
    work.users().hold(user).await?.ok_or_else(|| AppError::not_found("user", user))?;
    if work.ssh_keys().list(user).await?.len() >= MOST {
        let detail = format!("a person has at most {MOST} SSH keys; remove one first");
        return Err(AppError::Conflict { code: "too_many_keys", detail });
    }
    let key = SshKey {
        id: app.random.id(now),
        user_id: user,
        name: new.name,
        key: new.key,
        created_at: now,
        last_used_at: None,
    };
    work.ssh_keys().add(&key).await.map_err(|error| match error {
        StoreError::Taken("SSH key") => in_use(),
        error => error.into(),
    })?;
    idempotency::remember(&mut *work, user, idempotency, key.id.into(), now).await?;
    record(app, &mut *work, caller, "ssh_key.add", &key, now).await?;
    work.commit().await?;
    Ok(key)
}

/// From now on it opens nothing.
pub async fn remove(app: &App, caller: &Caller, id: SshKeyId) -> AppResult<()> {
    app.authorize_account(&caller.actor)?;
    let now = app.clock.now();
    let mut work = app.store.begin().await?;
    let key = own(&mut *work, caller, id).await?;
    work.ssh_keys().remove(id).await?;
    record(app, &mut *work, caller, "ssh_key.remove", &key, now).await?;
    work.commit().await?;
    Ok(())
}

async fn own(work: &mut dyn UnitOfWork, caller: &Caller, id: SshKeyId) -> AppResult<SshKey> {
    let found = work.ssh_keys().find(id).await?.filter(|key| key.user_id == caller.actor.user_id);
    found.ok_or_else(|| AppError::not_found("SSH key", id))
}

async fn record(
    app: &App,
    work: &mut dyn UnitOfWork,
    caller: &Caller,
    action: &str,
    key: &SshKey,
    now: DateTime<Utc>,
) -> AppResult<()> {
    let detail = json!({ "name": key.name, "type": key.key.key_type, "fingerprint": key.key.fingerprint });
    let entry = audit::by(app, caller, action, None, key.id, detail, now).named(&key.name);
    Ok(work.audit().append(&entry).await?)
}

/// Whose it is, the caller's own or somebody else's, is not said.
fn in_use() -> AppError {
    AppError::Conflict {
        code: "key_in_use",
        detail: "an account has this key already; a key belongs to one account, so make another for this one"
            .into(),
    }
}
