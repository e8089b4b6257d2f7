//! Staying signed in, and leaving.

use super::{Origin, SignedIn, hash_token, mint_refresh_token, signed_in};
use crate::{
    app::{App, AppError, AppResult, audit},
    domain::{
        secret::Secret,
        session::{REFRESH_LIFETIME, Rotation, rotation},
    },
    ports::repository::StoreError,
};

/// Takes a refresh token and gives its successor. A token that was used before ends the whole session.
pub async fn refresh(app: &App, token: &Secret, origin: &Origin) -> AppResult<SignedIn> {
    let now = app.clock.now();
    let used = hash_token(token);
    let mut work = app.store.begin().await?;
    let Some((session, row)) = work.sessions().find_by_token(&used).await? else { return Err(ended()) };
    match rotation(&session, &row, now) {
        Rotation::Ended => Err(ended()),
        Rotation::Reuse => {
            let entry =
                audit::at_the_door(app, origin, "session.reuse", Some(session.user_id), session.id, now);
            work.sessions().revoke(session.id, now).await?;
            work.audit().append(&entry).await?;
            work.commit().await?;
            app.identity.actors.forget(session.id.into());
            tracing::warn!(session.id = %session.id, "a refresh token was used twice; its session is revoked");
            Err(ended())
        }
        Rotation::Rotate => {
            let user = work.users().find(session.user_id).await?.filter(|user| user.suspended_at.is_none());
            let Some(user) = user else { return Err(ended()) };
            let expires_at = now + REFRESH_LIFETIME;
            let (successor, row) = mint_refresh_token(app, session.id, now);
            match work.sessions().rotate(&used, &row, expires_at, now).await {
                // Revoked a moment ago.
                Err(StoreError::Stale(_)) => return Err(ended()),
                rotated => rotated?,
            }
            work.commit().await?;
            signed_in(app, user, session.id, successor, expires_at, now)
        }
    }
}

/// Ends the session of a refresh token. Success when there is none any more.
pub async fn logout(app: &App, token: &Secret, origin: &Origin) -> AppResult<()> {
    let now = app.clock.now();
    let mut work = app.store.begin().await?;
    let Some((session, _)) = work.sessions().find_by_token(&hash_token(token)).await? else { return Ok(()) };
    if session.is_live(now) {
        let entry = audit::at_the_door(app, origin, "session.close", Some(session.user_id), session.id, now);
        work.sessions().revoke(session.id, now).await?;
        work.audit().append(&entry).await?;
        work.commit().await?;
    }
    app.identity.actors.forget(session.id.into());
    Ok(())
}

fn ended() -> AppError {
    AppError::Unauthenticated { code: "session_ended", detail: "the session has ended; sign in again".into() }
}
