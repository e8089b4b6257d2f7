//! Who belongs to an organization, and as what.
//!
//! Every change holds the organization: of two owners who leave at the same moment, the second one is the last. What the
//! caller may do is read again under the hold.

use serde_json::json;

use super::{App, AppError, AppResult, Caller, audit, auth::actors, orgs, workspaces};
use crate::{
    domain::{
        ids::{OrgId, UserId},
        policy::{Action, Resource},
        role::Role,
        user::Member,
    },
    ports::repository::UnitOfWork,
};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberView {
    pub member: Member,
    /// That are theirs and not destroyed.
    pub workspaces: u64,
}

pub async fn list(app: &App, caller: &Caller, org: OrgId) -> AppResult<Vec<MemberView>> {
    app.authorize_org(&caller.actor, Action::ReadOrg, org)?;
    let mut reader = app.store.read().await?;
    let members = reader.orgs().members(org).await?;
    let counts = reader.workspaces().count_by_owner(org).await?;
    let view = |member: Member| {
        let count = counts.iter().find(|(owner, _)| *owner == member.user_id);
        MemberView { workspaces: count.map_or(0, |(_, count)| *count), member }
    };
    Ok(members.into_iter().map(view).collect())
}

/// Changes a member's role. Only a platform admin makes a member of somebody who is none; others invite.
pub async fn set(app: &App, caller: &Caller, org: OrgId, user: UserId, role: Role) -> AppResult<MemberView> {
    let now = app.clock.now();
    let mut work = app.store.begin().await?;
    orgs::hold_open(work.as_mut(), org).await?;
    let actor = actors::afresh(work.as_mut(), caller).await?;
    let before = work.orgs().role_of(org, user).await?;
    let resource =
        Resource::Membership { org, user: Some(user), role: before.map_or(role, |it| it.max(role)) };
    app.authorize(&actor, Action::SetMember, resource, "organization")?;
    if before.is_none() && !actor.platform_admin {
        return Err(AppError::not_found("member", user));
    }
    if before != Some(role) {
        let name = work.users().find(user).await?.ok_or_else(|| AppError::not_found("user", user))?.username;
        if before == Some(Role::Owner) {
            spare_the_last_owner(work.as_mut(), org).await?;
        }
        work.orgs().set_member(org, user, role, now).await?;
        let detail = json!({ "role": { "before": before, "after": role } });
        let entry = audit::by(app, caller, "member.set", Some(org), user, detail, now);
        work.audit().append(&entry.named(name.as_str())).await?;
        orgs::announce(work.as_mut(), org, now).await?;
    }
    let member = work.orgs().members(org).await?.into_iter().find(|member| member.user_id == user);
    let member = member.ok_or_else(|| AppError::not_found("member", user))?;
    let counts = work.workspaces().count_by_owner(org).await?;
    let workspaces = counts.into_iter().find(|(owner, _)| *owner == user).map_or(0, |(_, count)| count);
    work.commit().await?;
    app.identity.actors.forget_user(user);
    app.feed.wake();
    Ok(MemberView { member, workspaces })
}

/// Removes a member; of oneself, it is leaving. Their workspaces go to `transfer_to` in the same unit of work.
pub async fn remove(
    app: &App,
    caller: &Caller,
    org: OrgId,
    user: UserId,
    transfer_to: Option<UserId>,
) -> AppResult<()> {
    let now = app.clock.now();
    let mut work = app.store.begin().await?;
    orgs::hold_open(work.as_mut(), org).await?;
    let actor = actors::afresh(work.as_mut(), caller).await?;
    let missing = || AppError::not_found("member", user);
    let Some(role) = work.orgs().role_of(org, user).await? else {
        // Only for whoever may know who the members are.
        app.authorize_org(&actor, Action::ReadOrg, org)?;
        return Err(missing());
    };
    let resource = Resource::Membership { org, user: Some(user), role };
    app.authorize(&actor, Action::RemoveMember, resource, "organization")?;
    if role == Role::Owner {
        spare_the_last_owner(work.as_mut(), org).await?;
    }
    let counts = work.workspaces().count_by_owner(org).await?;
    let owned = counts.into_iter().find(|(owner, _)| *owner == user).map_or(0, |(_, count)| count);
    let transferred = match (owned, transfer_to) {
        (0, _) => 0,
        (_, None) => {
            return Err(AppError::Conflict {
                code: "owns_workspaces",
                detail: format!("{owned} workspaces are theirs; name a member who takes them"),
            });
        }
        (_, Some(heir)) => {
            let fit = heir != user
                && work.orgs().role_of(org, heir).await?.is_some_and(|role| role >= Role::Developer);
            if !fit {
                let message = "must be another member who may own workspaces: at least a developer";
                return Err(AppError::invalid("transfer_to", "unfit", message));
            }
            workspaces::transfer_all(app, work.as_mut(), caller, org, user, heir).await?
        }
    };
    let name = work.users().find(user).await?.ok_or_else(missing)?.username;
    work.orgs().remove_member(org, user).await?;
    let detail = json!({
        "role": { "before": role, "after": null },
        "workspaces": transferred,
        "transfer_to": transfer_to.filter(|_| transferred > 0),
    });
    let entry = audit::by(app, caller, "member.remove", Some(org), user, detail, now);
    work.audit().append(&entry.named(name.as_str())).await?;
    orgs::announce(work.as_mut(), org, now).await?;
    work.commit().await?;
    app.identity.actors.forget_user(user);
    app.feed.wake();
    app.routes_due.now();
    Ok(())
}

/// Refuses what would leave the organization, which is held, without an owner.
pub(super) async fn spare_the_last_owner(work: &mut dyn UnitOfWork, org: OrgId) -> AppResult<()> {
    if work.orgs().count_owners(org).await? > 1 {
        return Ok(());
    }
    Err(AppError::Conflict {
        code: "last_owner",
        detail: "an organization keeps at least one owner; make somebody else an owner first".into(),
    })
}
