//! Lost updates: `ETag` on reads, `If-Match` on writes.

use axum::{
    Json,
    extract::FromRequestParts,
    http::{HeaderMap, HeaderValue, header, request::Parts},
    response::{IntoResponse, Response},
};
use serde::Serialize;

use crate::{
    app::{AppError, AppResult},
    http::error::{ApiError, ApiResult},
};

/// What the caller believes to change. Without the header every version is fine.
///
/// ```ignore
/// async fn stop(if_match: IfMatch, …) -> ApiResult<Tagged<Workspace>> {
///     let workspace = app::workspaces::stop(&app, &caller, id, |current| if_match.check(current.revision)).await?;
///     Ok(Tagged::new(workspace.revision, wire))
/// }
/// ```
///
/// The check belongs between the load and the decision, inside the unit of work that writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IfMatch {
    Any,
    /// Entity tags without their quotes. A weak tag never matches (RFC 9110, 13.1.1), so none is kept.
    OneOf(Vec<String>),
}

impl IfMatch {
    /// `PreconditionFailed` unless `current` is a version the caller named.
    pub fn check(&self, current: impl ToString) -> AppResult<()> {
        match self {
            IfMatch::Any => Ok(()),
            IfMatch::OneOf(tags) if tags.contains(&current.to_string()) => Ok(()),
            IfMatch::OneOf(_) => Err(AppError::PreconditionFailed),
        }
    }

    fn parse(headers: &HeaderMap) -> Self {
        let mut tags = Vec::new();
        let mut named = false;
        for value in headers.get_all(header::IF_MATCH) {
            named = true;
            for tag in value.to_str().unwrap_or_default().split(',').map(str::trim) {
                if tag == "*" {
                    return IfMatch::Any;
                }
                tags.extend(tag.strip_prefix('"').and_then(|tag| tag.strip_suffix('"')).map(str::to_owned));
            }
        }
        if named { IfMatch::OneOf(tags) } else { IfMatch::Any }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for IfMatch {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> ApiResult<Self> {
        Ok(Self::parse(&parts.headers))
    }
}

/// A JSON answer with the entity tag of its version.
pub struct Tagged<T> {
    tag: String,
    body: T,
}

impl<T> Tagged<T> {
    /// `version` changes with every write: a revision, or the time of the last change.
    pub fn new(version: impl ToString, body: T) -> Self {
        Self { tag: version.to_string(), body }
    }
}

impl<T: Serialize> IntoResponse for Tagged<T> {
    fn into_response(self) -> Response {
        let mut response = Json(self.body).into_response();
        // Versions are numbers and times: always valid in a header.
        if let Ok(tag) = HeaderValue::try_from(format!("\"{}\"", self.tag)) {
            response.headers_mut().insert(header::ETAG, tag);
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(value: &'static str) -> IfMatch {
        IfMatch::parse(&HeaderMap::from_iter([(header::IF_MATCH, HeaderValue::from_static(value))]))
    }

    #[test]
    fn a_version_matches_only_its_strong_tag() {
        assert!(IfMatch::parse(&HeaderMap::new()).check(7).is_ok());
        assert!(parse("*").check(7).is_ok());
        assert!(parse(r#""6", "7""#).check(7).is_ok());
        for stale in [r#""6""#, r#"W/"7""#, "7", ""] {
            assert!(matches!(parse(stale).check(7), Err(AppError::PreconditionFailed)), "{stale}");
        }
    }
}
