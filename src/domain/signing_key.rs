//! The keys that tokens are signed with.

use chrono::{DateTime, Duration, Utc};

use super::{
    secret::Sealed,
    session::{IDENTITY_LIFETIME, PASS_LIFETIME},
};

/// How long a key signs.
pub const SIGNS_FOR: Duration = Duration::days(30);
/// How long a key is published before it signs: whoever reads the published keys once a day has it by then.
pub const ANNOUNCED_FOR: Duration = Duration::hours(24);
/// Every server has learned of a new key by then.
const LEARNED_BY_THEN: Duration = Duration::hours(1);

/// What keys sign. A key of one family is never one of the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum KeyFamily {
    /// Access tokens, tickets and passes: ours alone, to sign and to verify. The newest signs at once.
    Access,
    /// What tells components who visits. Others verify it by what we publish of the key.
    Identity,
}

impl KeyFamily {
    pub const ALL: [KeyFamily; 2] = [KeyFamily::Access, KeyFamily::Identity];

    /// How long after it was made a key begins to sign, if there is another until then.
    const fn announced_for(self) -> Duration {
        match self {
            KeyFamily::Access => Duration::zero(),
            KeyFamily::Identity => ANNOUNCED_FOR,
        }
    }

    /// How long what a key signed is good at most.
    const fn good_for(self) -> Duration {
        match self {
            KeyFamily::Access => PASS_LIFETIME,
            KeyFamily::Identity => IDENTITY_LIFETIME,
        }
    }
}

/// Older ones verify what they signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SigningKey {
    /// As tokens name it: nothing that says anything of the key.
    pub id: String,
    pub family: KeyFamily,
    pub sealed: Sealed,
    pub created_at: DateTime<Utc>,
}

impl SigningKey {
    /// What a sealed key is bound to.
    pub fn context(family: KeyFamily, id: &str) -> String {
        match family {
            KeyFamily::Access => format!("signing_keys.sealed:{id}"),
            KeyFamily::Identity => format!("identity_keys.sealed:{id}"),
        }
    }
}

/// Which of the keys signs, given when each was made, newest first: the newest that was announced for long enough. While
/// there is none, the oldest: nobody can have read anything before it.
pub fn signer(
    family: KeyFamily,
    made: impl ExactSizeIterator<Item = DateTime<Utc>>,
    now: DateTime<Utc>,
) -> usize {
    let oldest = made.len().saturating_sub(1);
    let mut made = made;
    made.position(|made| now - made >= family.announced_for()).unwrap_or(oldest)
}

/// Whether it is time for a new key, given when the newest was made.
pub fn is_due(newest: Option<DateTime<Utc>>, now: DateTime<Utc>) -> bool {
    newest.is_none_or(|made| now - made >= SIGNS_FOR)
}

/// Nothing that a key made before this has signed is still good, given when the newest was made. It begins to sign a
/// while later, a server may learn of it a while later, and tokens are good for a while.
pub fn useless_before(family: KeyFamily, newest: DateTime<Utc>, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let lasts = family.announced_for() + LEARNED_BY_THEN + family.good_for();
    (now - newest >= lasts).then_some(newest)
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
        let useless = |family, hours| useless_before(family, at(0), at(hours));
        assert_eq!(useless(KeyFamily::Access, 12), None);
        assert_eq!(useless(KeyFamily::Access, 13), Some(at(0)));
        assert_eq!(useless(KeyFamily::Identity, 25), None);
        assert_eq!(useless(KeyFamily::Identity, 26), Some(at(0)));
    }

    #[test]
    fn a_published_key_signs_once_everybody_can_have_read_it() {
        let signs = |family, made: &[i64], now| signer(family, made.iter().map(|hours| at(*hours)), at(now));
        assert_eq!(signs(KeyFamily::Access, &[10, 0], 10), 0, "nobody else verifies");
        assert_eq!(signs(KeyFamily::Identity, &[0], 0), 0, "the first");
        assert_eq!(signs(KeyFamily::Identity, &[10, 0], 33), 1);
        assert_eq!(signs(KeyFamily::Identity, &[10, 0], 34), 0);
        assert_eq!(
            signs(KeyFamily::Identity, &[11, 10, 9], 12),
            2,
            "of several first ones, the same everywhere"
        );
    }
}
