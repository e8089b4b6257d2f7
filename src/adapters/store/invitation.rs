use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sqlx::{FromRow, QueryBuilder};
use uuid::Uuid;

use super::{
    column::Word,
    page::push_page,
    repository::{Record, Repository},
};
use crate::{
    domain::{
        ids::{InvitationId, OrgId},
        invitation::{Invitation, InvitationHash},
        names::Email,
        role::Role,
    },
    ports::repository::{InvitationRepository, PageRequest, StoreResult},
};

#[derive(FromRow)]
struct InvitationRow {
    id: Uuid,
    org_id: Uuid,
    email: Word<Email>,
    role: Word<Role>,
    invited_by: Option<Uuid>,
    created_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
}

impl Record for InvitationRow {
    const TABLE: &'static str = "invitations";
}

impl From<InvitationRow> for Invitation {
    fn from(row: InvitationRow) -> Self {
        Self {
            id: row.id.into(),
            org_id: row.org_id.into(),
            email: row.email.0,
            role: row.role.0,
            invited_by: row.invited_by.map(Into::into),
            created_at: row.created_at,
            expires_at: row.expires_at,
        }
    }
}

macro_rules! select {
    ($rest:literal) => {
        concat!("SELECT id, org_id, email, role, invited_by, created_at, expires_at FROM invitations ", $rest)
    };
}

macro_rules! implement {
    ($Db:ty) => {
        #[async_trait]
        impl InvitationRepository for Repository<'_, $Db> {
            async fn add(&mut self, invitation: &Invitation, token: &InvitationHash) -> StoreResult<()> {
                let query = sqlx::query(
                    "INSERT INTO invitations
                     (id, org_id, email, role, token_hash, invited_by, created_at, expires_at)
                     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
                     ON CONFLICT (org_id, email) DO UPDATE
                     SET id = excluded.id, role = excluded.role, token_hash = excluded.token_hash,
                         invited_by = excluded.invited_by, created_at = excluded.created_at,
                         expires_at = excluded.expires_at",
                )
                .bind(invitation.id.as_uuid())
                .bind(invitation.org_id.as_uuid())
                .bind(invitation.email.as_str())
                .bind(invitation.role.as_str())
                .bind(token.as_slice())
                .bind(invitation.invited_by.map(Uuid::from))
                .bind(invitation.created_at)
                .bind(invitation.expires_at);
                self.execute(query).await.map(drop)
            }

            async fn find(&mut self, id: InvitationId) -> StoreResult<Option<Invitation>> {
                let query = sqlx::query(select!("WHERE id = $1")).bind(id.as_uuid());
                Ok(self.row::<InvitationRow>(query).await?.map(Into::into))
            }

            async fn find_by_token(&mut self, token: &InvitationHash) -> StoreResult<Option<Invitation>> {
                let query = sqlx::query(select!("WHERE token_hash = $1")).bind(token.as_slice());
                Ok(self.row::<InvitationRow>(query).await?.map(Into::into))
            }

            async fn of_address(
                &mut self,
                email: &Email,
                now: DateTime<Utc>,
            ) -> StoreResult<Vec<Invitation>> {
                let query = sqlx::query(select!("WHERE email = $1 AND expires_at > $2 ORDER BY id"))
                    .bind(email.as_str())
                    .bind(now);
                let rows = self.rows::<InvitationRow>(query).await?;
                Ok(rows.into_iter().map(Into::into).collect())
            }

            async fn list(&mut self, org: OrgId, page: &PageRequest) -> StoreResult<Vec<Invitation>> {
                let mut query = QueryBuilder::new(select!("WHERE org_id = "));
                query.push_bind(org.as_uuid());
                push_page(&mut query, page, "email");
                let rows = self.rows::<InvitationRow>(query.build()).await?;
                Ok(rows.into_iter().map(Into::into).collect())
            }

            async fn remove(&mut self, id: InvitationId) -> StoreResult<()> {
                self.touch(sqlx::query("DELETE FROM invitations WHERE id = $1").bind(id.as_uuid())).await
            }

            async fn purge(&mut self, expired_before: DateTime<Utc>) -> StoreResult<u64> {
                self.execute(
                    sqlx::query("DELETE FROM invitations WHERE expires_at < $1").bind(expired_before),
                )
                .await
            }
        }
    };
}

for_each_engine!(implement);
