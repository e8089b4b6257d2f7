//! Tokens for programs that act for a person.

use chrono::{DateTime, Duration, Utc};

use super::{
    ids::{ApiTokenId, UserId},
    scope::Scopes,
    session::TokenHash,
};

/// What every token begins with, so that people and scanners recognize one.
pub const PREFIX: &str = "dvs_";
/// Characters that are kept in clear text.
pub const SHOWN: usize = PREFIX.len() + 6;
/// A use is written down at most this often.
pub const USE_EVERY: Duration = Duration::minutes(1);
/// Of one person.
pub const MOST: usize = 100;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiToken {
    pub id: ApiTokenId,
    pub user_id: UserId,
    pub name: String,
    /// Its first characters.
    pub prefix: String,
    /// The token itself is never stored.
    pub hash: TokenHash,
    pub scopes: Scopes,
    pub created_at: DateTime<Utc>,
    /// `None`: until it is revoked.
    pub expires_at: Option<DateTime<Utc>>,
    pub last_used_at: Option<DateTime<Utc>>,
    pub last_used_address: Option<String>,
}

impl ApiToken {
    pub fn is_live(&self, now: DateTime<Utc>) -> bool {
        self.expires_at.is_none_or(|expires| now < expires)
    }
}
