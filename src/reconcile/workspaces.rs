//! Finds workspaces that need work and works on each in a task of its own, under a lease: of several replicas only one
//! works on a workspace, and one that lost its lease writes nothing more.

use std::{sync::Arc, time::Duration};

use tokio::time::Instant;
use tokio_util::task::TaskTracker;

use super::{
    Context,
    attempt::{Next, attempt},
    hold::{self, Hold},
};
use crate::ports::repository::{StoreResult, workspace::Lease};

/// A nudge comes with every request; the timer finds what a crashed process left.
const TIMER: Duration = Duration::from_secs(1);
/// Between attempts that the database broke off.
const BROKEN_OFF: chrono::Duration = chrono::Duration::seconds(2);
/// Workspaces worked on at the same time by one process, including those that wait for a slot.
const MOST_AT_ONCE: u32 = 256;

pub(super) async fn run(context: Arc<Context>, tracker: TaskTracker) {
    loop {
        match claim(&context).await {
            Ok(holds) => {
                let full = holds.len() == MOST_AT_ONCE as usize;
                for hold in holds {
                    let context = context.clone();
                    tracker.spawn(async move { work(&context, hold).await });
                }
                if full {
                    context.app.workspaces_due.now();
                }
            }
            Err(error) => tracing::warn!(error = %error, "work cannot be claimed"),
        }
        if !context.activated(&context.app.workspaces_due, TIMER).await {
            return;
        }
    }
}

async fn claim(context: &Context) -> StoreResult<Vec<Hold>> {
    let asked = Instant::now();
    let now = context.app.clock.now();
    let mut work = context.app.store.begin().await?;
    let leases = work.workspaces().claim_due(context.replica, now, now + hold::span(), MOST_AT_ONCE).await?;
    if !leases.is_empty() {
        work.commit().await?;
    }
    Ok(leases.into_iter().map(|lease| Hold::new(lease, asked)).collect())
}

async fn work(context: &Context, hold: Hold) {
    let due = tokio::select! {
        biased;
        // Whoever comes next goes on from what is seen.
        () = context.stop.cancelled() => Some(context.app.clock.now()),
        () = hold.keep(context) => return,
        due = pursue(context, &hold) => due,
    };
    if let Err(error) = release(context, hold.lease, due).await {
        tracing::debug!(workspace.id = %hold.lease.workspace, error = %error, "a lease was not given back");
    }
}

/// Returns when the workspace is due again; `None` when somebody asks.
async fn pursue(context: &Context, hold: &Hold) -> Option<chrono::DateTime<chrono::Utc>> {
    loop {
        match attempt(context, hold).await {
            Ok(Next::Again) => {}
            Ok(Next::Rest) => return None,
            Ok(Next::After(pause)) => return Some(context.app.clock.now() + pause),
            Err(error) => {
                let workspace = hold.lease.workspace;
                tracing::warn!(workspace.id = %workspace, error = error.chain(), "an attempt broke off");
                return Some(context.app.clock.now() + BROKEN_OFF);
            }
        }
    }
}

async fn release(
    context: &Context,
    lease: Lease,
    due: Option<chrono::DateTime<chrono::Utc>>,
) -> StoreResult<()> {
    let mut work = context.app.store.begin().await?;
    work.workspaces().release(lease, due).await?;
    work.commit().await?;
    // A request may have come between the last look and the release.
    context.app.workspaces_due.now();
    Ok(())
}
