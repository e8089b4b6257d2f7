//! What a person may do with their own account. A token may only with the scope for it.

use serde_json::{Value, json};

use super::{
    App, AppError, AppResult, Caller, audit,
    auth::{self, Origin, accept_password},
    mail::{Mail, Page},
    second_factor,
};
use crate::domain::{
    account::Purpose,
    ids::SessionId,
    names::Email,
    secret::Secret,
    session::Session,
    user::{Membership, User},
};

/// A person, as they see themselves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    pub user: User,
    pub memberships: Vec<Membership>,
    pub has_password: bool,
    pub totp_enabled: bool,
    pub recovery_codes_left: u64,
    /// The address that waits for its link to be opened.
    pub pending_email: Option<Email>,
}

pub async fn get(app: &App, caller: &Caller) -> AppResult<Account> {
    let (id, now) = (caller.actor.user_id, app.clock.now());
    let mut work = app.store.read().await?;
    let found = work.users().find_by_login(caller.actor.username.as_str()).await?;
    let (user, password) = found.ok_or_else(|| AppError::not_found("user", id))?;
    let pending = work.account_tokens().find_of(id, Purpose::ConfirmEmail).await?;
    let memberships = work.orgs().memberships(id).await?;
    let totp_enabled = second_factor::find(&mut *work, id).await?.is_some();
    let recovery_codes_left = work.second_factors().recovery_codes_left(id).await?;
    Ok(Account {
        user,
        memberships,
        has_password: password.is_some(),
        totp_enabled,
        recovery_codes_left,
        pending_email: pending.filter(|token| token.is_live(now)).and_then(|token| token.email),
    })
}

/// The caller, if this is their password.
pub(super) async fn prove(app: &App, caller: &Caller, field: &str, password: Secret) -> AppResult<User> {
    let found = app.store.read().await?.users().find_by_login(caller.actor.username.as_str()).await?;
    let (user, hash) = found.ok_or_else(|| AppError::not_found("user", caller.actor.user_id))?;
    if hash.is_none() {
        let detail = "this account has no password; choose one with a link from the sign-in page first";
        return Err(AppError::Conflict { code: "no_password", detail: detail.into() });
    }
    if app.hasher.verify(password, hash).await? {
        Ok(user)
    } else {
        Err(AppError::invalid(field, "wrong", "is not your password"))
    }
}

/// Asks for another mail address, which becomes the user's when the link that is mailed there is opened. An address that
/// somebody else has answers alike.
pub async fn change_email(app: &App, caller: &Caller, email: Email, password: Secret) -> AppResult<()> {
    app.authorize_account(&caller.actor)?;
    if !app.mailer.is_set_up() {
        let detail = "this installation sends no mail; an administrator can change your address";
        return Err(AppError::Conflict { code: "mail_not_set_up", detail: detail.into() });
    }
    let user = prove(app, caller, "password", password).await?;
    if user.email == email {
        return Err(AppError::invalid("email", "unchanged", "is your address already"));
    }
    let now = app.clock.now();
    let mut work = app.store.begin().await?;
    let taken = work.users().find_by_login(email.as_str()).await?.is_some();
    let (token, expires) =
        auth::reset::mint(app, &mut *work, user.id, Purpose::ConfirmEmail, Some(email.clone()), now).await?;
    let detail = json!({ "from": user.email.as_str(), "to": email.as_str() });
    work.audit()
        .append(&audit::by(app, caller, "user.email_change_asked", None, user.id, detail, now))
        .await?;
    work.commit().await?;
    let username = user.username.to_string();
    if !taken {
        let url = app.settings.link(Page::ConfirmEmail, &token);
        app.mailer.send(&email, &Mail::ConfirmAddress { username: username.clone(), url, expires });
    }
    app.mailer.send(&user.email, &Mail::AddressChange { username, new: email, when: now });
    Ok(())
}

/// Whoever has the token has the address it was mailed to.
pub async fn confirm_email(app: &App, token: &Secret, origin: &Origin) -> AppResult<()> {
    let (now, hash) = (app.clock.now(), auth::hash_token(token));
    let mut work = app.store.begin().await?;
    let found = work.account_tokens().find(&hash).await?;
    let found = found.filter(|token| token.purpose == Purpose::ConfirmEmail && token.is_live(now));
    let email = found.as_ref().and_then(|token| token.email.clone());
    let (Some(token), Some(email)) = (found, email) else { return Err(auth::reset::invalid()) };
    let user = work.users().find(token.user_id).await?.filter(|user| user.suspended_at.is_none());
    let Some(user) = user else { return Err(auth::reset::invalid()) };
    // Somebody may have made an account with it meanwhile.
    let taken =
        work.users().find_by_login(email.as_str()).await?.is_some_and(|(other, _)| other.id != user.id);
    if taken || !work.account_tokens().take(&hash).await? {
        return Err(auth::reset::invalid());
    }
    let detail = json!({ "from": user.email.as_str(), "to": email.as_str() });
    let changed = User { email, updated_at: now, ..user };
    work.users().change(&changed).await?;
    // A link that went to the old address is no longer good.
    work.account_tokens().void(changed.id, Purpose::ResetPassword).await?;
    let mut entry = audit::at_the_door(app, origin, "user.email", Some(changed.id), changed.id, now);
    entry.detail = detail;
    work.audit().append(&entry).await?;
    work.commit().await?;
    app.identity.actors.forget_user(changed.id);
    Ok(())
}

pub async fn rename(app: &App, caller: &Caller, display_name: &str) -> AppResult<()> {
    app.authorize_account(&caller.actor)?;
    let (now, user) = (app.clock.now(), caller.actor.user_id);
    let mut work = app.store.begin().await?;
    work.users().rename(user, display_name, now).await?;
    let detail = json!({ "display_name": display_name });
    work.audit().append(&audit::by(app, caller, "user.rename", None, user, detail, now)).await?;
    work.commit().await?;
    Ok(())
}

/// Whoever knows the old password sets a new one; all other sessions of the user end.
pub async fn change_password(app: &App, caller: &Caller, current: Secret, new: Secret) -> AppResult<()> {
    app.authorize_account(&caller.actor)?;
    let actor = &caller.actor;
    let found = app.store.read().await?.users().find_by_login(actor.username.as_str()).await?;
    let (user, hash) = found.ok_or_else(|| AppError::not_found("user", actor.user_id))?;
    if !app.hasher.verify(current, hash.clone()).await? {
        return Err(AppError::invalid("current_password", "wrong", "is not your password"));
    }
    accept_password("new_password", &new, &[user.username.as_str(), user.email.local_part()])?;
    let new = app.hasher.hash(new).await?;

    let now = app.clock.now();
    let mut work = app.store.begin().await?;
    let unchanged =
        work.users().find_by_login(actor.username.as_str()).await?.is_some_and(|(_, now)| now == hash);
    if !unchanged {
        return Err(AppError::Conflict {
            code: "changed_meanwhile",
            detail: "the password was changed by another request at the same moment".into(),
        });
    }
    work.users().set_password(user.id, &new, now).await?;
    work.account_tokens().void(user.id, Purpose::ResetPassword).await?;
    let others: Vec<_> = work
        .sessions()
        .list_live(user.id, now)
        .await?
        .into_iter()
        .map(|session| session.id)
        .filter(|id| Some(*id) != actor.session())
        .collect();
    for session in &others {
        work.sessions().revoke(*session, now).await?;
    }
    let entry = audit::by(app, caller, "user.password", None, user.id, Value::Null, now);
    work.audit().append(&entry).await?;
    work.commit().await?;
    for session in others {
        app.identity.actors.forget(session.into());
    }
    let address = caller.address.map(|address| address.to_string()).unwrap_or_default();
    let mail = Mail::PasswordChanged { username: user.username.to_string(), address, when: now };
    app.mailer.send(&user.email, &mail);
    Ok(())
}

/// Ends all sessions of the caller but the one that asks. Success when there are none.
pub async fn revoke_other_sessions(app: &App, caller: &Caller) -> AppResult<()> {
    app.authorize_account(&caller.actor)?;
    let (now, user) = (app.clock.now(), caller.actor.user_id);
    let mut work = app.store.begin().await?;
    let live = work.sessions().list_live(user, now).await?;
    let others: Vec<_> =
        live.into_iter().map(|session| session.id).filter(|id| Some(*id) != caller.actor.session()).collect();
    for session in &others {
        work.sessions().revoke(*session, now).await?;
    }
    let detail = json!({ "sessions": others.len() });
    work.audit().append(&audit::by(app, caller, "session.revoke_others", None, user, detail, now)).await?;
    work.commit().await?;
    for session in others {
        app.identity.actors.forget(session.into());
    }
    Ok(())
}

pub async fn sessions(app: &App, caller: &Caller) -> AppResult<Vec<Session>> {
    let mut work = app.store.read().await?;
    Ok(work.sessions().list_live(caller.actor.user_id, app.clock.now()).await?)
}

/// Ends a session of the caller's. Success when it had ended before.
pub async fn revoke_session(app: &App, caller: &Caller, id: SessionId) -> AppResult<()> {
    app.authorize_account(&caller.actor)?;
    let now = app.clock.now();
    let mut work = app.store.begin().await?;
    let session = work.sessions().find(id).await?.filter(|found| found.user_id == caller.actor.user_id);
    let session = session.ok_or_else(|| AppError::not_found("session", id))?;
    if session.is_live(now) {
        work.sessions().revoke(id, now).await?;
        let entry = audit::by(app, caller, "session.revoke", None, id, Value::Null, now);
        work.audit().append(&entry).await?;
        work.commit().await?;
    }
    app.identity.actors.forget(id.into());
    Ok(())
}
