//! Whom else people sign in with, as the configuration says.

use std::sync::Arc;

use anyhow::Context;

use crate::{
    adapters::oauth::{GithubProvider, Http, OidcProvider, Registration},
    config::{Config, ConfigError, Providers},
    domain::identity::Provider,
    ports::identity_provider::IdentityProvider,
};

pub(super) fn of(config: &Config, access_url: &str) -> anyhow::Result<Vec<Arc<dyn IdentityProvider>>> {
    let settings: &Providers = &config.providers;
    let http = Http::new().context("the client for sign-in providers cannot be made")?;
    let mut providers: Vec<Arc<dyn IdentityProvider>> = Vec::new();
    if let Some(github) = settings.github() {
        let us = Registration::new(github.client.id, github.client.secret, access_url, Provider::Github);
        let provider = GithubProvider::new(&github.url, &github.api_url, us, http.clone())
            .map_err(|error| ConfigError::new("DEVSANCTUM_GITHUB_URL", error.to_string()))?;
        providers.push(Arc::new(provider));
    }
    for (provider, issuer, variable) in [
        (Provider::Google, settings.google(), "DEVSANCTUM_GOOGLE_ISSUER"),
        (Provider::Oidc, settings.oidc(), "DEVSANCTUM_OIDC_ISSUER"),
    ] {
        let Some(issuer) = issuer else { continue };
        let us = Registration::new(issuer.client.id, issuer.client.secret, access_url, provider);
        let provider = OidcProvider::new(provider, issuer.name, &issuer.issuer, us, http.clone())
            .map_err(|error| ConfigError::new(variable, error.to_string()))?;
        providers.push(Arc::new(provider));
    }
    Ok(providers)
}
