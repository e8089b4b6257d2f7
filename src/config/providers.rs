//! Whom else people sign in with.

use std::{net::IpAddr, path::PathBuf};

use clap::Args;

use super::{ConfigError, secret};
use crate::domain::secret::Secret;

#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Sign-in with other accounts")]
pub struct Providers {
    /// Sign in with Google: the client's id (`https://<us>/api/v1/auth/oauth/google/callback` is to be registered there)
    #[arg(long, env = "DEVSANCTUM_GOOGLE_CLIENT_ID", value_name = "ID")]
    google_client_id: Option<String>,
    /// The client's secret at Google
    #[arg(long, env = "DEVSANCTUM_GOOGLE_CLIENT_SECRET", value_name = "SECRET", hide_env_values = true,
          value_parser = secret::parse)]
    google_client_secret: Option<Secret>,
    /// File that holds the client's secret at Google
    #[arg(long, env = "DEVSANCTUM_GOOGLE_CLIENT_SECRET_FILE", value_name = "FILE")]
    google_client_secret_file: Option<PathBuf>,
    /// Issuer of Google's accounts
    #[arg(
        long,
        env = "DEVSANCTUM_GOOGLE_ISSUER",
        value_name = "URL",
        default_value = "https://accounts.google.com"
    )]
    google_issuer: String,

    /// Sign in with GitHub: the OAuth app's client id (callback `https://<us>/api/v1/auth/oauth/github/callback`)
    #[arg(long, env = "DEVSANCTUM_GITHUB_CLIENT_ID", value_name = "ID")]
    github_client_id: Option<String>,
    /// The client's secret at GitHub
    #[arg(long, env = "DEVSANCTUM_GITHUB_CLIENT_SECRET", value_name = "SECRET", hide_env_values = true,
          value_parser = secret::parse)]
    github_client_secret: Option<Secret>,
    /// File that holds the client's secret at GitHub
    #[arg(long, env = "DEVSANCTUM_GITHUB_CLIENT_SECRET_FILE", value_name = "FILE")]
    github_client_secret_file: Option<PathBuf>,
    /// Pages of GitHub, or of a GitHub Enterprise Server
    #[arg(long, env = "DEVSANCTUM_GITHUB_URL", value_name = "URL", default_value = "https://github.com")]
    github_url: String,
    /// REST API of GitHub; of a GitHub Enterprise Server `https://<host>/api/v3`
    #[arg(
        long,
        env = "DEVSANCTUM_GITHUB_API_URL",
        value_name = "URL",
        default_value = "https://api.github.com"
    )]
    github_api_url: String,

    /// Sign in with an OpenID Connect issuer: its URL, as in its `/.well-known/openid-configuration`
    #[arg(long, env = "DEVSANCTUM_OIDC_ISSUER", value_name = "URL")]
    oidc_issuer: Option<String>,
    /// The client's id at the issuer (callback `https://<us>/api/v1/auth/oauth/oidc/callback`)
    #[arg(long, env = "DEVSANCTUM_OIDC_CLIENT_ID", value_name = "ID")]
    oidc_client_id: Option<String>,
    /// The client's secret at the issuer
    #[arg(long, env = "DEVSANCTUM_OIDC_CLIENT_SECRET", value_name = "SECRET", hide_env_values = true,
          value_parser = secret::parse)]
    oidc_client_secret: Option<Secret>,
    /// File that holds the client's secret at the issuer
    #[arg(long, env = "DEVSANCTUM_OIDC_CLIENT_SECRET_FILE", value_name = "FILE")]
    oidc_client_secret_file: Option<PathBuf>,
    /// What the button calls the issuer
    #[arg(long, env = "DEVSANCTUM_OIDC_NAME", value_name = "NAME", default_value = "Single sign-on")]
    oidc_name: String,
}

/// Who we are to a provider.
#[derive(Debug, Clone)]
pub struct Client {
    pub id: String,
    pub secret: Secret,
}

#[derive(Debug, Clone)]
pub struct Github {
    pub client: Client,
    pub url: String,
    pub api_url: String,
}

#[derive(Debug, Clone)]
pub struct Issuer {
    pub client: Client,
    pub issuer: String,
    pub name: String,
}

impl Providers {
    pub(super) fn checked(self) -> Result<Self, ConfigError> {
        let google_client_secret = secret::resolve(
            "DEVSANCTUM_GOOGLE_CLIENT_SECRET",
            self.google_client_secret,
            "DEVSANCTUM_GOOGLE_CLIENT_SECRET_FILE",
            self.google_client_secret_file,
        )?;
        let github_client_secret = secret::resolve(
            "DEVSANCTUM_GITHUB_CLIENT_SECRET",
            self.github_client_secret,
            "DEVSANCTUM_GITHUB_CLIENT_SECRET_FILE",
            self.github_client_secret_file,
        )?;
        let oidc_client_secret = secret::resolve(
            "DEVSANCTUM_OIDC_CLIENT_SECRET",
            self.oidc_client_secret,
            "DEVSANCTUM_OIDC_CLIENT_SECRET_FILE",
            self.oidc_client_secret_file,
        )?;
        let given = |text: Option<String>| text.filter(|text| !text.is_empty());
        let checked = Self {
            google_client_id: given(self.google_client_id),
            google_client_secret,
            google_client_secret_file: None,
            github_client_id: given(self.github_client_id),
            github_client_secret,
            github_client_secret_file: None,
            oidc_issuer: given(self.oidc_issuer),
            oidc_client_id: given(self.oidc_client_id),
            oidc_client_secret,
            oidc_client_secret_file: None,
            ..self
        };
        let (google, github) = (&checked.google_client_secret, &checked.github_client_secret);
        together([
            ("DEVSANCTUM_GOOGLE_CLIENT_ID", checked.google_client_id.is_some()),
            ("DEVSANCTUM_GOOGLE_CLIENT_SECRET", google.is_some()),
        ])?;
        together([
            ("DEVSANCTUM_GITHUB_CLIENT_ID", checked.github_client_id.is_some()),
            ("DEVSANCTUM_GITHUB_CLIENT_SECRET", github.is_some()),
        ])?;
        together([
            ("DEVSANCTUM_OIDC_ISSUER", checked.oidc_issuer.is_some()),
            ("DEVSANCTUM_OIDC_CLIENT_ID", checked.oidc_client_id.is_some()),
            ("DEVSANCTUM_OIDC_CLIENT_SECRET", checked.oidc_client_secret.is_some()),
        ])?;
        for (variable, url) in [
            ("DEVSANCTUM_GOOGLE_ISSUER", Some(&checked.google_issuer)),
            ("DEVSANCTUM_GITHUB_URL", Some(&checked.github_url)),
            ("DEVSANCTUM_GITHUB_API_URL", Some(&checked.github_api_url)),
            ("DEVSANCTUM_OIDC_ISSUER", checked.oidc_issuer.as_ref()),
        ] {
            check_url(variable, url)?;
        }
        Ok(checked)
    }

    pub fn google(&self) -> Option<Issuer> {
        let client = client(self.google_client_id.as_ref(), self.google_client_secret.as_ref())?;
        Some(Issuer { client, issuer: self.google_issuer.clone(), name: "Google".into() })
    }

    pub fn github(&self) -> Option<Github> {
        let client = client(self.github_client_id.as_ref(), self.github_client_secret.as_ref())?;
        let bare = |url: &str| url.trim_end_matches('/').to_owned();
        Some(Github { client, url: bare(&self.github_url), api_url: bare(&self.github_api_url) })
    }

    pub fn oidc(&self) -> Option<Issuer> {
        let client = client(self.oidc_client_id.as_ref(), self.oidc_client_secret.as_ref())?;
        Some(Issuer { client, issuer: self.oidc_issuer.clone()?, name: self.oidc_name.clone() })
    }
}

fn client(id: Option<&String>, secret: Option<&Secret>) -> Option<Client> {
    Some(Client { id: id?.clone(), secret: secret?.clone() })
}

/// All of these are given, or none.
fn together<const N: usize>(settings: [(&'static str, bool); N]) -> Result<(), ConfigError> {
    let given = settings.iter().find(|(_, given)| *given);
    let missing = settings.iter().find(|(_, given)| !given);
    match (given, missing) {
        (Some((given, _)), Some((missing, _))) => {
            Err(ConfigError::new(missing, format!("is missing, {given} is given")))
        }
        _ => Ok(()),
    }
}

/// Codes and secrets go there: over TLS, unless it is this machine.
fn check_url(variable: &'static str, url: Option<&String>) -> Result<(), ConfigError> {
    let Some(url) = url else { return Ok(()) };
    let right = || ConfigError::new(variable, "must be like https://accounts.example.org");
    let uri: axum::http::Uri = url.parse().map_err(|_| right())?;
    let host = uri.host().unwrap_or_default().trim_matches(['[', ']']);
    let loopback = host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
    match uri.scheme_str() {
        Some("https") if !host.is_empty() && uri.query().is_none() => Ok(()),
        Some("http") if loopback && uri.query().is_none() => Ok(()),
        Some("http") => Err(ConfigError::new(variable, "must begin with https://: secrets go there")),
        _ => Err(right()),
    }
}
