//! Calls that act on a cookie must come from our own pages.

use axum::{
    extract::{FromRef, FromRequestParts},
    http::{HeaderMap, StatusCode, header, request::Parts},
};

use crate::http::{error::ApiError, state::ApiState};

/// The caller's browser says that the call comes from our origin, or no browser sent it.
///
/// `SameSite=Strict` is not enough: workspaces live on sibling host names, which are the same site. A browser sends
/// `Sec-Fetch-Site` on trustworthy origins and `Origin` with every POST. A program that sends neither has no cookie but
/// its own.
pub struct SameOrigin;

impl<S> FromRequestParts<S> for SameOrigin
where
    S: Send + Sync,
    ApiState: FromRef<S>,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        if is_same_origin(&parts.headers, &ApiState::from_ref(state).app.settings.access_url) {
            return Ok(Self);
        }
        let detail = "this call is only for pages of this server itself";
        Err(ApiError::http(StatusCode::FORBIDDEN, "cross_origin", detail))
    }
}

/// The same for a WebSocket, which a browser opens to anywhere without asking: it always says where its page comes from.
/// Who says nothing is no browser, unless a cookie comes along.
pub(in crate::http) fn may_open_socket(headers: &HeaderMap, access_url: &str) -> bool {
    let mut origins = headers.get_all(header::ORIGIN).iter();
    match (origins.next(), origins.next()) {
        (None, _) => !headers.contains_key(header::COOKIE) && is_same_origin(headers, access_url),
        (Some(_), None) => is_same_origin(headers, access_url),
        (Some(_), Some(_)) => false,
    }
}

fn is_same_origin(headers: &HeaderMap, access_url: &str) -> bool {
    let text = |name| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    if let Some(site) = text("sec-fetch-site")
        && site != "same-origin"
    {
        return false;
    }
    match text(header::ORIGIN.as_str()) {
        None => true,
        Some(origin) if origin == origin_of(access_url) => true,
        // The same server under another name people reach it by, say 127.0.0.1: the browser says both, and a page
        // can choose neither.
        Some(origin) => match (origin.split_once("://"), access_url.split_once("://")) {
            (Some((scheme, authority)), Some((ours, _))) => {
                scheme == ours && Some(authority) == text(header::HOST.as_str())
            }
            _ => false,
        },
    }
}

fn origin_of(url: &str) -> &str {
    let authority = url.find("://").map_or(0, |at| at + 3);
    url[authority..].find('/').map_or(url, |end| &url[..authority + end])
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderName, HeaderValue};

    use super::*;

    fn allowed(headers: &[(&'static str, &'static str)]) -> bool {
        let headers = headers
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
            .collect();
        is_same_origin(&headers, "http://localhost:7080")
    }

    #[test]
    fn only_our_own_pages_act_on_a_cookie() {
        assert!(allowed(&[]));
        assert!(allowed(&[("origin", "http://localhost:7080"), ("sec-fetch-site", "same-origin")]));
        assert!(allowed(&[("origin", "http://127.0.0.1:7080"), ("host", "127.0.0.1:7080")]));
        for foreign in
            ["http://evil.example", "http://shop-abcdefgh.localhost:7080", "null", "http://localhost"]
        {
            assert!(!allowed(&[("origin", foreign), ("host", "localhost:7080")]), "{foreign}");
        }
        for site in ["same-site", "cross-site", "none"] {
            assert!(!allowed(&[("sec-fetch-site", site)]), "{site}");
        }
    }

    #[test]
    fn only_our_own_pages_and_programs_open_sockets() {
        let may = |headers: &[(&'static str, &'static str)]| {
            let headers = headers
                .iter()
                .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
                .collect();
            may_open_socket(&headers, "http://localhost:7080")
        };
        let (ours, cookie) = (("origin", "http://localhost:7080"), ("cookie", "devsanctum_refresh=x"));
        assert!(may(&[]), "a program");
        assert!(may(&[ours]) && may(&[ours, cookie]));
        assert!(!may(&[cookie]), "a browser says where its page comes from");
        assert!(!may(&[ours, ("origin", "http://evil.example")]));
        assert!(!may(&[("sec-fetch-site", "same-site")]));
        for foreign in ["http://evil.example", "http://shop-abcdefgh.localhost:7080", "null", ""] {
            assert!(!may(&[("origin", foreign)]), "{foreign}");
        }
    }

    #[test]
    fn an_origin_has_no_path() {
        assert_eq!(origin_of("https://dev.example.org/base"), "https://dev.example.org");
        assert_eq!(origin_of("http://localhost:7080"), "http://localhost:7080");
    }
}
