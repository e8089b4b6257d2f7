//! The only mapping of errors to HTTP: every failure leaves as `application/problem+json` (RFC 9457).
//!
//! A handler returns [`ApiResult`]; `?` on an [`AppError`] is all it needs. The response carries its [`Problem`] as an
//! extension; `middleware::request_id` adds the request's id and writes the body, so that an error that never saw a
//! handler (unknown path, wrong method, panic) looks the same.

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::{AppError, FieldProblem};

pub type ApiResult<T> = Result<T, ApiError>;

/// What went wrong, for people (`title`, `detail`) and programs (`code`).
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Problem {
    /// Always `about:blank`: `code` tells kinds of problems apart.
    #[serde(rename = "type")]
    pub kind: &'static str,
    pub title: String,
    pub status: u16,
    pub detail: String,
    /// Stable snake_case word.
    #[schema(example = "invalid")]
    pub code: String,
    /// Under which the server's log knows this request.
    pub request_id: String,
    pub errors: Vec<FieldError>,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FieldError {
    /// Name of the field, its path, or a JSON pointer into a manifest.
    pub field: String,
    pub code: String,
    /// What was found and what would be right.
    pub message: String,
}

/// An [`AppError`], or what only HTTP can get wrong.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    #[error(transparent)]
    App(#[from] AppError),
    #[error("{detail}")]
    Http { status: StatusCode, code: &'static str, detail: String },
}

impl ApiError {
    pub fn http(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        Self::Http { status, code, detail: detail.into() }
    }

    pub fn unknown_path() -> Self {
        Self::http(StatusCode::NOT_FOUND, "not_found", "there is nothing under this path")
    }

    pub fn wrong_method() -> Self {
        Self::http(
            StatusCode::METHOD_NOT_ALLOWED,
            "method_not_allowed",
            "this path does not know this method; the Allow header names those it knows",
        )
    }

    fn status(&self) -> StatusCode {
        match self {
            ApiError::Http { status, .. } => *status,
            ApiError::App(error) => match error {
                AppError::NotFound { .. } => StatusCode::NOT_FOUND,
                AppError::Unauthenticated { .. } => StatusCode::UNAUTHORIZED,
                AppError::Forbidden | AppError::Denied { .. } => StatusCode::FORBIDDEN,
                AppError::Conflict { .. } => StatusCode::CONFLICT,
                AppError::Gone { .. } => StatusCode::GONE,
                AppError::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
                AppError::PreconditionFailed => StatusCode::PRECONDITION_FAILED,
                AppError::RateLimited { .. } => StatusCode::TOO_MANY_REQUESTS,
                AppError::Unavailable { .. } => StatusCode::SERVICE_UNAVAILABLE,
                AppError::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
            },
        }
    }

    fn code(&self) -> &'static str {
        match self {
            ApiError::Http { code, .. } => code,
            ApiError::App(error) => match error {
                AppError::NotFound { .. } => "not_found",
                AppError::Unauthenticated { code, .. }
                | AppError::Denied { code, .. }
                | AppError::Conflict { code, .. }
                | AppError::Gone { code, .. }
                | AppError::Unavailable { code, .. } => code,
                AppError::Forbidden => "forbidden",
                AppError::Invalid(_) => "invalid",
                AppError::PreconditionFailed => "precondition_failed",
                AppError::RateLimited { .. } => "rate_limited",
                AppError::Internal(_) => "internal",
            },
        }
    }

    /// Headers that belong to the status, whatever the body says.
    fn header(&self) -> Option<(header::HeaderName, HeaderValue)> {
        /// How long a caller should wait for something of ours that does not work at the moment.
        const RETRY_UNAVAILABLE: u64 = 5;
        match self {
            ApiError::App(AppError::Unauthenticated { .. }) => {
                Some((header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer")))
            }
            ApiError::App(AppError::RateLimited { retry_after_seconds }) => {
                Some((header::RETRY_AFTER, (*retry_after_seconds).into()))
            }
            ApiError::App(AppError::Unavailable { .. }) => {
                Some((header::RETRY_AFTER, RETRY_UNAVAILABLE.into()))
            }
            _ => None,
        }
    }

    /// Logs what the caller is not told. Expected refusals are the access log's business.
    fn log(&self) {
        match self {
            ApiError::App(AppError::Internal(source)) => {
                tracing::error!(error = format!("{source:#}"), "request failed");
            }
            ApiError::App(AppError::Unavailable { code, source: Some(source), .. }) => {
                tracing::warn!(
                    code,
                    error = format!("{source:#}"),
                    "request refused: something we need does not work"
                );
            }
            _ => {}
        }
    }
}

impl From<FieldProblem> for FieldError {
    fn from(problem: FieldProblem) -> Self {
        Self { field: problem.field, code: problem.code, message: problem.message }
    }
}

impl From<ApiError> for Problem {
    fn from(error: ApiError) -> Self {
        let status = error.status();
        Self {
            kind: "about:blank",
            title: status.canonical_reason().unwrap_or("Error").to_owned(),
            status: status.as_u16(),
            detail: error.to_string(),
            code: error.code().to_owned(),
            request_id: String::new(),
            errors: match error {
                ApiError::App(AppError::Invalid(problems)) => problems.into_iter().map(Into::into).collect(),
                _ => Vec::new(),
            },
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        self.log();
        let mut response = self.status().into_response();
        if let Some((name, value)) = self.header() {
            response.headers_mut().insert(name, value);
        }
        response.extensions_mut().insert(Problem::from(self));
        response
    }
}

impl Problem {
    /// The body and its type; the status and the other headers stay as they are.
    pub fn write_into(self, response: Response) -> Response {
        // A struct of strings and numbers always serializes.
        let body = serde_json::to_vec(&self).unwrap_or_default();
        let (mut parts, _) = response.into_parts();
        parts.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        parts.headers.remove(header::CONTENT_LENGTH);
        Response::from_parts(parts, body.into())
    }
}
