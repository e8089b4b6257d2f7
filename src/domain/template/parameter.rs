//! Parameters: typed questions a template asks whoever creates a workspace.

mod rules;

use std::{borrow::Cow, collections::BTreeMap, fmt};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use self::rules::{Fault, Rules};
use super::problem::{Problem, did_you_mean, join, quoted};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum ParameterValue {
    Bool(bool),
    Number(f64),
    String(String),
    List(Vec<String>),
}

/// As `${param.NAME}` writes it: lists with commas between their items.
impl fmt::Display for ParameterValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ParameterValue::Bool(value) => value.fmt(f),
            // Rust writes a whole f64 without a fraction, which is what people typed.
            ParameterValue::Number(value) => value.fmt(f),
            ParameterValue::String(value) => value.fmt(f),
            ParameterValue::List(items) => items.join(",").fmt(f),
        }
    }
}

impl JsonSchema for ParameterValue {
    fn schema_name() -> Cow<'static, str> {
        "ParameterValue".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": ["string", "number", "boolean", "array"], "items": {"type": "string"}})
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum ParameterType {
    #[default]
    #[serde(rename = "string")]
    String,
    #[serde(rename = "number")]
    Number,
    #[serde(rename = "bool", alias = "boolean")]
    Bool,
    /// Of texts.
    #[serde(rename = "list(string)", alias = "list")]
    List,
}

impl ParameterType {
    /// One word, for programs.
    pub const fn as_str(self) -> &'static str {
        match self {
            ParameterType::String => "string",
            ParameterType::Number => "number",
            ParameterType::Bool => "bool",
            ParameterType::List => "list",
        }
    }
}

impl JsonSchema for ParameterType {
    fn schema_name() -> Cow<'static, str> {
        "ParameterType".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "enum": ["string", "number", "bool", "list(string)", "list", "boolean"]})
    }
}

/// A question.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Parameter {
    /// Letters, digits, `_` and `-`.
    #[schemars(length(max = 64), regex(pattern = "^[A-Za-z_][A-Za-z0-9_-]*$"))]
    pub name: String,
    #[serde(rename = "type", default)]
    pub kind: ParameterType,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    #[schemars(length(max = 2000))]
    pub description: String,
    /// The answer of whoever gives none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<ParameterValue>,
    /// The only answers there are.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 100))]
    pub options: Vec<ParameterValue>,
    /// Every text of the answer matches this as a whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 1000))]
    pub regex: Option<String>,
    /// Smallest number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<f64>,
    /// Largest number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<f64>,
    /// Whether an update of the workspace may change the answer.
    #[serde(default)]
    pub mutable: bool,
    /// Whether there must be an answer. Default: when there is no `default`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub required: Option<bool>,
}

/// The answers for a new workspace. Optional ones without a default are left out. Problems point into `given`.
pub fn resolve(
    parameters: &[Parameter],
    given: &BTreeMap<String, Value>,
) -> Result<BTreeMap<String, ParameterValue>, Vec<Problem>> {
    resolve_over(parameters, given, None)
}

/// The answers after an update: what is not given stays as it was, where the template still asks and the old answer
/// still holds; only mutable ones may change.
pub fn resolve_update(
    parameters: &[Parameter],
    given: &BTreeMap<String, Value>,
    current: &BTreeMap<String, ParameterValue>,
) -> Result<BTreeMap<String, ParameterValue>, Vec<Problem>> {
    resolve_over(parameters, given, Some(current))
}

fn resolve_over(
    parameters: &[Parameter],
    given: &BTreeMap<String, Value>,
    current: Option<&BTreeMap<String, ParameterValue>>,
) -> Result<BTreeMap<String, ParameterValue>, Vec<Problem>> {
    let mut problems = Vec::new();
    let mut resolved = BTreeMap::new();
    for name in given.keys() {
        if !parameters.iter().any(|parameter| &parameter.name == name) {
            let hint = did_you_mean(name, parameters.iter().map(|parameter| parameter.name.as_str()));
            let message = format!("the template has no parameter {}{hint}", quoted(name));
            problems.push(Problem::at(join("", name), "unknown_parameter", message));
        }
    }
    for parameter in parameters {
        let current = current.and_then(|current| current.get(&parameter.name));
        match answer(parameter, given.get(&parameter.name), current) {
            Ok(Some(value)) => {
                resolved.insert(parameter.name.clone(), value);
            }
            Ok(None) => {}
            Err((code, message)) => {
                let message = format!("the parameter {:?} {message}", parameter.name);
                problems.push(Problem::at(join("", &parameter.name), code, message));
            }
        }
    }
    if problems.is_empty() { Ok(resolved) } else { Err(problems) }
}

/// An error is the code and the rest of a sentence about the parameter.
fn answer(
    parameter: &Parameter,
    given: Option<&Value>,
    current: Option<&ParameterValue>,
) -> Result<Option<ParameterValue>, Fault> {
    if let Some(given) = given.filter(|value| !value.is_null()) {
        let value = ParameterValue::deserialize(given)
            .map_err(|_| ("wrong_type", format!("must be {}", parameter.kind.describe())))?;
        let value = Rules::of(parameter)?.admit(value)?;
        return match current {
            Some(current) if *current != value && !parameter.mutable => Err((
                "immutable",
                format!(
                    "is {} and cannot be changed after the workspace was created",
                    quoted(&current.to_string())
                ),
            )),
            _ => Ok(Some(value)),
        };
    }
    if let Some(current) = current
        && let Ok(value) = Rules::of(parameter)?.admit(current.clone())
    {
        return Ok(Some(value));
    }
    match &parameter.default {
        Some(default) => Ok(Some(default.clone())),
        None if parameter.is_required() => {
            Err(("required", format!("has no value; it must be {}", parameter.kind.describe())))
        }
        None => Ok(None),
    }
}

#[cfg(test)]
mod tests;
