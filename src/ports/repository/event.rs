use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::StoreResult;
use crate::domain::event::{Event, NewEvent};

#[async_trait]
pub trait EventRepository: Send {
    /// Appends; the numbers grow by one, and become visible in the order of their numbers: whoever has read N will
    /// never see a smaller one appear. Call it last in a unit of work, it holds up other writers of events.
    async fn append(&mut self, events: &[NewEvent]) -> StoreResult<()>;

    /// Events numbered above `after`, in order.
    async fn since(&mut self, after: i64, limit: u32) -> StoreResult<Vec<Event>>;

    /// The last number given, whether or not its event was purged since; 0 when there was none.
    async fn latest(&mut self) -> StoreResult<i64>;

    /// Forgets old ones. Returns how many.
    async fn purge(&mut self, before: DateTime<Utc>) -> StoreResult<u64>;
}
