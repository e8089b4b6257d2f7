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
    ports::{
        random::Random,
        repository::{StoreResult, UnitOfWork},
    },
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
    let new = NewAdmin { email: setup.email.clone(), username: setup.username.clone(), hash: hash.clone() };
    let (user, _) = add_admin(&*app.random, work, new, now).await?;
    work.audit()
        .append(&audit::at_the_door(app, origin, "installation.setup", Some(user.id), user.id, now))
        .await?;
    Ok(user)
}

/// A platform admin who is to be.
pub(in crate::app) struct NewAdmin {
    pub email: Email,
    pub username: Username,
    pub hash: PasswordHash,
}

/// Adds them, with an organization of their own named after them.
pub(in crate::app) async fn add_admin(
    random: &dyn Random,
    work: &mut dyn UnitOfWork,
    new: NewAdmin,
    now: DateTime<Utc>,
) -> StoreResult<(User, Org)> {
    let slug = free_slug(work, slug_from(new.username.as_str())).await?;
    let user = User {
        id: random.id(now),
        username: new.username,
        email: new.email,
        display_name: String::new(),
        platform_admin: true,
        suspended_at: None,
        created_at: now,
        updated_at: now,
    };
    let org = Org {
        id: random.id(now),
        name: slug.to_string(),
        slug,
        max_visibility: Visibility::Public,
        deleting_since: None,
        created_at: now,
        updated_at: now,
    };
    work.users().add(&user, Some(&new.hash)).await?;
    work.orgs().add(&org).await?;
    work.orgs().set_member(org.id, user.id, Role::Owner, now).await?;
    Ok((user, org))
}

/// The slug, or the first with a number after it that nobody has.
async fn free_slug(work: &mut dyn UnitOfWork, wanted: OrgSlug) -> StoreResult<OrgSlug> {
    let mut candidates = (2_u64..).filter_map(|number| numbered(&wanted, number));
    let mut slug = wanted.clone();
    while work.orgs().find_by_slug(&slug).await?.is_some() {
        let Some(next) = candidates.next() else { break };
        slug = next;
    }
    Ok(slug)
}

fn numbered(slug: &OrgSlug, number: u64) -> Option<OrgSlug> {
    let end = format!("-{number}");
    let start: String = slug.as_str().chars().take(OrgSlug::MAX - end.len()).collect();
    format!("{}{end}", start.trim_end_matches('-')).parse().ok()
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

    #[test]
    fn a_number_fits_behind_every_slug() {
        for (slug, with_number) in
            [("ada", "ada-12"), ("abcdefghijklmnopqrstuvwxyz012-45", "abcdefghijklmnopqrstuvwxyz012-12")]
        {
            assert_eq!(numbered(&slug.parse().unwrap(), 12).unwrap().to_string(), with_number);
        }
    }
}
