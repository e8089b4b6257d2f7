//! Short-lived tokens that say who somebody is, each for one purpose.

use chrono::{DateTime, Duration, Utc};
use uuid::Uuid;

use crate::domain::{
    ids::{UserId, WorkspaceId},
    policy::CredentialId,
    secret::Secret,
};

/// What a token is good for. One made for one purpose is none for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose<'a> {
    /// Access to the API.
    Api,
    /// Coming in at the address with this key (see [`super::proxy::Places`]), once.
    Ticket(&'a str),
    /// Visits to the address with this key.
    Pass(&'a str),
    /// A terminal of this workspace, once.
    Terminal(WorkspaceId),
}

/// What a token says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessClaims {
    pub user_id: UserId,
    /// By what that is known. Only what leads somewhere once is given to whoever shows an API token.
    pub credential: CredentialId,
    /// Where two tokens that say the same must differ.
    pub token_id: Option<Uuid>,
    pub issued_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
}

impl AccessClaims {
    pub fn new(
        user_id: UserId,
        credential: impl Into<CredentialId>,
        now: DateTime<Utc>,
        lifetime: Duration,
    ) -> Self {
        let expires_at = now + lifetime;
        Self { user_id, credential: credential.into(), token_id: None, issued_at: now, expires_at }
    }
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

    fn issue(&self, purpose: Purpose<'_>, claims: &AccessClaims) -> Result<Secret, AccessTokenError>;

    /// What a token says, if this installation issued it for this purpose and it has not expired by `now`. Whether its
    /// session still lives only the store can tell.
    fn verify(
        &self,
        purpose: Purpose<'_>,
        token: &str,
        now: DateTime<Utc>,
    ) -> Result<AccessClaims, AccessTokenError>;
}
