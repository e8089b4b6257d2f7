//! What whoever is at the server itself may do without signing in: the way back in for people who locked themselves out.
//! It works on the database alone, beside a running server or without one; who may read the database needs no policy.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde_json::json;

use super::{
    AppError, AppResult, audit,
    auth::{NewAdmin, accept_password, add_admin, end_sessions, normal_login},
};
use crate::{
    domain::{
        account::Purpose,
        ids::UserId,
        names::{Email, Username},
        org::Org,
        second_factor::{RECOVERY_BYTES, recovery_code},
        secret::Secret,
        user::User,
    },
    ports::{
        clock::Clock,
        hasher::Hasher,
        random::Random,
        repository::{Store, StoreError, UnitOfWork},
    },
};

pub struct Console {
    pub store: Arc<dyn Store>,
    pub clock: Arc<dyn Clock>,
    pub random: Arc<dyn Random>,
    pub hasher: Arc<dyn Hasher>,
}

/// What became of a reset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reset {
    pub user: User,
    pub sessions_ended: usize,
    pub second_factor_removed: bool,
}

/// A password that nobody has to think of: 120 random bits, without characters that look alike.
pub fn generate_password(random: &dyn Random) -> Secret {
    let half = || recovery_code(&random.bytes::<RECOVERY_BYTES>());
    Secret::new(format!("{}-{}", half(), half()))
}

/// By username or mail address.
pub async fn find(console: &Console, login: &str) -> AppResult<User> {
    let found = console.store.read().await?.users().find_by_login(&normal_login(login)).await?;
    found.map(|(user, _)| user).ok_or_else(|| AppError::not_found("user", login))
}

/// Sets the password and ends all sessions. Links that were mailed before open nothing any more. API tokens stay, and so
/// does a suspension.
pub async fn reset_password(
    console: &Console,
    id: UserId,
    password: Secret,
    disable_totp: bool,
) -> AppResult<Reset> {
    let user = console.store.read().await?.users().find(id).await?;
    let user = user.ok_or_else(|| AppError::not_found("user", id))?;
    accept_password("password", &password, &[user.username.as_str(), user.email.local_part()])?;
    let hash = console.hasher.hash(password).await?;

    let now = console.clock.now();
    let mut work = console.store.begin().await?;
    let user = work.users().hold(id).await?.ok_or_else(|| AppError::not_found("user", id))?;
    work.users().set_password(id, &hash, now).await?;
    for purpose in [Purpose::ResetPassword, Purpose::ConfirmEmail] {
        work.account_tokens().void(id, purpose).await?;
    }
    let sessions_ended = end_sessions(&mut *work, id, now).await?;
    let has_factor = work.second_factors().find(id).await?.is_some();
    let second_factor_removed = disable_totp && has_factor;
    if second_factor_removed {
        work.second_factors().remove(id).await?;
    }
    let detail = json!({ "sessions": sessions_ended, "totp_off": second_factor_removed });
    let entry = audit::at_the_console(&*console.random, "user.password_reset", None, id, detail, now);
    work.audit().append(&entry.named(user.username.as_str())).await?;
    work.commit().await?;
    Ok(Reset { user, sessions_ended, second_factor_removed })
}

/// Makes a platform admin with an organization of their own. The setup is done then, if it was not.
pub async fn create_admin(
    console: &Console,
    email: Email,
    username: Username,
    password: Secret,
) -> AppResult<(User, Org)> {
    accept_password("password", &password, &[username.as_str(), email.local_part()])?;
    let hash = console.hasher.hash(password).await?;
    let now = console.clock.now();
    let mut work = console.store.begin().await?;
    work.installation().complete_setup(now).await?;
    let new = NewAdmin { email, username, hash };
    let (user, org) = add_admin(&*console.random, &mut *work, new, now).await.map_err(taken)?;
    record_new(console, &mut *work, &user, &org, now).await?;
    work.commit().await?;
    Ok((user, org))
}

async fn record_new(
    console: &Console,
    work: &mut dyn UnitOfWork,
    user: &User,
    org: &Org,
    now: DateTime<Utc>,
) -> AppResult<()> {
    let random = &*console.random;
    let detail = json!({ "email": user.email, "platform_admin": true });
    let entry = audit::at_the_console(random, "user.create", None, user.id, detail, now);
    work.audit().append(&entry.named(user.username.as_str())).await?;
    let detail = json!({ "slug": org.slug, "name": org.name, "owner": user.username });
    let entry = audit::at_the_console(random, "org.create", Some(org.id), org.id, detail, now);
    Ok(work.audit().append(&entry.named(org.slug.as_str())).await?)
}

/// Makes somebody who has an account a platform admin. `false`: they were one.
pub async fn promote(console: &Console, login: &str) -> AppResult<(User, bool)> {
    let now = console.clock.now();
    let mut work = console.store.begin().await?;
    let missing = || AppError::not_found("user", login);
    let (found, _) = work.users().find_by_login(&normal_login(login)).await?.ok_or_else(missing)?;
    let user = work.users().hold(found.id).await?.ok_or_else(missing)?;
    if user.suspended_at.is_some() {
        let detail = format!(
            "{} is suspended, and a suspended admin could do nothing; make another admin, who can lift the suspension",
            user.username
        );
        return Err(AppError::Conflict { code: "account_suspended", detail });
    }
    if user.platform_admin {
        return Ok((user, false));
    }
    let user = User { platform_admin: true, updated_at: now, ..user };
    work.users().change(&user).await?;
    let detail = json!({ "before": { "platform_admin": false }, "after": { "platform_admin": true } });
    let entry = audit::at_the_console(&*console.random, "user.change", None, user.id, detail, now);
    work.audit().append(&entry.named(user.username.as_str())).await?;
    work.commit().await?;
    Ok((user, true))
}

fn taken(error: StoreError) -> AppError {
    match error {
        StoreError::Taken(what @ ("username" | "email")) => AppError::Conflict {
            code: "taken",
            detail: format!("somebody has this {what} already; to make them a platform admin, use --promote"),
        },
        error => error.into(),
    }
}
