//! `POST /auth/logout`

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{AppendHeaders, IntoResponse, Response},
};

use crate::{
    app::auth,
    http::{
        cookie::REFRESH,
        error::ApiResult,
        extract::{Client, SameOrigin},
        state::ApiState,
    },
};

/// Ends the session of the refresh cookie. Success when there is none.
#[utoipa::path(post, path = "/auth/logout", tag = "auth", responses((status = 204)))]
pub async fn create(
    _: SameOrigin,
    State(state): State<ApiState>,
    client: Client,
    headers: HeaderMap,
) -> ApiResult<Response> {
    if let Some(token) = REFRESH.read(&headers, state.is_https()) {
        auth::logout(&state.app, &token, &client.into()).await?;
    }
    let cleared = AppendHeaders([(header::SET_COOKIE, REFRESH.clear(state.is_https()))]);
    Ok((StatusCode::NO_CONTENT, cleared).into_response())
}
