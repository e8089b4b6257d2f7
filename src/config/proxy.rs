//! What brings requests to workspaces.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{ConfigError, secret};
use crate::domain::secret::Secret;

const URL: &str = "DEVSANCTUM_TRAEFIK_URL";
const FILE: &str = "DEVSANCTUM_TRAEFIK_FILE";
const TOKEN: &str = "DEVSANCTUM_TRAEFIK_TOKEN";

#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Proxy")]
pub struct Proxy {
    /// What brings requests to workspaces
    #[arg(long, env = "DEVSANCTUM_PROXY", value_name = "MODE", default_value = "embedded")]
    pub proxy: ProxyMode,

    /// Where Traefik's API answers, `http://name:password@host:8080`; needed with traefik-rest, and with the others to see what is in force
    #[arg(long, env = "DEVSANCTUM_TRAEFIK_URL", value_name = "URL", hide_env_values = true,
          value_parser = secret::parse)]
    traefik_url: Option<Secret>,

    /// File that holds the URL of Traefik's API
    #[arg(long, env = "DEVSANCTUM_TRAEFIK_URL_FILE", value_name = "FILE")]
    traefik_url_file: Option<PathBuf>,

    /// File that Traefik's file provider watches, ending in .yml; needed with traefik-file
    #[arg(long, env = "DEVSANCTUM_TRAEFIK_FILE", value_name = "FILE")]
    traefik_file: Option<PathBuf>,

    /// What Traefik's HTTP provider shows to be given the routes [default: made at the first start, in traefik.token in the data directory]
    #[arg(long, env = "DEVSANCTUM_TRAEFIK_TOKEN", value_name = "TOKEN", hide_env_values = true,
          value_parser = secret::parse)]
    traefik_token: Option<Secret>,

    /// File that holds the token of Traefik's HTTP provider
    #[arg(long, env = "DEVSANCTUM_TRAEFIK_TOKEN_FILE", value_name = "FILE")]
    traefik_token_file: Option<PathBuf>,

    /// Entry points of Traefik's for workspaces, separated by commas [default: those Traefik uses by default]
    #[arg(long, env = "DEVSANCTUM_TRAEFIK_ENTRYPOINTS", value_name = "NAMES", default_value = "",
          hide_default_value = true, value_parser = names)]
    traefik_entrypoints: Names,

    /// Certificate resolver of Traefik's for workspaces [default: no TLS]
    #[arg(long, env = "DEVSANCTUM_TRAEFIK_CERT_RESOLVER", value_name = "NAME", value_parser = name_or_nothing)]
    traefik_cert_resolver: Option<Name>,

    /// Certificate resolver of Traefik's for custom domains, with an HTTP or TLS challenge [default: that for workspaces]
    #[arg(long, env = "DEVSANCTUM_TRAEFIK_DOMAIN_CERT_RESOLVER", value_name = "NAME",
          value_parser = name_or_nothing)]
    traefik_domain_cert_resolver: Option<Name>,

    /// Where Traefik reaches this server, or several of them separated by commas [default: http:// and the address of --listen]
    #[arg(long, env = "DEVSANCTUM_INTERNAL_URL", value_name = "URL", default_value = "",
          hide_default_value = true, value_parser = urls)]
    internal_url: Urls,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ProxyMode {
    /// This process itself, on the same port
    Embedded,
    /// Traefik in front: routes are pushed to its REST provider
    TraefikRest,
    /// Traefik in front: its HTTP provider asks this server for the routes
    TraefikHttp,
    /// Traefik in front: routes are written to a file for its file provider
    TraefikFile,
    /// Traefik in front: one router leads to this process, which routes
    TraefikWildcard,
}

#[derive(Debug, Clone)]
struct Names(Vec<String>);

/// Empty: not given.
#[derive(Debug, Clone)]
struct Name(String);

#[derive(Debug, Clone)]
struct Urls(Vec<String>);

impl Proxy {
    pub(super) fn checked(self) -> Result<Self, ConfigError> {
        let url_file = self.traefik_url_file;
        let traefik_url = secret::resolve(URL, self.traefik_url, "DEVSANCTUM_TRAEFIK_URL_FILE", url_file)?;
        let token_file = self.traefik_token_file;
        let traefik_token =
            secret::resolve(TOKEN, self.traefik_token, "DEVSANCTUM_TRAEFIK_TOKEN_FILE", token_file)?;
        let traefik_file = self.traefik_file.filter(|file| !file.as_os_str().is_empty());
        if self.proxy == ProxyMode::TraefikRest && traefik_url.is_none() {
            let message = "is missing: traefik-rest pushes the routes there; give the address of Traefik's API, like \
                           http://127.0.0.1:8080";
            return Err(ConfigError::new(URL, message));
        }
        if self.proxy == ProxyMode::TraefikFile && traefik_file.is_none() {
            let message = "is missing: traefik-file writes the routes there; give a file in the directory that Traefik watches";
            return Err(ConfigError::new(FILE, message));
        }
        let is_yaml =
            |file: &PathBuf| file.extension().is_some_and(|ending| ending == "yml" || ending == "yaml");
        if traefik_file.as_ref().is_some_and(|file| !is_yaml(file)) {
            return Err(ConfigError::new(
                FILE,
                "must end in .yml or .yaml: Traefik tells the format by that",
            ));
        }
        Ok(Self {
            traefik_url,
            traefik_url_file: None,
            traefik_token,
            traefik_token_file: None,
            traefik_file,
            ..self
        })
    }

    pub fn traefik_url(&self) -> Option<&Secret> {
        self.traefik_url.as_ref()
    }

    pub fn traefik_file(&self) -> Option<&PathBuf> {
        self.traefik_file.as_ref()
    }

    pub fn traefik_token(&self) -> Option<&Secret> {
        self.traefik_token.as_ref()
    }

    pub fn traefik_entrypoints(&self) -> &[String] {
        &self.traefik_entrypoints.0
    }

    pub fn traefik_cert_resolver(&self) -> Option<&str> {
        given(self.traefik_cert_resolver.as_ref())
    }

    pub fn traefik_domain_cert_resolver(&self) -> Option<&str> {
        given(self.traefik_domain_cert_resolver.as_ref())
    }

    /// Empty: where this server listens.
    pub fn internal_urls(&self) -> &[String] {
        &self.internal_url.0
    }
}

fn name(text: &str) -> Result<String, String> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    if (1..=64).contains(&text.len()) && text.bytes().all(plain) {
        Ok(text.to_owned())
    } else {
        Err(format!("{text:?} is no name of letters, digits, hyphens and underscores"))
    }
}

fn given(name: Option<&Name>) -> Option<&str> {
    name.map(|name| name.0.as_str()).filter(|name| !name.is_empty())
}

fn name_or_nothing(text: &str) -> Result<Name, String> {
    if text.is_empty() { Ok(Name(String::new())) } else { name(text).map(Name) }
}

fn names(text: &str) -> Result<Names, String> {
    parts(text).map(name).collect::<Result<_, _>>().map(Names)
}

fn urls(text: &str) -> Result<Urls, String> {
    parts(text).map(super::server::bare_url).collect::<Result<_, _>>().map(Urls)
}

fn parts(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(str::trim).filter(|part| !part.is_empty())
}
