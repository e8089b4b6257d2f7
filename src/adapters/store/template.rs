use async_trait::async_trait;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use sqlx::{FromRow, QueryBuilder, types::Json};
use uuid::Uuid;

use super::{
    column::{Document, Word},
    page::{BATCH, push_ids, push_page},
    repository::{Record, Repository},
};
use crate::{
    domain::{
        ids::{OrgId, TemplateId},
        names::TemplateName,
        template::{Template, TemplateSource, TemplateVersion},
    },
    ports::repository::{PageRequest, StoreError, StoreResult, TemplateRepository, text::storable},
};

#[derive(FromRow)]
struct TemplateRow {
    id: Uuid,
    org_id: Option<Uuid>,
    name: Word<TemplateName>,
    display_name: String,
    description: String,
    icon: String,
    tags: Json<Vec<String>>,
    active_version: Option<i32>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl Record for TemplateRow {
    const TABLE: &'static str = "templates";
}

impl From<TemplateRow> for Template {
    fn from(row: TemplateRow) -> Self {
        Self {
            id: row.id.into(),
            org_id: row.org_id.map(Into::into),
            name: row.name.0,
            display_name: row.display_name,
            description: row.description,
            icon: row.icon,
            tags: row.tags.0,
            active_version: row.active_version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

#[derive(FromRow)]
struct NameRow {
    id: Uuid,
    name: Word<TemplateName>,
}

impl Record for NameRow {
    const TABLE: &'static str = "templates";
}

#[derive(FromRow)]
struct VersionRow {
    template_id: Uuid,
    number: i32,
    source: Word<TemplateSource>,
    manifest: Json<serde_json::Value>,
    archive: Option<String>,
    readme: Option<String>,
    message: String,
    created_by: Option<Uuid>,
    created_at: DateTime<Utc>,
}

impl Record for VersionRow {
    const TABLE: &'static str = "template_versions";
    const KEY: &'static str = "template_id";
}

impl From<VersionRow> for TemplateVersion {
    fn from(row: VersionRow) -> Self {
        Self {
            template_id: row.template_id.into(),
            number: row.number,
            source: row.source.0,
            manifest: row.manifest.0,
            archive: row.archive,
            readme: row.readme,
            message: row.message,
            created_by: row.created_by.map(Into::into),
            created_at: row.created_at,
        }
    }
}

#[derive(FromRow)]
struct DigestRow {
    archive: String,
}

impl Record for DigestRow {
    const TABLE: &'static str = "template_versions";
    const KEY: &'static str = "archive";
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, org_id, name, display_name, description, icon, tags, active_version, created_at, updated_at
             FROM templates ",
            $rest
        )
    };
}

macro_rules! select_version {
    ($rest:literal) => {
        concat!(
            "SELECT template_id, number, source, manifest, archive, readme, message, created_by, created_at
             FROM template_versions ",
            $rest
        )
    };
}

macro_rules! implement {
    ($Db:ty) => {
        #[async_trait]
        impl TemplateRepository for Repository<'_, $Db> {
            async fn add(&mut self, template: &Template) -> StoreResult<()> {
                let query = sqlx::query(
                    "INSERT INTO templates (id, org_id, name, display_name, description, icon, tags,
                                            active_version, created_at, updated_at)
                     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
                )
                .bind(template.id.as_uuid())
                .bind(template.org_id.map(Uuid::from))
                .bind(template.name.as_str())
                .bind(storable(&template.display_name))
                .bind(storable(&template.description))
                .bind(storable(&template.icon))
                .bind(Document(&template.tags))
                .bind(template.active_version)
                .bind(template.created_at)
                .bind(template.updated_at);
                self.execute(query).await.map(drop)
            }

            async fn find(&mut self, id: TemplateId) -> StoreResult<Option<Template>> {
                let query = sqlx::query(select!("WHERE id = $1")).bind(id.as_uuid());
                Ok(self.row::<TemplateRow>(query).await?.map(Into::into))
            }

            async fn names(&mut self, ids: &[TemplateId]) -> StoreResult<Vec<(TemplateId, TemplateName)>> {
                let mut names = Vec::with_capacity(ids.len());
                for batch in ids.chunks(BATCH) {
                    let mut query = QueryBuilder::new("SELECT id, name FROM templates WHERE id IN (");
                    push_ids(&mut query, batch);
                    names.extend(self.rows::<NameRow>(query.build()).await?);
                }
                Ok(names.into_iter().map(|row| (row.id.into(), row.name.0)).collect())
            }

            async fn find_by_name(
                &mut self,
                org: Option<OrgId>,
                name: &TemplateName,
            ) -> StoreResult<Option<Template>> {
                let query = match org {
                    Some(org) => {
                        sqlx::query(select!("WHERE name = $1 AND org_id = $2")).bind(name.as_str()).bind(org.as_uuid())
                    }
                    None => sqlx::query(select!("WHERE name = $1 AND org_id IS NULL")).bind(name.as_str()),
                };
                Ok(self.row::<TemplateRow>(query).await?.map(Into::into))
            }

            async fn list(&mut self, org: Option<OrgId>, page: &PageRequest) -> StoreResult<Vec<Template>> {
                let mut query = QueryBuilder::new(select!("WHERE org_id "));
                match org {
                    Some(org) => query.push("= ").push_bind(org.as_uuid()),
                    None => query.push("IS NULL"),
                };
                push_page(&mut query, page, "name");
                let rows = self.rows::<TemplateRow>(query.build()).await?;
                Ok(rows.into_iter().map(Into::into).collect())
            }

            async fn describe(&mut self, template: &Template) -> StoreResult<()> {
                let query = sqlx::query(
                    "UPDATE templates
                     SET display_name = $2, description = $3, icon = $4, tags = $5, updated_at = $6
                     WHERE id = $1",
                )
                .bind(template.id.as_uuid())
                .bind(storable(&template.display_name))
                .bind(storable(&template.description))
                .bind(storable(&template.icon))
                .bind(Document(&template.tags))
                .bind(template.updated_at);
                self.touch(query).await
            }

            async fn remove(&mut self, id: TemplateId) -> StoreResult<()> {
                let query = sqlx::query(
                    "SELECT DISTINCT archive FROM template_versions
                     WHERE template_id = $1 AND archive IS NOT NULL",
                );
                let archives = self.rows::<DigestRow>(query.bind(id.as_uuid())).await?;
                self.touch(sqlx::query("DELETE FROM templates WHERE id = $1").bind(id.as_uuid())).await?;
                for DigestRow { archive } in &archives {
                    let query = sqlx::query(
                        "DELETE FROM template_archives WHERE digest = $1
                         AND NOT EXISTS (SELECT 1 FROM template_versions WHERE archive = $1)",
                    );
                    self.execute(query.bind(archive)).await?;
                }
                Ok(())
            }

            async fn add_version(&mut self, version: &TemplateVersion) -> StoreResult<()> {
                let query = sqlx::query(
                    "INSERT INTO template_versions (template_id, number, source, manifest, archive, readme,
                                                    message, created_by, created_at)
                     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
                )
                .bind(version.template_id.as_uuid())
                .bind(version.number)
                .bind(version.source.as_str())
                .bind(Document(&version.manifest))
                .bind(version.archive.as_deref())
                .bind(version.readme.as_deref().map(storable))
                .bind(storable(&version.message))
                .bind(version.created_by.map(Uuid::from))
                .bind(version.created_at);
                self.execute(query).await.map(drop)
            }

            async fn find_version(
                &mut self,
                id: TemplateId,
                number: i32,
            ) -> StoreResult<Option<TemplateVersion>> {
                let query = sqlx::query(select_version!("WHERE template_id = $1 AND number = $2"))
                    .bind(id.as_uuid())
                    .bind(number);
                Ok(self.row::<VersionRow>(query).await?.map(Into::into))
            }

            async fn active_versions(&mut self, ids: &[TemplateId]) -> StoreResult<Vec<TemplateVersion>> {
                let mut versions = Vec::with_capacity(ids.len());
                for batch in ids.chunks(BATCH) {
                    let mut query = QueryBuilder::new(select_version!(
                        "WHERE (template_id, number) IN (SELECT id, active_version FROM templates WHERE id IN ("
                    ));
                    push_ids(&mut query, batch);
                    query.push(")");
                    versions.extend(self.rows::<VersionRow>(query.build()).await?);
                }
                Ok(versions.into_iter().map(Into::into).collect())
            }

            async fn versions(&mut self, id: TemplateId) -> StoreResult<Vec<TemplateVersion>> {
                let query = sqlx::query(select_version!("WHERE template_id = $1 ORDER BY number DESC"));
                let rows = self.rows::<VersionRow>(query.bind(id.as_uuid())).await?;
                Ok(rows.into_iter().map(Into::into).collect())
            }

            async fn activate(&mut self, id: TemplateId, number: i32, now: DateTime<Utc>) -> StoreResult<()> {
                let query = sqlx::query(
                    "UPDATE templates SET active_version = $2, updated_at = $3 WHERE id = $1
                     AND EXISTS (SELECT 1 FROM template_versions WHERE template_id = $1 AND number = $2)",
                )
                .bind(id.as_uuid())
                .bind(number)
                .bind(now);
                match self.execute(query).await? {
                    0 => Err(StoreError::Reference("version")),
                    _ => Ok(()),
                }
            }

            async fn put_archive(
                &mut self,
                digest: &str,
                bytes: Bytes,
                now: DateTime<Utc>,
            ) -> StoreResult<()> {
                let query = sqlx::query(
                    "INSERT INTO template_archives (digest, bytes, created_at) VALUES ($1, $2, $3)
                     ON CONFLICT (digest) DO NOTHING",
                )
                .bind(digest)
                .bind(bytes.as_ref())
                .bind(now);
                self.execute(query).await.map(drop)
            }

            async fn archive(&mut self, digest: &str) -> StoreResult<Option<Bytes>> {
                let query = sqlx::query("SELECT bytes FROM template_archives WHERE digest = $1");
                Ok(self.value::<Vec<u8>>(query.bind(storable(digest))).await?.map(Bytes::from))
            }
        }
    };
}

for_each_engine!(implement);
