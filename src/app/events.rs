//! Following what happens.

use std::{collections::VecDeque, sync::Arc};

use tokio::sync::broadcast::{Receiver, error::RecvError};

use super::{App, AppResult};
use crate::{
    domain::{
        event::Event,
        policy::{Action, Actor, Decision, Resource, can},
    },
    ports::repository::Store,
};

/// Events read from the database at once, to close a gap.
const BATCH: u32 = 256;

/// Whether the actor may learn of the event.
pub fn is_visible(actor: &Actor, event: &Event) -> bool {
    match event.event.org_id {
        None => true,
        Some(org) => can(actor, Action::ReadOrg, Resource::Org(org)) == Decision::Allow,
    }
}

/// Every event after `after`, in order and without a gap; from now on, if there is no `after`.
pub async fn follow(app: &App, after: Option<i64>) -> AppResult<Subscription> {
    // Subscribed first: what happens between the two is then seen twice rather than never.
    let live = app.feed.subscribe();
    let latest = app.store.read().await?.events().latest().await?;
    // A number from the future belongs to another database; begin at the end of this one.
    let last = after.map_or(latest, |after| after.clamp(0, latest));
    Ok(Subscription { store: app.store.clone(), live, last, behind: last < latest, read: VecDeque::new() })
}

pub struct Subscription {
    store: Arc<dyn Store>,
    live: Receiver<Arc<Event>>,
    /// Number of the last event given.
    last: i64,
    /// There are events in the database that must be read first.
    behind: bool,
    read: VecDeque<Event>,
}

impl Subscription {
    /// The next event; waits for it without end. A subscriber that was too slow for the live feed reads what it missed
    /// from the database. Dropping the future loses nothing.
    pub async fn next(&mut self) -> AppResult<Event> {
        loop {
            if let Some(event) = self.read.pop_front() {
                self.last = event.sequence;
                return Ok(event);
            }
            if self.behind {
                let events = self.store.read().await?.events().since(self.last, BATCH).await?;
                self.behind = events.len() == BATCH as usize;
                self.read.extend(events);
                continue;
            }
            match self.live.recv().await {
                Ok(event) if event.sequence <= self.last => {}
                Ok(event) if event.sequence == self.last + 1 => {
                    self.last = event.sequence;
                    return Ok(Event::clone(&event));
                }
                Ok(_) | Err(RecvError::Lagged(_)) => self.behind = true,
                // The feed lives as long as the program.
                Err(RecvError::Closed) => std::future::pending().await,
            }
        }
    }
}
