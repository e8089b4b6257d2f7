//! `GET /edge/traefik`: the routes, for Traefik's HTTP provider.

use std::{net::SocketAddr, sync::Arc};

use axum::{
    extract::{ConnectInfo, State},
    http::{
        HeaderMap, HeaderValue, StatusCode,
        header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, FORWARDED, RETRY_AFTER, WWW_AUTHENTICATE},
    },
    response::{IntoResponse, Response},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use subtle::ConstantTimeEq;

use super::{error::ApiError, state::ApiState};
use crate::{domain::secret::Secret, ports::proxy::RouteServer};

/// Set by whoever asks for somebody else.
const FORWARDED_FOR: &str = "x-forwarded-for";

/// Who hands the routes out, and to whom.
#[derive(Clone)]
pub struct RoutesForTraefik {
    pub server: Arc<dyn RouteServer>,
    pub token: Secret,
}

/// To whoever shows the token, or asks from this machine for itself.
pub async fn routes(
    State(state): State<ApiState>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
) -> Response {
    let Some(routes) = &state.routes_for_traefik else { return ApiError::unknown_path().into_response() };
    let for_itself = !headers.contains_key(FORWARDED_FOR) && !headers.contains_key(FORWARDED);
    let is_neighbour = peer.ip().to_canonical().is_loopback() && for_itself;
    if !is_neighbour && !shows(&headers, &routes.token) {
        return (StatusCode::UNAUTHORIZED, [(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))])
            .into_response();
    }
    match routes.server.configuration() {
        Some(document) => {
            ([(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, "no-store")], document).into_response()
        }
        None => {
            (StatusCode::SERVICE_UNAVAILABLE, [(RETRY_AFTER, HeaderValue::from_static("1"))]).into_response()
        }
    }
}

/// As a bearer token, or as the password of any name.
fn shows(headers: &HeaderMap, token: &Secret) -> bool {
    let shown = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()).and_then(|value| {
        let (scheme, rest) = value.split_once(' ')?;
        if scheme.eq_ignore_ascii_case("bearer") {
            return Some(rest.trim().to_owned());
        }
        let pair =
            scheme.eq_ignore_ascii_case("basic").then(|| BASE64_STANDARD.decode(rest.trim()).ok())??;
        Some(String::from_utf8(pair).ok()?.split_once(':')?.1.to_owned())
    });
    shown.is_some_and(|shown| shown.as_bytes().ct_eq(token.expose().as_bytes()).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_comes_as_bearer_or_as_a_password() {
        let shows = |value: String| {
            let headers = HeaderMap::from_iter([(AUTHORIZATION, value.parse().unwrap())]);
            super::shows(&headers, &Secret::new("s3:cret"))
        };
        assert!(shows("Bearer s3:cret".into()) && shows("bearer  s3:cret".into()));
        assert!(shows(format!("Basic {}", BASE64_STANDARD.encode("traefik:s3:cret"))));
        for wrong in ["Bearer s3", "Bearer", "Basic s3:cret", "Digest s3:cret", "s3:cret"] {
            assert!(!shows(wrong.into()), "{wrong}");
        }
        assert!(!shows(format!("Basic {}", BASE64_STANDARD.encode("s3:cret"))));
    }
}
