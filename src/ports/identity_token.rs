//! What tells a component who visits: signed by us, verified by anybody with the keys that we publish.

use chrono::{DateTime, Utc};

use crate::domain::{
    ids::{OrgId, UserId, WorkspaceId},
    names::Username,
    secret::Secret,
};

/// Who visits what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentityClaims {
    pub issuer: String,
    /// Origin of the one address that it is for.
    pub audience: String,
    pub user_id: UserId,
    pub username: Username,
    /// Of the workspace behind the address.
    pub org: OrgId,
    pub workspace: WorkspaceId,
    pub issued_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
}

/// A key, opened. 32 bytes in hexadecimal.
#[derive(Debug, Clone)]
pub struct IdentityKey {
    pub id: String,
    pub secret: Secret,
    pub created_at: DateTime<Utc>,
}

/// What everybody may know of a key: a point on the curve P-256.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey {
    pub id: String,
    pub x: [u8; 32],
    pub y: [u8; 32],
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IdentityTokenError {
    #[error("there is no key to sign identities with")]
    NoKey,
    #[error("a key that identities are signed with is none")]
    BadKey,
    #[error("an identity cannot be signed")]
    Unsigned,
}

pub trait IdentityTokens: Send + Sync {
    /// Whether 32 bytes make a key. One in four billion does not.
    fn is_key(&self, secret: &Secret) -> bool;

    /// Newest first. From now on all of these are published, and the one signs whose turn it is
    /// ([`signer`](crate::domain::signing_key::signer)).
    fn use_keys(&self, keys: &[IdentityKey]) -> Result<(), IdentityTokenError>;

    fn issue(&self, claims: &IdentityClaims) -> Result<Secret, IdentityTokenError>;

    /// The public halves of all keys, newest first.
    fn published(&self) -> Vec<PublicKey>;
}
