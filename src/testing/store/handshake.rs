use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::Repository;
use crate::{
    domain::{identity::Handshake, session::TokenHash},
    ports::repository::{HandshakeRepository, StoreResult},
};

#[async_trait]
impl HandshakeRepository for Repository<'_> {
    async fn add(&mut self, handshake: &Handshake) -> StoreResult<()> {
        let tables = self.writing()?;
        if tables.handshakes.contains_key(&handshake.state) {
            return self.taken("id");
        }
        if handshake.linking.is_some_and(|user| !tables.users.contains_key(&user)) {
            return self.dangling();
        }
        tables.handshakes.insert(handshake.state, handshake.clone());
        Ok(())
    }

    async fn take(&mut self, state: &TokenHash) -> StoreResult<Option<Handshake>> {
        Ok(self.writing()?.handshakes.remove(state))
    }

    async fn purge(&mut self, now: DateTime<Utc>) -> StoreResult<u64> {
        let handshakes = &mut self.writing()?.handshakes;
        let count = handshakes.len();
        handshakes.retain(|_, handshake| handshake.expires_at > now);
        Ok((count - handshakes.len()) as u64)
    }
}
