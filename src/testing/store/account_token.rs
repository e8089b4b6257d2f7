use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::Repository;
use crate::{
    domain::{
        account::{AccountToken, Purpose},
        ids::UserId,
        session::TokenHash,
    },
    ports::repository::{AccountTokenRepository, StoreResult},
};

#[async_trait]
impl AccountTokenRepository for Repository<'_> {
    async fn put(&mut self, token: &AccountToken) -> StoreResult<()> {
        let tables = self.writing()?;
        if !tables.users.contains_key(&token.user_id) {
            return self.dangling();
        }
        let place = (token.user_id, token.purpose);
        tables.account_tokens.retain(|_, other| (other.user_id, other.purpose) != place);
        if tables.account_tokens.contains_key(&token.hash) {
            return self.taken("id");
        }
        tables.account_tokens.insert(token.hash, token.clone());
        Ok(())
    }

    async fn find(&mut self, hash: &TokenHash) -> StoreResult<Option<AccountToken>> {
        Ok(self.reading()?.account_tokens.get(hash).cloned())
    }

    async fn find_of(&mut self, user: UserId, purpose: Purpose) -> StoreResult<Option<AccountToken>> {
        let mut tokens = self.reading()?.account_tokens.values();
        Ok(tokens.find(|token| token.user_id == user && token.purpose == purpose).cloned())
    }

    async fn take(&mut self, hash: &TokenHash) -> StoreResult<bool> {
        Ok(self.writing()?.account_tokens.remove(hash).is_some())
    }

    async fn void(&mut self, user: UserId, purpose: Purpose) -> StoreResult<()> {
        let tokens = &mut self.writing()?.account_tokens;
        tokens.retain(|_, token| (token.user_id, token.purpose) != (user, purpose));
        Ok(())
    }

    async fn purge(&mut self, expired_before: DateTime<Utc>) -> StoreResult<u64> {
        let tokens = &mut self.writing()?.account_tokens;
        let count = tokens.len();
        tokens.retain(|_, token| token.expires_at >= expired_before);
        Ok((count - tokens.len()) as u64)
    }
}
