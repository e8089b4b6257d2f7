//! `POST /auth/refresh`

use axum::{extract::State, http::HeaderMap, response::Response};

use super::wire::{Session, answer};
use crate::{
    app::{AppError, auth},
    http::{
        cookie::REFRESH,
        error::ApiResult,
        extract::{Client, SameOrigin},
        state::ApiState,
    },
};

/// Takes the refresh cookie and sets its successor. There is no body.
#[utoipa::path(
    post, path = "/auth/refresh", tag = "auth",
    responses((status = 200, body = Session), (status = 401, description = "The session has ended"))
)]
pub async fn create(
    _: SameOrigin,
    State(state): State<ApiState>,
    client: Client,
    headers: HeaderMap,
) -> ApiResult<Response> {
    state.limits.refresh(&state.app, client.network()).await?;
    let token = REFRESH.read(&headers, state.is_https()).ok_or_else(|| AppError::Unauthenticated {
        code: "no_session",
        detail: "there is no refresh cookie; sign in".into(),
    })?;
    let signed_in = auth::refresh(&state.app, &token, &client.into()).await?;
    Ok(answer(&signed_in, state.is_https()))
}
