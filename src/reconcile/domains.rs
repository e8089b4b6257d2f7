//! Looks for proofs of custom domains that were claimed lately: a record in DNS takes its time to be seen, and nobody should
//! have to come back for that.

use std::{sync::Arc, time::Duration};

use super::Context;
use crate::app::{nudge::Nudge, workspaces};

/// There is seldom one, and each is looked at less often than this.
const TIMER: Duration = Duration::from_secs(60);

pub(super) async fn run(context: Arc<Context>) {
    let timer_only = Nudge::default();
    while context.activated(&timer_only, TIMER).await {
        // Names that do not answer take long; nobody waits for that at the end.
        let looked = context.stop.run_until_cancelled(workspaces::look_at_claims(&context.app)).await;
        match looked {
            None | Some(Ok(0)) => {}
            Some(Ok(domains)) => tracing::info!(domains, "custom domains were verified"),
            Some(Err(error)) => tracing::warn!(error = error.chain(), "custom domains cannot be looked at"),
        }
    }
}
