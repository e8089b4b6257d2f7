use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sqlx::{FromRow, QueryBuilder};
use uuid::Uuid;

use super::{
    column::Word,
    dialect::Dialect,
    page::{BATCH, push_ids, push_page, push_search},
    repository::{Record, Repository},
};
use crate::{
    domain::{
        ids::UserId,
        names::{Email, Username},
        user::{PasswordHash, User},
    },
    ports::repository::{Hint, PageRequest, StoreResult, UserRepository, text::storable, user::UserSummary},
};

#[derive(FromRow)]
struct UserRow {
    id: Uuid,
    username: Word<Username>,
    email: Word<Email>,
    display_name: String,
    platform_admin: bool,
    suspended_at: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl Record for UserRow {
    const TABLE: &'static str = "users";
}

impl From<UserRow> for User {
    fn from(row: UserRow) -> Self {
        Self {
            id: row.id.into(),
            username: row.username.0,
            email: row.email.0,
            display_name: row.display_name,
            platform_admin: row.platform_admin,
            suspended_at: row.suspended_at,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

#[derive(FromRow)]
struct LoginRow {
    #[sqlx(flatten)]
    user: UserRow,
    password_hash: Option<String>,
}

impl Record for LoginRow {
    const TABLE: &'static str = "users";
}

#[derive(FromRow)]
struct SummaryRow {
    #[sqlx(flatten)]
    user: UserRow,
    has_password: bool,
    has_second_factor: bool,
    last_seen_at: Option<DateTime<Utc>>,
    #[sqlx(try_from = "i64")]
    orgs: u64,
}

impl Record for SummaryRow {
    const TABLE: &'static str = "users";
}

impl From<SummaryRow> for UserSummary {
    fn from(row: SummaryRow) -> Self {
        Self {
            user: row.user.into(),
            has_password: row.has_password,
            has_second_factor: row.has_second_factor,
            last_seen_at: row.last_seen_at,
            orgs: row.orgs,
        }
    }
}

#[derive(FromRow)]
struct UsernameRow {
    id: Uuid,
    username: Word<Username>,
}

impl Record for UsernameRow {
    const TABLE: &'static str = "users";
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, username, email, display_name, platform_admin, suspended_at, password_hash, created_at,
                    updated_at
             FROM users ",
            $rest
        )
    };
}

macro_rules! implement {
    ($Db:ty) => {
        #[async_trait]
        impl UserRepository for Repository<'_, $Db> {
            async fn add(&mut self, user: &User, password: Option<&PasswordHash>) -> StoreResult<()> {
                let query = sqlx::query(
                    "INSERT INTO users
                     (id, username, email, display_name, platform_admin, suspended_at, password_hash, created_at,
                      updated_at)
                     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
                )
                .bind(user.id.as_uuid())
                .bind(user.username.as_str())
                .bind(user.email.as_str())
                .bind(storable(&user.display_name))
                .bind(user.platform_admin)
                .bind(user.suspended_at)
                .bind(password.map(|hash| hash.0.as_str()))
                .bind(user.created_at)
                .bind(user.updated_at);
                self.execute(query).await.map(drop)
            }

            async fn find(&mut self, id: UserId) -> StoreResult<Option<User>> {
                let query = sqlx::query(select!("WHERE id = $1")).bind(id.as_uuid());
                Ok(self.row::<UserRow>(query).await?.map(Into::into))
            }

            async fn find_by_login(
                &mut self,
                login: &str,
            ) -> StoreResult<Option<(User, Option<PasswordHash>)>> {
                let query = sqlx::query(select!("WHERE username = $1 OR email = $1")).bind(storable(login));
                let row = self.row::<LoginRow>(query).await?;
                Ok(row.map(|row| (row.user.into(), row.password_hash.map(PasswordHash))))
            }

            async fn set_password(
                &mut self,
                id: UserId,
                password: &PasswordHash,
                now: DateTime<Utc>,
            ) -> StoreResult<()> {
                let query =
                    sqlx::query("UPDATE users SET password_hash = $2, updated_at = $3 WHERE id = $1")
                        .bind(id.as_uuid())
                        .bind(password.0.as_str())
                        .bind(now);
                self.touch(query).await
            }

            async fn rename(
                &mut self,
                id: UserId,
                display_name: &str,
                now: DateTime<Utc>,
            ) -> StoreResult<()> {
                let query = sqlx::query("UPDATE users SET display_name = $2, updated_at = $3 WHERE id = $1")
                    .bind(id.as_uuid())
                    .bind(storable(display_name))
                    .bind(now);
                self.touch(query).await
            }

            async fn change(&mut self, user: &User) -> StoreResult<()> {
                let query = sqlx::query(
                    "UPDATE users
                     SET email = $2, display_name = $3, platform_admin = $4, suspended_at = $5, updated_at = $6
                     WHERE id = $1",
                )
                .bind(user.id.as_uuid())
                .bind(user.email.as_str())
                .bind(storable(&user.display_name))
                .bind(user.platform_admin)
                .bind(user.suspended_at)
                .bind(user.updated_at);
                self.touch(query).await?;
                self.tell(Hint::User(user.id));
                Ok(())
            }

            async fn remove(&mut self, id: UserId) -> StoreResult<()> {
                self.touch(sqlx::query("DELETE FROM users WHERE id = $1").bind(id.as_uuid())).await?;
                self.tell(Hint::User(id));
                Ok(())
            }

            async fn list(&mut self, page: &PageRequest) -> StoreResult<Vec<UserSummary>> {
                let mut query = QueryBuilder::new(
                    "SELECT * FROM (
                         SELECT id, username, email, display_name, platform_admin, suspended_at, created_at,
                                updated_at, password_hash IS NOT NULL AS has_password,
                                EXISTS (SELECT 1 FROM second_factors f
                                        WHERE f.user_id = u.id AND f.confirmed_at IS NOT NULL)
                                    AS has_second_factor,
                                (SELECT MAX(last_used_at) FROM sessions s WHERE s.user_id = u.id)
                                    AS last_seen_at,
                                (SELECT COUNT(*) FROM memberships m WHERE m.user_id = u.id) AS orgs,
                                LOWER(username || ' ' || email || ' ' || display_name) AS searched
                         FROM users u) AS found
                     WHERE TRUE",
                );
                push_search(&mut query, page, "searched");
                push_page(&mut query, &PageRequest { search: None, ..page.clone() }, "username");
                let rows = self.rows::<SummaryRow>(query.build()).await?;
                Ok(rows.into_iter().map(Into::into).collect())
            }

            async fn hold(&mut self, id: UserId) -> StoreResult<Option<User>> {
                let mut query = QueryBuilder::<$Db>::new(select!("WHERE id = "));
                query.push_bind(id.as_uuid()).push(<$Db>::HOLD);
                Ok(self.row::<UserRow>(query.build()).await?.map(Into::into))
            }

            async fn hold_admins(&mut self) -> StoreResult<Vec<UserId>> {
                let mut query = QueryBuilder::<$Db>::new(select!("WHERE platform_admin = "));
                query.push_bind(true).push(" AND suspended_at IS NULL ORDER BY id").push(<$Db>::HOLD);
                let rows = self.rows::<UserRow>(query.build()).await?;
                Ok(rows.into_iter().map(|row| row.id.into()).collect())
            }

            async fn usernames(&mut self, ids: &[UserId]) -> StoreResult<Vec<(UserId, Username)>> {
                let mut names = Vec::with_capacity(ids.len());
                for batch in ids.chunks(BATCH) {
                    let mut query = QueryBuilder::new("SELECT id, username FROM users WHERE id IN (");
                    push_ids(&mut query, batch);
                    names.extend(self.rows::<UsernameRow>(query.build()).await?);
                }
                Ok(names.into_iter().map(|row| (row.id.into(), row.username.0)).collect())
            }
        }
    };
}

for_each_engine!(implement);
