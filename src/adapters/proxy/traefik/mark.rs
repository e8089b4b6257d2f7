//! What a table says about itself, in a middleware that no router uses: whose it is and which one. Traefik shows it in
//! its API, so one small answer tells whether what was given to it is in force.

use std::{collections::BTreeMap, fmt, str::FromStr};

use sha2::{Digest, Sha256};

use super::document::{Configuration, Headers, Middleware};
use crate::domain::ids::InstallationId;

/// Name of the middleware.
pub const NAME: &str = "devsanctum-table";
/// The header in it.
pub const HEADER: &str = "Devsanctum-Table";
/// Of the SHA-256; tells two tables apart, and protects nothing.
const DIGEST_BYTES: usize = 12;

/// `<installation>.<revision>.<digest>`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    pub installation: InstallationId,
    /// Of the database that the table is a function of.
    pub revision: i64,
    digest: String,
}

impl Mark {
    pub fn of(installation: InstallationId, revision: i64, configuration: &Configuration) -> Self {
        let text = serde_json::to_vec(configuration).unwrap_or_default();
        let digest = hex::encode(&Sha256::digest(text)[..DIGEST_BYTES]);
        Self { installation, revision, digest }
    }

    /// Whether this is a table of the same installation, from a later state of its database.
    pub fn is_ahead_of(&self, other: &Mark) -> bool {
        self.installation == other.installation && self.revision > other.revision
    }

    /// Whether a table with this mark has everything that one with the other has.
    pub fn covers(&self, other: &Mark) -> bool {
        self == other || self.is_ahead_of(other)
    }

    /// Whether the two lead to the same places, whatever the revision.
    pub fn is_same_table(&self, other: &Mark) -> bool {
        self.installation == other.installation && self.digest == other.digest
    }

    pub fn middleware(&self) -> Middleware {
        let custom_request_headers = BTreeMap::from([(HEADER.to_owned(), self.to_string())]);
        Middleware::Headers(Headers { custom_request_headers, ..Headers::default() })
    }
}

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.installation, self.revision, self.digest)
    }
}

#[derive(Debug, thiserror::Error)]
#[error("is no mark of ours")]
pub struct NoMark;

impl FromStr for Mark {
    type Err = NoMark;

    fn from_str(text: &str) -> Result<Self, NoMark> {
        let mut parts = text.splitn(3, '.');
        let mut next = || parts.next().ok_or(NoMark);
        Ok(Self {
            installation: next()?.parse().map_err(|_| NoMark)?,
            revision: next()?.parse().map_err(|_| NoMark)?,
            digest: next()?.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn mark(installation: u128, revision: i64) -> Mark {
        let installation = Uuid::from_u128(installation).into();
        Mark { installation, revision, digest: "00".into() }
    }

    #[test]
    fn a_mark_reads_as_it_was_written() {
        let mark = mark(7, 42);
        assert_eq!(mark.to_string().parse::<Mark>().unwrap(), mark);
        for wrong in ["", "x.1.00", "00000000-0000-0000-0000-000000000007", "1.2"] {
            assert!(wrong.parse::<Mark>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn only_a_later_table_of_the_same_installation_covers() {
        assert!(mark(1, 2).covers(&mark(1, 2)) && mark(1, 3).covers(&mark(1, 2)));
        assert!(!mark(1, 1).covers(&mark(1, 2)) && !mark(2, 3).covers(&mark(1, 2)));
        let other = Mark { digest: "01".into(), ..mark(1, 2) };
        assert!(!other.covers(&mark(1, 2)), "one revision, two tables: only one of them is ours");
    }
}
