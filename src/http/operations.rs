//! For operators and machines: health, readiness, metrics, the OpenAPI document and its pages.

use std::any::Any;

use axum::{
    Json, Router,
    extract::{Request, State},
    http::{StatusCode, header},
    middleware::{Next, from_fn},
    response::{IntoResponse, Response},
    routing::get,
};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use utoipa_swagger_ui::{Config, SwaggerUi};

use super::{
    error::{ApiError, ApiResult},
    middleware::security_headers::DOCS_POLICY,
    openapi,
    state::ApiState,
};
use crate::app::{
    AppError,
    readiness::{self, Weight},
};

const DOCUMENT: &str = "/api/openapi.json";

pub fn router() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new().routes(routes!(health)).routes(routes!(ready))
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Health {
    #[schema(example = "ok")]
    status: &'static str,
}

/// The process answers.
#[utoipa::path(get, path = "/healthz", tag = "operations", responses((status = 200, body = Health)))]
async fn health() -> Json<Health> {
    Json(Health { status: "ok" })
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Readiness {
    /// `ok`, or `failing` when a part that we cannot do without does not work.
    #[schema(example = "ok")]
    status: &'static str,
    parts: Vec<Part>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Part {
    /// `database`, `proxy`, `docker:<host>`, `mail` (where there is a mail server), or, while the server ends, `server`.
    name: String,
    /// `ok`, `failing`, or `degraded` when what is missing is a convenience.
    #[schema(example = "ok")]
    status: &'static str,
    /// What is wrong.
    #[schema(required)]
    detail: Option<String>,
}

/// Whether we can do our work: the database, the proxy and every Docker host, each with its state. A server that is
/// about to end says so before it takes no more requests.
#[utoipa::path(
    get, path = "/readyz", tag = "operations",
    responses((status = 200, body = Readiness), (status = 503, body = Readiness))
)]
async fn ready(State(state): State<ApiState>) -> (StatusCode, Json<Readiness>) {
    let mut parts = readiness::check(&state.app).await;
    if state.leaving.is_cancelled() {
        parts.push(readiness::leaving());
    }
    let failing = readiness::is_failing(&parts);
    let parts = parts.into_iter().map(|part| Part {
        name: part.name,
        status: match (&part.problem, part.weight) {
            (None, _) => "ok",
            (Some(_), Weight::Extra) => "degraded",
            (Some(_), _) => "failing",
        },
        detail: part.problem,
    });
    let status = if failing { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK };
    (status, Json(Readiness { status: if failing { "failing" } else { "ok" }, parts: parts.collect() }))
}

/// `GET /metrics`, in the OpenMetrics text format.
pub async fn metrics(State(state): State<ApiState>) -> ApiResult<Response> {
    let mut reader = state.app.store.read().await.map_err(AppError::from)?;
    state.metrics.workspaces(&reader.workspaces().count_by_status().await.map_err(AppError::from)?);
    state.metrics.unexplained(&reader.hosts().list().await.map_err(AppError::from)?);
    drop(reader);
    state.metrics.refused_routes(state.app.proxy.refused());
    state.metrics.terminals(state.app.terminals.count());
    let text = state.metrics.encode().map_err(|error| AppError::Internal(error.into()))?;
    Ok(([(header::CONTENT_TYPE, "application/openmetrics-text; version=1.0.0; charset=utf-8")], text)
        .into_response())
}

/// Swagger UI with all its files from this binary, and the document it shows.
pub fn docs() -> Router<ApiState> {
    let pages = SwaggerUi::new("/docs")
        .config(Config::from(DOCUMENT).validator_url("none").persist_authorization(false));
    Router::from(pages).layer(from_fn(docs_policy)).route(DOCUMENT, get(async || Json(openapi::document())))
}

async fn docs_policy(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, DOCS_POLICY);
    response
}

/// A panic is our mistake: the caller gets the same answer as for every other one of ours.
pub fn panicked(panic: Box<dyn Any + Send>) -> Response {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no message").to_owned();
    ApiError::from(AppError::Internal(anyhow::anyhow!("panic: {text}"))).into_response()
}
