//! What the world shows of host names that people claim.

use async_trait::async_trait;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// Nobody could say; another time somebody may.
    #[error("{0}")]
    Unavailable(String),
    /// Somebody said, and it is not what a proof can be read from.
    #[error("{0}")]
    Unfit(String),
}

/// Each look is fresh, and bounded in time and size whoever answers. Texts of errors are for whoever claimed the name: they
/// tell of it what anybody can find out.
#[async_trait]
pub trait DomainProofs: Send + Sync {
    /// The TXT records of a name, each put together from its pieces; none when there are none.
    async fn records(&self, name: &str) -> Result<Vec<String>, ProofError>;

    /// What a plain HTTP request for this path at the host is answered with 200. Redirects are not followed, and nothing is
    /// connected to that is not for everybody.
    async fn page(&self, host: &str, path: &str) -> Result<String, ProofError>;
}
