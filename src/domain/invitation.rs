//! Invitations: a way into an organization for whoever has a mail address.

use chrono::{DateTime, Duration, Utc};

use super::{
    ids::{InvitationId, OrgId, UserId},
    names::Email,
    role::Role,
};

/// How long one can be accepted.
pub const LIFETIME: Duration = Duration::days(7);

/// SHA-256 of an invitation's token; the token itself is never stored.
pub type InvitationHash = [u8; 32];

/// Open as long as it is there and has not expired: accepting or withdrawing it removes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    pub id: InvitationId,
    pub org_id: OrgId,
    pub email: Email,
    pub role: Role,
    /// `None`: a user that was removed.
    pub invited_by: Option<UserId>,
    pub created_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
}

impl Invitation {
    pub fn is_open(&self, now: DateTime<Utc>) -> bool {
        now < self.expires_at
    }
}
