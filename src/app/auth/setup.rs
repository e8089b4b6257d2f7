//! The first run: the first platform admin and their organization.

use std::sync::atomic::Ordering;

use chrono::{DateTime, Utc};
use subtle::ConstantTimeEq;

use super::{Origin, SignedIn, open_session, password};
use crate::{
    app::{App, AppError, AppResult, audit},
    domain::{
        ids::UserId,
        names::{Email, OrgSlug, Username},
        org::Org,
        role::Role,
        route::Visibility,
        secret::Secret,
        user::{PasswordHash, User},
    },
    ports::repository::UnitOfWork,
};

#[derive(Debug, Clone)]
pub struct Setup {
    pub email: Email,
    pub username: Username,
    pub password: Secret,
}

pub async fn setup_required(app: &App) -> AppResult<bool> {
    // Once done it stays done, and everybody who opens the sign-in page asks.
    if app.identity.setup_done.load(Ordering::Relaxed) {
        return Ok(false);
    }
    let mut work = app.store.begin().await?;
    let done = work.installation().establish(app.installation, app.clock.now()).await?.setup_at.is_some();
    app.identity.setup_done.store(done, Ordering::Relaxed);
    Ok(!done)
}

/// Makes the first platform admin, for whoever holds the token printed at start, and signs them in. Of two who race
/// one is refused as late.
pub async fn setup(app: &App, token: &Secret, setup: Setup, origin: &Origin) -> AppResult<SignedIn> {
    if !setup_required(app).await? {
        return Err(done());
    }
    let expected = app.identity.setup_token.expose().as_bytes();
    if !bool::from(token.expose().as_bytes().ct_eq(expected)) {
        return Err(AppError::Unauthenticated {
            code: "wrong_setup_token",
            detail: "this is not the setup token that the server printed at its start".into(),
        });
    }
    password::accept("password", &setup.password, &[setup.username.as_str(), setup.email.local_part()])?;
    let hash = app.hasher.hash(setup.password.clone()).await?;

    let now = app.clock.now();
    let mut work = app.store.begin().await?;
    let user = found(app, &mut *work, &setup, &hash, origin, now).await?;
    let signed_in = open_session(app, &mut *work, user, origin, now).await?;
    work.commit().await?;
    Ok(signed_in)
}

/// The same without a token, for the administrator named in the configuration. Does nothing after the first time.
pub async fn setup_unattended(app: &App, email: Email, password: Secret) -> AppResult<Option<UserId>> {
    if !setup_required(app).await? {
        return Ok(None);
    }
    let username = username_from(email.local_part());
    password::accept("DEVSANCTUM_ADMIN_PASSWORD", &password, &[username.as_str(), email.local_part()])?;
    let hash = app.hasher.hash(password.clone()).await?;
    let setup = Setup { email, username, password };
    let mut work = app.store.begin().await?;
    match found(app, &mut *work, &setup, &hash, &Origin::default(), app.clock.now()).await {
        Ok(user) => {
            work.commit().await?;
            Ok(Some(user.id))
        }
        // Another server on the same database was faster.
        Err(AppError::Gone { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The first user and organization, in the unit of work that closes the door.
async fn found(
    app: &App,
    work: &mut dyn UnitOfWork,
    setup: &Setup,
    hash: &PasswordHash,
    origin: &Origin,
    now: DateTime<Utc>,
) -> AppResult<User> {
    if !work.installation().complete_setup(now).await? {
        return Err(done());
    }
    let user = User {
        id: app.random.id(now),
        username: setup.username.clone(),
        email: setup.email.clone(),
        display_name: String::new(),
        platform_admin: true,
        suspended_at: None,
        created_at: now,
        updated_at: now,
    };
    let slug = slug_from(setup.username.as_str());
    let org = Org {
        id: app.random.id(now),
        name: slug.to_string(),
        slug,
        max_visibility: Visibility::Public,
        deleting_since: None,
        created_at: now,
        updated_at: now,
    };
    work.users().add(&user, Some(hash)).await?;
    work.orgs().add(&org).await?;
    work.orgs().set_member(org.id, user.id, Role::Owner, now).await?;
    work.audit()
        .append(&audit::at_the_door(app, origin, "installation.setup", Some(user.id), user.id, now))
        .await?;
    Ok(user)
}

fn done() -> AppError {
    AppError::Gone { code: "setup_done", detail: "the setup was done before; sign in instead".into() }
}

/// A username from the local part of an address or a name elsewhere: what a username cannot hold becomes a hyphen.
pub(super) fn username_from(name: &str) -> Username {
    let text: String = name
        .chars()
        .map(|c| {
            if c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '_' | '-') { c } else { '-' }
        })
        .skip_while(|c| !c.is_ascii_alphanumeric())
        .take(Username::MAX)
        .collect();
    text.parse().unwrap_or_else(|_| admin())
}

/// A slug from a username: a slug is a label of a host name, and knows neither dots nor two hyphens in a row.
fn slug_from(username: &str) -> OrgSlug {
    let mut slug = String::with_capacity(username.len());
    for c in username.chars().skip_while(|c| !c.is_ascii_lowercase()) {
        match c {
            'a'..='z' | '0'..='9' => slug.push(c),
            _ if !slug.ends_with('-') => slug.push('-'),
            _ => {}
        }
    }
    slug.trim_end_matches('-').parse().unwrap_or_else(|_| admin())
}

fn admin<T: std::str::FromStr<Err = crate::domain::names::NameError>>() -> T {
    "admin".parse().unwrap_or_else(|_| unreachable!("`admin` is a valid name of every kind"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_made_valid() {
        let username = |email: &str| username_from(email.parse::<Email>().unwrap().local_part()).to_string();
        assert_eq!(username("Ada.Lovelace@example.org"), "ada.lovelace");
        assert_eq!(username("+ada+x@example.org"), "ada-x");
        assert_eq!(username("ü@example.org"), "admin");

        for (username, slug) in [
            ("ada.lovelace", "ada-lovelace"),
            ("a__b", "a-b"),
            ("1ada", "ada"),
            ("ada.", "ada"),
            ("42", "admin"),
            ("abcdefghijklmnopqrstuvwxyz012345", "abcdefghijklmnopqrstuvwxyz012345"),
        ] {
            assert_eq!(slug_from(username).to_string(), slug);
        }
    }
}
