//! Password hashing.

use async_trait::async_trait;

use crate::domain::{secret::Secret, user::PasswordHash};

#[derive(Debug, thiserror::Error)]
#[error("hashing a password failed: {0}")]
pub struct HashError(pub String);

/// Slow on purpose, and bounded in parallel, so that many sign-ins at once cannot exhaust memory.
#[async_trait]
pub trait Hasher: Send + Sync {
    async fn hash(&self, password: Secret) -> Result<PasswordHash, HashError>;

    /// Whether the password belongs to the hash. With `None` it does the same work and says no, so that an unknown
    /// account answers as slowly as a wrong password.
    async fn verify(&self, password: Secret, hash: Option<PasswordHash>) -> Result<bool, HashError>;
}
