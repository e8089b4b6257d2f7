use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::{PageRequest, StoreResult};
use crate::domain::{
    ids::{InvitationId, OrgId},
    invitation::{Invitation, InvitationHash},
    names::Email,
};

#[async_trait]
pub trait InvitationRepository: Send {
    /// Takes the place of the one for the same address in the same organization.
    async fn add(&mut self, invitation: &Invitation, token: &InvitationHash) -> StoreResult<()>;

    async fn find(&mut self, id: InvitationId) -> StoreResult<Option<Invitation>>;

    async fn find_by_token(&mut self, token: &InvitationHash) -> StoreResult<Option<Invitation>>;

    /// Those to this address that are open.
    async fn of_address(&mut self, email: &Email, now: DateTime<Utc>) -> StoreResult<Vec<Invitation>>;

    /// Of one organization, expired ones too; searched and sorted by address.
    async fn list(&mut self, org: OrgId, page: &PageRequest) -> StoreResult<Vec<Invitation>>;

    /// `Stale("invitation")` when it is gone: of several who use it, one does.
    async fn remove(&mut self, id: InvitationId) -> StoreResult<()>;

    /// Removes those that expired before. Returns how many.
    async fn purge(&mut self, expired_before: DateTime<Utc>) -> StoreResult<u64>;
}
