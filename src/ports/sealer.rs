//! Encryption of secrets at rest.

use crate::domain::secret::{Sealed, Secret};

#[derive(Debug, thiserror::Error)]
pub enum SealError {
    #[error("sealing failed")]
    Seal,
    /// Another key, another context, or damaged bytes.
    #[error(
        "a sealed value cannot be opened: it was sealed with another master key, for another row, or is damaged"
    )]
    Open,
}

/// Authenticated encryption. `context` names table, column and row: a ciphertext moved elsewhere does not open.
pub trait Sealer: Send + Sync {
    fn seal(&self, context: &str, plaintext: &Secret) -> Result<Sealed, SealError>;
    fn open(&self, context: &str, sealed: &Sealed) -> Result<Secret, SealError>;

    /// Always the same for the same bytes, and nothing that can be tried out without the master key: for comparing what
    /// may hold a secret with what came before.
    fn digest(&self, context: &str, bytes: &[u8]) -> [u8; 32];
}
