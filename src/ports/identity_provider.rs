//! Asking somebody else who a person is.

use async_trait::async_trait;

use crate::domain::{
    identity::{Claimed, HandshakeSecrets, Provider},
    secret::Secret,
};

#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// It cannot be reached, or answers something that is no answer.
    #[error("the provider does not answer as it should")]
    Unavailable(#[source] anyhow::Error),
    /// What came back proves nothing: a code that was not issued to us, a token that is not for us, not signed by the
    /// provider, too old, or of another sign-in.
    #[error("the provider's answer is not valid")]
    Refused(#[source] anyhow::Error),
}

/// OAuth 2.0 authorization code flow with PKCE (RFC 9700, 2.1.1), with OpenID Connect where the provider has it.
#[async_trait]
pub trait IdentityProvider: Send + Sync {
    fn provider(&self) -> Provider;

    /// For people, on the button.
    fn name(&self) -> &str;

    /// Where the browser goes to sign in.
    async fn authorization_url(
        &self,
        state: &str,
        secrets: &HandshakeSecrets,
    ) -> Result<String, IdentityError>;

    /// Redeems the code that the browser brought back, once. `issuer` is what the answer says of its origin (RFC 9207);
    /// another one than ours is refused.
    async fn redeem(
        &self,
        code: &Secret,
        issuer: Option<&str>,
        secrets: &HandshakeSecrets,
    ) -> Result<Claimed, IdentityError>;
}
