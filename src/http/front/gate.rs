//! Who comes in at a workspace's address is decided before its proxy sees the request.

use async_trait::async_trait;
use axum::{body::Body, response::Response};
use http::{HeaderValue, request::Parts};

use crate::{
    domain::{access::Place, route::Visibility},
    http::cookie::DOORSTEP,
    ports::proxy::{Introduction, Permit},
};

/// What goes with a request that was let in.
#[derive(Debug, Default)]
pub struct Admitted {
    pub permit: Option<Permit>,
    /// For the component.
    pub introduction: Option<Introduction>,
    /// For the browser, with the answer.
    pub set_cookie: Option<HeaderValue>,
}

#[async_trait]
pub trait Gate: Send + Sync + 'static {
    /// `key` stands for the host name, in lower case (see [`crate::ports::proxy::Places`]), and `place` is where it leads. An error is the answer in place of the workspace's.
    async fn admit(&self, key: &str, place: &Place, head: &Parts) -> Result<Admitted, Response<Body>>;
}

/// Whether the gate has a say. An address that is open to everybody, and wants to know of nobody, is not slowed down by it.
pub(super) fn is_guarded(place: &Place, path: &str) -> bool {
    place.visibility != Visibility::Public || place.identity || path.starts_with(DOORSTEP)
}
