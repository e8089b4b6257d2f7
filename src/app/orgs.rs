//! Organizations.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde_json::json;

use super::{
    App, AppError, AppResult, Caller, audit, auth::actors, idempotency, idempotency::IdempotencyKey,
    workspaces,
};
use crate::{
    domain::{
        event::{EventKind, NewEvent},
        ids::OrgId,
        names::OrgSlug,
        org::Org,
        policy::Action,
        role::Role,
        route::Visibility,
        scope::Scope,
    },
    ports::repository::{PageRequest, Sort, UnitOfWork},
};

/// An organization, and what the caller is in it: nothing, for a platform admin from outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrgView {
    pub org: Org,
    pub role: Option<Role>,
    pub members: u64,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OrgChange {
    pub name: Option<String>,
    pub slug: Option<OrgSlug>,
    pub max_visibility: Option<Visibility>,
}

/// What became of a request to delete an organization.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deletion {
    Done,
    /// Its workspaces are being destroyed; it goes when the last one has gone.
    UnderWay,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewOrg {
    pub slug: OrgSlug,
    pub name: String,
}

/// Those the caller belongs to; a platform admin sees all.
pub async fn list(app: &App, caller: &Caller, page: &PageRequest) -> AppResult<Vec<OrgView>> {
    let mut reader = app.store.read().await?;
    let orgs = reader.orgs().list().await?;
    let members: BTreeMap<OrgId, u64> = reader.orgs().count_members().await?.into_iter().collect();
    let visible = orgs.into_iter().filter_map(|org| {
        let role = caller.actor.role_in(org.id);
        let members = members.get(&org.id).copied().unwrap_or_default();
        (role.is_some() || caller.actor.platform_admin).then_some(OrgView { org, role, members })
    });
    Ok(cut(visible.collect(), page))
}

/// By id or slug.
pub async fn get(app: &App, caller: &Caller, reference: &str) -> AppResult<OrgView> {
    let org = find(app, caller, Action::ReadOrg, reference).await?;
    let role = caller.actor.role_in(org.id);
    let members = app.store.read().await?.orgs().members(org.id).await?.len() as u64;
    Ok(OrgView { org, role, members })
}

/// An organization the caller has just joined: their roles as they were read may be older.
pub async fn of_member(app: &App, caller: &Caller, id: OrgId) -> AppResult<OrgView> {
    let mut reader = app.store.read().await?;
    let role = reader.orgs().role_of(id, caller.actor.user_id).await?;
    let org = reader.orgs().find(id).await?.filter(|_| role.is_some());
    let org = org.ok_or_else(|| AppError::not_found("organization", id))?;
    let members = reader.orgs().members(id).await?.len() as u64;
    Ok(OrgView { org, role, members })
}

/// The organization a path names by id or slug, if the caller may do this in it.
pub async fn find(app: &App, caller: &Caller, action: Action, reference: &str) -> AppResult<Org> {
    let missing = || AppError::not_found("organization", reference);
    let mut work = app.store.read().await?;
    let found = match (reference.parse::<OrgId>(), reference.parse::<OrgSlug>()) {
        (Ok(id), _) => work.orgs().find(id).await?,
        (_, Ok(slug)) => work.orgs().find_by_slug(&slug).await?,
        _ => None,
    };
    let org = found.ok_or_else(missing)?;
    // Unknown and hidden read alike.
    app.authorize_org(&caller.actor, action, org.id).map_err(|error| match error {
        AppError::NotFound { .. } => missing(),
        error => error,
    })?;
    Ok(org)
}

/// Makes the caller the owner of a new organization.
pub async fn create(
    app: &App,
    caller: &Caller,
    new: NewOrg,
    key: Option<&IdempotencyKey>,
) -> AppResult<OrgView> {
    app.authorize_scope(&caller.actor, Scope::Orgs)?;
    let (now, user) = (app.clock.now(), caller.actor.user_id);
    let mut work = app.store.begin().await?;
    if let Some(id) = idempotency::replay(&mut *work, user, key, now).await? {
        drop(work);
        // The caller's roles as they were read may be older than the organization.
        let mut reader = app.store.read().await?;
        let org = reader.orgs().find(id.into()).await?;
        let org = org.ok_or_else(|| AppError::not_found("organization", id))?;
        let members = reader.orgs().members(org.id).await?.len() as u64;
        return Ok(OrgView { org, role: Some(Role::Owner), members });
    }
    let org = Org {
        id: app.random.id(now),
        slug: new.slug,
        name: new.name,
        max_visibility: Visibility::Public,
        deleting_since: None,
        created_at: now,
        updated_at: now,
    };
    work.orgs().add(&org).await?;
    work.orgs().set_member(org.id, user, Role::Owner, now).await?;
    idempotency::remember(&mut *work, user, key, org.id.into(), now).await?;
    let detail = json!({ "slug": org.slug, "name": org.name });
    let entry = audit::by(app, caller, "org.create", Some(org.id), org.id, detail, now);
    work.audit().append(&entry.named(org.slug.as_str())).await?;
    announce(&mut *work, org.id, now).await?;
    work.commit().await?;
    app.identity.actors.forget_user(user);
    app.feed.wake();
    Ok(OrgView { org, role: Some(Role::Owner), members: 1 })
}

/// Holds the organization to the end of the unit of work, for something new in it: not when it is on its way out.
pub(super) async fn hold_open(work: &mut dyn UnitOfWork, id: OrgId) -> AppResult<Org> {
    let org = hold(work, id).await?;
    match org.deleting_since {
        None => Ok(org),
        Some(_) => Err(AppError::Conflict {
            code: "org_deleting",
            detail: format!("the organization {} is being deleted", org.slug),
        }),
    }
}

async fn hold(work: &mut dyn UnitOfWork, id: OrgId) -> AppResult<Org> {
    work.orgs().hold(id).await?.ok_or_else(|| AppError::not_found("organization", id))
}

/// Another name for people; another slug, whose old links lead nowhere any more; or other limits to who sees addresses,
/// which those that are there keep at once.
pub async fn change(app: &App, caller: &Caller, id: OrgId, change: OrgChange) -> AppResult<OrgView> {
    let now = app.clock.now();
    let mut work = app.store.begin().await?;
    let before = hold_open(work.as_mut(), id).await?;
    let actor = actors::afresh(work.as_mut(), caller).await?;
    app.authorize_org(&actor, Action::ChangeOrg, id)?;
    let name = change.name.unwrap_or_else(|| before.name.clone());
    let slug = change.slug.unwrap_or_else(|| before.slug.clone());
    let widest = change.max_visibility.unwrap_or(before.max_visibility);
    if slug != before.slug {
        app.authorize_org(&actor, Action::ChangeSlug, id)?;
    }
    let (role, members) = (actor.role_in(id), work.orgs().members(id).await?);
    let members_count = members.len() as u64;
    if (&name, &slug, widest) == (&before.name, &before.slug, before.max_visibility) {
        return Ok(OrgView { org: before, role, members: members_count });
    }
    work.orgs().rename(id, &slug, &name, now).await?;
    let mut detail = json!({
        "name": { "before": before.name, "after": name },
        "slug": { "before": before.slug, "after": slug },
    });
    if widest != before.max_visibility {
        work.orgs().cap_visibility(id, widest, now).await?;
        let narrowed = work.routes().narrow(id, widest).await?;
        for workspace in &narrowed {
            work.routes().revise(*workspace).await?;
        }
        detail["max_visibility"] = json!({ "before": before.max_visibility, "after": widest });
        detail["narrowed_workspaces"] = narrowed.len().into();
    }
    let entry = audit::by(app, caller, "org.rename", Some(id), id, detail, now);
    work.audit().append(&entry.named(slug.as_str())).await?;
    announce(work.as_mut(), id, now).await?;
    work.commit().await?;
    // Memberships carry both names.
    for member in members {
        app.identity.actors.forget_user(member.user_id);
    }
    app.feed.wake();
    app.routes_due.now();
    let org = Org { name, slug, max_visibility: widest, updated_at: now, ..before };
    Ok(OrgView { org, role, members: members_count })
}

/// Deletes an organization. With `everything`, its workspaces too: then it is on its way out until they have gone.
pub async fn delete(
    app: &App,
    caller: &Caller,
    id: OrgId,
    confirm: &str,
    everything: bool,
) -> AppResult<Deletion> {
    let now = app.clock.now();
    let mut work = app.store.begin().await?;
    let org = hold(work.as_mut(), id).await?;
    let actor = actors::afresh(work.as_mut(), caller).await?;
    app.authorize_org(&actor, Action::DeleteOrg, id)?;
    if confirm != org.slug.as_str() {
        let message = format!("must be the organization's slug, {}", org.slug);
        return Err(AppError::invalid("confirm", "wrong_confirmation", message));
    }
    if org.deleting_since.is_some() {
        return Ok(Deletion::UnderWay);
    }
    let used = work.quotas().usage(id).await?;
    if used.workspaces > 0 && !everything {
        return Err(AppError::Conflict {
            code: "not_empty",
            detail: format!(
                "the organization has {} workspaces; destroy them first, or delete everything",
                used.workspaces
            ),
        });
    }
    let detail = json!({ "slug": org.slug, "name": org.name, "workspaces": used.workspaces });
    let entry = audit::by(app, caller, "org.delete", Some(id), id, detail, now).named(org.slug.as_str());
    work.audit().append(&entry).await?;
    announce(work.as_mut(), id, now).await?;
    let members = work.orgs().members(id).await?;
    let deletion = if used.workspaces > 0 {
        work.orgs().begin_deleting(id, now).await?;
        Deletion::UnderWay
    } else {
        work.orgs().bury(id, now).await?;
        Deletion::Done
    };
    work.commit().await?;
    for member in members {
        app.identity.actors.forget_user(member.user_id);
    }
    app.orgs_due.now();
    app.feed.wake();
    Ok(deletion)
}

/// One look at an organization that is on its way out: destroys what is there, and removes it when nothing is. Returns
/// whether it has gone.
pub async fn finish_deleting(app: &App, id: OrgId) -> AppResult<bool> {
    if workspaces::destroy_for(app, id).await? > 0 {
        return Ok(false);
    }
    let now = app.clock.now();
    let mut work = app.store.begin().await?;
    // Another server was faster, or something is there after all.
    let Some(org) = work.orgs().hold(id).await?.filter(|org| org.deleting_since.is_some()) else {
        return Ok(true);
    };
    if work.quotas().usage(id).await?.workspaces > 0 {
        return Ok(false);
    }
    let detail = json!({ "slug": org.slug, "name": org.name });
    let entry = audit::by_the_platform(app, "org.deleted", Some(id), id, detail, now);
    work.audit().append(&entry.named(org.slug.as_str())).await?;
    announce(work.as_mut(), id, now).await?;
    work.orgs().bury(id, now).await?;
    work.commit().await?;
    app.feed.wake();
    Ok(true)
}

/// Word to all who watch it.
pub(super) async fn announce(work: &mut dyn UnitOfWork, id: OrgId, now: DateTime<Utc>) -> AppResult<()> {
    let event = NewEvent { org_id: Some(id), ..NewEvent::new(EventKind::OrgUpdated, now) };
    Ok(work.events().append(&[event]).await?)
}

/// The page of a list short enough to be read whole.
fn cut(mut orgs: Vec<OrgView>, page: &PageRequest) -> Vec<OrgView> {
    if let Some(text) = page.search.as_ref().map(|text| text.to_lowercase()) {
        orgs.retain(|view| {
            view.org.name.to_lowercase().contains(&text) || view.org.slug.as_str().contains(&text)
        });
    }
    let key = |view: &OrgView| (view.org.slug.to_string(), view.org.id.as_uuid());
    match page.sort {
        Sort::Newest => orgs.sort_by_key(|view| std::cmp::Reverse(view.org.id)),
        Sort::Oldest => orgs.sort_by_key(|view| view.org.id),
        Sort::Name => orgs.sort_by_key(key),
        Sort::NameDescending => orgs.sort_by_key(|view| std::cmp::Reverse(key(view))),
    }
    if let Some(after) = &page.after {
        let last = (after.name.clone(), after.id);
        orgs.retain(|view| match page.sort {
            Sort::Newest => view.org.id.as_uuid() < after.id,
            Sort::Oldest => view.org.id.as_uuid() > after.id,
            Sort::Name => key(view) > last,
            Sort::NameDescending => key(view) < last,
        });
    }
    orgs.truncate(page.limit as usize + 1);
    orgs
}
