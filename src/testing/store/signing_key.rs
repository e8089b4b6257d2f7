use std::cmp::Reverse;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::Repository;
use crate::{
    domain::signing_key::{KeyFamily, SigningKey},
    ports::repository::{Hint, SigningKeyRepository, StoreResult},
};

#[async_trait]
impl SigningKeyRepository for Repository<'_> {
    async fn add(&mut self, key: &SigningKey) -> StoreResult<()> {
        let tables = self.writing()?;
        let at = (key.family, key.id.clone());
        if tables.signing_keys.contains_key(&at) {
            return self.taken("id");
        }
        tables.signing_keys.insert(at, key.clone());
        self.tell(Hint::SigningKeys);
        Ok(())
    }

    async fn list(&mut self, family: KeyFamily) -> StoreResult<Vec<SigningKey>> {
        let keys = self.reading()?.signing_keys.values();
        let mut keys: Vec<_> = keys.filter(|key| key.family == family).cloned().collect();
        keys.sort_by_key(|key| Reverse((key.created_at, key.id.clone())));
        Ok(keys)
    }

    async fn purge(&mut self, family: KeyFamily, made_before: DateTime<Utc>) -> StoreResult<u64> {
        let keys = &mut self.writing()?.signing_keys;
        let count = keys.len();
        keys.retain(|_, key| key.family != family || key.created_at >= made_before);
        Ok((count - keys.len()) as u64)
    }
}
