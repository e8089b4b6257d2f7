//! Versions: added, never changed; one of them is active.

use serde_json::json;
use uuid::Uuid;

use super::{
    detail::{TemplateDetail, describe_one},
    find, find_own, leave_traces,
    source::Source,
};
use crate::{
    app::{App, AppError, AppResult, Caller, idempotency, idempotency::IdempotencyKey},
    domain::{
        ids::TemplateId,
        policy::Action,
        template::{Template, TemplateVersion},
    },
    ports::repository::{PageRequest, Sort, StoreError},
};

#[derive(Debug, Clone)]
pub struct NewVersion {
    pub source: Source,
    /// What changed, for people.
    pub message: String,
    /// Whether new workspaces get it from now on.
    pub activate: bool,
}

/// With the template they belong to; at most one more than `page.limit`, which says that there are more.
pub async fn versions(
    app: &App,
    caller: &Caller,
    id: TemplateId,
    page: &PageRequest,
) -> AppResult<(Template, Vec<TemplateVersion>)> {
    let mut reader = app.store.read().await?;
    let template = find(app, reader.as_mut(), caller, Action::ReadTemplates, id).await?;
    let versions = reader.templates().versions(id).await?;
    Ok((template, cut(versions, page)))
}

/// The page of a list short enough to be read whole, which is newest first. Names of versions are their numbers.
fn cut(mut versions: Vec<TemplateVersion>, page: &PageRequest) -> Vec<TemplateVersion> {
    let ascending = matches!(page.sort, Sort::Oldest | Sort::Name);
    if ascending {
        versions.reverse();
    }
    if let Some(text) = page.search.as_ref().map(|text| text.to_lowercase()) {
        versions.retain(|version| version.message.to_lowercase().contains(&text));
    }
    if let Some(last) = page.after.as_ref().map(|after| number_of(after.id)) {
        versions.retain(|version| if ascending { version.number > last } else { version.number < last });
    }
    versions.truncate(page.limit as usize + 1);
    versions
}

pub async fn add_version(
    app: &App,
    caller: &Caller,
    id: TemplateId,
    new: NewVersion,
    key: Option<&IdempotencyKey>,
) -> AppResult<(Template, TemplateVersion)> {
    // Whoever may not write learns so before anything of the source.
    find_own(app, app.store.read().await?.as_mut(), caller, id).await?;
    let prepared = new.source.prepare().await?;
    let (now, user) = (app.clock.now(), caller.actor.user_id);
    let mut work = app.store.begin().await?;
    let mut template = find_own(app, work.as_mut(), caller, id).await?;
    if let Some(made) = idempotency::replay(work.as_mut(), user, key, now).await? {
        let made = work.templates().find_version(id, number_of(made)).await?;
        return Ok((template, made.ok_or_else(|| AppError::not_found("version", "made under this key"))?));
    }
    let versions = work.templates().versions(id).await?;
    let version = TemplateVersion {
        template_id: id,
        number: versions.first().map_or(1, |newest| newest.number + 1),
        source: prepared.source,
        manifest: prepared.json,
        archive: None,
        readme: None,
        message: new.message,
        created_by: Some(user),
        created_at: now,
    };
    work.templates().add_version(&version).await.map_err(number_taken)?;
    if new.activate {
        work.templates().activate(id, version.number, now).await?;
        template.active_version = Some(version.number);
    }
    idempotency::remember(work.as_mut(), user, key, stand_in(version.number), now).await?;
    let detail = json!({ "name": template.name, "version": version.number, "active": new.activate });
    leave_traces(app, work.as_mut(), Some(caller), &template, "template.add_version", detail).await?;
    work.commit().await?;
    app.feed.wake();
    Ok((template, version))
}

/// A version has a number and no id; where an id is asked for (keys, cursors), this stands for its number. Which template
/// is meant says the path.
pub fn stand_in(number: i32) -> Uuid {
    Uuid::from_u128(u128::from(number.unsigned_abs()))
}

fn number_of(stand_in: Uuid) -> i32 {
    i32::try_from(stand_in.as_u128()).unwrap_or_default()
}

fn number_taken(error: StoreError) -> AppError {
    match error {
        StoreError::Taken(_) => AppError::Conflict {
            code: "changed_meanwhile",
            detail: "another version was added at the same moment; try again".into(),
        },
        error => error.into(),
    }
}

/// New workspaces get this version from now on; those there are keep theirs.
pub async fn activate(
    app: &App,
    caller: &Caller,
    id: TemplateId,
    number: i32,
    check: impl FnOnce(&Template) -> AppResult<()> + Send,
) -> AppResult<TemplateDetail> {
    let now = app.clock.now();
    let mut work = app.store.begin().await?;
    let mut template = find(app, work.as_mut(), caller, Action::WriteTemplates, id).await?;
    check(&template)?;
    if template.active_version != Some(number) {
        work.templates().activate(id, number, now).await.map_err(|error| match error {
            StoreError::Reference(_) => AppError::not_found("version", number),
            error => error.into(),
        })?;
        template.active_version = Some(number);
        template.updated_at = now;
        let detail = json!({ "name": template.name, "version": number });
        leave_traces(app, work.as_mut(), Some(caller), &template, "template.activate", detail).await?;
    }
    let detail = describe_one(work.as_mut(), template).await?;
    work.commit().await?;
    app.feed.wake();
    Ok(detail)
}
