use async_trait::async_trait;

use super::Repository;
use crate::{
    domain::{
        ids::{SshKeyId, UserId},
        ssh_key::SshKey,
    },
    ports::repository::{SshKeyRepository, StoreResult, text::storable},
};

#[async_trait]
impl SshKeyRepository for Repository<'_> {
    async fn add(&mut self, key: &SshKey) -> StoreResult<()> {
        let tables = self.writing()?;
        if tables.ssh_keys.contains_key(&key.id) {
            return self.taken("id");
        }
        if tables.ssh_keys.values().any(|other| other.key.fingerprint == key.key.fingerprint) {
            return self.taken("SSH key");
        }
        if !tables.users.contains_key(&key.user_id) {
            return self.dangling();
        }
        let kept = SshKey { name: storable(&key.name).into_owned(), ..key.clone() };
        tables.ssh_keys.insert(key.id, kept);
        Ok(())
    }

    async fn find(&mut self, id: SshKeyId) -> StoreResult<Option<SshKey>> {
        Ok(self.reading()?.ssh_keys.get(&id).cloned())
    }

    async fn list(&mut self, user: UserId) -> StoreResult<Vec<SshKey>> {
        let keys = self.reading()?.ssh_keys.values().rev();
        Ok(keys.filter(|key| key.user_id == user).cloned().collect())
    }

    async fn remove(&mut self, id: SshKeyId) -> StoreResult<()> {
        let stale = self.stale();
        self.writing()?.ssh_keys.remove(&id).ok_or(stale)?;
        Ok(())
    }
}
