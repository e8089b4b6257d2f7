//! The web UI, from inside the binary.

use axum::{
    body::Body,
    extract::Request,
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{MethodRouter, any},
};
use rust_embed::{EmbeddedFile, RustEmbed};

use tower::Layer;
use tower_http::compression::{Compression, CompressionLayer};

use super::error::ApiError;

#[derive(RustEmbed)]
#[folder = "web/dist"]
#[allow_missing = true]
struct Files;

/// Named after their content by the build, so that they never change.
const IMMUTABLE: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
/// Asked for again each time, answered with 304 while nothing changed.
const REVALIDATE: HeaderValue = HeaderValue::from_static("no-cache");

const NOT_BUILT: &str = "<!doctype html><meta charset=utf-8><title>DevSanctum</title>\
    <h1>DevSanctum</h1><p>This binary was built without its web UI; <code>make build</code> includes it. \
    The API is documented under <a href=\"/docs\">/docs</a>.";

/// The UI as a service of its own: it alone is compressed, since nothing in it is secret and nothing in it changes.
pub fn service() -> Compression<MethodRouter> {
    CompressionLayer::new().layer(any(serve))
}

/// A file, or the page that makes every path of the UI out of itself. What looks like an API call or a file that a
/// build made, and is not there, is not found: a page in its place would only confuse who asked.
async fn serve(request: Request) -> Response {
    let path = request.uri().path();
    if path == "/api" || path.starts_with("/api/") {
        return ApiError::unknown_path().into_response();
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        let mut response = ApiError::wrong_method().into_response();
        response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
        return response;
    }
    let name = path.trim_start_matches('/');
    match Files::get(name) {
        Some(file) => answer(name, file, request.headers()),
        None if name.starts_with("assets/") => ApiError::unknown_path().into_response(),
        None => match Files::get("index.html") {
            Some(file) => answer("index.html", file, request.headers()),
            None => ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], NOT_BUILT).into_response(),
        },
    }
}

fn answer(name: &str, file: EmbeddedFile, asked: &HeaderMap) -> Response {
    // Weak: the same file goes out with and without compression.
    let tag = format!("W/\"{}\"", hex::encode(&file.metadata.sha256_hash()[..16]));
    let cache = if name.starts_with("assets/") { IMMUTABLE } else { REVALIDATE };
    let known = asked.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    let fresh = known.is_some_and(|known| known.split(',').any(|known| known.trim() == tag));
    let mut response = if fresh {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let kind = mime_guess::from_path(name).first_or_octet_stream();
        ([(header::CONTENT_TYPE, kind.as_ref())], Body::from(file.data)).into_response()
    };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, cache);
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        headers.insert(header::ETAG, tag);
    }
    response
}
