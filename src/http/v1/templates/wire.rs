//! Templates, their versions and their sources, as the API shows and takes them.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

pub use super::source::Source;
use crate::{
    app::templates::{Findings, TemplateDetail},
    domain::{
        template::{
            self, Manifest, Problem, TemplateSource,
            compile::DATABASE_IMAGE,
            manifest::Component,
            parameter::{Parameter, ParameterValue},
        },
        workspace::spec::ComponentKind,
    },
    http::{
        v1::workspaces::wire::{ComponentTypeWord, VisibilityWord},
        wire::{Time, words},
    },
};

words! {
    SourceKindWord = TemplateSource::ALL.map(TemplateSource::as_str);
    ParameterTypeWord = ["string", "number", "bool", "list"];
}

/// A named, versioned recipe for workspaces.
#[derive(Debug, Serialize, ToSchema)]
pub struct Template {
    pub id: Uuid,
    /// Null: from the catalog, for every organization.
    #[schema(required)]
    pub org_id: Option<Uuid>,
    pub name: String,
    pub display_name: String,
    pub description: String,
    pub icon: String,
    pub tags: Vec<String>,
    #[schema(value_type = SourceKindWord)]
    pub source_kind: &'static str,
    /// Number of the version that new workspaces get.
    #[schema(required)]
    pub active_version: Option<i32>,
    /// Of the active version.
    pub parameters: Vec<TemplateParameter>,
    /// Of the active version.
    pub components: Vec<TemplateComponent>,
    #[schema(required)]
    pub readme: Option<String>,
    pub created_at: Time,
    pub updated_at: Time,
}

/// A question the template asks.
#[derive(Debug, Serialize, ToSchema)]
pub struct TemplateParameter {
    pub name: String,
    #[serde(rename = "type")]
    #[schema(value_type = ParameterTypeWord)]
    pub kind: String,
    pub description: String,
    #[schema(required, value_type = Option<Value>)]
    pub default: Option<Value>,
    #[schema(value_type = Vec<Value>)]
    pub options: Vec<Value>,
    #[schema(required)]
    pub regex: Option<String>,
    #[schema(required)]
    pub min: Option<f64>,
    #[schema(required)]
    pub max: Option<f64>,
    /// Whether it may change in an update of a workspace.
    pub mutable: bool,
    pub required: bool,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct TemplateComponent {
    pub name: String,
    #[serde(rename = "type")]
    #[schema(value_type = ComponentTypeWord)]
    pub kind: ComponentKind,
    #[schema(required)]
    pub image: Option<String>,
    /// Directory it is built from.
    #[schema(required)]
    pub path: Option<String>,
    #[schema(required)]
    pub port: Option<u16>,
    #[schema(value_type = VisibilityWord)]
    pub visibility: String,
    pub depends_on: Vec<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct TemplateVersion {
    pub id: String,
    pub template_id: Uuid,
    /// 1, 2, 3…
    pub number: i32,
    #[schema(value_type = SourceKindWord)]
    pub source_kind: &'static str,
    pub created_at: Time,
    /// Null: the platform, from the catalog.
    #[schema(required)]
    pub created_by: Option<Uuid>,
    pub active: bool,
    pub message: String,
    #[schema(value_type = Object)]
    pub manifest: Value,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateTemplate {
    #[schema(example = "shop")]
    pub name: String,
    pub display_name: Option<String>,
    pub description: Option<String>,
    pub icon: Option<String>,
    pub source: Source,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PatchTemplate {
    pub display_name: Option<String>,
    pub description: Option<String>,
    pub icon: Option<String>,
    pub tags: Option<Vec<String>>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateVersion {
    pub source: Source,
    /// What changed, for people.
    #[serde(default)]
    pub message: String,
    /// Whether new workspaces get this version from now on.
    #[serde(default)]
    pub activate: bool,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckTemplate {
    pub source: Source,
}

/// What there is to say of a source that was checked.
#[derive(Debug, Serialize, ToSchema)]
pub struct CheckReport {
    /// Empty when there are errors.
    pub components: Vec<TemplateComponent>,
    pub parameters: Vec<TemplateParameter>,
    pub warnings: Vec<Finding>,
    pub errors: Vec<Finding>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Finding {
    /// JSON pointer into the manifest.
    #[schema(example = "/components/0/port")]
    pub field: String,
    /// Of the manifest's text, from 1.
    #[schema(required)]
    pub line: Option<u32>,
    pub code: String,
    /// What was found and what would be right.
    pub message: String,
}

impl From<Problem> for Finding {
    fn from(problem: Problem) -> Self {
        let message = problem.to_string();
        Self { field: problem.pointer, line: problem.line, code: problem.code.to_owned(), message }
    }
}

impl From<Findings> for CheckReport {
    fn from(findings: Findings) -> Self {
        let manifest = findings.manifest.as_ref();
        Self {
            components: manifest.map(components).unwrap_or_default(),
            parameters: manifest.map(parameters).unwrap_or_default(),
            warnings: findings.warnings.into_iter().map(Into::into).collect(),
            errors: findings.errors.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<TemplateDetail> for Template {
    fn from(TemplateDetail { template, active }: TemplateDetail) -> Self {
        let manifest = active.as_ref().map(|active| &active.manifest);
        let source = match &active {
            Some(active) => active.version.source,
            None if template.org_id.is_none() => TemplateSource::Catalog,
            None => TemplateSource::Manifest,
        };
        Self {
            id: template.id.into(),
            org_id: template.org_id.map(Uuid::from),
            name: template.name.into(),
            display_name: template.display_name,
            description: template.description,
            icon: template.icon,
            tags: template.tags,
            source_kind: source.as_str(),
            active_version: template.active_version,
            parameters: manifest.map(parameters).unwrap_or_default(),
            components: manifest.map(components).unwrap_or_default(),
            readme: active.and_then(|active| active.version.readme),
            created_at: template.created_at.into(),
            updated_at: template.updated_at.into(),
        }
    }
}

fn parameters(manifest: &Manifest) -> Vec<TemplateParameter> {
    manifest.parameters.iter().map(Into::into).collect()
}

fn components(manifest: &Manifest) -> Vec<TemplateComponent> {
    manifest.components.iter().map(Into::into).collect()
}

impl From<&Parameter> for TemplateParameter {
    fn from(parameter: &Parameter) -> Self {
        Self {
            name: parameter.name.clone(),
            kind: parameter.kind.as_str().to_owned(),
            description: parameter.description.clone(),
            default: parameter.default.as_ref().map(json),
            options: parameter.options.iter().map(json).collect(),
            regex: parameter.regex.clone(),
            min: parameter.min,
            max: parameter.max,
            mutable: parameter.mutable,
            required: parameter.is_required(),
        }
    }
}

fn json(value: &ParameterValue) -> Value {
    match value {
        ParameterValue::Bool(value) => Value::from(*value),
        ParameterValue::Number(value) => Value::from(*value),
        ParameterValue::String(value) => Value::from(value.as_str()),
        ParameterValue::List(items) => Value::from(items.as_slice()),
    }
}

impl From<&Component> for TemplateComponent {
    fn from(component: &Component) -> Self {
        let default = component.is_default_database().then_some(DATABASE_IMAGE);
        Self {
            name: component.name.to_string(),
            kind: component.kind,
            image: component.image.as_deref().or(default).map(str::to_owned),
            path: component.path.clone(),
            port: component.main_port(),
            visibility: component.visibility().to_string(),
            depends_on: component.depends_on.iter().map(|other| other.name.to_string()).collect(),
        }
    }
}

impl TemplateVersion {
    pub fn new(version: &template::TemplateVersion, template: &template::Template) -> Self {
        Self {
            id: format!("{}:{}", version.template_id, version.number),
            template_id: version.template_id.into(),
            number: version.number,
            source_kind: version.source.as_str(),
            created_at: version.created_at.into(),
            created_by: version.created_by.map(Uuid::from),
            active: template.active_version == Some(version.number),
            message: version.message.clone(),
            manifest: version.manifest.clone(),
        }
    }
}
