//! `POST /me/email`

use axum::{Json, extract::State, http::StatusCode};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    app::me,
    domain::{names::Email, secret::Secret},
    http::{
        error::ApiResult,
        extract::{Authenticated, Body, Client, Fields},
        state::ApiState,
        v1::auth::password::Accepted,
    },
};

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeEmail {
    #[schema(example = "ada@example.org")]
    email: String,
    #[schema(value_type = String)]
    password: Secret,
}

/// Mails a link to the new address, which becomes the account's when the link is opened.
#[utoipa::path(
    post, path = "/me/email", tag = "me", security(("bearer" = [])), request_body = ChangeEmail,
    responses((status = 202, body = Accepted))
)]
pub async fn change(
    State(state): State<ApiState>,
    Authenticated(caller): Authenticated,
    client: Client,
    Body(body): Body<ChangeEmail>,
) -> ApiResult<(StatusCode, Json<Accepted>)> {
    let mut fields = Fields::default();
    let email = fields.parse::<Email>("email", body.email.trim());
    let (email,) = fields.all((email,))?;
    state.limits.password(&state.app, client.network(), caller.actor.user_id).await?;
    state.limits.mail(&state.app, client.network(), email.as_str()).await?;
    me::change_email(&state.app, &caller, email, body.password).await?;
    Ok((StatusCode::ACCEPTED, Json(Accepted {})))
}
