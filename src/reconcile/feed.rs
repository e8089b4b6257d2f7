//! Reads new events in their order and hands them to this process's subscribers.

use std::{sync::Arc, time::Duration};

use super::Context;
use crate::app::AppResult;

/// Another process may have written events without waking us.
const TIMER: Duration = Duration::from_millis(500);
const BATCH: u32 = 500;

pub(super) async fn run(context: Arc<Context>) {
    let mut last = None;
    loop {
        if let Err(error) = deliver(&context, &mut last).await {
            tracing::warn!(error = error.chain(), "events cannot be read");
        }
        if !context.serving(context.app.feed.awake(), TIMER).await {
            return;
        }
    }
}

/// Delivers what follows `last`. The first time, only what comes from now on.
async fn deliver(context: &Context, last: &mut Option<i64>) -> AppResult<()> {
    let Some(seen) = last else {
        *last = Some(context.app.store.read().await?.events().latest().await?);
        return Ok(());
    };
    loop {
        let mut reader = context.app.store.read().await?;
        let events = reader.events().since(*seen, BATCH).await?;
        if events.is_empty() {
            return Ok(());
        }
        // Whoever learns here that a workspace runs may ask for it here at once.
        let revision = reader.routes().revision().await?;
        drop(reader);
        context.routes.reach(revision).await?;
        let full = events.len() == BATCH as usize;
        for event in events {
            *seen = event.sequence;
            context.app.feed.publish(event);
        }
        if !full {
            return Ok(());
        }
    }
}
