//! A browser cannot send `Authorization` with a WebSocket, and what stands in a URL is written down in many places: so it
//! shows a ticket, of one workspace.

use super::authorize;
use crate::{
    app::{
        App, AppError, AppResult, Caller,
        auth::{actors, tickets},
        edge::Destination,
    },
    domain::{ids::WorkspaceId, policy::Actor, secret::Secret},
    ports::access_token::Purpose,
};

/// For whoever may have a terminal there.
pub async fn ticket(app: &App, caller: &Caller, id: WorkspaceId) -> AppResult<(Secret, Destination)> {
    let workspace = authorize(app, caller, id).await?;
    let actor = &caller.actor;
    let ticket = tickets::issue(app, Purpose::Terminal(id), actor.user_id, actor.credential.id())?;
    Ok((ticket, Destination { id, status: workspace.state.status(), name: workspace.name }))
}

/// Who comes with this ticket, which is of no use afterwards.
pub async fn enter(app: &App, id: WorkspaceId, ticket: &Secret) -> AppResult<Actor> {
    let claims = tickets::redeem(app, Purpose::Terminal(id), ticket).await?.ok_or_else(stale)?;
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
