//! Cookies that only this server sees: the refresh token's, that of a sign-in elsewhere, and those of workspaces' addresses.

use axum::http::{HeaderMap, HeaderValue, header};

use crate::{
    app::auth::SignedIn,
    domain::{
        cookie,
        identity::HANDSHAKE_LIFETIME,
        secret::Secret,
        session::{PASS_LIFETIME, REFRESH_LIFETIME},
    },
};

/// One cookie of ours.
///
/// Over TLS its name begins with `__Host-`: browsers then insist on Secure, on this very host, and on `Path=/` (RFC
/// 6265bis, 4.1.3.2), so that neither the network nor a workspace below our domain can plant one. On plain http, which
/// is meant for one's own machine, no prefix works; there the path keeps it from most requests.
pub struct Cookie {
    name: &'static str,
    plain_path: &'static str,
    same_site: &'static str,
    /// Seconds.
    max_age: i64,
}

pub const REFRESH: Cookie = Cookie {
    name: "devsanctum_refresh",
    plain_path: "/api/v1/auth",
    same_site: "Strict",
    max_age: REFRESH_LIFETIME.num_seconds(),
};

/// By it the browser that began a sign-in elsewhere is known when it comes back. `Lax`: it comes from the provider's
/// page, which is another site. It opens nothing by itself.
pub const HANDSHAKE: Cookie = Cookie {
    name: "devsanctum_handshake",
    plain_path: "/api/v1/auth/oauth",
    same_site: "Lax",
    max_age: HANDSHAKE_LIFETIME.num_seconds(),
};

/// Lets a browser into one workspace address, where it is set. `Lax`: people follow links there.
pub const PASS: Cookie =
    Cookie { name: cookie::PASS, plain_path: "/", same_site: "Lax", max_age: PASS_LIFETIME.num_seconds() };

/// By it the browser that was sent away from an address to sign in is known when it comes back with a ticket.
pub const KNOCK: Cookie =
    Cookie { name: "devsanctum_knock", plain_path: DOORSTEP, same_site: "Lax", max_age: 15 * 60 };

/// Below this path of a workspace's address, the platform answers and never the workspace.
pub const DOORSTEP: &str = "/.devsanctum/";

impl Cookie {
    pub fn set(&self, value: &Secret, https: bool) -> HeaderValue {
        self.header(value.expose(), self.max_age, https)
    }

    pub fn clear(&self, https: bool) -> HeaderValue {
        self.header("", 0, https)
    }

    /// Its value, if exactly one came: of two, one was planted.
    pub fn read(&self, headers: &HeaderMap, https: bool) -> Option<Secret> {
        let mut values = headers
            .get_all(header::COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .filter(|(found, _)| found.strip_prefix(prefix(https)) == Some(self.name))
            .map(|(_, value)| value);
        let value = values.next()?;
        (values.next().is_none() && !value.is_empty()).then(|| Secret::new(value))
    }

    fn header(&self, value: &str, max_age: i64, https: bool) -> HeaderValue {
        let Self { name, plain_path, same_site, .. } = self;
        let (path, secure) = if https { ("/", "; Secure") } else { (*plain_path, "") };
        let prefix = prefix(https);
        let text = format!(
            "{prefix}{name}={value}; Path={path}; Max-Age={max_age}; HttpOnly; SameSite={same_site}{secure}"
        );
        let mut header = HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static(""));
        header.set_sensitive(true);
        header
    }
}

fn prefix(https: bool) -> &'static str {
    if https { cookie::HOST_PREFIX } else { "" }
}

pub fn issue(signed_in: &SignedIn, https: bool) -> HeaderValue {
    REFRESH.set(&signed_in.refresh_token, https)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(cookies: &'static str, https: bool) -> Option<String> {
        let headers = HeaderMap::from_iter([(header::COOKIE, HeaderValue::from_static(cookies))]);
        REFRESH.read(&headers, https).map(|token| token.expose().to_owned())
    }

    #[test]
    fn one_cookie_of_the_right_name_counts() {
        assert_eq!(token("a=b; devsanctum_refresh=abc", false).as_deref(), Some("abc"));
        assert_eq!(token("devsanctum_refresh=abc; devsanctum_refresh=def", false), None);
        assert_eq!(token("devsanctum_refresh=abc", true), None, "planted without the prefix");
        assert_eq!(token("__Host-devsanctum_refresh=abc", true).as_deref(), Some("abc"));
        assert_eq!(token("__Host-devsanctum_handshake=abc", true), None);
        assert_eq!(token("devsanctum_refresh=", false), None);
    }

    #[test]
    fn scripts_and_other_sites_never_see_it() {
        let cookie = Cookie { max_age: 60, ..REFRESH }.set(&Secret::new("abc"), true);
        assert_eq!(
            cookie.to_str().unwrap(),
            "__Host-devsanctum_refresh=abc; Path=/; Max-Age=60; HttpOnly; SameSite=Strict; Secure"
        );
        assert!(cookie.is_sensitive());
        assert_eq!(
            HANDSHAKE.clear(false).to_str().unwrap(),
            "devsanctum_handshake=; Path=/api/v1/auth/oauth; Max-Age=0; HttpOnly; SameSite=Lax"
        );
    }
}
