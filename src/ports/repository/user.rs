use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::{PageRequest, StoreResult};
use crate::domain::{
    ids::UserId,
    names::Username,
    user::{PasswordHash, User},
};

/// A user, as administrators see them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserSummary {
    pub user: User,
    pub has_password: bool,
    /// Whether they sign in with a second factor.
    pub has_second_factor: bool,
    /// When one of their sessions was last used; `None`: never, or long ago.
    pub last_seen_at: Option<DateTime<Utc>>,
    /// How many they belong to.
    pub orgs: u64,
}

#[async_trait]
pub trait UserRepository: Send {
    /// `Taken("username")` or `Taken("email")`.
    async fn add(&mut self, user: &User, password: Option<&PasswordHash>) -> StoreResult<()>;

    async fn find(&mut self, id: UserId) -> StoreResult<Option<User>>;

    /// By username or mail address, both in lower case.
    async fn find_by_login(&mut self, login: &str) -> StoreResult<Option<(User, Option<PasswordHash>)>>;

    async fn set_password(
        &mut self,
        id: UserId,
        password: &PasswordHash,
        now: DateTime<Utc>,
    ) -> StoreResult<()>;

    async fn rename(&mut self, id: UserId, display_name: &str, now: DateTime<Utc>) -> StoreResult<()>;

    /// Writes address, display name, rights, suspension and `updated_at`. `Taken("email")`.
    async fn change(&mut self, user: &User) -> StoreResult<()>;

    /// With everything that is theirs alone. `Reference("user")` while a workspace belongs to them.
    async fn remove(&mut self, id: UserId) -> StoreResult<()>;

    /// Searched in name, address and display name; sorted by username.
    async fn list(&mut self, page: &PageRequest) -> StoreResult<Vec<UserSummary>>;

    /// Holds the user to the end of the unit of work, see [`super::OrgRepository::hold`].
    async fn hold(&mut self, id: UserId) -> StoreResult<Option<User>>;

    /// Platform admins that may come in, by id; held to the end of the unit of work like
    /// [`super::OrgRepository::hold`] does.
    async fn hold_admins(&mut self) -> StoreResult<Vec<UserId>>;

    /// Names of these users, in no order; unknown ids are left out.
    async fn usernames(&mut self, ids: &[UserId]) -> StoreResult<Vec<(UserId, Username)>>;
}
