//! `POST /auth/device`, `POST /auth/device/token`, `GET|POST /auth/device/{user_code}`: RFC 8628, with our errors.

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    http::{HeaderName, StatusCode, header},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    app::{App, auth::device},
    domain::{
        device::{Answer, INTERVAL, LIFETIME, UserCode},
        secret::Secret,
    },
    http::{
        error::{ApiError, ApiResult},
        extract::{Authenticated, Body, Client, Path},
        state::ApiState,
        v1::me::wire::User,
        wire::Time,
    },
};

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeviceRequest {
    /// What the client calls itself, for the person who decides.
    #[serde(default)]
    #[schema(example = "devsanctum on laptop")]
    client_name: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct DeviceAuthorization {
    /// For the client alone.
    device_code: String,
    /// For people.
    #[schema(example = "BCDF-GHJK")]
    user_code: String,
    verification_uri: String,
    verification_uri_complete: String,
    /// Seconds.
    expires_in: i64,
    /// Seconds between two questions.
    interval: i64,
}

/// A client asks to be let in.
#[utoipa::path(
    post, path = "/auth/device", tag = "auth", request_body = DeviceRequest,
    responses((status = 200, body = DeviceAuthorization))
)]
pub async fn ask(
    State(state): State<ApiState>,
    client: Client,
    Body(body): Body<DeviceRequest>,
) -> ApiResult<Json<DeviceAuthorization>> {
    state.limits.external(&state.app, client.network()).await?;
    let asked = device::ask(&state.app, &body.client_name, &client.into()).await?;
    let page = format!("{}/device", state.app.settings.access_url);
    Ok(Json(DeviceAuthorization {
        device_code: asked.device_code.expose().to_owned(),
        user_code: asked.user_code.to_string(),
        verification_uri_complete: format!("{page}?user_code={}", asked.user_code),
        verification_uri: page,
        expires_in: LIFETIME.num_seconds(),
        interval: INTERVAL.num_seconds(),
    }))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeviceCode {
    #[schema(value_type = String)]
    device_code: Secret,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct DeviceToken {
    /// An API token of the person.
    access_token: String,
    #[schema(example = "Bearer")]
    token_type: &'static str,
    /// Seconds.
    expires_in: i64,
    user: User,
}

/// The client asks whether it has been let in.
#[utoipa::path(
    post, path = "/auth/device/token", tag = "auth", request_body = DeviceCode,
    responses(
        (status = 200, body = DeviceToken),
        (status = 400, description = "`authorization_pending`, `slow_down`, `access_denied` or `expired_token`")
    )
)]
pub async fn redeem(
    State(state): State<ApiState>,
    client: Client,
    Body(body): Body<DeviceCode>,
) -> ApiResult<([(HeaderName, &'static str); 1], Json<DeviceToken>)> {
    state.limits.refresh(&state.app, client.network()).await?;
    let granted = device::redeem(&state.app, &body.device_code).await?.map_err(refusal)?;
    let token = DeviceToken {
        access_token: granted.token.expose().to_owned(),
        token_type: "Bearer",
        expires_in: granted.expires_in,
        user: User::from(&granted.user),
    };
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(token)))
}

fn refusal(answer: Answer) -> ApiError {
    let (code, detail) = match answer {
        Answer::SlowDown => ("slow_down", "wait 5 seconds longer between two questions"),
        Answer::AccessDenied => ("access_denied", "somebody refused to let this client in"),
        Answer::ExpiredToken => ("expired_token", "the code is not good any more; ask for another"),
        Answer::AuthorizationPending | Answer::Granted(_) => {
            ("authorization_pending", "nobody has decided yet; ask again in 5 seconds")
        }
    };
    ApiError::http(StatusCode::BAD_REQUEST, code, detail)
}

/// Who would be let in.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeviceQuestion {
    client_name: String,
    /// Where it asked from.
    address: String,
    created_at: Time,
    expires_at: Time,
}

#[utoipa::path(
    get, path = "/auth/device/{user_code}", tag = "auth", security(("bearer" = [])),
    params(("user_code" = String, Path)), responses((status = 200, body = DeviceQuestion))
)]
pub async fn show(
    State(state): State<ApiState>,
    Authenticated(caller): Authenticated,
    client: Client,
    Path(code): Path<UserCode>,
) -> ApiResult<Json<DeviceQuestion>> {
    // Codes are short enough to be guessed by who may guess often.
    state.limits.external(&state.app, client.network()).await?;
    let grant = device::show(&state.app, &caller, &code).await?;
    Ok(Json(DeviceQuestion {
        client_name: grant.client_name,
        address: grant.address,
        created_at: grant.created_at.into(),
        expires_at: grant.expires_at.into(),
    }))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeviceDecision {
    approve: bool,
}

/// Lets the client in as the caller, or not. The first decision counts.
#[utoipa::path(
    post, path = "/auth/device/{user_code}", tag = "auth", security(("bearer" = [])),
    params(("user_code" = String, Path)), request_body = DeviceDecision, responses((status = 204))
)]
pub async fn decide(
    State(app): State<Arc<App>>,
    Authenticated(caller): Authenticated,
    Path(code): Path<UserCode>,
    Body(body): Body<DeviceDecision>,
) -> ApiResult<StatusCode> {
    device::decide(&app, &caller, &code, body.approve).await?;
    Ok(StatusCode::NO_CONTENT)
}
