//! `GET /me/sessions`, `DELETE /me/sessions`, `DELETE /me/sessions/{id}`

use std::sync::Arc;

use axum::{extract::State, http::StatusCode};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    app::{App, me},
    domain::{ids::SessionId, session, user_agent},
    http::{
        error::ApiResult,
        extract::{Authenticated, Page, Path},
        wire::Time,
    },
};

/// A place the caller is signed in at.
#[derive(Debug, Serialize, ToSchema)]
pub struct SignIn {
    id: Uuid,
    /// What the client said of itself, in words.
    #[schema(example = "Firefox on Linux")]
    device: String,
    /// What the client said of itself.
    user_agent: String,
    address: String,
    created_at: Time,
    last_used_at: Time,
    expires_at: Time,
    /// Whether this very request belongs to it.
    current: bool,
}

impl SignIn {
    fn new(session: session::Session, current: Option<SessionId>) -> Self {
        Self {
            id: session.id.into(),
            current: Some(session.id) == current,
            device: user_agent::describe(&session.user_agent),
            user_agent: session.user_agent,
            address: session.address,
            created_at: session.created_at.into(),
            last_used_at: session.last_used_at.into(),
            expires_at: session.expires_at.into(),
        }
    }
}

#[utoipa::path(
    get, path = "/me/sessions", tag = "me", security(("bearer" = [])),
    responses((status = 200, body = Page<SignIn>))
)]
pub async fn list(
    State(app): State<Arc<App>>,
    Authenticated(caller): Authenticated,
) -> ApiResult<Page<SignIn>> {
    let sessions = me::sessions(&app, &caller).await?;
    let current = caller.actor.session();
    Ok(Page::whole(sessions.into_iter().map(|session| SignIn::new(session, current)).collect()))
}

/// Ends all sessions but the one that asks.
#[utoipa::path(delete, path = "/me/sessions", tag = "me", security(("bearer" = [])), responses((status = 204)))]
pub async fn revoke_others(
    State(app): State<Arc<App>>,
    Authenticated(caller): Authenticated,
) -> ApiResult<StatusCode> {
    me::revoke_other_sessions(&app, &caller).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Ends a session. Success when it had ended before.
#[utoipa::path(
    delete, path = "/me/sessions/{id}", tag = "me", security(("bearer" = [])),
    params(("id" = Uuid, Path)), responses((status = 204))
)]
pub async fn revoke(
    State(app): State<Arc<App>>,
    Authenticated(caller): Authenticated,
    Path(id): Path<SessionId>,
) -> ApiResult<StatusCode> {
    me::revoke_session(&app, &caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
