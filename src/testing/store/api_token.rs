use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::Repository;
use crate::{
    domain::{
        api_token::ApiToken,
        ids::{ApiTokenId, UserId},
        session::TokenHash,
    },
    ports::repository::{ApiTokenRepository, Hint, StoreResult, text::storable},
};

#[async_trait]
impl ApiTokenRepository for Repository<'_> {
    async fn add(&mut self, token: &ApiToken) -> StoreResult<()> {
        let tables = self.writing()?;
        if !tables.users.contains_key(&token.user_id) {
            return self.dangling();
        }
        if tables.api_tokens.values().any(|other| other.id == token.id || other.hash == token.hash) {
            return self.taken("id");
        }
        let kept = ApiToken { name: storable(&token.name).into_owned(), ..token.clone() };
        tables.api_tokens.insert(token.id, kept);
        Ok(())
    }

    async fn find(&mut self, id: ApiTokenId) -> StoreResult<Option<ApiToken>> {
        Ok(self.reading()?.api_tokens.get(&id).cloned())
    }

    async fn find_by_hash(&mut self, hash: &TokenHash) -> StoreResult<Option<ApiToken>> {
        Ok(self.reading()?.api_tokens.values().find(|token| token.hash == *hash).cloned())
    }

    async fn list(&mut self, user: UserId) -> StoreResult<Vec<ApiToken>> {
        let tokens = self.reading()?.api_tokens.values().rev();
        Ok(tokens.filter(|token| token.user_id == user).cloned().collect())
    }

    async fn used(
        &mut self,
        id: ApiTokenId,
        address: Option<&str>,
        not_since: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> StoreResult<()> {
        let token = self.writing()?.api_tokens.get_mut(&id);
        if let Some(token) = token.filter(|token| token.last_used_at.is_none_or(|at| at <= not_since)) {
            token.last_used_at = Some(now);
            token.last_used_address = address.map(|address| storable(address).into_owned());
        }
        Ok(())
    }

    async fn remove(&mut self, id: ApiTokenId) -> StoreResult<()> {
        let stale = self.stale();
        self.writing()?.api_tokens.remove(&id).ok_or(stale)?;
        self.tell(Hint::ApiToken(id));
        Ok(())
    }
}
