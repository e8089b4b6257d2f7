//! `POST /auth/login`

use axum::{extract::State, response::Response};
use serde::Deserialize;
use utoipa::ToSchema;

use super::wire::{Session, answer};
use crate::{
    app::auth,
    domain::secret::Secret,
    http::{
        error::ApiResult,
        extract::{Body, Client},
        state::ApiState,
    },
};

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Login {
    /// Username or mail address.
    #[schema(example = "ada")]
    login: String,
    #[schema(value_type = String)]
    password: Secret,
    /// Where the account has a second factor: a code of the authenticator, or a recovery code.
    #[schema(example = "123456")]
    totp_code: Option<String>,
}

#[utoipa::path(
    post, path = "/auth/login", tag = "auth", request_body = Login,
    responses((status = 200, body = Session), (status = 401, description = "The name, the password or the code is wrong; `totp_required` asks for a code"))
)]
pub async fn create(
    State(state): State<ApiState>,
    client: Client,
    Body(body): Body<Login>,
) -> ApiResult<Response> {
    let origin = client.into();
    let admission = state.limits.sign_in(&state.app, &origin, &body.login).await?;
    let code = body.totp_code.as_deref();
    let signed_in = auth::login(&state.app, &body.login, body.password, code, &origin, admission).await?;
    Ok(answer(&signed_in, state.is_https()))
}
