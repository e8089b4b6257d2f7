//! The JSON Schema of the manifest, made from its types, and what a document says against it, in words for people.

use std::{borrow::Cow, sync::LazyLock};

use jsonschema::{PatternOptions, ValidationError, Validator, error::ValidationErrorKind as Kind};
use schemars::{
    JsonSchema, Schema, SchemaGenerator, generate::SchemaSettings, json_schema, transform::RecursiveTransform,
};
use serde_json::Value;

use super::{
    document::Node,
    manifest::Manifest,
    problem::{Problem, did_you_mean, join, quoted},
};
use crate::domain::names::{ComponentName, TemplateName, VolumeName};

/// The rule of names of components, ports and volumes, without their length. `names.rs` has the same in code.
const DNS_LABEL: &str = "^[a-z][a-z0-9]*(-[a-z0-9]+)*$";

static SCHEMA: LazyLock<Value> = LazyLock::new(|| {
    SchemaSettings::draft2020_12()
        .for_deserialize()
        .with_transform(RecursiveTransform(without_null))
        .into_generator()
        .into_root_schema_for::<Manifest>()
        .to_value()
});

static VALIDATOR: LazyLock<Validator> = LazyLock::new(|| {
    jsonschema::options()
        .with_pattern_options(PatternOptions::regex())
        .build(&SCHEMA)
        .expect("the schema is made from our own types, and its test builds it")
});

/// Most unknown keys of one map that are told.
const MAX_UNKNOWN: usize = 50;

/// The schema, to be served and to be checked in.
pub fn manifest_schema() -> &'static Value {
    &SCHEMA
}

/// A key without a value is no key (see [`Node::to_json`]), so `null` is nowhere a value.
fn without_null(schema: &mut Schema) {
    if let Some(Value::Array(types)) = schema.get_mut("type") {
        types.retain(|name| name != "null");
        if let [single] = types.as_slice() {
            let single = single.clone();
            schema.insert("type".into(), single);
        }
    }
    if let Some(Value::Array(branches)) = schema.get_mut("anyOf") {
        branches.retain(|branch| branch.get("type").is_none_or(|name| name != "null"));
        if let [single] = branches.as_slice()
            && let Some(only) = single.as_object().cloned()
        {
            schema.remove("anyOf");
            for (key, value) in only {
                schema.insert(key, value);
            }
        }
    }
    if schema.get("default").is_some_and(Value::is_null) {
        schema.remove("default");
    }
}

macro_rules! name_schema {
    ($($name:ident: $description:literal),*) => {$(
        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn inline_schema() -> bool {
                true
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({
                    "type": "string",
                    "description": $description,
                    "pattern": DNS_LABEL,
                    "maxLength": $name::MAX,
                })
            }
        }
    )*};
}

name_schema! {
    ComponentName: "Lower-case letters, digits and single hyphens, beginning with a letter.",
    VolumeName: "Lower-case letters, digits and single hyphens, beginning with a letter.",
    TemplateName: "Lower-case letters, digits and single hyphens, beginning with a letter."
}

/// What the schema has against the document, up to `limit` problems.
pub(super) fn problems(document: &Node, limit: usize) -> Vec<Problem> {
    let json = document.to_json();
    let mut found = Vec::new();
    for error in VALIDATOR.iter_errors(&json) {
        explain(&error, &mut found);
        if found.len() > limit {
            break;
        }
    }
    found.truncate(limit);
    for problem in &mut found {
        problem.line = Some(document.line_of(&problem.pointer));
    }
    found
}

fn explain(error: &ValidationError<'_>, found: &mut Vec<Problem>) {
    let pointer = error.instance_path().as_str();
    let instance = error.instance();
    let subject = subject(pointer);
    let mut say = |code, rest: String| found.push(Problem::at(pointer, code, format!("{subject} {rest}")));
    match error.kind() {
        Kind::AdditionalProperties { unexpected } => {
            let known = known_keys(error);
            for key in unexpected.iter().take(MAX_UNKNOWN) {
                let hint = did_you_mean(key, known.iter().map(String::as_str));
                let hint = if hint.is_empty() { format!("; known are {}", known.join(", ")) } else { hint };
                found.push(Problem::at(
                    join(pointer, key),
                    "unknown_key",
                    format!("the key {} is not known here{hint}", quoted(key)),
                ));
            }
        }
        Kind::Required { property } => {
            let property = property.as_str().unwrap_or_default();
            say("missing_key", format!("lacks the key {property:?}"));
        }
        Kind::Type { .. } => say("wrong_type", wrong_type(instance, &expected_types(error))),
        Kind::AnyOf { context } | Kind::OneOfNotValid { context } => explain_choice(error, context, found),
        Kind::Enum { options } => {
            let options = options.as_array().map(Vec::as_slice).unwrap_or_default();
            say("not_an_option", not_an_option(instance, options));
        }
        Kind::Constant { expected_value } => {
            say("not_an_option", not_an_option(instance, std::slice::from_ref(&**expected_value)));
        }
        Kind::Minimum { limit } => say("out_of_range", format!("is {instance}; it must be at least {limit}")),
        Kind::Maximum { limit } => say("out_of_range", format!("is {instance}; it must be at most {limit}")),
        Kind::MinLength { .. } => say("empty", "must not be empty".into()),
        Kind::MaxLength { limit } => say("too_long", format!("is longer than {limit} characters")),
        Kind::MinItems { limit } => say("too_few", format!("must have at least {limit} {}", items(*limit))),
        Kind::MaxItems { limit } => {
            let count = instance.as_array().map_or(0, Vec::len);
            say("too_many", format!("has {count} items; at most {limit} are allowed"));
        }
        Kind::MaxProperties { limit } => {
            let count = instance.as_object().map_or(0, serde_json::Map::len);
            say("too_many", format!("has {count} keys; at most {limit} are allowed"));
        }
        Kind::Pattern { pattern } => say("invalid_text", wrong_text(instance, pattern)),
        other => say("invalid", format!("is not valid: {error} ({})", other.keyword())),
    }
}

/// What a sentence about the value begins with: its key, or its place in a list.
fn subject(pointer: &str) -> String {
    let mut steps = pointer.rsplit('/').map(|step| step.replace("~1", "/").replace("~0", "~"));
    match (steps.next(), steps.next()) {
        (Some(index), Some(list)) if index.bytes().all(|byte| byte.is_ascii_digit()) && !index.is_empty() => {
            format!("{list}[{index}]")
        }
        (Some(key), Some(_)) => key,
        _ => "the manifest".to_owned(),
    }
}

/// A value that fits none of several forms: told by the form it is nearest to.
fn explain_choice(
    error: &ValidationError<'_>,
    branches: &[Vec<ValidationError<'static>>],
    found: &mut Vec<Problem>,
) {
    let pointer = error.instance_path().as_str();
    let here = |branch_error: &ValidationError<'_>| branch_error.instance_path().as_str() == pointer;
    let options: Vec<Value> = branches
        .iter()
        .flatten()
        .filter(|error| here(error))
        .flat_map(|error| match error.kind() {
            Kind::Enum { options } => options.as_array().cloned().unwrap_or_default(),
            Kind::Constant { expected_value } => vec![Value::clone(expected_value)],
            _ => Vec::new(),
        })
        .collect();
    if !options.is_empty() {
        let message = format!("{} {}", subject(pointer), not_an_option(error.instance(), &options));
        found.push(Problem::at(pointer, "not_an_option", message));
        return;
    }
    let of_this_type = branches
        .iter()
        .find(|errors| !errors.iter().any(|e| here(e) && matches!(e.kind(), Kind::Type { .. })));
    match of_this_type {
        Some(errors) => errors.iter().for_each(|error| explain(error, found)),
        None => {
            let mut expected: Vec<String> = branches.iter().flatten().flat_map(expected_types).collect();
            expected.dedup();
            let message = format!("{} {}", subject(pointer), wrong_type(error.instance(), &expected));
            found.push(Problem::at(pointer, "wrong_type", message));
        }
    }
}

fn wrong_type(found: &Value, expected: &[String]) -> String {
    let found = match found {
        Value::Null => "nothing".to_owned(),
        Value::Bool(value) => format!("the boolean {value}"),
        Value::Number(number) => format!("the number {number}"),
        Value::String(text) => format!("the text {}", quoted(text)),
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "a map".to_owned(),
    };
    format!("is {found}; it must be {}", expected.join(" or "))
}

fn expected_types(error: &ValidationError<'_>) -> Vec<String> {
    let Kind::Type { kind } = error.kind() else { return Vec::new() };
    use jsonschema::{JsonType, error::TypeKind};
    let word = |name: JsonType| {
        match name {
            JsonType::String => "a text",
            JsonType::Integer => "a whole number",
            JsonType::Number => "a number",
            JsonType::Boolean => "true or false",
            JsonType::Array => "a list",
            JsonType::Object => "a map",
            JsonType::Null => "nothing",
        }
        .to_owned()
    };
    match kind {
        TypeKind::Single(name) => vec![word(*name)],
        TypeKind::Multiple(names) => names.iter().map(word).collect(),
    }
}

fn not_an_option(found: &Value, options: &[Value]) -> String {
    let options: Vec<&str> = options.iter().filter_map(Value::as_str).collect();
    let (found, hint) = match found {
        Value::String(text) => (quoted(text), did_you_mean(text, options.iter().copied())),
        other => (quoted(&other.to_string()), String::new()),
    };
    format!("is {found}; it must be one of {}{hint}", options.join(", "))
}

fn wrong_text(found: &Value, pattern: &str) -> String {
    let text = found.as_str().unwrap_or_default();
    if pattern == DNS_LABEL {
        let reason = text.parse::<ComponentName>().err().map(|error| error.to_string());
        return format!(
            "is {}, which is no name: it {}",
            quoted(text),
            reason.unwrap_or_else(|| "is too long".into())
        );
    }
    format!("is {}; it must match {pattern}", quoted(text))
}

fn items(count: u64) -> &'static str {
    if count == 1 { "item" } else { "items" }
}

/// Keys the map could have, from the schema that refused one.
fn known_keys(error: &ValidationError<'_>) -> Vec<String> {
    let path = error.schema_path().as_str();
    let location = path.strip_suffix("/additionalProperties").unwrap_or(path);
    resolve(location)
        .and_then(|schema| schema.get("properties")?.as_object())
        .map(|properties| properties.keys().cloned().collect())
        .unwrap_or_default()
}

/// The place in the schema; a path of an error goes through `$ref` as if it were a key.
fn resolve(path: &str) -> Option<&'static Value> {
    let mut schema: &'static Value = &SCHEMA;
    for step in path.split('/').skip(1) {
        if step == "$ref" {
            let reference = schema.get("$ref")?.as_str()?.strip_prefix('#')?;
            schema = SCHEMA.pointer(reference)?;
        } else {
            schema = schema.pointer(&format!("/{step}"))?;
        }
    }
    Some(schema)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schema_is_a_schema() {
        assert!(jsonschema::meta::is_valid(manifest_schema()));
        LazyLock::force(&VALIDATOR);
    }

    #[test]
    fn null_is_nowhere_a_value() {
        assert!(!manifest_schema().to_string().contains("null"));
    }
}
