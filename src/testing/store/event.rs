use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::Repository;
use crate::{
    domain::event::{Event, NewEvent},
    ports::repository::{EventRepository, Hint, StoreResult, text::storable},
};

#[async_trait]
impl EventRepository for Repository<'_> {
    async fn append(&mut self, events: &[NewEvent]) -> StoreResult<()> {
        if events.is_empty() {
            return Ok(());
        }
        let tables = self.writing()?;
        for event in events {
            tables.last_event += 1;
            let status = event.status.as_deref().map(|status| storable(status).into_owned());
            tables.events.insert(tables.last_event, NewEvent { status, ..event.clone() });
        }
        self.tell(Hint::Events);
        Ok(())
    }

    async fn since(&mut self, after: i64, limit: u32) -> StoreResult<Vec<Event>> {
        let later = self.reading()?.events.range(after.saturating_add(1)..).take(limit as usize);
        Ok(later.map(|(sequence, event)| Event { sequence: *sequence, event: event.clone() }).collect())
    }

    async fn latest(&mut self) -> StoreResult<i64> {
        Ok(self.reading()?.last_event)
    }

    async fn purge(&mut self, before: DateTime<Utc>) -> StoreResult<u64> {
        let events = &mut self.writing()?.events;
        let count = events.len();
        events.retain(|_, event| event.at >= before);
        Ok((count - events.len()) as u64)
    }
}
