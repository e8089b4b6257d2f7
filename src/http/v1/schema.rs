//! `GET /schema/manifest.json`

use axum::{
    http::header,
    response::{IntoResponse, Response},
};

use crate::domain::template::schema;

/// The JSON Schema of template manifests, for editors.
#[utoipa::path(
    get, path = "/schema/manifest.json", tag = "templates",
    responses((status = 200, body = Object, content_type = "application/schema+json"))
)]
pub async fn manifest() -> Response {
    let content_type = (header::CONTENT_TYPE, "application/schema+json");
    ([content_type], schema::manifest_schema().to_string()).into_response()
}
