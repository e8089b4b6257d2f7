//! The OpenAPI document: what the annotations of the handlers add up to.

use utoipa::{
    Modify, OpenApi,
    openapi::{
        RefOr,
        path::{Operation, PathItem},
        response::{Response, ResponseBuilder},
        schema::{Array, Ref, Schema},
        security::{Http, HttpAuthScheme, SecurityScheme},
    },
};

use super::{error::Problem, router, v1};

/// What no single handler says.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "DevSanctum",
        description = "Developer workspaces on machines with Docker. Errors are `application/problem+json` (RFC 9457).",
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
    ),
    servers((url = "/", description = "This server")),
    components(schemas(
        Problem,
        v1::templates::wire::Template,
        v1::templates::wire::TemplateVersion,
        v1::templates::wire::CreateTemplate,
        v1::templates::wire::PatchTemplate,
        v1::templates::wire::CreateVersion,
        v1::templates::wire::CheckTemplate,
        v1::catalog::wire::SyncReport,
    )),
    tags(
        (name = "auth", description = "Signing in and staying signed in"),
        (name = "me", description = "The caller's own account"),
        (name = "organizations"),
        (name = "templates", description = "Recipes for workspaces, and the catalog"),
        (name = "workspaces"),
        (name = "deployments", description = "Attempts to move a workspace to a desired state"),
        (name = "hosts", description = "Docker hosts (platform admin)"),
        (name = "events", description = "What happens, as it happens"),
        (name = "operations", description = "Health, readiness, version"),
    ),
    modifiers(&BearerToken),
)]
pub struct Document;

struct BearerToken;

/// Name of the security scheme; handlers for signed-in callers say `security(("bearer" = []))`.
const BEARER: &str = "bearer";

impl Modify for BearerToken {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let components = document.components.get_or_insert_default();
        let scheme = Http::builder().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").build();
        components.add_security_scheme(BEARER, SecurityScheme::Http(scheme));
    }
}

/// The complete document.
pub fn document() -> utoipa::openapi::OpenApi {
    let (_, mut document) = router::api().split_for_parts();
    document.info.version = env!("CARGO_PKG_VERSION").into();
    refer_in_pages(&mut document);
    name_operations(&mut document);
    describe_problems(&mut document);
    document
}

/// The macro repeats the schema of `T` inside every `Page<T>`; a reference says the same, and to generators of types
/// that it is the same.
fn refer_in_pages(document: &mut utoipa::openapi::OpenApi) {
    let Some(components) = document.components.as_mut() else { return };
    for (name, schema) in &mut components.schemas {
        if let (Some(item), RefOr::T(Schema::Object(page))) = (name.strip_prefix("Page_"), schema) {
            page.properties.insert("items".into(), Array::new(Ref::from_schema_name(item)).into());
        }
    }
}

/// Operation ids from method and path: `get_orgs`, `delete_me_sessions_by_id`. Those derived from the names of the
/// handlers would not be unique.
fn name_operations(document: &mut utoipa::openapi::OpenApi) {
    for (path, item) in &mut document.paths.paths {
        let path = path.strip_prefix(router::BASE).unwrap_or(path);
        let words: Vec<_> = path
            .split('/')
            .filter(|segment| !segment.is_empty())
            .map(|segment| match segment.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
                Some(name) => format!("by_{name}"),
                None => segment.replace(['-', '.'], "_"),
            })
            .collect();
        for (method, operation) in operations(item) {
            operation.operation_id = Some(format!("{method}_{}", words.join("_")));
        }
    }
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = (&'static str, &mut Operation)> {
    let methods = [
        ("get", item.get.as_mut()),
        ("post", item.post.as_mut()),
        ("put", item.put.as_mut()),
        ("patch", item.patch.as_mut()),
        ("delete", item.delete.as_mut()),
    ];
    methods.into_iter().filter_map(|(method, operation)| operation.map(|operation| (method, operation)))
}

/// The document as it is checked in.
pub fn text() -> String {
    // A document of strings, numbers and maps always serializes.
    serde_json::to_string_pretty(&document()).unwrap_or_default()
}

/// Every operation can fail; saying so once here spares saying it on every handler.
fn describe_problems(document: &mut utoipa::openapi::OpenApi) {
    let problem: RefOr<Response> = ResponseBuilder::new()
        .description("A problem: `code` says which")
        .content(
            "application/problem+json",
            utoipa::openapi::ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build(),
        )
        .into();
    for (_, operation) in document.paths.paths.values_mut().flat_map(operations) {
        operation.responses.responses.entry("default".into()).or_insert_with(|| problem.clone());
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    use super::*;

    fn references(value: &Value, found: &mut BTreeSet<String>) {
        match value {
            Value::Object(map) => {
                found.extend(map.get("$ref").and_then(Value::as_str).map(str::to_owned));
                map.values().for_each(|value| references(value, found));
            }
            Value::Array(items) => items.iter().for_each(|value| references(value, found)),
            _ => {}
        }
    }

    #[test]
    fn every_reference_leads_somewhere() {
        let document = serde_json::to_value(document()).unwrap();
        let mut found = BTreeSet::new();
        references(&document, &mut found);
        assert!(found.len() > 20, "{found:?}");
        for reference in found {
            let pointer = reference.strip_prefix('#').unwrap();
            assert!(document.pointer(pointer).is_some(), "{reference}");
        }
    }

    #[test]
    fn operations_have_names_of_their_own_and_say_how_they_fail() {
        let mut document = document();
        let mut names = BTreeSet::new();
        for (method, operation) in document.paths.paths.values_mut().flat_map(operations) {
            let name = operation.operation_id.clone().unwrap();
            assert!(operation.responses.responses.contains_key("default"), "{method} {name}");
            assert!(names.insert(name.clone()), "{name} twice");
        }
        assert!(names.contains("delete_me_sessions_by_id"), "{names:?}");
    }
}
