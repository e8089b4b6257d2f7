//! Names that people choose. Parsing is the only way to get one, so whatever holds a name holds a valid one.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use super::ids::WorkspaceId;

/// Why a text is not a name; the message says what would be right.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NameError(String);

impl NameError {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }
}

/// A label of a host name (RFC 1123): lower-case letters, digits and inner hyphens.
fn check_dns_label(text: &str, max: usize) -> Result<(), NameError> {
    let wrong = if text.is_empty() {
        Some("must not be empty".to_owned())
    } else if text.len() > max {
        Some(format!("is {} characters long; at most {max} are allowed", text.chars().count()))
    } else if text.chars().any(|c| !(c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')) {
        Some("may contain only lower-case letters a-z, digits and hyphens".to_owned())
    } else if !text.starts_with(|c: char| c.is_ascii_lowercase()) {
        Some("must begin with a letter".to_owned())
    } else if text.ends_with('-') {
        Some("must not end with a hyphen".to_owned())
    } else if text.contains("--") {
        // "--" separates the application from the workspace in host names.
        Some("must not contain two hyphens in a row".to_owned())
    } else {
        None
    };
    wrong.map_or(Ok(()), |message| Err(NameError(message)))
}

macro_rules! dns_label {
    ($($(#[$doc:meta])* $name:ident = $max:literal),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Longest allowed name, in characters.
            pub const MAX: usize = $max;

            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        string_newtype!($name);

        impl FromStr for $name {
            type Err = NameError;

            fn from_str(text: &str) -> Result<Self, NameError> {
                check_dns_label(text, $max)?;
                Ok(Self(text.to_owned()))
            }
        }
    )*};
}

macro_rules! string_newtype {
    ($name:ident) => {
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl TryFrom<String> for $name {
            type Error = NameError;

            fn try_from(text: String) -> Result<Self, NameError> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> String {
                name.0
            }
        }
    };
}

dns_label! {
    /// The name of an organization in URLs.
    OrgSlug = 32,
    /// The name of a template, unique in its organization (or in the catalog).
    TemplateName = 40,
    /// The name of a workspace, unique among its owner's in one organization. Short enough to leave room for the
    /// application and the short id in one label of 63 characters.
    WorkspaceName = 32,
    /// The name of a component; also its host name on the workspace's network.
    ComponentName = 40,
    /// The name of a volume inside a template.
    VolumeName = 40,
}

/// A user's name: letters, digits, `.`, `_` and `-`; compared without regard to case because it is stored lower-case.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Username(String);
string_newtype!(Username);

impl Username {
    pub const MAX: usize = 32;

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Username {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '_' | '-');
        if text.is_empty() || text.len() > Self::MAX {
            return Err(NameError(format!("must have 1 to {} characters", Self::MAX)));
        }
        if !text.chars().all(allowed) || !text.starts_with(|c: char| c.is_ascii_alphanumeric()) {
            return Err(NameError(
                "may contain only lower-case letters, digits, '.', '_' and '-', and must begin with a letter or digit".into(),
            ));
        }
        Ok(Self(text.to_owned()))
    }
}

/// A mail address in the shape `local@domain`, lower-cased. Whether it receives mail only mail can tell.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Email(String);
string_newtype!(Email);

impl Email {
    /// Longest path SMTP carries (RFC 5321, 4.5.3.1.3, without the brackets).
    pub const MAX: usize = 254;

    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn local_part(&self) -> &str {
        self.0.split('@').next().unwrap_or_default()
    }
}

impl FromStr for Email {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let valid = text.len() <= Self::MAX
            && text.split_once('@').is_some_and(|(local, domain)| {
                !local.is_empty() && !domain.is_empty() && !domain.contains('@') && !domain.starts_with('.')
            })
            && !text.chars().any(|c| c.is_whitespace() || c.is_control());
        if valid {
            Ok(Self(text.to_lowercase()))
        } else {
            Err(NameError("must be a mail address like name@example.org".into()))
        }
    }
}

/// The name of a variable: letters, digits and underscores, and no digit first, as POSIX has names in the environment.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct VariableName(String);
string_newtype!(VariableName);

impl VariableName {
    pub const MAX: usize = 128;
    /// A variable reaches every component, whatever its image: under these names it would replace what an image, Docker or
    /// a loader counts on, and be the end of most containers.
    const RESERVED: [&str; 4] = ["HOME", "HOSTNAME", "PATH", "PWD"];
    const RESERVED_BEGINNINGS: [&str; 2] = ["LD_", "DEVSANCTUM_"];

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for VariableName {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let wrong = if text.is_empty() {
            "must not be empty".to_owned()
        } else if text.len() > Self::MAX {
            format!("is {} characters long; at most {} are allowed", text.chars().count(), Self::MAX)
        } else if text.starts_with(|c: char| c.is_ascii_digit()) {
            "must not begin with a digit".to_owned()
        } else if !text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
            "may contain only letters a-z and A-Z, digits and underscores".to_owned()
        } else if Self::RESERVED.contains(&text)
            || Self::RESERVED_BEGINNINGS.iter().any(|beginning| text.starts_with(beginning))
        {
            format!(
                "is reserved: {text} would reach every component; set it in the env of one in the manifest"
            )
        } else {
            return Ok(Self(text.to_owned()));
        };
        Err(NameError(wrong))
    }
}

/// Eight characters of RFC 4648 base32 in lower case that stand for a workspace in host and object names.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ShortId(String);
string_newtype!(ShortId);

impl ShortId {
    const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
    pub const LEN: usize = 8;

    /// The last 40 bits of the id, which are random in a UUIDv7.
    pub fn of(workspace: WorkspaceId) -> Self {
        let bits = workspace.as_uuid().as_u128();
        let text = (0..Self::LEN)
            .rev()
            .map(|digit| char::from(Self::ALPHABET[((bits >> (digit * 5)) & 31) as usize]))
            .collect();
        Self(text)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ShortId {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        if text.len() == Self::LEN && text.bytes().all(|b| Self::ALPHABET.contains(&b)) {
            Ok(Self(text.to_owned()))
        } else {
            Err(NameError("must be eight characters of a-z and 2-7".into()))
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn workspace_names_follow_rfc_1123() {
        for good in ["a", "web", "my-app-2", &"a".repeat(32)] {
            assert!(good.parse::<WorkspaceName>().is_ok(), "{good}");
        }
        for bad in [
            "",
            "Web",
            "1a",
            "-a",
            "a-",
            "a--b",
            "a_b",
            "../etc",
            "näh",
            "🦀",
            &"a".repeat(33),
            &"a".repeat(64),
        ] {
            assert!(bad.parse::<WorkspaceName>().is_err(), "{bad}");
        }
    }

    #[test]
    fn emails_are_lower_cased_and_checked() {
        assert_eq!("Ada@Example.org".parse::<Email>().unwrap().as_str(), "ada@example.org");
        for bad in ["", "ada", "@b", "a@", "a b@c", "a@b@c", "a@b\n"] {
            assert!(bad.parse::<Email>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn variable_names_are_those_of_posix_without_what_containers_count_on() {
        for good in ["A", "_x", "http_proxy", "A1", "PATHS", "OLD_PWD", "LDAP_URL", &"A".repeat(128)] {
            assert!(good.parse::<VariableName>().is_ok(), "{good}");
        }
        for bad in
            ["", "1A", "A-B", "A B", "A=1", "Ä", "A\0", "A\n", "PATH", "HOME", "LD_PRELOAD", "DEVSANCTUM_X"]
        {
            assert!(bad.parse::<VariableName>().is_err(), "{bad:?}");
        }
        assert!("A".repeat(129).parse::<VariableName>().is_err());
    }

    proptest! {
        #[test]
        fn short_ids_parse_back(bits: u128) {
            let short = ShortId::of(uuid::Uuid::from_u128(bits).into());
            prop_assert_eq!(short.as_str().parse::<ShortId>().unwrap(), short);
        }

        #[test]
        fn parsing_never_panics(text in "\\PC*") {
            let _ = text.parse::<WorkspaceName>();
            let _ = text.parse::<Username>();
            let _ = text.parse::<Email>();
            let _ = text.parse::<VariableName>();
        }
    }
}
