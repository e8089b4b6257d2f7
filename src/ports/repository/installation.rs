use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::StoreResult;
use crate::domain::ids::{InstallationId, RestoreId};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Installation {
    pub id: InstallationId,
    pub created_at: DateTime<Utc>,
    /// When the first user was made; until then the setup token opens the door.
    pub setup_at: Option<DateTime<Utc>>,
    /// Which restore from a backup this database came from, if any.
    pub restore_id: Option<RestoreId>,
}

#[async_trait]
pub trait InstallationRepository: Send {
    /// The one row, made with this id if there is none; of two who race, both get the winner's.
    async fn establish(&mut self, id: InstallationId, now: DateTime<Utc>) -> StoreResult<Installation>;

    /// Keeps what the first server derived from its master key. Returns what is kept: a server that derives something
    /// else has another key. `Stale("installation")` before [`Self::establish`].
    async fn check_key(&mut self, derived: &[u8; 32]) -> StoreResult<[u8; 32]>;

    /// `None`: no server has used the database yet.
    async fn find(&mut self) -> StoreResult<Option<Installation>>;

    /// Marks the setup as done. `false`: it was done before. Of two who race, one gets `true`.
    async fn complete_setup(&mut self, now: DateTime<Utc>) -> StoreResult<bool>;
}
