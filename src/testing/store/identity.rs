use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::Repository;
use crate::{
    domain::{
        identity::{Identity, Provider},
        ids::{IdentityId, UserId},
    },
    ports::repository::{IdentityRepository, StoreResult, text::storable},
};

#[async_trait]
impl IdentityRepository for Repository<'_> {
    async fn add(&mut self, identity: &Identity) -> StoreResult<()> {
        let tables = self.writing()?;
        let kept = Identity {
            subject: storable(&identity.subject).into_owned(),
            label: storable(&identity.label).into_owned(),
            ..identity.clone()
        };
        let mut others = tables.identities.values();
        if others.any(|other| (other.provider, &other.subject) == (kept.provider, &kept.subject)) {
            return self.taken("identity");
        }
        if tables.identities.contains_key(&kept.id) {
            return self.taken("id");
        }
        if !tables.users.contains_key(&kept.user_id) {
            return self.dangling();
        }
        tables.identities.insert(kept.id, kept);
        Ok(())
    }

    async fn find(&mut self, provider: Provider, subject: &str) -> StoreResult<Option<Identity>> {
        let subject = storable(subject);
        let mut identities = self.reading()?.identities.values();
        Ok(identities.find(|found| found.provider == provider && found.subject == subject).cloned())
    }

    async fn list(&mut self, user: UserId) -> StoreResult<Vec<Identity>> {
        let identities = self.reading()?.identities.values();
        Ok(identities.filter(|found| found.user_id == user).cloned().collect())
    }

    async fn used(&mut self, id: IdentityId, label: &str, now: DateTime<Utc>) -> StoreResult<()> {
        let stale = self.stale();
        let identity = self.writing()?.identities.get_mut(&id).ok_or(stale)?;
        identity.label = storable(label).into_owned();
        identity.last_used_at = Some(now);
        Ok(())
    }

    async fn remove(&mut self, id: IdentityId) -> StoreResult<()> {
        let stale = self.stale();
        self.writing()?.identities.remove(&id).map(drop).ok_or(stale)
    }
}
