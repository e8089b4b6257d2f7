//! Files that are made from the code are checked in, and never stale.

use std::{fs, path::Path};

#[track_caller]
fn is_fresh(path: &str, expected: &str) {
    let found = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap();
    assert!(
        found.trim_end() == expected.trim_end(),
        "{path} is stale: run `make generate` and look at what changed"
    );
}

#[test]
fn the_openapi_document_is_fresh() {
    is_fresh("docs/api/openapi.json", &devsanctum::http::openapi::text());
}

#[test]
fn the_configuration_reference_is_fresh() {
    is_fresh("docs/configuration.md", &devsanctum::cli::configuration_reference());
}

#[test]
fn the_manifest_schema_is_fresh() {
    let schema = format!("{:#}", devsanctum::domain::template::schema::manifest_schema());
    is_fresh("docs/manifest.schema.json", &schema);
}
