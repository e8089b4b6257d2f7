//! `POST /auth/register`

use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use utoipa::ToSchema;

use super::wire::{Session, answer};
use crate::{
    app::auth,
    domain::{
        names::{Email, Username},
        secret::Secret,
    },
    http::{
        error::ApiResult,
        extract::{Body, Client, Fields},
        state::ApiState,
        v1::me::wire::MAX_DISPLAY_NAME,
    },
};

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Register {
    /// From the link; needed unless registration is open.
    #[schema(value_type = Option<String>)]
    invitation_token: Option<Secret>,
    /// Comes from the invitation, where there is one.
    email: Option<String>,
    #[schema(example = "grace")]
    username: String,
    #[schema(value_type = String, min_length = 10, max_length = 256)]
    password: Secret,
    #[schema(max_length = 80)]
    display_name: Option<String>,
}

/// Makes an account and signs in.
#[utoipa::path(
    post, path = "/auth/register", tag = "auth", request_body = Register,
    responses(
        (status = 201, body = Session),
        (status = 403, description = "`registration_closed`: only by invitation"),
        (status = 409, description = "`account_exists`, or `taken`: another username"),
        (status = 422, description = "`invalid_token`: the invitation was used, withdrawn or has expired")
    )
)]
pub async fn create(
    State(state): State<ApiState>,
    client: Client,
    Body(body): Body<Register>,
) -> ApiResult<Response> {
    state.limits.setup(&state.app, client.network()).await?;
    let mut fields = Fields::default();
    let display_name = body.display_name.unwrap_or_default();
    let values = (
        fields.parse_some::<Email>("email", body.email.as_deref()),
        fields.parse::<Username>("username", &body.username.to_lowercase()),
        fields.text("display_name", &display_name, MAX_DISPLAY_NAME),
    );
    let (email, username, display_name) = fields.all(values)?;
    let new = auth::Registration {
        invitation: body.invitation_token,
        email,
        username,
        password: body.password,
        display_name,
    };
    let signed_in = auth::register(&state.app, new, &client.into()).await?;
    Ok((StatusCode::CREATED, answer(&signed_in, state.is_https())).into_response())
}
