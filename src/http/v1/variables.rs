//! Variables on the wire; organizations, templates, workspaces and the caller's own account each have their routes.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::{
    extract::{Fields, Page},
    wire::Time,
};
use crate::{
    app::{AppResult, variables::VariableView},
    domain::{
        names::VariableName,
        secret::Secret,
        variable::{Content, MAX_VALUE},
    },
};

/// A name and a value that workspaces get into their environment.
#[derive(Debug, Serialize, ToSchema)]
pub struct Variable {
    #[schema(example = "GREETING")]
    name: String,
    /// Null when it is secret: what was written is not read back.
    #[schema(required)]
    value: Option<String>,
    secret: bool,
    updated_at: Time,
}

impl From<VariableView> for Variable {
    fn from(view: VariableView) -> Self {
        Self {
            name: view.name.into(),
            secret: view.value.is_none(),
            value: view.value.map(|value| value.expose().to_owned()),
            updated_at: view.updated_at.into(),
        }
    }
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WriteVariable {
    /// At most 32 KiB. What is there under this name is replaced.
    #[schema(value_type = String, max_length = 32768)]
    value: Secret,
    /// Whether the value is never shown again.
    #[serde(default)]
    secret: bool,
}

pub(super) fn page(variables: Vec<VariableView>) -> Page<Variable> {
    Page::whole(variables.into_iter().map(Into::into).collect())
}

/// A name of the path and what shall be under it.
pub(super) fn parse(name: &str, body: WriteVariable) -> AppResult<(VariableName, Content)> {
    let mut fields = Fields::default();
    let name = fields.parse::<VariableName>("name", name);
    let content = content(&mut fields, "value", body.value, body.secret);
    fields.all((name, content))
}

pub(super) fn parse_name(name: &str) -> AppResult<VariableName> {
    let mut fields = Fields::default();
    let name = fields.parse::<VariableName>("name", name);
    fields.all((name,)).map(|(name,)| name)
}

pub(super) fn content(fields: &mut Fields, field: &str, value: Secret, secret: bool) -> Option<Content> {
    Content::new(value, secret).map_err(|error| fields.refuse(field, error.code(), error.to_string())).ok()
}

const _: () = assert!(MAX_VALUE == 32 * 1024, "the documentation of `WriteVariable` says so");
