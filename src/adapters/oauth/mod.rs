//! Providers of identities: OpenID Connect issuers by `openidconnect`, GitHub by `oauth2` and its REST API.

mod github;
mod http;
mod oidc;

pub use self::{github::GithubProvider, http::Http, oidc::OidcProvider};
use crate::{
    domain::{identity::Provider, secret::Secret},
    ports::identity_provider::IdentityError,
};

/// Who we are to a provider.
#[derive(Debug, Clone)]
pub struct Registration {
    pub client_id: String,
    pub client_secret: Secret,
    /// Where the provider sends the browser back to.
    pub redirect_uri: String,
}

impl Registration {
    /// `access_url` is ours, without a slash at the end.
    pub fn new(client_id: String, client_secret: Secret, access_url: &str, provider: Provider) -> Self {
        Self {
            client_id,
            client_secret,
            redirect_uri: format!("{access_url}/api/v1/auth/oauth/{provider}/callback"),
        }
    }
}

fn unavailable(error: impl Into<anyhow::Error>) -> IdentityError {
    IdentityError::Unavailable(error.into())
}

fn refused(error: impl Into<anyhow::Error>) -> IdentityError {
    IdentityError::Refused(error.into())
}
