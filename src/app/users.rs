//! Users, as platform admins administer them.

use serde_json::json;

use super::{
    App, AppError, AppResult, Caller, audit,
    auth::{self, ResetLink, accept_password, actors},
    idempotency,
    idempotency::IdempotencyKey,
    mail::Mail,
    members,
};
use crate::{
    domain::{
        ids::UserId,
        names::{Email, Username},
        policy::{Action, Actor, Resource},
        role::Role,
        secret::Secret,
        user::User,
    },
    ports::repository::{PageRequest, Position, Sort, UnitOfWork, user::UserSummary},
};

#[derive(Debug, Clone)]
pub struct NewUser {
    pub email: Email,
    pub username: Username,
    pub display_name: String,
    /// `None`: they cannot sign in before they have set one.
    pub password: Option<Secret>,
    pub platform_admin: bool,
}

#[derive(Debug, Clone, Default)]
pub struct UserChange {
    pub display_name: Option<String>,
    pub email: Option<Email>,
    pub platform_admin: Option<bool>,
    pub suspended: Option<bool>,
}

fn authorize(app: &App, actor: &Actor) -> AppResult<()> {
    app.authorize(actor, Action::ManageUsers, Resource::Platform, "user")
}

pub async fn list(app: &App, caller: &Caller, page: &PageRequest) -> AppResult<Vec<UserSummary>> {
    authorize(app, &caller.actor)?;
    Ok(app.store.read().await?.users().list(page).await?)
}

pub async fn get(app: &App, caller: &Caller, id: UserId) -> AppResult<UserSummary> {
    authorize(app, &caller.actor)?;
    let mut reader = app.store.read().await?;
    summary(reader.as_mut(), id).await
}

async fn summary(work: &mut dyn UnitOfWork, id: UserId) -> AppResult<UserSummary> {
    let missing = || AppError::not_found("user", id);
    let user = work.users().find(id).await?.ok_or_else(missing)?;
    // The one before it in the order of names is the last of the page before.
    let after = Position { name: user.username.to_string(), id: uuid::Uuid::nil() };
    let page = PageRequest { limit: 1, after: Some(after), sort: Sort::Name, search: None };
    let found = work.users().list(&page).await?;
    found.into_iter().find(|summary| summary.user.id == id).ok_or_else(missing)
}

/// Without a password comes a link by which the user chooses one; not when the request is a repetition, since the link is
/// not kept.
pub async fn create(
    app: &App,
    caller: &Caller,
    new: NewUser,
    key: Option<&IdempotencyKey>,
) -> AppResult<(User, Option<ResetLink>)> {
    authorize(app, &caller.actor)?;
    let key = key.map(|key| key.keyed(app));
    let hash = match &new.password {
        Some(password) => {
            accept_password("password", password, &[new.username.as_str(), new.email.local_part()])?;
            Some(app.hasher.hash(password.clone()).await?)
        }
        None => None,
    };
    let now = app.clock.now();
    let mut work = app.store.begin().await?;
    authorize(app, &actors::afresh(work.as_mut(), caller).await?)?;
    let asking = caller.actor.user_id;
    if let Some(id) = idempotency::replay(work.as_mut(), asking, key.as_ref(), now).await? {
        let made = work.users().find(id.into()).await?;
        return Ok((made.ok_or_else(|| AppError::not_found("user", id))?, None));
    }
    let user = User {
        id: app.random.id(now),
        username: new.username,
        email: new.email,
        display_name: new.display_name,
        platform_admin: new.platform_admin,
        suspended_at: None,
        created_at: now,
        updated_at: now,
    };
    work.users().add(&user, hash.as_ref()).await?;
    idempotency::remember(work.as_mut(), asking, key.as_ref(), user.id.into(), now).await?;
    let detail = json!({ "email": user.email, "platform_admin": user.platform_admin });
    let entry = audit::by(app, caller, "user.create", None, user.id, detail, now);
    work.audit().append(&entry.named(user.username.as_str())).await?;
    let link = match hash {
        Some(_) => None,
        None => Some(auth::make_reset_link(app, work.as_mut(), user.id, now).await?),
    };
    work.commit().await?;
    if let Some(link) = &link {
        mail_link(app, &user, link);
    }
    Ok((user, link))
}

fn mail_link(app: &App, user: &User, link: &ResetLink) {
    let mail = Mail::PasswordReset {
        username: user.username.to_string(),
        url: link.url.clone(),
        expires: link.expires_at,
    };
    app.mailer.send(&user.email, &mail);
}

/// For somebody who cannot get in: the administrator hands it over.
pub async fn make_reset_link(app: &App, caller: &Caller, id: UserId) -> AppResult<ResetLink> {
    authorize(app, &caller.actor)?;
    let now = app.clock.now();
    let mut work = app.store.begin().await?;
    authorize(app, &actors::afresh(work.as_mut(), caller).await?)?;
    let user = work.users().find(id).await?.ok_or_else(|| AppError::not_found("user", id))?;
    let link = auth::make_reset_link(app, work.as_mut(), id, now).await?;
    let entry = audit::by(app, caller, "user.reset_link", None, id, json!({}), now);
    work.audit().append(&entry.named(user.username.as_str())).await?;
    work.commit().await?;
    mail_link(app, &user, &link);
    Ok(link)
}

/// Suspending ends the user's sessions; nothing of theirs is removed.
pub async fn change(app: &App, caller: &Caller, id: UserId, change: UserChange) -> AppResult<UserSummary> {
    let now = app.clock.now();
    let mut work = app.store.begin().await?;
    let admins = work.users().hold_admins().await?;
    authorize(app, &actors::afresh(work.as_mut(), caller).await?)?;
    let before = work.users().find(id).await?.ok_or_else(|| AppError::not_found("user", id))?;
    let suspended_at = match change.suspended {
        None => before.suspended_at,
        Some(true) => before.suspended_at.or(Some(now)),
        Some(false) => None,
    };
    let after = User {
        display_name: change.display_name.unwrap_or_else(|| before.display_name.clone()),
        email: change.email.unwrap_or_else(|| before.email.clone()),
        platform_admin: change.platform_admin.unwrap_or(before.platform_admin),
        suspended_at,
        ..before.clone()
    };
    if after == before {
        return summary(work.as_mut(), id).await;
    }
    if !after.platform_admin || after.suspended_at.is_some() {
        spare_the_last_admin(&admins, id)?;
    }
    let after = User { updated_at: now, ..after };
    work.users().change(&after).await?;
    let mut ended = Vec::new();
    if after.suspended_at.is_some() {
        ended = work.sessions().list_live(id, now).await?.into_iter().map(|session| session.id).collect();
        for session in &ended {
            work.sessions().revoke(*session, now).await?;
        }
    }
    let facts = |user: &User| {
        json!({
            "display_name": user.display_name,
            "email": user.email,
            "platform_admin": user.platform_admin,
            "suspended": user.suspended_at.is_some(),
        })
    };
    let detail = json!({ "before": facts(&before), "after": facts(&after) });
    let entry = audit::by(app, caller, "user.change", None, id, detail, now);
    work.audit().append(&entry.named(after.username.as_str())).await?;
    let summary = summary(work.as_mut(), id).await?;
    work.commit().await?;
    app.identity.actors.forget_user(id);
    for session in ended {
        app.identity.actors.forget(session.into());
    }
    Ok(summary)
}

/// Removes a user who owns nothing that others would miss: no workspace, and no organization alone.
pub async fn delete(app: &App, caller: &Caller, id: UserId) -> AppResult<()> {
    let now = app.clock.now();
    let mut work = app.store.begin().await?;
    let admins = work.users().hold_admins().await?;
    authorize(app, &actors::afresh(work.as_mut(), caller).await?)?;
    let user = work.users().find(id).await?.ok_or_else(|| AppError::not_found("user", id))?;
    spare_the_last_admin(&admins, id)?;
    let mut memberships = work.orgs().memberships(id).await?;
    // Everybody who holds several does it in this order.
    memberships.sort_by_key(|membership| membership.org_id);
    for membership in memberships {
        let org = membership.org_id;
        work.orgs().hold(org).await?;
        let owns = work.workspaces().count_by_owner(org).await?;
        if owns.iter().any(|(owner, _)| *owner == id) {
            return Err(owns_workspaces(&membership.slug.to_string()));
        }
        if work.orgs().role_of(org, id).await? == Some(Role::Owner) {
            members::spare_the_last_owner(work.as_mut(), org).await?;
        }
    }
    if id != caller.actor.user_id {
        work.workspaces().bequeath_destroyed(id, caller.actor.user_id).await?;
    }
    work.users().remove(id).await.map_err(|error| match error {
        // In an organization they no longer belong to.
        crate::ports::repository::StoreError::Reference(_) => owns_workspaces("another organization"),
        error => error.into(),
    })?;
    let detail = json!({ "email": user.email, "platform_admin": user.platform_admin });
    let entry = audit::by(app, caller, "user.delete", None, id, detail, now);
    work.audit().append(&entry.named(user.username.as_str())).await?;
    work.commit().await?;
    app.identity.actors.forget_user(id);
    Ok(())
}

fn owns_workspaces(place: &str) -> AppError {
    AppError::Conflict {
        code: "owns_workspaces",
        detail: format!(
            "they own workspaces in {place}; remove them there first, naming who takes the workspaces"
        ),
    }
}

/// `admins` are held: of two who go at the same moment, the second one is the last.
fn spare_the_last_admin(admins: &[UserId], id: UserId) -> AppResult<()> {
    if admins != [id] {
        return Ok(());
    }
    Err(AppError::Conflict {
        code: "last_platform_admin",
        detail: "the platform keeps at least one administrator; make somebody else one first".into(),
    })
}
