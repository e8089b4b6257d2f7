//! GitHub, also on one's own server: OAuth 2.0 without OpenID Connect. Who somebody is says the REST API
//! (<https://docs.github.com/en/rest/users>).

use anyhow::anyhow;
use async_trait::async_trait;
use oauth2::{
    AuthUrl, AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndpointNotSet, EndpointSet,
    PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RequestTokenError, Scope, TokenResponse, TokenUrl,
    basic::BasicClient, url::ParseError,
};
use serde::{Deserialize, de::DeserializeOwned};

use super::{Http, Registration, refused, unavailable};
use crate::{
    domain::{
        identity::{Claimed, HandshakeSecrets, Provider},
        secret::Secret,
    },
    ports::identity_provider::{IdentityError, IdentityProvider},
};

/// The version of the REST API we were written for.
const API_VERSION: &str = "2022-11-28";

type Client = BasicClient<EndpointSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointSet>;

pub struct GithubProvider {
    client: Client,
    /// Without a slash at the end.
    url: String,
    api_url: String,
    http: Http,
}

/// <https://docs.github.com/en/rest/users/users#get-the-authenticated-user>
#[derive(Deserialize)]
struct User {
    /// Logins can be changed and taken by others; this cannot.
    id: u64,
    login: String,
    name: Option<String>,
}

/// <https://docs.github.com/en/rest/users/emails#list-email-addresses-for-the-authenticated-user>
#[derive(Deserialize)]
struct Address {
    email: String,
    primary: bool,
    verified: bool,
}

impl GithubProvider {
    /// `url` is that of the web pages, `api_url` that of the REST API, both without a slash at the end.
    ///
    /// # Errors
    /// When one of them, or our own address, is no URL.
    pub fn new(url: &str, api_url: &str, registration: Registration, http: Http) -> Result<Self, ParseError> {
        let client = BasicClient::new(ClientId::new(registration.client_id))
            .set_client_secret(ClientSecret::new(registration.client_secret.expose().to_owned()))
            .set_auth_uri(AuthUrl::new(format!("{url}/login/oauth/authorize"))?)
            .set_token_uri(TokenUrl::new(format!("{url}/login/oauth/access_token"))?)
            .set_redirect_uri(RedirectUrl::new(registration.redirect_uri)?);
        Ok(Self { client, url: url.to_owned(), api_url: api_url.to_owned(), http })
    }

    async fn ask<T: DeserializeOwned>(&self, path: &str, token: &str) -> Result<T, IdentityError> {
        let request = http::Request::get(format!("{}{path}", self.api_url))
            .header(http::header::AUTHORIZATION, format!("Bearer {token}"))
            .header(http::header::ACCEPT, "application/vnd.github+json")
            .header("x-github-api-version", API_VERSION)
            .body(Vec::new())
            .map_err(unavailable)?;
        let answer = self.http.send(request).await.map_err(unavailable)?;
        match answer.status() {
            status if status.is_success() => serde_json::from_slice(answer.body()).map_err(unavailable),
            status if status.is_client_error() => Err(refused(anyhow!("{path} answers {status}"))),
            status => Err(unavailable(anyhow!("{path} answers {status}"))),
        }
    }
}

#[async_trait]
impl IdentityProvider for GithubProvider {
    fn provider(&self) -> Provider {
        Provider::Github
    }

    fn name(&self) -> &'static str {
        "GitHub"
    }

    async fn authorization_url(
        &self,
        state: &str,
        secrets: &HandshakeSecrets,
    ) -> Result<String, IdentityError> {
        let verifier = PkceCodeVerifier::new(secrets.pkce_verifier.clone());
        let (url, _) = self
            .client
            .authorize_url(|| CsrfToken::new(state.to_owned()))
            .add_scope(Scope::new("read:user".into()))
            .add_scope(Scope::new("user:email".into()))
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier))
            .url();
        Ok(url.into())
    }

    async fn redeem(
        &self,
        code: &Secret,
        issuer: Option<&str>,
        secrets: &HandshakeSecrets,
    ) -> Result<Claimed, IdentityError> {
        // GitHub sends none today; should it begin to, it will be below its own address.
        if issuer.is_some_and(|issuer| !issuer.starts_with(&self.url)) {
            return Err(refused(anyhow!("the answer is of another issuer")));
        }
        let tokens = self
            .client
            .exchange_code(AuthorizationCode::new(code.expose().to_owned()))
            .set_pkce_verifier(PkceCodeVerifier::new(secrets.pkce_verifier.clone()))
            .request_async(&self.http)
            .await
            .map_err(|error| match error {
                RequestTokenError::ServerResponse(_) => refused(error),
                // A wrong code is answered with success and an error inside.
                RequestTokenError::Parse(_, ref body) if names_an_error(body) => refused(error),
                error => unavailable(error),
            })?;
        let token = tokens.access_token().secret();
        let user: User = self.ask("/user", token).await?;
        let addresses: Vec<Address> = self.ask("/user/emails", token).await?;
        let primary = addresses.into_iter().find(|address| address.primary && address.verified);
        Ok(Claimed {
            subject: user.id.to_string(),
            verified_email: primary.and_then(|address| address.email.parse().ok()),
            label: user.login.clone(),
            username: user.login,
            display_name: user.name.unwrap_or_default(),
        })
    }
}

fn names_an_error(body: &[u8]) -> bool {
    serde_json::from_slice::<serde_json::Value>(body).is_ok_and(|body| body["error"].is_string())
}
