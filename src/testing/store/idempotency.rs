use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::Repository;
use crate::{
    domain::ids::UserId,
    ports::repository::{IdempotencyRepository, StoreResult, idempotency::IdempotencyRecord, text::storable},
};

#[async_trait]
impl IdempotencyRepository for Repository<'_> {
    async fn find(&mut self, user: UserId, key: &str) -> StoreResult<Option<IdempotencyRecord>> {
        Ok(self.reading()?.keys.get(&(user, storable(key).into_owned())).cloned())
    }

    async fn add(&mut self, record: &IdempotencyRecord) -> StoreResult<()> {
        let tables = self.writing()?;
        let record = IdempotencyRecord { key: storable(&record.key).into_owned(), ..record.clone() };
        let id = (record.user_id, record.key.clone());
        if tables.keys.contains_key(&id) {
            return self.taken("idempotency key");
        }
        if !tables.users.contains_key(&record.user_id) {
            return self.dangling();
        }
        tables.keys.insert(id, record);
        Ok(())
    }

    async fn purge(&mut self, before: DateTime<Utc>) -> StoreResult<u64> {
        let keys = &mut self.writing()?.keys;
        let count = keys.len();
        keys.retain(|_, record| record.created_at >= before);
        Ok((count - keys.len()) as u64)
    }
}
