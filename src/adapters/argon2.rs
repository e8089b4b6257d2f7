//! Password hashing with Argon2id.

use std::sync::Arc;

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher, PasswordVerifier, phc},
};
use async_trait::async_trait;
use tokio::sync::Semaphore;

use crate::{
    domain::{secret::Secret, user::PasswordHash},
    ports::{
        hasher::{HashError, Hasher},
        random::Random,
    },
};

/// OWASP Password Storage Cheat Sheet: Argon2id with 19 MiB of memory, two passes, one lane.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// RFC 9106, 3.1: 16 bytes are recommended.
const SALT_BYTES: usize = 16;

pub struct Argon2Hasher {
    inner: Arc<Inner>,
    /// Hashes at the same time; the others wait. Bounds memory, and leaves cores for everything else.
    slots: Semaphore,
}

struct Inner {
    argon2: Argon2<'static>,
    random: Arc<dyn Random>,
    /// Verified against when there is no account, so that both answers take the same time.
    nobody: String,
}

impl Argon2Hasher {
    pub fn new(random: Arc<dyn Random>) -> Result<Self, HashError> {
        let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(failed)?;
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self::with(random, params, cores.div_ceil(2))
    }

    /// As weak as Argon2 allows. For tests, which sign in a hundred times.
    pub fn cheap(random: Arc<dyn Random>) -> Result<Self, HashError> {
        let params = Params::new(Params::MIN_M_COST, 1, 1, None).map_err(failed)?;
        Self::with(random, params, 4)
    }

    fn with(random: Arc<dyn Random>, params: Params, slots: usize) -> Result<Self, HashError> {
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let mut inner = Inner { argon2, random, nobody: String::new() };
        let unguessable = inner.random.hex::<16>();
        inner.nobody = inner.hash(unguessable.as_bytes())?;
        Ok(Self { inner: Arc::new(inner), slots: Semaphore::new(slots) })
    }

    /// Does CPU work where it holds up nobody.
    async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Inner) -> Result<T, HashError> + Send + 'static,
    ) -> Result<T, HashError> {
        let _slot = self.slots.acquire().await.map_err(failed)?;
        let inner = self.inner.clone();
        tokio::task::spawn_blocking(move || work(&inner)).await.map_err(failed)?
    }
}

impl Inner {
    fn hash(&self, password: &[u8]) -> Result<String, HashError> {
        let salt = self.random.bytes::<SALT_BYTES>();
        let hash: phc::PasswordHash = self.argon2.hash_password_with_salt(password, &salt).map_err(failed)?;
        Ok(hash.to_string())
    }

    fn matches(&self, password: &[u8], hash: &str) -> Result<bool, HashError> {
        let hash = phc::PasswordHash::new(hash).map_err(failed)?;
        match self.argon2.verify_password(password, &hash) {
            Ok(()) => Ok(true),
            Err(argon2::password_hash::Error::PasswordInvalid) => Ok(false),
            Err(error) => Err(failed(error)),
        }
    }
}

#[async_trait]
impl Hasher for Argon2Hasher {
    async fn hash(&self, password: Secret) -> Result<PasswordHash, HashError> {
        self.work(move |inner| inner.hash(password.expose().as_bytes())).await.map(PasswordHash)
    }

    async fn verify(&self, password: Secret, hash: Option<PasswordHash>) -> Result<bool, HashError> {
        self.work(move |inner| {
            let stored = hash.as_ref().map_or(inner.nobody.as_str(), |hash| hash.0.as_str());
            Ok(inner.matches(password.expose().as_bytes(), stored)? && hash.is_some())
        })
        .await
    }
}

fn failed(error: impl std::fmt::Display) -> HashError {
    HashError(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::system::SystemRandom;

    #[tokio::test]
    async fn only_the_right_password_matches() {
        let hasher = Argon2Hasher::cheap(Arc::new(SystemRandom)).unwrap();
        let hash = hasher.hash(Secret::new("correct horse")).await.unwrap();
        assert!(hasher.verify(Secret::new("correct horse"), Some(hash.clone())).await.unwrap());
        assert!(!hasher.verify(Secret::new("Correct horse"), Some(hash.clone())).await.unwrap());
        assert!(!hasher.verify(Secret::new("correct horse"), None).await.unwrap());
        assert_ne!(
            hasher.hash(Secret::new("correct horse")).await.unwrap(),
            hash,
            "each has a salt of its own"
        );
    }

    #[tokio::test]
    async fn the_parameters_are_the_recommended_ones() {
        let hasher = Argon2Hasher::new(Arc::new(SystemRandom)).unwrap();
        let hash = hasher.hash(Secret::new("correct horse")).await.unwrap();
        assert!(hash.0.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{}", hash.0);
    }

    #[tokio::test]
    async fn a_damaged_hash_is_an_error_not_a_no() {
        let hasher = Argon2Hasher::cheap(Arc::new(SystemRandom)).unwrap();
        let damaged = Some(PasswordHash("$argon2id$".into()));
        assert!(hasher.verify(Secret::new("correct horse"), damaged).await.is_err());
    }
}
