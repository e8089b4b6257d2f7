//! What Traefik must be told of this installation, and how it is reached.

use std::fmt;

use reqwest::Url;

use super::render::is_host;
use crate::domain::{ids::InstallationId, secret::Secret};

/// What the rendered configuration depends on besides the routes. The same on every server of an installation.
#[derive(Debug, Clone)]
pub struct TraefikSettings {
    pub installation: InstallationId,
    /// Lower-case, without a dot at either end.
    pub workspace_domain: String,
    /// Host name of the control plane.
    pub access_host: String,
    /// Names of Traefik's; none: those it uses by default.
    pub entry_points: Vec<String>,
    /// Name of Traefik's that makes a certificate for each host name.
    pub cert_resolver: Option<String>,
    /// The same for custom domains, which a resolver with a DNS challenge cannot do: their DNS is somebody else's. `None`:
    /// that one.
    pub domain_cert_resolver: Option<String>,
    /// Where Traefik reaches our listeners.
    pub edge_urls: Vec<String>,
    /// Asked by Traefik for each request to a component, if somebody is to decide who may open it.
    pub forward_auth: Option<String>,
}

impl TraefikSettings {
    /// # Errors
    /// When a name could not go into a rule.
    pub fn checked(self) -> Result<Self, &'static str> {
        if is_host(&self.workspace_domain) { Ok(self) } else { Err("the workspace domain is no host name") }
    }
}

/// Where Traefik's API answers, with the name and password for it.
#[derive(Clone)]
pub struct TraefikUrl {
    base: Url,
    login: Option<(String, Secret)>,
}

/// Never names the URL: it may hold a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("must be like http://127.0.0.1:8080 or https://name:password@traefik.example.org, without a query")]
pub struct WrongUrl;

impl TraefikUrl {
    pub fn parse(text: &Secret) -> Result<Self, WrongUrl> {
        let mut base = Url::parse(text.expose().trim()).map_err(|_| WrongUrl)?;
        let plain = base.query().is_none() && base.fragment().is_none();
        if !matches!(base.scheme(), "http" | "https") || !base.has_host() || !plain {
            return Err(WrongUrl);
        }
        let decoded = |text: &str| {
            percent_encoding::percent_decode_str(text).decode_utf8().map(|text| text.into_owned())
        };
        let login = match (base.username(), base.password()) {
            ("", None) => None,
            (name, password) => {
                let name = decoded(name).map_err(|_| WrongUrl)?;
                Some((name, Secret::new(decoded(password.unwrap_or_default()).map_err(|_| WrongUrl)?)))
            }
        };
        base.set_username("").and_then(|()| base.set_password(None)).map_err(|()| WrongUrl)?;
        Ok(Self { base, login })
    }

    /// The address of a path below.
    pub(super) fn at(&self, path: &str) -> String {
        format!("{}{path}", self.base.as_str().trim_end_matches('/'))
    }

    pub(super) fn login(&self) -> Option<(&str, &str)> {
        self.login.as_ref().map(|(name, password)| (name.as_str(), password.expose()))
    }
}

impl fmt::Debug for TraefikUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TraefikUrl({})", self.base)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_and_a_password_are_kept_apart_and_hidden() {
        let url = TraefikUrl::parse(&Secret::new("http://ada:p%40ss@127.0.0.1:8080/base/")).unwrap();
        assert_eq!(url.login(), Some(("ada", "p@ss")));
        assert_eq!(url.at("/api/version"), "http://127.0.0.1:8080/base/api/version");
        assert!(!format!("{url:?}").contains("p@ss") && !format!("{url:?}").contains("p%40ss"));
    }

    #[test]
    fn what_is_no_address_of_an_api_is_refused() {
        for wrong in ["", "traefik:8080", "ftp://traefik", "http://", "http://traefik/?x=1", "http://t/#x"] {
            assert_eq!(TraefikUrl::parse(&Secret::new(wrong)).err(), Some(WrongUrl), "{wrong}");
        }
    }
}
