//! The accounts elsewhere that a person signs in with.

use serde_json::json;

use super::{App, AppError, AppResult, Caller, audit};
use crate::domain::{identity::Identity, ids::IdentityId};

pub async fn list(app: &App, caller: &Caller) -> AppResult<Vec<Identity>> {
    Ok(app.store.read().await?.identities().list(caller.actor.user_id).await?)
}

/// Refuses to remove the last way in.
pub async fn remove(app: &App, caller: &Caller, id: IdentityId) -> AppResult<()> {
    app.authorize_account(&caller.actor)?;
    let (now, user) = (app.clock.now(), caller.actor.user_id);
    let mut work = app.store.begin().await?;
    // The user is held: of two who remove two last ways in, the second finds one.
    let account = work.users().hold(user).await?.ok_or_else(|| AppError::not_found("user", user))?;
    let identities = work.identities().list(user).await?;
    let found = identities.iter().find(|identity| identity.id == id);
    let found = found.ok_or_else(|| AppError::not_found("identity", id))?;
    let has_password =
        work.users().find_by_login(account.username.as_str()).await?.is_some_and(|(_, hash)| hash.is_some());
    if identities.len() == 1 && !has_password {
        return Err(AppError::Conflict {
            code: "last_sign_in_method",
            detail: "this is the only way into your account: set a password or connect another one first"
                .into(),
        });
    }
    work.identities().remove(id).await?;
    let detail = json!({ "provider": found.provider });
    work.audit().append(&audit::by(app, caller, "identity.remove", None, id, detail, now)).await?;
    work.commit().await?;
    Ok(())
}
