//! One line and one measurement per request.

use std::time::Instant;

use axum::{
    extract::{MatchedPath, Request, State},
    middleware::Next,
    response::Response,
};
use tracing::Instrument;

use super::request_id::RequestId;
use crate::http::{error::Problem, state::ApiState};

/// Logs method, route and status, never the query or a header. The span carries the request's id into every line that
/// the handler writes.
pub async fn record(State(state): State<ApiState>, request: Request, next: Next) -> Response {
    let id = request.extensions().get::<RequestId>().map(|id| id.0.clone()).unwrap_or_default();
    let method = request.method().clone();
    let path = request.uri().path().to_owned();
    let route = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let span = tracing::info_span!("request", id, %method, path);

    let started = Instant::now();
    let response = next.run(request).instrument(span.clone()).await;
    let (took, status) = (started.elapsed(), response.status());
    // Unknown paths share one label: callers must not be able to grow the registry.
    state.metrics.http(&method, route.as_deref().unwrap_or("unknown"), status, took);

    let _entered = span.enter();
    let code = response.extensions().get::<Problem>().map(|problem| problem.code.as_str());
    tracing::debug!(status = status.as_u16(), code, took = ?took, "answered");
    response
}
