use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::{PageRequest, StoreResult};
use crate::domain::{
    audit::AuditEntry,
    ids::{OrgId, UserId},
};

/// Which entries; all of these must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// `None`: of all organizations and of none.
    pub org: Option<OrgId>,
    /// `workspace.create`, or with `workspace` everything done to workspaces.
    pub action: Option<String>,
    pub user: Option<UserId>,
    /// Id of what it was done to.
    pub target: Option<String>,
    /// At or after.
    pub from: Option<DateTime<Utc>>,
    /// Before.
    pub to: Option<DateTime<Utc>>,
}

/// Entries are added and never changed; they go only when their time is over.
#[async_trait]
pub trait AuditRepository: Send {
    async fn append(&mut self, entry: &AuditEntry) -> StoreResult<()>;

    /// Newest first, whatever the page's order says; `search` looks at the action.
    async fn list(&mut self, filter: &AuditFilter, page: &PageRequest) -> StoreResult<Vec<AuditEntry>>;

    /// Removes those made before. Returns how many.
    async fn purge(&mut self, made_before: DateTime<Utc>) -> StoreResult<u64>;
}
