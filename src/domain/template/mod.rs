//! Templates: named, versioned recipes for workspaces.

pub mod archive;
pub mod check;
pub mod compile;
pub mod container_policy;
pub mod document;
pub mod files;
pub mod image;
pub mod manifest;
pub mod parameter;
pub mod path;
pub mod problem;
pub mod reference;
pub mod schema;
pub mod value;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

pub use self::{
    check::{Checked, check, warnings},
    document::Format,
    files::Files,
    manifest::Manifest,
    problem::Problem,
};

use super::{
    ids::{OrgId, TemplateId, UserId},
    names::TemplateName,
};

#[derive(Debug, Clone, PartialEq)]
pub struct Template {
    pub id: TemplateId,
    /// `None`: from the catalog, for every organization.
    pub org_id: Option<OrgId>,
    pub name: TemplateName,
    pub display_name: String,
    pub description: String,
    pub icon: String,
    pub tags: Vec<String>,
    /// Number of the version new workspaces get; `None` until a version is activated.
    pub active_version: Option<i32>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

/// Immutable once stored.
#[derive(Debug, Clone, PartialEq)]
pub struct TemplateVersion {
    pub template_id: TemplateId,
    /// 1, 2, 3…
    pub number: i32,
    pub source: TemplateSource,
    /// The manifest as it was checked, in its JSON form.
    pub manifest: serde_json::Value,
    /// SHA-256, in hex, of the files that came with it (a tar.gz kept in the store).
    pub archive: Option<String>,
    pub readme: Option<String>,
    pub message: String,
    /// `None`: the platform, from the catalog.
    pub created_by: Option<UserId>,
    pub created_at: DateTime<Utc>,
}

/// Where a version came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TemplateSource {
    Manifest,
    Compose,
    Devcontainer,
    Dockerfile,
    Git,
    Archive,
    Catalog,
}

impl TemplateSource {
    pub const ALL: [TemplateSource; 7] = [
        TemplateSource::Manifest,
        TemplateSource::Compose,
        TemplateSource::Devcontainer,
        TemplateSource::Dockerfile,
        TemplateSource::Git,
        TemplateSource::Archive,
        TemplateSource::Catalog,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            TemplateSource::Manifest => "manifest",
            TemplateSource::Compose => "compose",
            TemplateSource::Devcontainer => "devcontainer",
            TemplateSource::Dockerfile => "dockerfile",
            TemplateSource::Git => "git",
            TemplateSource::Archive => "archive",
            TemplateSource::Catalog => "catalog",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|source| source.as_str() == text)
    }
}
