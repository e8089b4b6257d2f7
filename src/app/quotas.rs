//! What organizations may use, and what they do.

use serde_json::json;

use super::{App, AppError, AppResult, Caller, audit, auth::actors, orgs};
use crate::{
    domain::{
        ids::OrgId,
        policy::Action,
        quota::{Quota, Usage, check},
        workspace::{Desired, spec::Resources},
    },
    ports::repository::UnitOfWork,
};

pub async fn get(app: &App, caller: &Caller, org: OrgId) -> AppResult<(Quota, Usage)> {
    app.authorize_org(&caller.actor, Action::ReadOrg, org)?;
    let mut reader = app.store.read().await?;
    let quota = reader.quotas().find(org).await?;
    let usage = reader.quotas().usage(org).await?;
    Ok((quota, usage))
}

/// Lower limits than what is used stop nothing that runs: from then on there is no more.
pub async fn set(app: &App, caller: &Caller, org: OrgId, quota: &Quota) -> AppResult<()> {
    let now = app.clock.now();
    let mut work = app.store.begin().await?;
    let held = orgs::hold_open(work.as_mut(), org).await?;
    let actor = actors::afresh(work.as_mut(), caller).await?;
    app.authorize_org(&actor, Action::WriteQuota, org)?;
    let before = work.quotas().find(org).await?;
    if before == *quota {
        return Ok(());
    }
    work.quotas().set(org, quota, now).await?;
    let detail = json!({ "before": words(&before), "after": words(quota) });
    let entry = audit::by(app, caller, "org.quota", Some(org), org, detail, now);
    work.audit().append(&entry.named(held.slug.as_str())).await?;
    work.commit().await?;
    Ok(())
}

fn words(quota: &Quota) -> serde_json::Value {
    json!({
        "workspaces": quota.workspaces,
        "running_workspaces": quota.running_workspaces,
        "cpu_millis": quota.cpu_millis,
        "memory_bytes": quota.memory_bytes,
        "disk_bytes": quota.disk_bytes,
    })
}

/// Refuses a step of a workspace, from what is wanted of it to what shall be, that the quota does not allow. Holds the
/// organization to the end of the unit of work if the workspace will use more: nobody else takes what is left meanwhile.
pub async fn admit(
    work: &mut dyn UnitOfWork,
    org: OrgId,
    before: Option<(Desired, Resources)>,
    after: (Desired, Resources),
) -> AppResult<()> {
    let less = before.map(|(desired, resources)| Usage::of(desired, resources)).unwrap_or_default();
    let more = Usage::of(after.0, after.1);
    if !more.exceeds(&less) {
        return Ok(());
    }
    orgs::hold_open(work, org).await?;
    let quota = work.quotas().find(org).await?;
    let used = work.quotas().usage(org).await?;
    check(&quota, &used, &used.moved(&less, &more))
        .map_err(|exceeded| AppError::Conflict { code: "quota_exceeded", detail: exceeded.to_string() })
}
