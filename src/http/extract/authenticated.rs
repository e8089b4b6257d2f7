//! Who asks.

use axum::{
    extract::{FromRef, FromRequestParts},
    http::{HeaderMap, header, request::Parts},
};

use super::client::Client;
use crate::{
    app::{AppError, Caller, auth},
    http::{
        error::{ApiError, ApiResult},
        state::ApiState,
    },
};

/// A caller with a valid access token of a live session, or an API token. Every handler but those that open the door takes one.
///
/// ```ignore
/// async fn list(State(app): State<Arc<App>>, Authenticated(caller): Authenticated, …)
/// ```
pub struct Authenticated(pub Caller);

impl<S> FromRequestParts<S> for Authenticated
where
    S: Send + Sync,
    ApiState: FromRef<S>,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> ApiResult<Self> {
        let state = ApiState::from_ref(state);
        let token = bearer(&parts.headers).ok_or_else(|| AppError::Unauthenticated {
            code: "unauthenticated",
            detail: "sign in, and send the access token as Authorization: Bearer <token>".into(),
        })?;
        let address = Client::of(parts, &state.options.trusted_proxies).address;
        let actor = auth::authenticate(&state.app, token, address).await?;
        Ok(Self(Caller { actor, address }))
    }
}

/// What the one `Authorization` header bears.
pub(in crate::http) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let (scheme, token) = values.next()?.to_str().ok()?.split_once(' ')?;
    // Two credentials are one too many: somebody on the way may believe the other one.
    (scheme.eq_ignore_ascii_case("bearer") && values.next().is_none()).then_some(token.trim())
}
