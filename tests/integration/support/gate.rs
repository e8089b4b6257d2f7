//! The gate where there is nobody who could be known.

use async_trait::async_trait;
use axum::{
    body::Body,
    http::{Response, StatusCode, request::Parts},
};
use devsanctum::{
    domain::access::Place,
    http::front::{Admitted, Gate},
};

/// Lets nobody in who would have to ask.
pub struct Closed;

#[async_trait]
impl Gate for Closed {
    async fn admit(&self, _: &str, _: &Place, _: &Parts) -> Result<Admitted, Response<Body>> {
        let mut refusal = Response::new(Body::empty());
        *refusal.status_mut() = StatusCode::UNAUTHORIZED;
        Err(refusal)
    }
}
