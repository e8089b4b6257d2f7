use async_trait::async_trait;
use bytes::Bytes;
use chrono::{DateTime, Utc};

use super::{PageRequest, StoreResult};
use crate::domain::{
    ids::{OrgId, TemplateId},
    names::TemplateName,
    template::{Template, TemplateVersion},
};

#[async_trait]
pub trait TemplateRepository: Send {
    /// `Taken("name")` within its organization, or within the catalog.
    async fn add(&mut self, template: &Template) -> StoreResult<()>;

    async fn find(&mut self, id: TemplateId) -> StoreResult<Option<Template>>;

    /// Names of these templates, in no order; unknown ids are left out.
    async fn names(&mut self, ids: &[TemplateId]) -> StoreResult<Vec<(TemplateId, TemplateName)>>;

    /// `org` is `None` for the catalog.
    async fn find_by_name(
        &mut self,
        org: Option<OrgId>,
        name: &TemplateName,
    ) -> StoreResult<Option<Template>>;

    /// Those of one organization, or of the catalog.
    async fn list(&mut self, org: Option<OrgId>, page: &PageRequest) -> StoreResult<Vec<Template>>;

    /// Writes display name, description, icon and tags.
    async fn describe(&mut self, template: &Template) -> StoreResult<()>;

    /// With its versions. `Reference("template")` while a workspace that is not destroyed uses it.
    async fn remove(&mut self, id: TemplateId) -> StoreResult<()>;

    /// `Taken("number")`.
    async fn add_version(&mut self, version: &TemplateVersion) -> StoreResult<()>;

    async fn find_version(&mut self, id: TemplateId, number: i32) -> StoreResult<Option<TemplateVersion>>;

    /// The active versions of these templates, in no order; those that have none are left out.
    async fn active_versions(&mut self, ids: &[TemplateId]) -> StoreResult<Vec<TemplateVersion>>;

    /// Newest first.
    async fn versions(&mut self, id: TemplateId) -> StoreResult<Vec<TemplateVersion>>;

    /// `Reference("version")` when there is no such version.
    async fn activate(&mut self, id: TemplateId, number: i32, now: DateTime<Utc>) -> StoreResult<()>;

    /// Keeps files under their digest; success when they are there already.
    async fn put_archive(&mut self, digest: &str, bytes: Bytes, now: DateTime<Utc>) -> StoreResult<()>;

    async fn archive(&mut self, digest: &str) -> StoreResult<Option<Bytes>>;
}
