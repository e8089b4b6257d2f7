//! Organizations on their way out: their workspaces go first, then they.

use std::{sync::Arc, time::Duration};

use super::Context;
use crate::app::{AppResult, orgs};

/// There is seldom one, and looking is one query on an empty index.
const TIMER: Duration = Duration::from_secs(2);

pub(super) async fn run(context: Arc<Context>) {
    while context.activated(&context.app.orgs_due, TIMER).await {
        if let Err(error) = look(&context).await {
            tracing::warn!(error = %error.chain(), "organizations cannot be deleted");
        }
    }
}

async fn look(context: &Context) -> AppResult<()> {
    let deleting = context.app.store.read().await?.orgs().deleting().await?;
    for org in deleting {
        // One that cannot go does not keep the others.
        match orgs::finish_deleting(&context.app, org).await {
            Ok(true) => tracing::info!(org.id = %org, "an organization was deleted"),
            Ok(false) => {}
            Err(error) => {
                tracing::warn!(org.id = %org, error = %error.chain(), "an organization cannot be deleted");
            }
        }
    }
    Ok(())
}
