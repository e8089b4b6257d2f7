use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::Repository;
use crate::{
    domain::{
        ids::UserId,
        second_factor::{RecoveryHash, SecondFactor},
    },
    ports::repository::{SecondFactorRepository, StoreResult},
};

#[async_trait]
impl SecondFactorRepository for Repository<'_> {
    async fn put(&mut self, factor: &SecondFactor) -> StoreResult<()> {
        let stale = self.stale();
        let tables = self.writing()?;
        if !tables.users.contains_key(&factor.user_id) {
            return self.dangling();
        }
        if tables.second_factors.get(&factor.user_id).is_some_and(|there| there.confirmed_at.is_some()) {
            return Err(stale);
        }
        tables.second_factors.insert(factor.user_id, factor.clone());
        Ok(())
    }

    async fn find(&mut self, user: UserId) -> StoreResult<Option<SecondFactor>> {
        Ok(self.reading()?.second_factors.get(&user).cloned())
    }

    async fn confirm(&mut self, user: UserId, step: i64, now: DateTime<Utc>) -> StoreResult<()> {
        let stale = self.stale();
        let factor = self.writing()?.second_factors.get_mut(&user);
        let factor = factor.filter(|factor| factor.confirmed_at.is_none()).ok_or(stale)?;
        factor.confirmed_at = Some(now);
        factor.last_step = step;
        Ok(())
    }

    async fn accept(&mut self, user: UserId, step: i64) -> StoreResult<bool> {
        let factor = self.writing()?.second_factors.get_mut(&user);
        let Some(factor) = factor.filter(|factor| factor.last_step < step) else { return Ok(false) };
        factor.last_step = step;
        Ok(true)
    }

    async fn remove(&mut self, user: UserId) -> StoreResult<()> {
        let tables = self.writing()?;
        tables.second_factors.remove(&user);
        tables.recovery_codes.retain(|(owner, _), ()| *owner != user);
        Ok(())
    }

    async fn set_recovery_codes(&mut self, user: UserId, codes: &[RecoveryHash]) -> StoreResult<()> {
        let tables = self.writing()?;
        if !tables.second_factors.contains_key(&user) {
            return self.dangling();
        }
        tables.recovery_codes.retain(|(owner, _), ()| *owner != user);
        tables.recovery_codes.extend(codes.iter().map(|code| ((user, *code), ())));
        Ok(())
    }

    async fn use_recovery_code(&mut self, user: UserId, code: &RecoveryHash) -> StoreResult<bool> {
        Ok(self.writing()?.recovery_codes.remove(&(user, *code)).is_some())
    }

    async fn recovery_codes_left(&mut self, user: UserId) -> StoreResult<u64> {
        let codes = self.reading()?.recovery_codes.keys();
        Ok(codes.filter(|(owner, _)| *owner == user).count() as u64)
    }

    async fn confirmed(&mut self, users: &[UserId]) -> StoreResult<Vec<UserId>> {
        let factors = &self.reading()?.second_factors;
        let has = |user: &&UserId| factors.get(user).is_some_and(|factor| factor.confirmed_at.is_some());
        Ok(users.iter().filter(has).copied().collect())
    }
}
