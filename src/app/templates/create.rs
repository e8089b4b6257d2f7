//! A template from a source.

use serde_json::json;

use super::{
    detail::{TemplateDetail, describe_one},
    find, leave_traces,
    source::Source,
};
use crate::{
    app::{App, AppError, AppResult, Caller, idempotency, idempotency::IdempotencyKey},
    domain::{
        ids::OrgId,
        names::TemplateName,
        policy::Action,
        template::{Template, TemplateVersion},
    },
    ports::repository::StoreError,
};

#[derive(Debug, Clone)]
pub struct NewTemplate {
    pub name: TemplateName,
    /// What the source says, where these are absent.
    pub display_name: Option<String>,
    pub description: Option<String>,
    pub icon: Option<String>,
    pub source: Source,
}

/// With its first version, which is active.
pub async fn create(
    app: &App,
    caller: &Caller,
    org: OrgId,
    new: NewTemplate,
    key: Option<&IdempotencyKey>,
) -> AppResult<TemplateDetail> {
    app.authorize_org(&caller.actor, Action::WriteTemplates, org)?;
    // Before the unit of work begins: reading a source takes its time.
    let prepared = new.source.prepare().await?;
    let (now, user) = (app.clock.now(), caller.actor.user_id);
    let mut work = app.store.begin().await?;
    if let Some(id) = idempotency::replay(work.as_mut(), user, key, now).await? {
        let made = find(app, work.as_mut(), caller, Action::ReadTemplates, id.into()).await?;
        return describe_one(work.as_mut(), made).await;
    }
    let manifest = prepared.manifest;
    let mut template = Template {
        id: app.random.id(now),
        org_id: Some(org),
        display_name: new.display_name.or(manifest.app_name).unwrap_or_else(|| new.name.to_string()),
        name: new.name,
        description: new.description.unwrap_or(manifest.description),
        icon: new.icon.unwrap_or(manifest.icon),
        tags: manifest.tags,
        active_version: None,
        created_at: now,
        updated_at: now,
    };
    let version = TemplateVersion {
        template_id: template.id,
        number: 1,
        source: prepared.source,
        manifest: prepared.json,
        archive: None,
        readme: None,
        message: String::new(),
        created_by: Some(user),
        created_at: now,
    };
    work.templates().add(&template).await.map_err(|error| name_taken(error, &template.name))?;
    work.templates().add_version(&version).await?;
    work.templates().activate(template.id, version.number, now).await?;
    template.active_version = Some(version.number);
    idempotency::remember(work.as_mut(), user, key, template.id.into(), now).await?;
    let detail =
        json!({ "name": template.name, "version": version.number, "source": version.source.as_str() });
    leave_traces(app, work.as_mut(), Some(caller), &template, "template.create", detail).await?;
    let detail = describe_one(work.as_mut(), template).await?;
    work.commit().await?;
    app.feed.wake();
    Ok(detail)
}

fn name_taken(error: StoreError, name: &TemplateName) -> AppError {
    match error {
        StoreError::Taken("name") => AppError::Conflict {
            code: "name_taken",
            detail: format!("this organization has a template named {name} already"),
        },
        error => error.into(),
    }
}
