//! People.

use chrono::{DateTime, Utc};

use super::{
    ids::{OrgId, UserId},
    names::{Email, OrgSlug, Username},
    role::Role,
};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    pub id: UserId,
    pub username: Username,
    pub email: Email,
    pub display_name: String,
    /// Stands above organizations: may administer users and hosts.
    pub platform_admin: bool,
    /// Since when they may not come in.
    pub suspended_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

/// A PHC string (<https://github.com/P-H-C/phc-string-format>) as the hasher made it.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(pub String);

impl std::fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PasswordHash(***)")
    }
}

/// One organization a user belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Membership {
    pub org_id: OrgId,
    pub slug: OrgSlug,
    pub name: String,
    pub role: Role,
}

/// One person who belongs to an organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    pub user_id: UserId,
    pub username: Username,
    pub email: Email,
    pub display_name: String,
    pub role: Role,
    pub joined_at: DateTime<Utc>,
}
