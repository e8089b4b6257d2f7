use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::Repository;
use crate::{
    domain::{
        device::{Decision, DeviceGrant, UserCode},
        ids::UserId,
        session::TokenHash,
    },
    ports::repository::{DeviceGrantRepository, StoreResult, text::storable},
};

#[async_trait]
impl DeviceGrantRepository for Repository<'_> {
    async fn add(&mut self, grant: &DeviceGrant) -> StoreResult<()> {
        let tables = self.writing()?;
        if tables.device_grants.contains_key(&grant.device) {
            return self.taken("id");
        }
        if tables.device_grants.values().any(|other| other.user_code == grant.user_code) {
            return self.taken("user code");
        }
        if grant.decision.is_some_and(|decision| !tables.users.contains_key(&decision.by)) {
            return self.dangling();
        }
        let kept = DeviceGrant {
            client_name: storable(&grant.client_name).into_owned(),
            address: storable(&grant.address).into_owned(),
            ..grant.clone()
        };
        tables.device_grants.insert(grant.device, kept);
        Ok(())
    }

    async fn find(&mut self, device: &TokenHash) -> StoreResult<Option<DeviceGrant>> {
        Ok(self.reading()?.device_grants.get(device).cloned())
    }

    async fn find_by_code(&mut self, code: &UserCode) -> StoreResult<Option<DeviceGrant>> {
        Ok(self.reading()?.device_grants.values().find(|grant| grant.user_code == *code).cloned())
    }

    async fn polled(&mut self, device: &TokenHash, now: DateTime<Utc>) -> StoreResult<()> {
        let stale = self.stale();
        self.writing()?.device_grants.get_mut(device).ok_or(stale)?.polled_at = Some(now);
        Ok(())
    }

    async fn decide(&mut self, code: &UserCode, user: UserId, approved: bool) -> StoreResult<()> {
        let stale = self.stale();
        let tables = self.writing()?;
        let known = tables.users.contains_key(&user);
        let mut grants = tables.device_grants.values_mut();
        let open = grants.find(|grant| grant.user_code == *code && grant.decision.is_none()).ok_or(stale)?;
        if !known {
            return self.dangling();
        }
        open.decision = Some(Decision { by: user, approved });
        Ok(())
    }

    async fn remove(&mut self, device: &TokenHash) -> StoreResult<()> {
        let stale = self.stale();
        self.writing()?.device_grants.remove(device).map(drop).ok_or(stale)
    }

    async fn purge(&mut self, now: DateTime<Utc>) -> StoreResult<u64> {
        let grants = &mut self.writing()?.device_grants;
        let count = grants.len();
        grants.retain(|_, grant| grant.expires_at > now);
        Ok((count - grants.len()) as u64)
    }
}
