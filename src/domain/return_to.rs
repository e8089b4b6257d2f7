//! Where a person goes after signing in: a page of ours, and never anywhere else.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use super::names::NameError;

/// A path of the web app, with its query and fragment.
///
/// Browsers read a URL more freely than any rule of ours would be written for (<https://url.spec.whatwg.org/>: a
/// backslash is a slash, tabs and line ends are left out), so only what needs no reading passes: one slash, then
/// printable ASCII without backslashes, and no second slash where a host would begin.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ReturnTo(String);

impl ReturnTo {
    const MAX: usize = 2_000;

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for ReturnTo {
    fn default() -> Self {
        Self("/".to_owned())
    }
}

impl fmt::Display for ReturnTo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for ReturnTo {
    type Error = NameError;

    fn try_from(text: String) -> Result<Self, NameError> {
        text.parse()
    }
}

impl From<ReturnTo> for String {
    fn from(page: ReturnTo) -> String {
        page.0
    }
}

impl FromStr for ReturnTo {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let plain = text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
        let own = text.starts_with('/') && !text.starts_with("//");
        // The API is no page: a path there could act on the cookies that come along.
        let page = !(text.starts_with("/api/") || text == "/api");
        // A segment of dots could lead back to the slashes of a host.
        let path = text.split(['?', '#']).next().unwrap_or_default();
        let decoded = path.to_ascii_lowercase().replace("%2e", ".");
        let straight = !decoded.split('/').any(|segment| matches!(segment, "." | ".."));
        if plain && own && page && straight && text.len() <= Self::MAX {
            Ok(Self(text.to_owned()))
        } else {
            Err(NameError::new("must be a path of this server, like /workspaces"))
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use url::Url;

    use super::*;

    const OURS: &str = "https://dev.example.org";

    fn leads_to_us(text: &str) -> bool {
        Url::parse(OURS)
            .unwrap()
            .join(text)
            .is_ok_and(|url| url.origin() == Url::parse(OURS).unwrap().origin())
    }

    /// What lists of open redirects are made of: every way to begin, every way to name a host, every way to go on.
    fn attacks() -> Vec<String> {
        let begins = [
            "",
            "/",
            "//",
            "///",
            "////",
            "/\\",
            "\\/",
            "\\\\",
            "/%2f",
            "/%5c",
            "/\t/",
            "/\n/",
            "/\r/",
            "\t//",
            " //",
            "/ /",
            "http:",
            "https:",
            "http:/",
            "https:/",
            "https://",
            "HTTPS://",
            "https:\\\\",
            "javascript:",
            "data:text/html,",
            "//dev.example.org@",
            "https://dev.example.org@",
            "https://dev.example.org.",
            "/..//",
            "/.//",
            "/%2e%2e//",
            "/%2E//",
            "/;//",
            "/@",
            "?//",
            "#//",
            "//dev.example.org\\@",
            "/\u{ff0f}",
            "\u{2f}\u{2f}",
            "/\u{0}/",
            "mailto:",
        ];
        let hosts = [
            "evil.example",
            "evil.example/",
            "evil.example%2f",
            "[::1]",
            "0x7f000001",
            "evil%E3%80%82example",
            "@evil.example",
            ":80",
        ];
        begins.iter().flat_map(|begin| hosts.iter().map(move |host| format!("{begin}{host}"))).collect()
    }

    #[test]
    fn whatever_is_accepted_leads_to_our_own_origin() {
        let attacks = attacks();
        assert!(attacks.len() >= 300, "{}", attacks.len());
        let foreign = attacks.iter().filter(|attack| !leads_to_us(attack)).count();
        assert!(foreign > 100, "only {foreign} of the strings would lead away at all");
        for attack in attacks {
            if let Ok(accepted) = attack.parse::<ReturnTo>() {
                assert!(leads_to_us(accepted.as_str()), "{attack:?}");
            }
        }
    }

    #[test]
    fn pages_of_ours_are_accepted() {
        for page in [
            "/",
            "/workspaces",
            "/orgs/acme/members?q=a%20b",
            "/invitations#token=abc",
            "/a//b",
            "/device?code=AB-CD",
        ] {
            assert_eq!(page.parse::<ReturnTo>().unwrap().as_str(), page);
        }
        for other in ["", "workspaces", "/api/v1/auth/logout", "/api", "/a\r\nset-cookie: b", "/ä", "/a b"] {
            assert!(other.parse::<ReturnTo>().is_err(), "{other:?}");
        }
        assert!(format!("/{}", "a".repeat(3_000)).parse::<ReturnTo>().is_err());
    }

    proptest! {
        #[test]
        fn nothing_that_is_accepted_leads_away(text in "[/\\\\.%2fFeE:@?#a\t\n ]{0,12}") {
            if let Ok(accepted) = text.parse::<ReturnTo>() {
                prop_assert!(leads_to_us(accepted.as_str()));
            }
        }
    }
}
