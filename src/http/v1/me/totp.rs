//! `POST /me/totp`, `POST /me/totp/confirm`, `DELETE /me/totp`, `POST /me/totp/recovery-codes`

use axum::{Json, extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    app::{Caller, second_factor},
    domain::secret::Secret,
    http::{
        error::ApiResult,
        extract::{Authenticated, Body, Client},
        state::ApiState,
    },
};

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EnrolAuthenticator {
    #[schema(value_type = String)]
    password: Secret,
}

/// For an authenticator; shown once.
#[derive(Debug, Serialize, ToSchema)]
pub struct Authenticator {
    /// Base32, for typing.
    secret: String,
    otpauth_url: String,
    /// The URL as a picture: one `<svg>` element.
    qr_svg: String,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FirstCode {
    #[schema(example = "123456")]
    code: String,
}

/// A password, and a code of the authenticator or a recovery code.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PasswordAndCode {
    #[schema(value_type = String)]
    password: Secret,
    #[schema(example = "123456")]
    code: String,
}

/// Each opens the account once, in the place of a code; shown once.
#[derive(Debug, Serialize, ToSchema)]
pub struct RecoveryCodes {
    recovery_codes: Vec<String>,
}

impl From<Vec<Secret>> for RecoveryCodes {
    fn from(codes: Vec<Secret>) -> Self {
        Self { recovery_codes: codes.iter().map(|code| code.expose().to_owned()).collect() }
    }
}

async fn limit(state: &ApiState, caller: &Caller, client: &Client) -> ApiResult<()> {
    Ok(state.limits.password(&state.app, client.network(), caller.actor.user_id).await?)
}

/// Makes a secret for an authenticator. Signing in asks for nothing new until a first code has confirmed it.
#[utoipa::path(
    post, path = "/me/totp", tag = "me", security(("bearer" = [])), request_body = EnrolAuthenticator,
    responses((status = 200, body = Authenticator))
)]
pub async fn begin(
    State(state): State<ApiState>,
    Authenticated(caller): Authenticated,
    client: Client,
    Body(body): Body<EnrolAuthenticator>,
) -> ApiResult<Json<Authenticator>> {
    limit(&state, &caller, &client).await?;
    let enrolment = second_factor::begin(&state.app, &caller, body.password).await?;
    Ok(Json(Authenticator {
        secret: enrolment.secret.expose().to_owned(),
        otpauth_url: enrolment.url.expose().to_owned(),
        qr_svg: enrolment.qr_svg.expose().to_owned(),
    }))
}

/// Turns two-factor authentication on, with the first code.
#[utoipa::path(
    post, path = "/me/totp/confirm", tag = "me", security(("bearer" = [])), request_body = FirstCode,
    responses((status = 200, body = RecoveryCodes))
)]
pub async fn confirm(
    State(state): State<ApiState>,
    Authenticated(caller): Authenticated,
    client: Client,
    Body(body): Body<FirstCode>,
) -> ApiResult<Json<RecoveryCodes>> {
    limit(&state, &caller, &client).await?;
    Ok(Json(second_factor::confirm(&state.app, &caller, &body.code).await?.into()))
}

/// Turns two-factor authentication off.
#[utoipa::path(
    delete, path = "/me/totp", tag = "me", security(("bearer" = [])), request_body = PasswordAndCode,
    responses((status = 204))
)]
pub async fn remove(
    State(state): State<ApiState>,
    Authenticated(caller): Authenticated,
    client: Client,
    Body(body): Body<PasswordAndCode>,
) -> ApiResult<StatusCode> {
    limit(&state, &caller, &client).await?;
    second_factor::remove(&state.app, &caller, body.password, &body.code).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Makes new recovery codes; the old ones are void.
#[utoipa::path(
    post, path = "/me/totp/recovery-codes", tag = "me", security(("bearer" = [])),
    request_body = PasswordAndCode, responses((status = 200, body = RecoveryCodes))
)]
pub async fn renew_recovery_codes(
    State(state): State<ApiState>,
    Authenticated(caller): Authenticated,
    client: Client,
    Body(body): Body<PasswordAndCode>,
) -> ApiResult<Json<RecoveryCodes>> {
    limit(&state, &caller, &client).await?;
    let codes = second_factor::renew_recovery_codes(&state.app, &caller, body.password, &body.code).await?;
    Ok(Json(codes.into()))
}
