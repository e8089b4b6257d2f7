//! Forgets what has had its time: ended sessions, old events, keys of repeated requests, destroyed workspaces,
//! tries at the door. Several servers may do it at once.

use std::{sync::Arc, time::Duration};

use chrono::Duration as Span;

use super::Context;
use crate::{
    app::{audit, auth, nudge::Nudge},
    domain::session::SIGN_IN_REMEMBERED,
    ports::repository::StoreResult,
};

const TIMER: Duration = Duration::from_secs(15 * 60);
/// The API promises to recognize a repeated request for a day.
const IDEMPOTENCY_KEYS: Span = Span::hours(24);
/// Clients that were away longer read everything anew.
const EVENTS: Span = Span::days(7);
/// Who looks at the list still sees for a while that one has expired.
const INVITATIONS: Span = Span::days(30);
const SESSIONS: Span = Span::days(30);
/// Servers that are further behind read all routes.
const ROUTE_REVISIONS: i64 = 1_000;
const DESTROYED_WORKSPACES: Span = Span::days(30);

pub(super) async fn run(context: Arc<Context>) {
    let timer_only = Nudge::default();
    while context.activated(&timer_only, TIMER).await {
        if let Err(error) = auth::keys::keep(&context.app).await {
            tracing::warn!(error = error.chain(), "the keys of access tokens cannot be kept up");
        }
        if let Err(error) = tidy(&context).await {
            tracing::warn!(error = %error, "old rows cannot be removed");
        }
        match audit::let_go(&context.app).await {
            Ok(0) => {}
            Ok(entries) => tracing::info!(entries, "let old entries of the audit log go"),
            Err(error) => tracing::warn!(error = %error.chain(), "old audit entries cannot be removed"),
        }
    }
}

async fn tidy(context: &Context) -> StoreResult<()> {
    let now = context.app.clock.now();
    let mut work = context.app.store.begin().await?;
    let sessions = work.sessions().purge(now - SESSIONS).await?;
    let keys = work.idempotency().purge(now - IDEMPOTENCY_KEYS).await?;
    let workspaces = work.workspaces().purge(now - DESTROYED_WORKSPACES).await?;
    work.orgs().purge().await?;
    let invitations = work.invitations().purge(now - INVITATIONS).await?;
    let attempts = work.attempts().purge(now).await?;
    let mailed = work.account_tokens().purge(now).await?;
    let places = work.sessions().forget(now - SIGN_IN_REMEMBERED).await?;
    let handshakes = work.handshakes().purge(now).await?;
    let grants = work.device_grants().purge(now).await?;
    let revisions = work.routes().revision().await? - ROUTE_REVISIONS;
    work.routes().forget_revisions(revisions).await?;
    let events = work.events().purge(now - EVENTS).await?;
    work.commit().await?;
    let sign_ins = handshakes + grants + mailed + places;
    if sessions + keys + workspaces + invitations + attempts + sign_ins + events > 0 {
        tracing::info!(
            sessions,
            keys,
            workspaces,
            invitations,
            attempts,
            sign_ins,
            events,
            "removed old rows"
        );
    }
    Ok(())
}
