use async_trait::async_trait;

use super::StoreResult;
use crate::domain::{
    ids::{SshKeyId, UserId},
    ssh_key::SshKey,
};

#[async_trait]
pub trait SshKeyRepository: Send {
    /// `Taken("SSH key")` when any account has this key.
    async fn add(&mut self, key: &SshKey) -> StoreResult<()>;

    async fn find(&mut self, id: SshKeyId) -> StoreResult<Option<SshKey>>;

    /// The user's, newest first.
    async fn list(&mut self, user: UserId) -> StoreResult<Vec<SshKey>>;

    /// `Stale("SSH key")` when it is gone.
    async fn remove(&mut self, id: SshKeyId) -> StoreResult<()>;
}
