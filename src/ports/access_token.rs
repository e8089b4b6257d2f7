//! Short-lived access tokens.

use chrono::{DateTime, Utc};

use crate::domain::{
    ids::{SessionId, UserId},
    secret::Secret,
};

/// What an access token says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessClaims {
    pub user_id: UserId,
    pub session_id: SessionId,
    pub issued_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AccessTokenError {
    #[error("the access token has expired")]
    Expired,
    /// It names a key that is not among ours; perhaps it is a new one.
    #[error("the access token is not valid")]
    UnknownKey,
    /// Not a token, or not one this installation made for this purpose. Which it was is nobody's business.
    #[error("the access token is not valid")]
    Invalid,
    #[error("there is no key to sign access tokens with")]
    NoKey,
}

/// A key, opened. 32 bytes in hexadecimal.
#[derive(Debug, Clone)]
pub struct VerifyingKey {
    pub id: String,
    pub secret: Secret,
}

pub trait AccessTokens: Send + Sync {
    /// From now on the first of these signs, and all of them verify; none else does.
    fn use_keys(&self, keys: &[VerifyingKey]) -> Result<(), AccessTokenError>;

    fn issue(&self, claims: &AccessClaims) -> Result<Secret, AccessTokenError>;

    /// What a token says, if this installation issued it as an access token and it has not expired by `now`. Whether
    /// its session still lives only the store can tell.
    fn verify(&self, token: &str, now: DateTime<Utc>) -> Result<AccessClaims, AccessTokenError>;
}
