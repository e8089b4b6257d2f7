use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::{Repository, page::page};
use crate::{
    domain::{
        ids::{InvitationId, OrgId},
        invitation::{Invitation, InvitationHash},
        names::Email,
    },
    ports::repository::{InvitationRepository, PageRequest, StoreResult},
};

#[async_trait]
impl InvitationRepository for Repository<'_> {
    async fn add(&mut self, invitation: &Invitation, token: &InvitationHash) -> StoreResult<()> {
        let tables = self.writing()?;
        let inviter = invitation.invited_by;
        if !tables.orgs.contains_key(&invitation.org_id)
            || inviter.is_some_and(|user| !tables.users.contains_key(&user))
        {
            return self.dangling();
        }
        let place = (invitation.org_id, &invitation.email);
        tables.invitations.retain(|_, (other, _)| (other.org_id, &other.email) != place);
        if tables.invitations.values().any(|(other, hash)| other.id == invitation.id || hash == token) {
            return self.taken("id");
        }
        tables.invitations.insert(invitation.id, (invitation.clone(), *token));
        Ok(())
    }

    async fn find(&mut self, id: InvitationId) -> StoreResult<Option<Invitation>> {
        Ok(self.reading()?.invitations.get(&id).map(|(invitation, _)| invitation.clone()))
    }

    async fn find_by_token(&mut self, token: &InvitationHash) -> StoreResult<Option<Invitation>> {
        let mut invitations = self.reading()?.invitations.values();
        Ok(invitations.find(|(_, hash)| hash == token).map(|(invitation, _)| invitation.clone()))
    }

    async fn of_address(&mut self, email: &Email, now: DateTime<Utc>) -> StoreResult<Vec<Invitation>> {
        let invitations = self.reading()?.invitations.values().map(|(invitation, _)| invitation);
        Ok(invitations.filter(|found| found.email == *email && found.is_open(now)).cloned().collect())
    }

    async fn list(&mut self, org: OrgId, request: &PageRequest) -> StoreResult<Vec<Invitation>> {
        let invitations = self.reading()?.invitations.values().map(|(invitation, _)| invitation);
        let of_org = invitations.filter(|invitation| invitation.org_id == org);
        Ok(page(of_org, request, |it| (it.email.as_str(), it.id.as_uuid())))
    }

    async fn remove(&mut self, id: InvitationId) -> StoreResult<()> {
        let stale = self.stale();
        self.writing()?.invitations.remove(&id).map(drop).ok_or(stale)
    }

    async fn purge(&mut self, expired_before: DateTime<Utc>) -> StoreResult<u64> {
        let invitations = &mut self.writing()?.invitations;
        let count = invitations.len();
        invitations.retain(|_, (invitation, _)| invitation.expires_at >= expired_before);
        Ok((count - invitations.len()) as u64)
    }
}
