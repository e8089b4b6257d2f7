//! `POST /auth/setup`

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
    },
};

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Setup {
    /// Printed by the server at its start.
    #[schema(value_type = String)]
    setup_token: Secret,
    #[schema(example = "ada@example.org")]
    email: String,
    #[schema(example = "ada")]
    username: String,
    #[schema(value_type = String, min_length = 10, max_length = 256)]
    password: Secret,
}

/// Makes the first platform admin and their organization, and signs them in.
#[utoipa::path(
    post, path = "/auth/setup", tag = "auth", request_body = Setup,
    responses((status = 201, body = Session), (status = 410, description = "The setup was done before"))
)]
pub async fn create(
    State(state): State<ApiState>,
    client: Client,
    Body(body): Body<Setup>,
) -> ApiResult<Response> {
    state.limits.setup(&state.app, client.network()).await?;
    let mut fields = Fields::default();
    let names = (
        fields.parse::<Email>("email", &body.email),
        fields.parse::<Username>("username", &body.username.to_lowercase()),
    );
    let (email, username) = fields.all(names)?;
    let setup = auth::Setup { email, username, password: body.password };
    let signed_in = auth::setup(&state.app, &body.setup_token, setup, &client.into()).await?;
    Ok((StatusCode::CREATED, answer(&signed_in, state.is_https())).into_response())
}
