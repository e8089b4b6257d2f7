use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sqlx::{FromRow, QueryBuilder};
use uuid::Uuid;

use super::{
    column::Word,
    dialect::Dialect,
    repository::{Record, Repository},
};
use crate::{
    domain::{
        ids::{OrgId, UserId},
        names::{Email, OrgSlug, Username},
        org::Org,
        role::Role,
        route::Visibility,
        user::{Member, Membership},
    },
    ports::repository::{Hint, OrgRepository, StoreError, StoreResult, text::storable},
};

#[derive(FromRow)]
struct OrgRow {
    id: Uuid,
    slug: Word<OrgSlug>,
    name: String,
    max_visibility: Option<Word<Visibility>>,
    deleting_since: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl Record for OrgRow {
    const TABLE: &'static str = "orgs";
}

impl From<OrgRow> for Org {
    fn from(row: OrgRow) -> Self {
        Self {
            id: row.id.into(),
            slug: row.slug.0,
            name: row.name,
            max_visibility: row.max_visibility.map_or(Visibility::Public, |word| word.0),
            deleting_since: row.deleting_since,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

#[derive(FromRow)]
struct MembershipRow {
    org_id: Uuid,
    slug: Word<OrgSlug>,
    name: String,
    role: Word<Role>,
}

impl Record for MembershipRow {
    const TABLE: &'static str = "memberships";
    const KEY: &'static str = "org_id";
}

impl From<MembershipRow> for Membership {
    fn from(row: MembershipRow) -> Self {
        Self { org_id: row.org_id.into(), slug: row.slug.0, name: row.name, role: row.role.0 }
    }
}

#[derive(FromRow)]
struct MemberRow {
    user_id: Uuid,
    username: Word<Username>,
    email: Word<Email>,
    display_name: String,
    role: Word<Role>,
    created_at: DateTime<Utc>,
}

impl Record for MemberRow {
    const TABLE: &'static str = "memberships";
    const KEY: &'static str = "user_id";
}

impl From<MemberRow> for Member {
    fn from(row: MemberRow) -> Self {
        Self {
            user_id: row.user_id.into(),
            username: row.username.0,
            email: row.email.0,
            display_name: row.display_name,
            role: row.role.0,
            joined_at: row.created_at,
        }
    }
}

#[derive(FromRow)]
struct CountRow {
    org_id: Uuid,
    #[sqlx(try_from = "i64")]
    members: u64,
}

impl Record for CountRow {
    const TABLE: &'static str = "memberships";
    const KEY: &'static str = "org_id";
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, slug, name, max_visibility, deleting_since, created_at, updated_at FROM orgs ",
            $rest
        )
    };
}

macro_rules! implement {
    ($Db:ty) => {
        #[async_trait]
        impl OrgRepository for Repository<'_, $Db> {
            async fn add(&mut self, org: &Org) -> StoreResult<()> {
                let query = sqlx::query(
                    "INSERT INTO orgs (id, slug, name, max_visibility, deleting_since, created_at, updated_at)
                     VALUES ($1, $2, $3, $4, $5, $6, $7)",
                )
                .bind(org.id.as_uuid())
                .bind(org.slug.as_str())
                .bind(storable(&org.name))
                .bind(org.max_visibility.as_str())
                .bind(org.deleting_since)
                .bind(org.created_at)
                .bind(org.updated_at);
                self.execute(query).await.map(drop)
            }

            async fn find(&mut self, id: OrgId) -> StoreResult<Option<Org>> {
                let query = sqlx::query(select!("WHERE buried_at IS NULL AND id = $1")).bind(id.as_uuid());
                Ok(self.row::<OrgRow>(query).await?.map(Into::into))
            }

            async fn find_by_slug(&mut self, slug: &OrgSlug) -> StoreResult<Option<Org>> {
                let query = sqlx::query(select!("WHERE buried_at IS NULL AND slug = $1")).bind(slug.as_str());
                Ok(self.row::<OrgRow>(query).await?.map(Into::into))
            }

            async fn hold(&mut self, id: OrgId) -> StoreResult<Option<Org>> {
                let mut query = QueryBuilder::<$Db>::new(select!("WHERE buried_at IS NULL AND id = "));
                query.push_bind(id.as_uuid()).push(<$Db>::HOLD);
                Ok(self.row::<OrgRow>(query.build()).await?.map(Into::into))
            }

            async fn rename(
                &mut self,
                id: OrgId,
                slug: &OrgSlug,
                name: &str,
                now: DateTime<Utc>,
            ) -> StoreResult<()> {
                let query =
                    sqlx::query("UPDATE orgs SET slug = $2, name = $3, updated_at = $4 WHERE id = $1")
                        .bind(id.as_uuid())
                        .bind(slug.as_str())
                        .bind(storable(name))
                        .bind(now);
                self.touch(query).await
            }

            async fn cap_visibility(
                &mut self,
                id: OrgId,
                widest: Visibility,
                now: DateTime<Utc>,
            ) -> StoreResult<()> {
                let query = sqlx::query("UPDATE orgs SET max_visibility = $2, updated_at = $3 WHERE id = $1")
                    .bind(id.as_uuid())
                    .bind(widest.as_str())
                    .bind(now);
                self.touch(query).await
            }

            async fn begin_deleting(&mut self, id: OrgId, now: DateTime<Utc>) -> StoreResult<()> {
                let query = sqlx::query(
                    "UPDATE orgs SET deleting_since = COALESCE(deleting_since, $2), updated_at = $2
                     WHERE id = $1",
                );
                self.touch(query.bind(id.as_uuid()).bind(now)).await
            }

            async fn deleting(&mut self) -> StoreResult<Vec<OrgId>> {
                let rows = self
                    .rows::<OrgRow>(sqlx::query(select!(
                        "WHERE deleting_since IS NOT NULL AND buried_at IS NULL ORDER BY id"
                    )))
                    .await?;
                Ok(rows.into_iter().map(|row| row.id.into()).collect())
            }

            async fn bury(&mut self, id: OrgId, now: DateTime<Utc>) -> StoreResult<()> {
                let live = sqlx::query(
                    "SELECT COUNT(*) FROM workspaces WHERE org_id = $1 AND status <> 'destroyed'",
                );
                if self.value::<i64>(live.bind(id.as_uuid())).await? != Some(0) {
                    return Err(StoreError::Reference(self.noun));
                }
                // No slug is as long as an id.
                let query = sqlx::query(
                    "UPDATE orgs SET slug = $3, buried_at = $2, updated_at = $2
                     WHERE id = $1 AND buried_at IS NULL",
                );
                self.touch(query.bind(id.as_uuid()).bind(now).bind(id.to_string())).await?;
                for statement in [
                    "DELETE FROM memberships WHERE org_id = $1",
                    "DELETE FROM invitations WHERE org_id = $1",
                    "DELETE FROM quotas WHERE org_id = $1",
                    "DELETE FROM variables WHERE org_id = $1",
                    "DELETE FROM templates WHERE org_id = $1",
                ] {
                    self.execute(sqlx::query(statement).bind(id.as_uuid())).await?;
                }
                Ok(())
            }

            async fn purge(&mut self) -> StoreResult<u64> {
                let query = sqlx::query(
                    "DELETE FROM orgs WHERE buried_at IS NOT NULL
                     AND NOT EXISTS (SELECT 1 FROM workspaces w WHERE w.org_id = orgs.id)",
                );
                self.execute(query).await
            }

            async fn list(&mut self) -> StoreResult<Vec<Org>> {
                let rows = self
                    .rows::<OrgRow>(sqlx::query(select!("WHERE buried_at IS NULL ORDER BY slug")))
                    .await?;
                Ok(rows.into_iter().map(Into::into).collect())
            }

            async fn set_member(
                &mut self,
                org: OrgId,
                user: UserId,
                role: Role,
                now: DateTime<Utc>,
            ) -> StoreResult<()> {
                let query = sqlx::query(
                    "INSERT INTO memberships (org_id, user_id, role, created_at, updated_at)
                     VALUES ($1, $2, $3, $4, $4)
                     ON CONFLICT (org_id, user_id)
                     DO UPDATE SET role = excluded.role, updated_at = excluded.updated_at",
                )
                .bind(org.as_uuid())
                .bind(user.as_uuid())
                .bind(role.as_str())
                .bind(now);
                self.execute(query).await?;
                self.tell(Hint::User(user));
                Ok(())
            }

            async fn remove_member(&mut self, org: OrgId, user: UserId) -> StoreResult<()> {
                let query = sqlx::query("DELETE FROM memberships WHERE org_id = $1 AND user_id = $2");
                self.touch(query.bind(org.as_uuid()).bind(user.as_uuid())).await?;
                self.tell(Hint::User(user));
                Ok(())
            }

            async fn memberships(&mut self, user: UserId) -> StoreResult<Vec<Membership>> {
                let query = sqlx::query(
                    "SELECT m.org_id, o.slug, o.name, m.role
                     FROM memberships m JOIN orgs o ON o.id = m.org_id
                     WHERE m.user_id = $1 ORDER BY o.slug",
                )
                .bind(user.as_uuid());
                let rows = self.rows::<MembershipRow>(query).await?;
                Ok(rows.into_iter().map(Into::into).collect())
            }

            async fn members(&mut self, org: OrgId) -> StoreResult<Vec<Member>> {
                let query = sqlx::query(
                    "SELECT m.user_id, u.username, u.email, u.display_name, m.role, m.created_at
                     FROM memberships m JOIN users u ON u.id = m.user_id
                     WHERE m.org_id = $1 ORDER BY u.username",
                )
                .bind(org.as_uuid());
                let rows = self.rows::<MemberRow>(query).await?;
                Ok(rows.into_iter().map(Into::into).collect())
            }

            async fn role_of(&mut self, org: OrgId, user: UserId) -> StoreResult<Option<Role>> {
                let query = sqlx::query("SELECT role FROM memberships WHERE org_id = $1 AND user_id = $2")
                    .bind(org.as_uuid())
                    .bind(user.as_uuid());
                Ok(self.value::<Word<Role>>(query).await?.map(|word| word.0))
            }

            async fn count_owners(&mut self, org: OrgId) -> StoreResult<u64> {
                let query =
                    sqlx::query("SELECT COUNT(*) FROM memberships WHERE org_id = $1 AND role = 'owner'");
                let owners = self.value::<i64>(query.bind(org.as_uuid())).await?;
                Ok(owners.and_then(|owners| owners.try_into().ok()).unwrap_or_default())
            }

            async fn count_members(&mut self) -> StoreResult<Vec<(OrgId, u64)>> {
                let query =
                    sqlx::query("SELECT org_id, COUNT(*) AS members FROM memberships GROUP BY org_id");
                let rows = self.rows::<CountRow>(query).await?;
                Ok(rows.into_iter().map(|row| (row.org_id.into(), row.members)).collect())
            }
        }
    };
}

for_each_engine!(implement);
