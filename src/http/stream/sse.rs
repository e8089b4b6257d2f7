//! Server-sent events.

use std::{convert::Infallible, time::Duration};

use axum::{
    extract::{FromRequestParts, OptionalFromRequestParts},
    http::{HeaderValue, header, request::Parts},
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use futures::{Stream, StreamExt};
use serde::Serialize;

use crate::{
    app::{AppError, auth::actors},
    domain::policy::{Action, Actor, CredentialId, Decision, Resource, can},
    http::{error::ApiError, state::ApiState},
};

/// How often a stream asks whether it may go on. With [`actors::FRESH_FOR`] on top, a stream ends within
/// five seconds of a revocation.
const REVIEW: Duration = Duration::from_secs(2);
/// Proxies close connections on which nothing moves, often after 30 or 60 seconds.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// One event: JSON, a type, and an id where a reader may resume.
///
/// ```ignore
/// sse::event(&DeploymentLogLine::from(line)).event("log").id(number.to_string())
/// ```
pub fn event<T: Serialize>(data: &T) -> Event {
    // Wire structs always serialize.
    Event::default().json_data(data).unwrap_or_default()
}

/// Under what a stream goes on: the credential is good, and its user may still see what it shows.
#[derive(Debug, Clone, Copy)]
pub struct Watch {
    credential: CredentialId,
    right: Option<(Action, Resource)>,
}

impl Watch {
    /// Of a stream that judges each event by itself.
    pub fn credential(credential: CredentialId) -> Self {
        Self { credential, right: None }
    }

    pub fn right(credential: CredentialId, action: Action, resource: Resource) -> Self {
        Self { credential, right: Some((action, resource)) }
    }

    fn allows(self, actor: &Actor) -> bool {
        self.right.is_none_or(|(action, resource)| can(actor, action, resource) == Decision::Allow)
    }
}

/// Sends the events until the source or the right to see them ends, or the server stops. A stream that ends by itself should say
/// so in a last event, since clients reconnect.
pub fn respond(
    state: &ApiState,
    watch: Watch,
    events: impl Stream<Item = Event> + Send + 'static,
) -> Response {
    let end = end_of(state, watch);
    let events = events.take_until(Box::pin(end)).map(Ok::<_, Infallible>);
    let mut response = Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)).into_response();
    // Proxies that buffer (nginx) must not.
    response.headers_mut().insert("x-accel-buffering", HeaderValue::from_static("no"));
    response
}

/// Ends when the session or the right does, or when the server stops.
pub(super) fn end_of(state: &ApiState, watch: Watch) -> impl Future<Output = ()> + Send + use<> {
    let (app, stopping) = (state.app.clone(), state.stopping.clone());
    let session_ends = async move {
        let mut review = tokio::time::interval(REVIEW);
        loop {
            review.tick().await;
            match actors::of(&app, watch.credential).await {
                Ok(actor) if watch.allows(&actor) => {}
                Ok(_) | Err(AppError::Unauthenticated { .. }) => return,
                // An unreachable database ends nothing; the next review asks again.
                Err(_) => {}
            }
        }
    };
    async move {
        tokio::select! {
            () = session_ends => {}
            () = stopping.cancelled() => {}
        }
    }
}

/// Whether the caller wants a stream where there is a JSON form as well.
///
/// ```ignore
/// async fn logs(WantsStream(stream): WantsStream, …)
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WantsStream(pub bool);

impl<S: Send + Sync> FromRequestParts<S> for WantsStream {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let accepted = parts.headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
        let mut ranges = accepted.flat_map(|value| value.split(',')).map(|range| range.trim());
        Ok(Self(ranges.any(|range| range.to_ascii_lowercase().starts_with("text/event-stream"))))
    }
}

/// Number of the last event a reader has seen, where it resumes. What is not a number of ours is no place to resume.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LastEventId(pub i64);

impl<S: Send + Sync> OptionalFromRequestParts<S> for LastEventId {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, ApiError> {
        let value = parts.headers.get("last-event-id").and_then(|value| value.to_str().ok());
        Ok(value.and_then(|value| value.trim().parse().ok()).map(Self))
    }
}
