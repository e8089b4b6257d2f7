//! Gives every request an id, and writes the body of every problem with it.

use axum::{
    extract::{Request, State},
    http::{HeaderName, HeaderValue},
    middleware::Next,
    response::Response,
};

use crate::http::{error::Problem, state::ApiState};

const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// The id of a request, as an extension of it.
#[derive(Debug, Clone)]
pub struct RequestId(pub String);

/// An id that the caller sends is not taken over: what stands in our log is ours.
pub async fn assign(State(state): State<ApiState>, mut request: Request, next: Next) -> Response {
    let id = state.app.random.hex::<8>();
    request.extensions_mut().insert(RequestId(id.clone()));
    name(next.run(request).await, &id)
}

/// Writes the id, and with it the body if the answer is a problem.
pub fn name(mut response: Response, id: &str) -> Response {
    if let Some(problem) = response.extensions_mut().remove::<Problem>() {
        response = Problem { request_id: id.to_owned(), ..problem }.write_into(response);
    }
    // Hexadecimal digits are always valid in a header.
    if let Ok(value) = HeaderValue::from_str(id) {
        response.headers_mut().insert(HEADER, value);
    }
    response
}
