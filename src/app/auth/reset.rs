//! Choosing a new password with a link that was mailed.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::{Origin, hash_token, password};
use crate::{
    app::{
        App, AppError, AppResult, audit,
        mail::{Mail, Page},
    },
    domain::{
        account::{AccountToken, Purpose},
        ids::UserId,
        names::Email,
        secret::Secret,
        user::User,
    },
    ports::repository::UnitOfWork,
};

/// Random bytes of a token that is mailed: out of reach of guessing, so that one SHA-256 without salt keeps it safely.
const TOKEN_BYTES: usize = 32;

/// A way to choose a new password, for whoever has it.
#[derive(Debug)]
pub struct ResetLink {
    pub url: Secret,
    pub expires_at: DateTime<Utc>,
}

/// A token that is mailed to a user, in the place of an older one for the same purpose.
pub(in crate::app) async fn mint(
    app: &App,
    work: &mut dyn UnitOfWork,
    user: UserId,
    purpose: Purpose,
    email: Option<Email>,
    now: DateTime<Utc>,
) -> AppResult<(Secret, DateTime<Utc>)> {
    let token = Secret::new(app.random.hex::<TOKEN_BYTES>());
    let expires_at = now + purpose.lifetime();
    let row =
        AccountToken { hash: hash_token(&token), user_id: user, purpose, email, created_at: now, expires_at };
    work.account_tokens().put(&row).await?;
    Ok((token, expires_at))
}

/// In the unit of work of whoever hands it out, who also writes the audit entry.
pub async fn make_link(
    app: &App,
    work: &mut dyn UnitOfWork,
    user: UserId,
    now: DateTime<Utc>,
) -> AppResult<ResetLink> {
    let (token, expires_at) = mint(app, work, user, Purpose::ResetPassword, None, now).await?;
    Ok(ResetLink { url: app.settings.link(Page::ResetPassword, &token), expires_at })
}

/// Mails a link to whoever has this address. It is done in the background whether or not there is such an account, so
/// that neither the answer nor its time says which.
pub fn forgot(app: &Arc<App>, email: Email, origin: Origin) {
    let background = app.clone();
    app.mailer.background(async move {
        if let Err(error) = mail_link(&background, &email, &origin).await {
            tracing::error!(error = error.chain(), "a link for a new password could not be made");
        }
    });
}

async fn mail_link(app: &App, email: &Email, origin: &Origin) -> AppResult<()> {
    let now = app.clock.now();
    let mut work = app.store.begin().await?;
    let found = work.users().find_by_login(email.as_str()).await?.map(|(user, _)| user);
    let user = found.filter(|user| user.suspended_at.is_none());
    let link = match &user {
        Some(user) => Some(make_link(app, &mut *work, user.id, now).await?),
        // As much work, without effect: the next request must not be slower after one than after the other.
        None => {
            work.account_tokens().take(&app.random.bytes()).await?;
            None
        }
    };
    let target = user.as_ref().map(|user| user.id.to_string()).unwrap_or_default();
    let id = user.as_ref().map(|user| user.id);
    let entry = audit::at_the_door(app, origin, "user.password_forgotten", id, target, now);
    work.audit().append(&entry).await?;
    work.commit().await?;
    if let Some((user, link)) = user.zip(link) {
        let username = user.username.to_string();
        app.mailer
            .send(&user.email, &Mail::PasswordReset { username, url: link.url, expires: link.expires_at });
    }
    Ok(())
}

/// Sets the password of whoever the token was made for, and ends all of their sessions.
pub async fn reset(app: &App, token: &Secret, new: Secret, origin: &Origin) -> AppResult<()> {
    let hash = hash_token(token);
    let mut work = app.store.read().await?;
    let user = owner(&mut *work, &hash, app.clock.now()).await?;
    drop(work);
    password::accept("password", &new, &[user.username.as_str(), user.email.local_part()])?;
    let new = app.hasher.hash(new).await?;

    let now = app.clock.now();
    let mut work = app.store.begin().await?;
    let user = owner(&mut *work, &hash, now).await?;
    if !work.account_tokens().take(&hash).await? {
        return Err(invalid());
    }
    work.users().set_password(user.id, &new, now).await?;
    work.account_tokens().void(user.id, Purpose::ConfirmEmail).await?;
    end_sessions(&mut *work, user.id, now).await?;
    let entry = audit::at_the_door(app, origin, "user.password_reset", Some(user.id), user.id, now);
    work.audit().append(&entry).await?;
    work.commit().await?;
    app.identity.actors.forget_user(user.id);
    let mail =
        Mail::PasswordChanged { username: user.username.to_string(), address: origin.address(), when: now };
    app.mailer.send(&user.email, &mail);
    Ok(())
}

async fn owner(
    work: &mut dyn UnitOfWork,
    hash: &crate::domain::session::TokenHash,
    now: DateTime<Utc>,
) -> AppResult<User> {
    let found = work.account_tokens().find(hash).await?;
    let found = found.filter(|token| token.purpose == Purpose::ResetPassword && token.is_live(now));
    let token = found.ok_or_else(invalid)?;
    let user = work.users().find(token.user_id).await?.filter(|user| user.suspended_at.is_none());
    user.ok_or_else(invalid)
}

/// All of a user's. Returns how many.
pub(in crate::app) async fn end_sessions(
    work: &mut dyn UnitOfWork,
    user: UserId,
    now: DateTime<Utc>,
) -> AppResult<usize> {
    let live = work.sessions().list_live(user, now).await?;
    for session in &live {
        work.sessions().revoke(session.id, now).await?;
    }
    Ok(live.len())
}

/// Which of these it was is nobody's business.
pub(in crate::app) fn invalid() -> AppError {
    AppError::invalid(
        "token",
        "invalid_token",
        "is wrong, was used before, or is no longer good; ask for a new one",
    )
}
