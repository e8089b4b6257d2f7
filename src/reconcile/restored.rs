//! Notices that the database was replaced under a running server. Another state of the same installation is gone on
//! with; the database of another installation is not ours to serve, since its Docker objects carry another label.

use std::{sync::Arc, time::Duration};

use super::Context;
use crate::{
    app::{AppResult, nudge::Nudge},
    domain::ids::RestoreId,
};

const TIMER: Duration = Duration::from_secs(1);

/// Which restore the database came from when the server began to use it.
pub(super) type Origin = Option<RestoreId>;

pub(super) async fn run(context: Arc<Context>, mut origin: Origin) {
    let timer_only = Nudge::default();
    while context.activated(&timer_only, TIMER).await {
        if let Err(error) = look(&context, &mut origin).await {
            tracing::warn!(error = error.chain(), "whether the database was replaced cannot be told");
        }
    }
}

pub(super) async fn origin(context: &Context) -> AppResult<Origin> {
    let found = context.app.store.read().await?.installation().find().await?;
    Ok(found.and_then(|installation| installation.restore_id))
}

async fn look(context: &Context, origin: &mut Origin) -> AppResult<()> {
    let app = &context.app;
    let found = app.store.read().await?.installation().find().await?;
    let Some(found) = found.filter(|found| found.id == app.installation) else {
        tracing::error!(
            installation.id = %app.installation,
            "the database was replaced by that of another installation; stopping. Start the server again to serve it"
        );
        context.replaced.cancel();
        context.stop.cancel();
        return Ok(());
    };
    if found.restore_id == *origin {
        return Ok(());
    }
    app.identity.actors.forget_all();
    context.routes.publish_all().await?;
    // Only now: what failed above is tried again.
    *origin = found.restore_id;
    tracing::warn!(
        "the database came back from a backup: everybody signs in again, workspaces are compared with their hosts"
    );
    app.workspaces_due.now();
    app.feed.wake();
    Ok(())
}
