//! The body of a creating call, with the key under which a repetition is recognized.

use axum::{
    extract::{FromRequest, Request},
    http::HeaderMap,
};
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use super::body;
use crate::{
    app::{AppError, idempotency::IdempotencyKey},
    http::error::{ApiError, ApiResult},
};

const HEADER: &str = "idempotency-key";
const MAX_KEY: usize = 255;

/// Like [`super::Body`], with the `Idempotency-Key` header, if there is one. See [`crate::app::idempotency`] for what
/// the use-case does with it.
///
/// ```ignore
/// async fn create(Creating { body, key }: Creating<CreateWorkspace>, …) -> ApiResult<…> {
///     app::workspaces::create(&app, &caller, body.try_into()?, key.as_ref()).await?
/// ```
pub struct Creating<T> {
    pub body: T,
    pub key: Option<IdempotencyKey>,
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Creating<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> ApiResult<Self> {
        let key = key(request.headers())?;
        let mut digest = Sha256::new();
        digest.update(format!("{} {}\n", request.method(), request.uri().path()));
        let bytes = body::read(request).await?;
        digest.update(&bytes);
        let body = body::parse(&bytes)?;
        let key = key.map(|key| IdempotencyKey { key, request_hash: digest.finalize().into() });
        Ok(Self { body, key })
    }
}

fn key(headers: &HeaderMap) -> ApiResult<Option<String>> {
    let Some(value) = headers.get(HEADER) else { return Ok(None) };
    match value.to_str().map(str::trim) {
        Ok(key) if !key.is_empty() && key.len() <= MAX_KEY => Ok(Some(key.to_owned())),
        _ => Err(AppError::invalid(
            "Idempotency-Key",
            "invalid",
            format!("must have 1 to {MAX_KEY} visible ASCII characters"),
        )
        .into()),
    }
}
