//! A template with its active version, as the API shows it.

use std::collections::HashMap;

use serde::Deserialize;

use super::find;
use crate::{
    app::{App, AppResult, Caller},
    domain::{
        ids::{OrgId, TemplateId},
        policy::Action,
        template::{Manifest, Template, TemplateVersion},
    },
    ports::repository::{PageRequest, StoreResult, UnitOfWork},
};

#[derive(Debug, Clone)]
pub struct TemplateDetail {
    pub template: Template,
    /// The version new workspaces get.
    pub active: Option<Active>,
}

#[derive(Debug, Clone)]
pub struct Active {
    pub version: TemplateVersion,
    pub manifest: Manifest,
}

pub async fn get(app: &App, caller: &Caller, id: TemplateId) -> AppResult<TemplateDetail> {
    let mut reader = app.store.read().await?;
    let template = find(app, reader.as_mut(), caller, Action::ReadTemplates, id).await?;
    describe_one(reader.as_mut(), template).await
}

/// Those of the organization itself; at most one more than `page.limit`, which says that there are more.
pub async fn list(
    app: &App,
    caller: &Caller,
    org: OrgId,
    page: &PageRequest,
) -> AppResult<Vec<TemplateDetail>> {
    app.authorize_org(&caller.actor, Action::ReadTemplates, org)?;
    page_of(app, Some(org), page).await
}

/// Those that every organization can use. Whoever is signed in may see them.
pub async fn catalog(app: &App, page: &PageRequest) -> AppResult<Vec<TemplateDetail>> {
    page_of(app, None, page).await
}

async fn page_of(app: &App, org: Option<OrgId>, page: &PageRequest) -> AppResult<Vec<TemplateDetail>> {
    let mut reader = app.store.read().await?;
    let templates = reader.templates().list(org, page).await?;
    Ok(describe(reader.as_mut(), templates).await?)
}

pub(super) async fn describe_one(
    reader: &mut dyn UnitOfWork,
    template: Template,
) -> AppResult<TemplateDetail> {
    let version = match template.active_version {
        Some(number) => reader.templates().find_version(template.id, number).await?,
        None => None,
    };
    Ok(TemplateDetail { active: version.and_then(readable), template })
}

/// In the order given; a constant number of queries for any number of templates.
async fn describe(reader: &mut dyn UnitOfWork, templates: Vec<Template>) -> StoreResult<Vec<TemplateDetail>> {
    let ids: Vec<TemplateId> = templates.iter().map(|template| template.id).collect();
    let versions = reader.templates().active_versions(&ids).await?;
    let mut versions: HashMap<TemplateId, TemplateVersion> =
        versions.into_iter().map(|version| (version.template_id, version)).collect();
    let detail = |template: Template| TemplateDetail {
        active: versions.remove(&template.id).and_then(readable),
        template,
    };
    Ok(templates.into_iter().map(detail).collect())
}

/// One manifest that this release cannot read must not hide all other templates.
fn readable(version: TemplateVersion) -> Option<Active> {
    match Manifest::deserialize(&version.manifest) {
        Ok(manifest) => Some(Active { version, manifest }),
        Err(error) => {
            let (template, number) = (version.template_id, version.number);
            tracing::warn!(%template, number, %error, "a stored manifest cannot be read; add a new version");
            None
        }
    }
}
