//! Where a version comes from, as a request says it.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{RefOr, schema::Schema},
};

use crate::{
    app::{AppError, AppResult, FieldProblem, templates},
    domain::template::{Format, TemplateSource},
};

/// The source as it was written, because its problems are told by the lines of its text.
#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub struct Source(Box<RawValue>);

/// What [`Source`] holds.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only its schema is used")]
struct ManifestSource {
    #[schema(inline, value_type = ManifestKind)]
    kind: String,
    /// The manifest as an object, or the text of its file in YAML or JSON.
    #[schema(value_type = Object)]
    manifest: (),
}

crate::http::wire::words! {
    ManifestKind = ["manifest"];
}

impl PartialSchema for Source {
    fn schema() -> RefOr<Schema> {
        ManifestSource::schema()
    }
}

impl ToSchema for Source {}

impl Source {
    pub fn read(&self) -> AppResult<templates::Source> {
        let invalid = |field: &str, code: &str, message: &str| AppError::invalid(field, code, message);
        let Ok(fields) = serde_json::from_str::<BTreeMap<String, Box<RawValue>>>(self.0.get()) else {
            return Err(invalid("source", "invalid", "must be an object with a kind"));
        };
        let kind = fields.get("kind").ok_or_else(|| {
            invalid(
                "source.kind",
                "required",
                "must say where the version comes from, for instance \"manifest\"",
            )
        })?;
        let kind = serde_json::from_str::<String>(kind.get()).ok();
        match kind.as_deref().and_then(TemplateSource::parse) {
            Some(TemplateSource::Manifest) => {}
            Some(known) => {
                let message =
                    format!("sources of kind {:?} are not supported yet; use \"manifest\"", known.as_str());
                return Err(invalid("source.kind", "source_not_supported", &message));
            }
            None => return Err(invalid("source.kind", "invalid", "must be \"manifest\"")),
        }
        let unknown: Vec<FieldProblem> = fields
            .keys()
            .filter(|key| !matches!(key.as_str(), "kind" | "manifest"))
            .map(|key| {
                FieldProblem::new(format!("source.{key}"), "unknown_field", "is not a field of this kind")
            })
            .collect();
        if !unknown.is_empty() {
            return Err(AppError::Invalid(unknown));
        }
        let manifest = fields.get("manifest").ok_or_else(|| {
            invalid("source.manifest", "required", "must be the manifest, an object or a text")
        })?;
        manifest_source(manifest.get())
    }
}

fn manifest_source(raw: &str) -> AppResult<templates::Source> {
    if raw.starts_with('{') {
        return Ok(templates::Source::Manifest { text: raw.to_owned(), format: Format::Json });
    }
    let Ok(text) = serde_json::from_str::<String>(raw) else {
        let message = "must be an object, or the text of a manifest in YAML or JSON";
        return Err(AppError::invalid("source.manifest", "invalid", message));
    };
    // Every JSON text is almost YAML, but its mistakes are told better by who expects JSON.
    let format = if text.trim_start().starts_with('{') { Format::Json } else { Format::Yaml };
    Ok(templates::Source::Manifest { text, format })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(source: &str) -> Result<templates::Source, Vec<(String, String)>> {
        let source: Source = serde_json::from_str(source).unwrap();
        source.read().map_err(|error| match error {
            AppError::Invalid(problems) => problems.into_iter().map(|it| (it.field, it.code)).collect(),
            other => panic!("{other:?}"),
        })
    }

    #[test]
    fn a_manifest_keeps_its_text_and_its_lines() {
        let text = "{\n  \"components\": [ ]\n}";
        let source = read(&format!("{{\"kind\": \"manifest\", \"manifest\": {text}}}")).unwrap();
        assert_eq!(source, templates::Source::Manifest { text: text.into(), format: Format::Json });
        let source = read(r#"{"kind": "manifest", "manifest": "a: 1\nb: 2"}"#).unwrap();
        assert_eq!(source, templates::Source::Manifest { text: "a: 1\nb: 2".into(), format: Format::Yaml });
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (source, field, code) in [
            ("[]", "source", "invalid"),
            ("{}", "source.kind", "required"),
            (r#"{"kind": 7}"#, "source.kind", "invalid"),
            (r#"{"kind": "tarball"}"#, "source.kind", "invalid"),
            (r#"{"kind": "compose", "yaml": "services: {}"}"#, "source.kind", "source_not_supported"),
            (r#"{"kind": "catalog"}"#, "source.kind", "source_not_supported"),
            (r#"{"kind": "manifest"}"#, "source.manifest", "required"),
            (r#"{"kind": "manifest", "manifest": 7}"#, "source.manifest", "invalid"),
            (r#"{"kind": "manifest", "manifest": {}, "url": "x"}"#, "source.url", "unknown_field"),
        ] {
            assert_eq!(read(source).unwrap_err(), [(field.to_owned(), code.to_owned())], "{source}");
        }
    }
}
