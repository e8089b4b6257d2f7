//! Tickets: tokens that go where no credential may, as in a URL, and so are good once and for half a minute.

use super::{
    attempts::{self, Bucket},
    keys,
};
use crate::{
    app::{App, AppError, AppResult},
    domain::{ids::UserId, policy::CredentialId, rate::Rate, secret::Secret, session::TICKET_LIFETIME},
    ports::access_token::{AccessClaims, Purpose},
};

/// There is one try of each ticket, for longer than it is good.
const ONCE: Rate = Rate::new(1, std::time::Duration::from_secs(60));

/// For whoever is here by this credential.
pub(in crate::app) fn issue(
    app: &App,
    purpose: Purpose<'_>,
    user: UserId,
    credential: impl Into<CredentialId>,
) -> AppResult<Secret> {
    let now = app.clock.now();
    let claims = AccessClaims {
        token_id: Some(app.random.id(now)),
        ..AccessClaims::new(user, credential, now, TICKET_LIFETIME)
    };
    app.identity.tokens.issue(purpose, &claims).map_err(|error| AppError::Internal(error.into()))
}

/// Whose it is. `None`: it is not for this, is too old, or was used before.
pub(in crate::app) async fn redeem(
    app: &App,
    purpose: Purpose<'_>,
    ticket: &Secret,
) -> AppResult<Option<AccessClaims>> {
    let Ok(claims) = keys::verify(app, purpose, ticket.expose()).await else { return Ok(None) };
    match attempts::take(app, &[(Bucket::Ticket(ticket), ONCE)]).await {
        Err(AppError::RateLimited { .. }) => Ok(None),
        taken => taken.map(|()| Some(claims)),
    }
}
