//! The keys that access tokens, tickets and passes are signed with.

use chrono::{DateTime, Duration, Utc};

use super::{secret::Sealed, session::PASS_LIFETIME};

/// How long a key signs.
pub const SIGNS_FOR: Duration = Duration::days(30);

/// The newest signs; older ones verify what they signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SigningKey {
    /// As tokens name it: nothing that says anything of the key.
    pub id: String,
    pub sealed: Sealed,
    pub created_at: DateTime<Utc>,
}

impl SigningKey {
    /// What a sealed key is bound to.
    pub fn context(id: &str) -> String {
        format!("signing_keys.sealed:{id}")
    }
}

/// Whether it is time for a new key, given when the newest was made.
pub fn is_due(newest: Option<DateTime<Utc>>, now: DateTime<Utc>) -> bool {
    newest.is_none_or(|made| now - made >= SIGNS_FOR)
}

/// Nothing that a key made before this has signed is still good, given that a newer one signs since `newest`. A server
/// may learn of the newer one a while later, and tokens are good for a while.
pub fn useless_before(newest: DateTime<Utc>, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    const LEARNED_BY_THEN: Duration = Duration::hours(1);
    (now - newest >= LEARNED_BY_THEN + PASS_LIFETIME).then_some(newest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hours: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + Duration::hours(hours)
    }

    #[test]
    fn a_key_signs_for_thirty_days() {
        assert!(is_due(None, at(0)));
        assert!(!is_due(Some(at(0)), at(30 * 24 - 1)));
        assert!(is_due(Some(at(0)), at(30 * 24)));
    }

    #[test]
    fn an_older_key_stays_until_its_last_token_has_expired() {
        assert_eq!(useless_before(at(0), at(12)), None);
        assert_eq!(useless_before(at(0), at(13)), Some(at(0)));
    }
}
