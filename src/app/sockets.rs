//! Tickets for terminals. A browser cannot send `Authorization` with a WebSocket, and what stands in a URL is written
//! down in many places: so it is good once, for half a minute, and for one workspace.

use crate::{
    app::{
        App, AppError, AppResult, Caller,
        auth::{actors, attempts, attempts::Bucket, keys},
        edge::{Destination, ONCE},
        terminals,
    },
    domain::{ids::WorkspaceId, policy::Actor, secret::Secret, session::TICKET_LIFETIME},
    ports::access_token::{AccessClaims, Purpose},
};

/// For whoever may have a terminal there.
pub async fn ticket(app: &App, caller: &Caller, id: WorkspaceId) -> AppResult<(Secret, Destination)> {
    let workspace = terminals::authorize(app, caller, id).await?;
    let now = app.clock.now();
    let claims = AccessClaims {
        token_id: Some(app.random.id(now)),
        ..AccessClaims::new(caller.actor.user_id, caller.actor.credential.id(), now, TICKET_LIFETIME)
    };
    let ticket = app.identity.tokens.issue(Purpose::Terminal(id), &claims);
    let ticket = ticket.map_err(|error| AppError::Internal(error.into()))?;
    Ok((ticket, Destination { id, status: workspace.state.status(), name: workspace.name }))
}

/// Who comes with this ticket, which is of no use afterwards.
pub async fn enter(app: &App, id: WorkspaceId, ticket: &Secret) -> AppResult<Actor> {
    let claims = keys::verify(app, Purpose::Terminal(id), ticket.expose()).await.map_err(|_| stale())?;
    match attempts::take(app, &[(Bucket::Ticket(ticket), ONCE)]).await {
        Err(AppError::RateLimited { .. }) => return Err(stale()),
        taken => taken?,
    }
    let actor = actors::of(app, claims.credential).await?;
    if actor.user_id == claims.user_id { Ok(actor) } else { Err(stale()) }
}

fn stale() -> AppError {
    AppError::Unauthenticated {
        code: "invalid_ticket",
        detail:
            "the ticket is not for this, was used before, or is older than half a minute; ask for another"
                .into(),
    }
}
