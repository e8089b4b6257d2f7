//! The answer to everything that signs somebody in.

use axum::{
    Json,
    http::header,
    response::{AppendHeaders, IntoResponse, Response},
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    app::auth::SignedIn,
    http::{cookie, v1::me::wire::User},
};

/// The refresh token comes in a cookie.
#[derive(Debug, Serialize, ToSchema)]
pub struct Session {
    pub access_token: String,
    #[schema(example = "Bearer")]
    pub token_type: &'static str,
    /// Seconds.
    pub expires_in: i64,
    pub user: User,
}

/// Answers with the tokens of a session; `https` decides about the cookie.
pub fn answer(signed_in: &SignedIn, https: bool) -> Response {
    let body = Session {
        access_token: signed_in.access_token.expose().to_owned(),
        token_type: "Bearer",
        expires_in: signed_in.expires_in,
        user: User::from(&signed_in.user),
    };
    (AppendHeaders([(header::SET_COOKIE, cookie::issue(signed_in, https))]), Json(body)).into_response()
}
