//! Parameters of the query.

use std::error::Error;

use axum::{
    extract::{FromRequestParts, rejection::QueryRejection},
    http::request::Parts,
};
use serde::de::DeserializeOwned;

use crate::{
    app::AppError,
    http::error::{ApiError, ApiResult},
};

/// Parameters of the query in a struct; a wrong value is a 422 that names it.
///
/// ```ignore
/// #[derive(Deserialize, IntoParams)]
/// struct Range { tail: Option<u32>, follow: Option<bool> }
///
/// async fn logs(Query(range): Query<Range>) -> ApiResult<…>
/// ```
pub struct Query<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> ApiResult<Self> {
        match axum::extract::Query::from_request_parts(parts, state).await {
            Ok(axum::extract::Query(value)) => Ok(Self(value)),
            Err(rejection) => Err(refusal(&rejection)),
        }
    }
}

fn refusal(rejection: &QueryRejection) -> ApiError {
    // axum wraps an error of serde_path_to_error, which prints as `path: what was wrong`.
    let cause = rejection.source().and_then(Error::source).map(ToString::to_string).unwrap_or_default();
    match cause.split_once(": ") {
        Some((field, message)) => AppError::invalid(field, "invalid", message).into(),
        None => AppError::invalid("query", "invalid", cause).into(),
    }
}
