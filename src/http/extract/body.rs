//! JSON bodies, read strictly.

use axum::{
    extract::{FromRequest, Request},
    http::{HeaderMap, StatusCode, header},
};
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_path_to_error::{Path, Segment};

use crate::{
    app::AppError,
    http::error::{ApiError, ApiResult},
};

/// Larger bodies are refused.
pub const LIMIT: usize = 1024 * 1024;
/// Of a body that is too large, this much is read before the connection is given up.
const PATIENCE: usize = 16 * LIMIT;

/// A JSON body. Request structs carry `#[serde(deny_unknown_fields)]`.
///
/// ```ignore
/// async fn create(Body(request): Body<CreateWorkspace>) -> ApiResult<…>
/// ```
///
/// | wrong | answer |
/// |---|---|
/// | another content type | 415 |
/// | too large | 413 |
/// | not JSON | 400 `malformed_json` |
/// | JSON of another shape: unknown or missing field, wrong type | 422 naming the field by its path |
pub struct Body<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> ApiResult<Self> {
        let bytes = read(request).await?;
        parse(&bytes).map(Self)
    }
}

/// The bytes of a JSON body within the limit of the route.
pub(super) async fn read(request: Request) -> ApiResult<Bytes> {
    if !is_json(request.headers()) {
        return Err(ApiError::http(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "unsupported_media_type",
            "the body must be JSON, sent with Content-Type: application/json",
        ));
    }
    let unreadable = |_| {
        ApiError::http(StatusCode::BAD_REQUEST, "body_unreadable", "the body ended before it was complete")
    };
    let mut body = request.into_body();
    let (mut kept, mut seen) = (BytesMut::new(), 0);
    while let Some(frame) = body.frame().await.transpose().map_err(unreadable)? {
        let Some(data) = frame.data_ref() else { continue };
        seen += data.len();
        if seen <= LIMIT {
            kept.extend_from_slice(data);
        } else if seen > PATIENCE {
            break;
        }
        // Between the two: many clients read no answer before they have sent everything, so it is read and forgotten.
    }
    if seen > LIMIT {
        let detail = format!("the body is larger than {LIMIT} bytes");
        return Err(ApiError::http(StatusCode::PAYLOAD_TOO_LARGE, "body_too_large", detail));
    }
    Ok(kept.freeze())
}

fn is_json(headers: &HeaderMap) -> bool {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = content_type.and_then(|value| value.split(';').next()).unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/json")
}

pub(super) fn parse<T: DeserializeOwned>(bytes: &[u8]) -> ApiResult<T> {
    if !bytes.trim_ascii_start().starts_with(b"{") {
        // serde would read a list as the fields of a struct in their order.
        return Err(match serde_json::from_slice::<IgnoredAny>(bytes) {
            Ok(_) => AppError::invalid("body", "invalid", "must be a JSON object").into(),
            Err(error) => malformed(&error),
        });
    }
    let deserializer = &mut serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut *deserializer).map_err(|error| {
        let path = error.path().clone();
        refusal(&path, &error.into_inner())
    })?;
    deserializer.end().map_err(|error| malformed(&error))?;
    Ok(value)
}

fn malformed(error: &serde_json::Error) -> ApiError {
    ApiError::http(StatusCode::BAD_REQUEST, "malformed_json", format!("the body is not JSON: {error}"))
}

fn refusal(path: &Path, error: &serde_json::Error) -> ApiError {
    if !error.is_data() {
        return malformed(error);
    }
    let text = error.to_string();
    // serde_json appends where it stopped, which says nothing to a program that wrote the JSON.
    let message = text.rsplit_once(" at line ").map_or(text.as_str(), |(message, _)| message);
    let code = if message.starts_with("unknown field") {
        "unknown_field"
    } else if message.starts_with("missing field") {
        "required"
    } else if message.starts_with("duplicate field") {
        "duplicate_field"
    } else {
        "invalid"
    };
    AppError::invalid(field(path, code, message), code, message).into()
}

/// `components.0.port`: the path to what was wrong, down to a field that serde names only in its message.
fn field(path: &Path, code: &str, message: &str) -> String {
    let mut segments: Vec<String> = path
        .iter()
        .filter_map(|segment| match segment {
            Segment::Seq { index } => Some(index.to_string()),
            Segment::Map { key } => Some(key.clone()),
            Segment::Enum { .. } | Segment::Unknown => None,
        })
        .collect();
    if code != "invalid" {
        let named = message.split('`').nth(1).unwrap_or_default();
        if segments.last().is_none_or(|last| last != named) {
            segments.push(named.to_owned());
        }
    }
    segments.join(".")
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Outer {
        #[expect(dead_code, reason = "only its reading is tested")]
        inner: Vec<Inner>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Inner {
        #[expect(dead_code, reason = "only its reading is tested")]
        port: u16,
    }

    fn refused(body: &str) -> (String, String) {
        match parse::<Outer>(body.as_bytes()).unwrap_err() {
            ApiError::App(AppError::Invalid(problems)) => {
                (problems[0].field.clone(), problems[0].code.clone())
            }
            ApiError::Http { code, .. } => (String::new(), code.to_owned()),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_is_wrong_is_named_by_its_path() {
        let cases = [
            (r#"{"inner":[{"port":1},{"port":"x"}]}"#, "inner.1.port", "invalid"),
            (r#"{"inner":[{"port":70000}]}"#, "inner.0.port", "invalid"),
            (r#"{"inner":[{"port":1,"role":"owner"}]}"#, "inner.0.role", "unknown_field"),
            (r#"{"inner":[{}]}"#, "inner.0.port", "required"),
            (r#"{"inner":[{"port":1,"port":2}]}"#, "inner.0.port", "duplicate_field"),
            (r"{}", "inner", "required"),
            ("[]", "body", "invalid"),
            (r#" ["x"]"#, "body", "invalid"),
            (r#""text""#, "body", "invalid"),
            (r#"{"inner":["#, "", "malformed_json"),
            (r#"{"inner":[]} trailing"#, "", "malformed_json"),
            ("", "", "malformed_json"),
        ];
        for (body, field, code) in cases {
            assert_eq!(refused(body), (field.to_owned(), code.to_owned()), "{body}");
        }
    }
}
