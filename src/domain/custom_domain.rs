//! Host names that people bring along, and how they show that a name is theirs.
//!
//! A name that is only claimed leads nowhere, and several routes may claim the same one: nobody can occupy what is not
//! theirs. Whoever shows control over a name has it, until somebody else does: then it has changed hands.

use std::{
    fmt,
    net::{Ipv4Addr, Ipv6Addr},
    str::FromStr,
};

use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};

use super::{
    ids::{DomainId, RouteId},
    names::NameError,
};

/// Of one route.
pub const MOST_DOMAINS: usize = 10;
/// For how long after it was made a claim is looked at without anybody asking.
pub const WATCHED: Duration = Duration::days(7);
/// Between two such looks.
pub const LOOK_EVERY: Duration = Duration::minutes(5);
/// Where the HTTP proof is expected.
pub const PROOF_PATH: &str = "/.well-known/devsanctum-challenge";

/// Names of which no public DNS or authority knows whose they are (RFC 6761, RFC 7686), or that mean this machine.
const NOBODYS: [&str; 5] = ["localhost", "invalid", "onion", "arpa", "local"];

/// A whole host name in lower case, as it stands in DNS. It always has a dot, which the label of a route never has: so both
/// are keys of one space.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CustomHost(String);

impl CustomHost {
    /// Longest host name (RFC 1035, 2.3.4).
    pub const MAX: usize = 253;

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What speaks against it at an installation with these names of its own. A name above one of them could set cookies
    /// for it, one below would be served by nobody.
    pub fn clash(&self, access_host: &str, workspace_domain: &str) -> Option<String> {
        let host = self.as_str();
        for (own, what) in [(workspace_domain, "the workspace domain"), (access_host, "this installation")] {
            if is_at_or_below(host, own) {
                return Some(format!(
                    "is the name of {what} ({own}) or lies below it; those names are given out by DevSanctum"
                ));
            }
            if is_at_or_below(own, host) {
                return Some(format!(
                    "lies above {what} ({own}), whose cookies it could set; take a name beside it"
                ));
            }
        }
        None
    }
}

fn is_at_or_below(host: &str, domain: &str) -> bool {
    let before = host.len().checked_sub(domain.len()).and_then(|at| host.split_at_checked(at));
    before.is_some_and(|(before, end)| {
        end.eq_ignore_ascii_case(domain) && (before.is_empty() || before.ends_with('.'))
    })
}

impl FromStr for CustomHost {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let wrong = |message: &str| Err(NameError::new(message));
        if text.contains(['/', ':', '@', '?', '#', '[']) {
            return wrong("must be a host name alone, like shop.example.com, without scheme, port and path");
        }
        if text.contains('*') {
            return wrong("must not be a wildcard; add each name by itself");
        }
        let name = text.strip_suffix('.').unwrap_or(text);
        if name.parse::<Ipv4Addr>().is_ok() || name.parse::<Ipv6Addr>().is_ok() {
            return wrong("is an address; only a name can be shown to be yours");
        }
        let Ok(name) = idna::domain_to_ascii_strict(name) else {
            return wrong(
                "must be a host name like shop.example.com: letters, digits and inner hyphens, at most 63 characters \
                 between two dots and 253 in all",
            );
        };
        // What comes out is looked at again: it goes into the rules of proxies.
        if name.len() > Self::MAX || !name.split('.').all(is_label) {
            return wrong("must be a host name like shop.example.com");
        }
        let Some((_, last)) = name.rsplit_once('.') else {
            return wrong("must have a dot, like shop.example.com");
        };
        if last.bytes().all(|byte| byte.is_ascii_digit()) || last.starts_with("0x") {
            return wrong("must not end in a number: it would be read as an address");
        }
        if NOBODYS.contains(&last) {
            return wrong("is a name that nobody can show to be theirs");
        }
        Ok(Self(name))
    }
}

fn is_label(text: &str) -> bool {
    (1..=63).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        && !text.starts_with('-')
        && !text.ends_with('-')
}

impl fmt::Display for CustomHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for CustomHost {
    type Error = NameError;

    /// Takes back what was written down: nothing is translated on the way.
    fn try_from(text: String) -> Result<Self, NameError> {
        let host: Self = text.parse()?;
        if host.0 == text { Ok(host) } else { Err(NameError::new("is not written as in DNS")) }
    }
}

impl From<CustomHost> for String {
    fn from(host: CustomHost) -> String {
        host.0
    }
}

/// A route's claim to a host name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RouteDomain {
    pub id: DomainId,
    pub route_id: RouteId,
    pub host: CustomHost,
    /// What only this claim is to be shown with. Public: it stands in DNS.
    pub token: String,
    pub created_at: DateTime<Utc>,
    /// When anybody last looked for a proof.
    pub checked_at: Option<DateTime<Utc>>,
    pub standing: Standing,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// Leads nowhere. `failure`: what the last look found, or why it lost the name.
    Pending {
        failure: Option<String>,
    },
    Verified {
        since: DateTime<Utc>,
    },
}

impl Standing {
    pub const ALL: [&'static str; 2] = ["pending", "verified"];

    pub const fn as_str(&self) -> &'static str {
        match self {
            Standing::Pending { .. } => Self::ALL[0],
            Standing::Verified { .. } => Self::ALL[1],
        }
    }
}

/// What a look for one kind of proof ended with.
pub type Found<T> = Result<T, String>;

impl RouteDomain {
    pub fn is_verified(&self) -> bool {
        matches!(self.standing, Standing::Verified { .. })
    }

    pub fn txt_name(&self) -> String {
        format!("_devsanctum-challenge.{}", self.host)
    }

    pub fn proof_url(&self) -> String {
        format!("http://{}{PROOF_PATH}", self.host)
    }

    /// What the record or the page has to say.
    pub fn proof(&self) -> String {
        format!("devsanctum-verification={}", self.token)
    }

    /// Whether the records of [`Self::txt_name`] show it; if not, what to do about it.
    pub fn judge_records(&self, found: &Found<Vec<String>>) -> Result<(), String> {
        const MOST: usize = 3;
        let name = self.txt_name();
        let records =
            found.as_ref().map_err(|why| format!("the TXT record at {name} cannot be read: {why}"))?;
        if records.iter().any(|record| record.trim() == self.proof()) {
            return Ok(());
        }
        if records.is_empty() {
            return Err(format!("there is no TXT record at {name}; add one that says {}", self.proof()));
        }
        let seen: Vec<_> =
            records.iter().take(MOST).map(|record| format!("{:?}", shortened(record))).collect();
        Err(format!("the TXT record at {name} says {} instead of {}", seen.join(", "), self.proof()))
    }

    /// The same for the page at [`Self::proof_url`]. What stands there instead is not told: it may be meant for others.
    pub fn judge_page(&self, found: &Found<String>) -> Result<(), String> {
        let url = self.proof_url();
        match found {
            Ok(page) if page.trim() == self.proof() => Ok(()),
            Ok(_) => Err(format!("{url} does not answer {}", self.proof())),
            Err(why) => Err(format!("{url} cannot be read: {why}")),
        }
    }
}

fn shortened(text: &str) -> String {
    const MOST: usize = 80;
    let mut short: String = text.chars().take(MOST).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests;
