use async_trait::async_trait;
use bytes::Bytes;
use chrono::{DateTime, Utc};

use super::{Repository, kept, page::page};
use crate::{
    domain::{
        ids::{OrgId, TemplateId},
        names::TemplateName,
        template::{Template, TemplateVersion},
        workspace::Status,
    },
    ports::repository::{PageRequest, StoreError, StoreResult, TemplateRepository, text::storable},
};

fn stored(template: &Template) -> StoreResult<Template> {
    Ok(Template {
        display_name: storable(&template.display_name).into_owned(),
        description: storable(&template.description).into_owned(),
        icon: storable(&template.icon).into_owned(),
        tags: kept(&template.tags)?,
        ..template.clone()
    })
}

#[async_trait]
impl TemplateRepository for Repository<'_> {
    async fn add(&mut self, template: &Template) -> StoreResult<()> {
        let tables = self.writing()?;
        if tables.templates.contains_key(&template.id) {
            return self.taken("id");
        }
        let same = |other: &Template| (other.org_id, &other.name) == (template.org_id, &template.name);
        if tables.templates.values().any(same) {
            return self.taken("name");
        }
        if template.org_id.is_some_and(|org| !tables.orgs.contains_key(&org)) {
            return self.dangling();
        }
        tables.templates.insert(template.id, stored(template)?);
        Ok(())
    }

    async fn find(&mut self, id: TemplateId) -> StoreResult<Option<Template>> {
        Ok(self.reading()?.templates.get(&id).cloned())
    }

    async fn names(&mut self, ids: &[TemplateId]) -> StoreResult<Vec<(TemplateId, TemplateName)>> {
        let templates = &self.reading()?.templates;
        Ok(ids.iter().filter_map(|id| Some((*id, templates.get(id)?.name.clone()))).collect())
    }

    async fn find_by_name(
        &mut self,
        org: Option<OrgId>,
        name: &TemplateName,
    ) -> StoreResult<Option<Template>> {
        let mut templates = self.reading()?.templates.values();
        Ok(templates.find(|template| template.org_id == org && template.name == *name).cloned())
    }

    async fn list(&mut self, org: Option<OrgId>, request: &PageRequest) -> StoreResult<Vec<Template>> {
        let templates = self.reading()?.templates.values().filter(|template| template.org_id == org);
        Ok(page(templates, request, |template| (template.name.as_str(), template.id.as_uuid())))
    }

    async fn describe(&mut self, template: &Template) -> StoreResult<()> {
        let stale = self.stale();
        let row = self.writing()?.templates.get_mut(&template.id).ok_or(stale)?;
        let Template { display_name, description, icon, tags, updated_at, .. } = stored(template)?;
        *row = Template { display_name, description, icon, tags, updated_at, ..row.clone() };
        Ok(())
    }

    async fn remove(&mut self, id: TemplateId) -> StoreResult<()> {
        let stale = self.stale();
        let tables = self.writing()?;
        let mut workspaces = tables.workspaces.values().map(|row| &row.workspace);
        if workspaces.any(|it| it.template_id == id && it.state.status() != Status::Destroyed) {
            return self.dangling();
        }
        tables.templates.remove(&id).ok_or(stale)?;
        let archive = |version: &TemplateVersion| version.archive.clone();
        let of_it = tables.versions.values().filter(|version| version.template_id == id);
        let unused: Vec<String> = of_it.filter_map(archive).collect();
        tables.versions.retain(|(template, _), _| *template != id);
        let used: Vec<String> = tables.versions.values().filter_map(archive).collect();
        tables.archives.retain(|digest, _| used.contains(digest) || !unused.contains(digest));
        tables.drop_variables();
        Ok(())
    }

    async fn add_version(&mut self, version: &TemplateVersion) -> StoreResult<()> {
        let tables = self.writing()?;
        let key = (version.template_id, version.number);
        if tables.versions.contains_key(&key) {
            return self.taken("number");
        }
        let known = tables.templates.contains_key(&version.template_id)
            && version.archive.as_ref().is_none_or(|digest| tables.archives.contains_key(digest))
            && version.created_by.is_none_or(|user| tables.users.contains_key(&user));
        if !known {
            return self.dangling();
        }
        let row = TemplateVersion {
            manifest: kept(&version.manifest)?,
            readme: version.readme.as_deref().map(|readme| storable(readme).into_owned()),
            message: storable(&version.message).into_owned(),
            ..version.clone()
        };
        tables.versions.insert(key, row);
        Ok(())
    }

    async fn find_version(&mut self, id: TemplateId, number: i32) -> StoreResult<Option<TemplateVersion>> {
        Ok(self.reading()?.versions.get(&(id, number)).cloned())
    }

    async fn active_versions(&mut self, ids: &[TemplateId]) -> StoreResult<Vec<TemplateVersion>> {
        let tables = self.reading()?;
        let active = |id: &TemplateId| {
            let number = tables.templates.get(id)?.active_version?;
            tables.versions.get(&(*id, number)).cloned()
        };
        Ok(ids.iter().filter_map(active).collect())
    }

    async fn versions(&mut self, id: TemplateId) -> StoreResult<Vec<TemplateVersion>> {
        let versions = self.reading()?.versions.range((id, i32::MIN)..=(id, i32::MAX)).rev();
        Ok(versions.map(|(_, version)| version.clone()).collect())
    }

    async fn activate(&mut self, id: TemplateId, number: i32, now: DateTime<Utc>) -> StoreResult<()> {
        let tables = self.writing()?;
        let exists = tables.versions.contains_key(&(id, number));
        let template = tables.templates.get_mut(&id).filter(|_| exists);
        let template = template.ok_or(StoreError::Reference("version"))?;
        template.active_version = Some(number);
        template.updated_at = now;
        Ok(())
    }

    async fn put_archive(&mut self, digest: &str, bytes: Bytes, _now: DateTime<Utc>) -> StoreResult<()> {
        self.writing()?.archives.entry(digest.to_owned()).or_insert(bytes);
        Ok(())
    }

    async fn archive(&mut self, digest: &str) -> StoreResult<Option<Bytes>> {
        Ok(self.reading()?.archives.get(digest).cloned())
    }
}
