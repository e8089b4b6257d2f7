//! `POST /auth/password/forgot`, `POST /auth/password/reset`, `POST /auth/email/confirm`: what is done with a link that was
//! mailed. The token is in the body, never in a path or a query.

use axum::{Json, extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    app::{auth, me},
    domain::{names::Email, secret::Secret},
    http::{
        error::ApiResult,
        extract::{Body, Client, Fields},
        state::ApiState,
    },
};

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ForgotPassword {
    #[schema(example = "ada@example.org")]
    email: String,
}

/// Says nothing.
#[derive(Debug, Serialize, ToSchema)]
pub struct Accepted {}

/// Mails a link to choose a new password to this address, if somebody has it. Answers the same if not.
#[utoipa::path(
    post, path = "/auth/password/forgot", tag = "auth", request_body = ForgotPassword,
    responses((status = 202, body = Accepted))
)]
pub async fn forgot(
    State(state): State<ApiState>,
    client: Client,
    Body(body): Body<ForgotPassword>,
) -> ApiResult<(StatusCode, Json<Accepted>)> {
    let mut fields = Fields::default();
    let email = fields.parse::<Email>("email", body.email.trim());
    let (email,) = fields.all((email,))?;
    state.limits.mail(&state.app, client.network(), email.as_str()).await?;
    auth::forgot(&state.app, email, client.into());
    Ok((StatusCode::ACCEPTED, Json(Accepted {})))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ResetPassword {
    #[schema(value_type = String)]
    token: Secret,
    #[schema(value_type = String, min_length = 10, max_length = 256)]
    password: Secret,
}

/// Sets a new password and ends all sessions of the account.
#[utoipa::path(
    post, path = "/auth/password/reset", tag = "auth", request_body = ResetPassword,
    responses((status = 204))
)]
pub async fn reset(
    State(state): State<ApiState>,
    client: Client,
    Body(body): Body<ResetPassword>,
) -> ApiResult<StatusCode> {
    state.limits.setup(&state.app, client.network()).await?;
    auth::reset_password(&state.app, &body.token, body.password, &client.into()).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConfirmEmail {
    #[schema(value_type = String)]
    token: Secret,
}

/// Makes the address that the token was mailed to the account's.
#[utoipa::path(
    post, path = "/auth/email/confirm", tag = "auth", request_body = ConfirmEmail,
    responses((status = 204))
)]
pub async fn confirm_email(
    State(state): State<ApiState>,
    client: Client,
    Body(body): Body<ConfirmEmail>,
) -> ApiResult<StatusCode> {
    state.limits.setup(&state.app, client.network()).await?;
    me::confirm_email(&state.app, &body.token, &client.into()).await?;
    Ok(StatusCode::NO_CONTENT)
}
