//! `POST /me/password`

use axum::{extract::State, http::StatusCode};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    app::me,
    domain::secret::Secret,
    http::{
        error::ApiResult,
        extract::{Authenticated, Body, Client},
        state::ApiState,
    },
};

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangePassword {
    #[schema(value_type = String)]
    current_password: Secret,
    #[schema(value_type = String, min_length = 10, max_length = 256)]
    new_password: Secret,
}

/// Sets a new password and ends all other sessions.
#[utoipa::path(
    post, path = "/me/password", tag = "me", security(("bearer" = [])), request_body = ChangePassword,
    responses((status = 204))
)]
pub async fn change(
    State(state): State<ApiState>,
    Authenticated(caller): Authenticated,
    client: Client,
    Body(body): Body<ChangePassword>,
) -> ApiResult<StatusCode> {
    state.limits.password(&state.app, client.network(), caller.actor.user_id).await?;
    me::change_password(&state.app, &caller, body.current_password, body.new_password).await?;
    Ok(StatusCode::NO_CONTENT)
}
