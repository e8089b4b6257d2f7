//! Word of what others did: wakes whoever would find it by their timers.

use std::sync::{Arc, atomic::Ordering};

use futures::StreamExt;

use super::Context;
use crate::{
    app::{App, auth},
    ports::repository::Hint,
};

pub(super) async fn run(context: Arc<Context>) {
    let mut changes = context.app.store.changes();
    while let Some(Some(hint)) = context.serve.run_until_cancelled(changes.next()).await {
        let app = &context.app;
        match hint {
            Hint::Resync => {
                app.identity.actors.forget_all();
                read_keys(app).await;
                app.feed.wake();
                app.workspaces_due.now();
                context.roll_call.store(true, Ordering::Relaxed);
                context.routes_changed.now();
                context.routes.company().due.now();
            }
            Hint::Events => app.feed.wake(),
            Hint::Workspaces => app.workspaces_due.now(),
            Hint::Routes => context.routes_changed.now(),
            Hint::RollCall => {
                context.roll_call.store(true, Ordering::Relaxed);
                context.routes_changed.now();
            }
            Hint::Replicas => context.routes.company().due.now(),
            Hint::Session(session) => app.identity.actors.forget(session.into()),
            Hint::ApiToken(token) => app.identity.actors.forget(token.into()),
            Hint::SigningKeys => read_keys(app).await,
            Hint::User(user) => app.identity.actors.forget_user(user),
        }
    }
}

async fn read_keys(app: &App) {
    if let Err(error) = auth::keys::load(app).await {
        tracing::warn!(error = error.chain(), "the keys of access tokens cannot be read");
    }
}
