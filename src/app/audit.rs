//! The audit log: what is put into it, and who reads it.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::{App, AppResult, Caller};
use crate::{
    domain::{
        audit::{AuditEntry, Via},
        ids::{OrgId, UserId},
        names::Username,
        policy::{Action, Credential, Resource},
    },
    ports::{
        random::Random,
        repository::{PageRequest, audit::AuditFilter},
    },
};

/// An entry with the name its actor has today.
#[derive(Debug, Clone, PartialEq)]
pub struct AuditView {
    pub entry: AuditEntry,
    /// `None`: the platform itself, or a user that was removed.
    pub username: Option<Username>,
}

/// Newest first; at most one more than `page.limit`. Without an organization in the filter: of everything.
pub async fn list(
    app: &App,
    caller: &Caller,
    filter: &AuditFilter,
    page: &PageRequest,
) -> AppResult<Vec<AuditView>> {
    match filter.org {
        Some(org) => app.authorize_org(&caller.actor, Action::ReadAudit, org)?,
        None => {
            app.authorize(&caller.actor, Action::ReadPlatformAudit, Resource::Platform, "audit log")?;
        }
    }
    let mut reader = app.store.read().await?;
    let entries = reader.audit().list(filter, page).await?;
    let people: BTreeSet<UserId> = entries.iter().filter_map(|entry| entry.user_id).collect();
    let names: BTreeMap<UserId, Username> =
        reader.users().usernames(&Vec::from_iter(people)).await?.into_iter().collect();
    let view = |entry: AuditEntry| {
        let username = entry.user_id.and_then(|user| names.get(&user).cloned());
        AuditView { entry, username }
    };
    Ok(entries.into_iter().map(view).collect())
}

/// Lets go what is older than the installation keeps, and leaves word of it. Returns how many.
pub async fn let_go(app: &App) -> AppResult<u64> {
    let Some(retention) = app.settings.audit_retention else { return Ok(0) };
    let now = app.clock.now();
    let before = now - retention;
    let mut work = app.store.begin().await?;
    let count = work.audit().purge(before).await?;
    if count > 0 {
        let detail = json!({ "entries": count, "before": before, "days": retention.num_days() });
        let entry = by_the_platform(app, "audit.let-go", None, app.installation, detail, now);
        work.audit().append(&entry).await?;
        work.commit().await?;
    }
    Ok(count)
}

/// What a signed-in person did.
pub fn by(
    app: &App,
    caller: &Caller,
    action: &str,
    org: Option<OrgId>,
    target: impl ToString,
    detail: Value,
    now: DateTime<Utc>,
) -> AuditEntry {
    AuditEntry {
        id: app.random.id(now),
        at: now,
        user_id: Some(caller.actor.user_id),
        org_id: org,
        action: action.to_owned(),
        via: match caller.actor.credential {
            Credential::Session(_) => Via::Session,
            Credential::Token { .. } => Via::Token,
        },
        target: target.to_string(),
        target_name: None,
        address: caller.address.map(|address| address.to_string()).unwrap_or_default(),
        detail,
    }
}

/// What the platform did by itself.
pub fn by_the_platform(
    app: &App,
    action: &str,
    org: Option<OrgId>,
    target: impl ToString,
    detail: Value,
    now: DateTime<Utc>,
) -> AuditEntry {
    AuditEntry {
        id: app.random.id(now),
        at: now,
        user_id: None,
        org_id: org,
        action: action.to_owned(),
        via: Via::Platform,
        target: target.to_string(),
        target_name: None,
        address: String::new(),
        detail,
    }
}

/// What whoever is at the server did, who is nobody in particular to us.
pub(super) fn at_the_console(
    random: &dyn Random,
    action: &str,
    org: Option<OrgId>,
    target: impl ToString,
    detail: Value,
    now: DateTime<Utc>,
) -> AuditEntry {
    AuditEntry {
        id: random.id(now),
        at: now,
        user_id: None,
        org_id: org,
        action: action.to_owned(),
        via: Via::CommandLine,
        target: target.to_string(),
        target_name: None,
        address: String::new(),
        detail,
    }
}

/// What somebody did at the door, where there is no [`Caller`] yet.
pub(super) fn at_the_door(
    app: &App,
    origin: &super::auth::Origin,
    action: &str,
    user: Option<UserId>,
    target: impl ToString,
    now: DateTime<Utc>,
) -> AuditEntry {
    AuditEntry {
        id: app.random.id(now),
        at: now,
        user_id: user,
        org_id: None,
        action: action.to_owned(),
        via: Via::Door,
        target: target.to_string(),
        target_name: None,
        address: origin.address(),
        detail: Value::Null,
    }
}
