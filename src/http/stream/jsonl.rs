//! JSON lines (<https://jsonlines.org>): one object a line, for logs that programs read.

use std::convert::Infallible;

use axum::{
    body::Body,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use futures::{Stream, StreamExt};
use serde::Serialize;

use super::sse::{self, Watch};
use crate::http::state::ApiState;

/// Sends the lines until the source or the right to see them ends, or the server stops.
pub fn respond<T: Serialize>(
    state: &ApiState,
    watch: Watch,
    lines: impl Stream<Item = T> + Send + 'static,
) -> Response {
    let encode = |line: T| {
        // Wire structs always serialize.
        let mut bytes = serde_json::to_vec(&line).unwrap_or_default();
        bytes.push(b'\n');
        Ok::<_, Infallible>(Bytes::from(bytes))
    };
    let lines = lines.map(encode).take_until(Box::pin(sse::end_of(state, watch)));
    let mut response = Body::from_stream(lines).into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/jsonl"));
    response
}
