//! Invitations, by mail or by a link that the inviter passes on.
//!
//! The token is 32 random bytes of which a hash is kept. It is good once, for seven days, for the address it was made for,
//! and only as long as whoever made it could still invite to that role: rights that were lost open no door later.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{
    App, AppError, AppResult, Caller, audit,
    auth::actors,
    idempotency,
    idempotency::IdempotencyKey,
    mail::{Mail, Page},
    orgs,
};
use crate::{
    domain::{
        ids::{InvitationId, OrgId, UserId},
        invitation::{Invitation, InvitationHash, LIFETIME},
        names::{Email, Username},
        org::Org,
        policy::{Action, Actor, Credential, Decision, Resource, can},
        role::Role,
        scope::Scope,
        secret::Secret,
    },
    ports::repository::{PageRequest, StoreError, UnitOfWork},
};

const TOKEN_BYTES: usize = 32;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvitationView {
    pub invitation: Invitation,
    /// `None`: a user that was removed.
    pub invited_by: Option<(UserId, Username)>,
}

/// A new invitation, with what is shown once.
#[derive(Debug)]
pub struct Invited {
    pub view: InvitationView,
    /// `None`: the request is a repetition, and the link is not kept.
    pub accept_url: Option<Secret>,
    /// The link goes out by mail as well.
    pub mailed: bool,
}

/// What whoever holds a token may know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    pub org: Org,
    pub invitation: Invitation,
    /// Somebody has an account with the address already: accept signed in, do not register.
    pub account_exists: bool,
}

/// Answers alike whether or not the address has an account. Inviting again replaces what was there.
pub async fn create(
    app: &App,
    caller: &Caller,
    org: OrgId,
    email: Email,
    role: Role,
    key: Option<&IdempotencyKey>,
) -> AppResult<Invited> {
    let now = app.clock.now();
    let mut work = app.store.begin().await?;
    let held = orgs::hold_open(work.as_mut(), org).await?;
    let actor = actors::afresh(work.as_mut(), caller).await?;
    app.authorize(&actor, Action::Invite, Resource::Membership { org, user: None, role }, "organization")?;
    if let Some(id) = idempotency::replay(work.as_mut(), actor.user_id, key, now).await? {
        let found = work.invitations().find(id.into()).await?.filter(|found| found.org_id == org);
        let invitation = found.ok_or_else(|| AppError::not_found("invitation", id))?;
        let view = InvitationView { invitation, invited_by: Some((actor.user_id, actor.username)) };
        return Ok(Invited { view, accept_url: None, mailed: app.mailer.is_set_up() });
    }
    if work.orgs().members(org).await?.iter().any(|member| member.email == email) {
        return Err(AppError::Conflict {
            code: "already_member",
            detail: format!("{email} is a member of this organization already"),
        });
    }
    let token = Secret::new(app.random.hex::<TOKEN_BYTES>());
    let invitation = Invitation {
        id: app.random.id(now),
        org_id: org,
        email,
        role,
        invited_by: Some(actor.user_id),
        created_at: now,
        expires_at: now + LIFETIME,
    };
    work.invitations().add(&invitation, &hash(&token)).await?;
    idempotency::remember(work.as_mut(), actor.user_id, key, invitation.id.into(), now).await?;
    let detail = json!({ "email": invitation.email, "role": role });
    let entry = audit::by(app, caller, "invitation.create", Some(org), invitation.id, detail, now);
    work.audit().append(&entry.named(invitation.email.as_str())).await?;
    work.commit().await?;
    let accept_url = app.settings.link(Page::Invitation, &token);
    let mail = Mail::Invitation {
        org: held.name,
        inviter: Some(actor.username.to_string()),
        role,
        url: accept_url.clone(),
        expires: invitation.expires_at,
    };
    let mailed = app.mailer.send(&invitation.email, &mail);
    let invited_by = Some((actor.user_id, actor.username));
    Ok(Invited { view: InvitationView { invitation, invited_by }, accept_url: Some(accept_url), mailed })
}

pub async fn list(
    app: &App,
    caller: &Caller,
    org: OrgId,
    page: &PageRequest,
) -> AppResult<Vec<InvitationView>> {
    app.authorize_org(&caller.actor, Action::Invite, org)?;
    let mut reader = app.store.read().await?;
    let found = reader.invitations().list(org, page).await?;
    let mut people: Vec<UserId> = found.iter().filter_map(|it| it.invited_by).collect();
    people.sort_unstable();
    people.dedup();
    let names = reader.users().usernames(&people).await?;
    let view = |invitation: Invitation| {
        let by = names.iter().find(|(id, _)| Some(*id) == invitation.invited_by).cloned();
        InvitationView { invitation, invited_by: by }
    };
    Ok(found.into_iter().map(view).collect())
}

/// Takes an invitation back.
pub async fn withdraw(app: &App, caller: &Caller, org: OrgId, id: InvitationId) -> AppResult<()> {
    let now = app.clock.now();
    let mut work = app.store.begin().await?;
    let missing = || AppError::not_found("invitation", id);
    let actor = actors::afresh(work.as_mut(), caller).await?;
    app.authorize_org(&actor, Action::Invite, org)?;
    let found = work.invitations().find(id).await?.filter(|found| found.org_id == org);
    let found = found.ok_or_else(missing)?;
    let resource = Resource::Membership { org, user: None, role: found.role };
    app.authorize(&actor, Action::Invite, resource, "organization")?;
    match work.invitations().remove(id).await {
        Err(StoreError::Stale(_)) => return Err(missing()),
        removed => removed?,
    }
    let detail = json!({ "email": found.email, "role": found.role });
    let entry = audit::by(app, caller, "invitation.withdraw", Some(org), id, detail, now);
    work.audit().append(&entry.named(found.email.as_str())).await?;
    work.commit().await?;
    Ok(())
}

pub async fn show(app: &App, token: &Secret) -> AppResult<Shown> {
    let mut reader = app.store.read().await?;
    let (invitation, org) = open(app, reader.as_mut(), token).await?;
    let account_exists = reader.users().find_by_login(invitation.email.as_str()).await?.is_some();
    Ok(Shown { org, invitation, account_exists })
}

/// Makes the caller a member. Whoever is one already keeps the higher role.
pub async fn accept(app: &App, caller: &Caller, token: &Secret) -> AppResult<OrgId> {
    app.authorize_scope(&caller.actor, Scope::Orgs)?;
    let mut work = app.store.begin().await?;
    let actor = actors::afresh(work.as_mut(), caller).await?;
    let (invitation, _) = open(app, work.as_mut(), token).await?;
    let user = work.users().find(actor.user_id).await?;
    if user.is_none_or(|user| user.email != invitation.email) {
        return Err(AppError::Denied {
            code: "wrong_address",
            detail: "this invitation is for another mail address".into(),
        });
    }
    let org = invitation.org_id;
    let detail = join(app, work.as_mut(), &invitation, actor.user_id).await?;
    let entry =
        audit::by(app, caller, "invitation.accept", Some(org), actor.user_id, detail, app.clock.now());
    work.audit().append(&entry.named(actor.username.as_str())).await?;
    work.commit().await?;
    app.identity.actors.forget_user(actor.user_id);
    app.feed.wake();
    Ok(org)
}

/// Uses up the invitation, in a unit of work that found it open. Returns what the audit log should know.
pub(super) async fn join(
    app: &App,
    work: &mut dyn UnitOfWork,
    invitation: &Invitation,
    user: UserId,
) -> AppResult<Value> {
    let now = app.clock.now();
    let org = invitation.org_id;
    orgs::hold_open(work, org).await?;
    // The inviter's rights once more, under the hold.
    if !is_backed(work, invitation).await? {
        return Err(invalid());
    }
    match work.invitations().remove(invitation.id).await {
        Err(StoreError::Stale(_)) => return Err(invalid()),
        removed => removed?,
    }
    let before = work.orgs().role_of(org, user).await?;
    let role = before.map_or(invitation.role, |before| before.max(invitation.role));
    if before != Some(role) {
        work.orgs().set_member(org, user, role, now).await?;
    }
    orgs::announce(work, org, now).await?;
    Ok(json!({
        "role": { "before": before, "after": role },
        "invitation": invitation.id,
        "invited_by": invitation.invited_by,
    }))
}

/// The invitation of a token, with its organization, if it is still good.
pub(super) async fn open(
    app: &App,
    work: &mut dyn UnitOfWork,
    token: &Secret,
) -> AppResult<(Invitation, Org)> {
    let found = work.invitations().find_by_token(&hash(token)).await?;
    let found = found.filter(|found| found.is_open(app.clock.now())).ok_or_else(invalid)?;
    let org = work.orgs().find(found.org_id).await?.filter(|org| org.deleting_since.is_none());
    let org = org.ok_or_else(invalid)?;
    if is_backed(work, &found).await? { Ok((found, org)) } else { Err(invalid()) }
}

/// What an address that was shown to be somebody's is invited to.
pub(super) async fn of_address(
    app: &App,
    work: &mut dyn UnitOfWork,
    email: &Email,
) -> AppResult<Vec<Invitation>> {
    let mut good = Vec::new();
    let found = work.invitations().of_address(email, app.clock.now()).await?;
    for invitation in found {
        let org = work.orgs().find(invitation.org_id).await?;
        let is_open = org.is_some_and(|org| org.deleting_since.is_none());
        if is_open && is_backed(work, &invitation).await? {
            good.push(invitation);
        }
    }
    // Everybody who holds several organizations does it in this order.
    good.sort_by_key(|invitation| invitation.org_id);
    Ok(good)
}

/// Whether whoever made it could still make it.
async fn is_backed(work: &mut dyn UnitOfWork, invitation: &Invitation) -> AppResult<bool> {
    let Some(by) = invitation.invited_by else { return Ok(false) };
    let inviter = work.users().find(by).await?.filter(|user| user.suspended_at.is_none());
    let Some(inviter) = inviter else { return Ok(false) };
    let actor = Actor {
        user_id: by,
        username: inviter.username,
        credential: Credential::Session(uuid::Uuid::nil().into()),
        platform_admin: inviter.platform_admin,
        memberships: work.orgs().memberships(by).await?,
    };
    let resource = Resource::Membership { org: invitation.org_id, user: None, role: invitation.role };
    Ok(can(&actor, Action::Invite, resource) == Decision::Allow)
}

/// Unknown, used, withdrawn, expired and no longer backed read alike.
fn invalid() -> AppError {
    AppError::invalid(
        "token",
        "invalid_token",
        "is not an invitation, or one that was used, withdrawn or has expired",
    )
}

fn hash(token: &Secret) -> InvitationHash {
    Sha256::digest(token.expose()).into()
}
