//! People, as the API shows them.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    app::me::Account,
    domain::{role::Role, user},
    http::wire::{Time, words},
};

/// Longest display name, in characters.
pub const MAX_DISPLAY_NAME: usize = 80;

words! {
    RoleWord = Role::ALL;
}

#[derive(Debug, Serialize, ToSchema)]
pub struct User {
    pub id: Uuid,
    pub username: String,
    pub email: String,
    pub display_name: String,
    pub platform_admin: bool,
    /// May not come in.
    pub suspended: bool,
    pub created_at: Time,
}

/// The caller, and where they belong.
#[derive(Debug, Serialize, ToSchema)]
pub struct Me {
    #[serde(flatten)]
    pub user: User,
    /// Not for accounts that sign in elsewhere only.
    pub has_password: bool,
    /// Whether signing in asks for a code.
    pub totp_enabled: bool,
    pub recovery_codes_left: u64,
    /// An address that becomes the account's when the link that was mailed there is opened.
    #[schema(required)]
    pub pending_email: Option<String>,
    pub organizations: Vec<MyOrganization>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct MyOrganization {
    pub id: Uuid,
    pub slug: String,
    pub name: String,
    #[schema(value_type = RoleWord)]
    pub role: Role,
}

impl From<&user::User> for User {
    fn from(user: &user::User) -> Self {
        Self {
            id: user.id.into(),
            username: user.username.to_string(),
            email: user.email.to_string(),
            display_name: user.display_name.clone(),
            platform_admin: user.platform_admin,
            suspended: user.suspended_at.is_some(),
            created_at: user.created_at.into(),
        }
    }
}

impl From<Account> for Me {
    fn from(account: Account) -> Self {
        let organizations = account.memberships.into_iter().map(|membership| MyOrganization {
            id: membership.org_id.into(),
            slug: membership.slug.to_string(),
            name: membership.name,
            role: membership.role,
        });
        Self {
            user: User::from(&account.user),
            has_password: account.has_password,
            totp_enabled: account.totp_enabled,
            recovery_codes_left: account.recovery_codes_left,
            pending_email: account.pending_email.map(|email| email.to_string()),
            organizations: organizations.collect(),
        }
    }
}
