//! OpenID Connect: any issuer that publishes its configuration (OpenID Connect Discovery 1.0), Google among them.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::anyhow;
use async_trait::async_trait;
use openidconnect::{
    AccessTokenHash, AuthType, AuthorizationCode, ClaimsVerificationError, ClientId, ClientSecret, CsrfToken,
    EndpointMaybeSet, EndpointNotSet, EndpointSet, IssuerUrl, Nonce, OAuth2TokenResponse, PkceCodeChallenge,
    PkceCodeVerifier, RedirectUrl, RequestTokenError, Scope, SignatureVerificationError,
    StandardErrorResponse, TokenResponse,
    core::{
        CoreAuthenticationFlow, CoreClient, CoreClientAuthMethod, CoreErrorResponseType, CoreIdTokenClaims,
        CoreJwsSigningAlgorithm as Algorithm, CoreProviderMetadata, CoreTokenResponse, CoreUserInfoClaims,
    },
};
use tokio::sync::Mutex;

use super::{Http, Registration, http::HttpError, refused, unavailable};
use crate::{
    domain::{
        identity::{Claimed, HandshakeSecrets, Provider},
        names::Email,
        secret::Secret,
    },
    ports::identity_provider::{IdentityError, IdentityProvider},
};

/// How long an issuer's configuration and keys are used before they are read again.
const FRESH_FOR: Duration = Duration::from_secs(3600);

/// What an ID token may be signed with. Not by a secret we share (HS256 and its kin): whoever reads our configuration
/// could sign, and a published key could be taken for one.
const SIGNED_BY_A_KEY_PAIR: [Algorithm; 9] = [
    Algorithm::RsaSsaPkcs1V15Sha256,
    Algorithm::RsaSsaPkcs1V15Sha384,
    Algorithm::RsaSsaPkcs1V15Sha512,
    Algorithm::RsaSsaPssSha256,
    Algorithm::RsaSsaPssSha384,
    Algorithm::RsaSsaPssSha512,
    Algorithm::EcdsaP256Sha256,
    Algorithm::EcdsaP384Sha384,
    Algorithm::EdDsa,
];

type Client = CoreClient<
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;
type Claims = CoreIdTokenClaims;
type HttpClientError = RequestTokenError<HttpError, StandardErrorResponse<CoreErrorResponseType>>;

pub struct OidcProvider {
    provider: Provider,
    name: String,
    issuer: IssuerUrl,
    registration: Registration,
    redirect: RedirectUrl,
    http: Http,
    discovered: Mutex<Option<(Instant, Arc<CoreProviderMetadata>)>>,
}

impl OidcProvider {
    /// # Errors
    /// When the issuer or our own address is no URL.
    pub fn new(
        provider: Provider,
        name: String,
        issuer: &str,
        registration: Registration,
        http: Http,
    ) -> Result<Self, openidconnect::url::ParseError> {
        Ok(Self {
            provider,
            name,
            issuer: IssuerUrl::new(issuer.to_owned())?,
            redirect: RedirectUrl::new(registration.redirect_uri.clone())?,
            registration,
            http,
            discovered: Mutex::default(),
        })
    }

    /// The issuer's configuration with its keys, no older than [`FRESH_FOR`], or read just now.
    async fn metadata(&self, anew: bool) -> Result<Arc<CoreProviderMetadata>, IdentityError> {
        let mut discovered = self.discovered.lock().await;
        if let Some((at, metadata)) = &*discovered
            && !anew
            && at.elapsed() < FRESH_FOR
        {
            return Ok(metadata.clone());
        }
        let found = CoreProviderMetadata::discover_async(self.issuer.clone(), &self.http).await;
        let found = Arc::new(found.map_err(unavailable)?);
        *discovered = Some((Instant::now(), found.clone()));
        Ok(found)
    }

    fn client(&self, metadata: &CoreProviderMetadata) -> Client {
        let id = ClientId::new(self.registration.client_id.clone());
        let secret = ClientSecret::new(self.registration.client_secret.expose().to_owned());
        // Basic is what every provider must know (RFC 6749, 2.3.1), unless it says otherwise.
        let methods = metadata.token_endpoint_auth_methods_supported();
        let only_post = methods.is_some_and(|methods| {
            !methods.contains(&CoreClientAuthMethod::ClientSecretBasic)
                && methods.contains(&CoreClientAuthMethod::ClientSecretPost)
        });
        let auth = if only_post { AuthType::RequestBody } else { AuthType::BasicAuth };
        CoreClient::from_provider_metadata(metadata.clone(), id, Some(secret))
            .set_redirect_uri(self.redirect.clone())
            .set_auth_type(auth)
    }

    async fn exchange(
        &self,
        client: &Client,
        code: &Secret,
        secrets: &HandshakeSecrets,
    ) -> Result<CoreTokenResponse, IdentityError> {
        client
            .exchange_code(AuthorizationCode::new(code.expose().to_owned()))
            .map_err(unavailable)?
            .set_pkce_verifier(PkceCodeVerifier::new(secrets.pkce_verifier.clone()))
            .request_async(&self.http)
            .await
            .map_err(answered)
    }

    /// What the ID token says. Its signature may be by a key that is newer than what we read.
    async fn claims(&self, tokens: &CoreTokenResponse, nonce: &Nonce) -> Result<Claims, IdentityError> {
        let client = self.client(&*self.metadata(false).await?);
        match verified(&client, tokens, nonce) {
            Err(Unverified::UnknownKey) => {
                let client = self.client(&*self.metadata(true).await?);
                verified(&client, tokens, nonce).map_err(refused)
            }
            other => other.map_err(refused),
        }
    }

    /// Asked only when the ID token leaves out the address, as many issuers do with an access token beside it (OpenID
    /// Connect Core, 5.4).
    async fn profile(
        &self,
        client: &Client,
        tokens: &CoreTokenResponse,
        claims: &Claims,
    ) -> Result<Option<CoreUserInfoClaims>, IdentityError> {
        let subject = Some(claims.subject().clone());
        let Ok(request) = client.user_info(tokens.access_token().clone(), subject) else { return Ok(None) };
        request.request_async(&self.http).await.map(Some).map_err(|error| match error {
            openidconnect::UserInfoError::Request(error) => unavailable(error),
            error => refused(error),
        })
    }
}

#[derive(Debug, thiserror::Error)]
enum Unverified {
    #[error("there is no ID token")]
    Missing,
    #[error("the ID token is signed with a key that the issuer does not publish")]
    UnknownKey,
    #[error(transparent)]
    Claims(ClaimsVerificationError),
    #[error("the ID token's algorithm or key cannot be used")]
    Key(#[source] anyhow::Error),
    #[error("the access token is not the one that the ID token was issued with")]
    OtherAccessToken,
}

/// Signature, issuer, audience, times and nonce, as OpenID Connect Core, 3.1.3.7, wants; and the access token beside it.
fn verified(client: &Client, tokens: &CoreTokenResponse, nonce: &Nonce) -> Result<Claims, Unverified> {
    let token = tokens.id_token().ok_or(Unverified::Missing)?;
    let verifier = client.id_token_verifier().set_allowed_algs(SIGNED_BY_A_KEY_PAIR);
    let claims = token.claims(&verifier, nonce).map_err(|error| match error {
        ClaimsVerificationError::SignatureVerification(SignatureVerificationError::NoMatchingKey) => {
            Unverified::UnknownKey
        }
        error => Unverified::Claims(error),
    })?;
    if let Some(expected) = claims.access_token_hash() {
        let algorithm = token.signing_alg().map_err(|error| Unverified::Key(error.into()))?;
        let key = token.signing_key(&verifier).map_err(|error| Unverified::Key(error.into()))?;
        let found = AccessTokenHash::from_token(tokens.access_token(), algorithm, key)
            .map_err(|error| Unverified::Key(error.into()))?;
        if found != *expected {
            return Err(Unverified::OtherAccessToken);
        }
    }
    Ok(claims.clone())
}

/// What the provider answered to a code: that it is wrong, or nothing of use.
fn answered(error: HttpClientError) -> IdentityError {
    match error {
        RequestTokenError::ServerResponse(_) => refused(error),
        error => unavailable(error),
    }
}

#[async_trait]
impl IdentityProvider for OidcProvider {
    fn provider(&self) -> Provider {
        self.provider
    }

    fn name(&self) -> &str {
        &self.name
    }

    async fn authorization_url(
        &self,
        state: &str,
        secrets: &HandshakeSecrets,
    ) -> Result<String, IdentityError> {
        let client = self.client(&*self.metadata(false).await?);
        let (state, nonce) = (CsrfToken::new(state.to_owned()), Nonce::new(secrets.nonce.clone()));
        let verifier = PkceCodeVerifier::new(secrets.pkce_verifier.clone());
        let (url, _, _) = client
            .authorize_url(CoreAuthenticationFlow::AuthorizationCode, || state, || nonce)
            .add_scope(Scope::new("email".into()))
            .add_scope(Scope::new("profile".into()))
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
        if issuer.is_some_and(|issuer| issuer != self.issuer.as_str()) {
            return Err(refused(anyhow!("the answer is of another issuer")));
        }
        let client = self.client(&*self.metadata(false).await?);
        let tokens = self.exchange(&client, code, secrets).await?;
        let claims = self.claims(&tokens, &Nonce::new(secrets.nonce.clone())).await?;
        let mut claimed = Profile {
            email: claims.email().map(|email| email.to_string()),
            verified: claims.email_verified(),
            login: claims.preferred_username().map(|name| name.to_string()),
            name: claims.name().and_then(|name| name.get(None)).map(|name| name.to_string()),
        };
        if claimed.email.is_none()
            && let Some(profile) = self.profile(&client, &tokens, &claims).await?
        {
            claimed = Profile {
                email: profile.email().map(|email| email.to_string()),
                verified: profile.email_verified(),
                login: profile.preferred_username().map(|name| name.to_string()),
                name: profile.name().and_then(|name| name.get(None)).map(|name| name.to_string()),
            };
        }
        Ok(claimed.of(claims.subject().as_str()))
    }
}

/// What an issuer may say of a person; only the subject must be there.
struct Profile {
    email: Option<String>,
    verified: Option<bool>,
    login: Option<String>,
    name: Option<String>,
}

impl Profile {
    fn of(self, subject: &str) -> Claimed {
        let local = self.email.as_deref().and_then(|email| email.split('@').next()).map(ToOwned::to_owned);
        Claimed {
            subject: subject.to_owned(),
            // Absent is not verified.
            verified_email: self
                .email
                .as_deref()
                .filter(|_| self.verified == Some(true))
                .and_then(|email| email.parse::<Email>().ok()),
            label: self.email.or_else(|| self.login.clone()).unwrap_or_else(|| subject.to_owned()),
            username: self.login.or(local).unwrap_or_default(),
            display_name: self.name.unwrap_or_default(),
        }
    }
}
