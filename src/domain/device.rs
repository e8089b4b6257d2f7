//! Letting a command line in from a browser: the device authorization grant (RFC 8628).

use std::{fmt, str::FromStr};

use chrono::{DateTime, Duration, Utc};

use serde::{Deserialize, Serialize};

use super::{ids::UserId, names::NameError, session::TokenHash};

/// How long somebody may take to find the page and type the code.
pub const LIFETIME: Duration = Duration::minutes(10);
/// How long a client waits between two questions.
pub const INTERVAL: Duration = Duration::seconds(5);
/// How much earlier than that it may come: clocks and networks are not exact.
const TOLERANCE: Duration = Duration::milliseconds(500);

/// What people type: eight consonants, so that no word appears and no digit is mistaken for a letter (RFC 8628, 6.1);
/// 20⁸ of them, of which one is good for ten minutes and a few guesses.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct UserCode(String);

impl UserCode {
    const ALPHABET: &[u8; 20] = b"BCDFGHJKLMNPQRSTVWXZ";
    const LEN: usize = 8;

    /// From random bytes; each letter is as likely as any other to within one part in 10¹⁷.
    pub fn of(random: &[u8; 16]) -> Self {
        let mut number = u128::from_be_bytes(*random);
        let letters = (0..Self::LEN).map(|_| {
            let letter = Self::ALPHABET[usize::try_from(number % 20).unwrap_or_default()];
            number /= 20;
            char::from(letter)
        });
        Self(letters.collect())
    }

    /// As it is stored: without a hyphen.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// For people: `BCDF-GHJK`.
impl fmt::Display for UserCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (left, right) = self.0.split_at(Self::LEN / 2);
        write!(f, "{left}-{right}")
    }
}

impl TryFrom<String> for UserCode {
    type Error = NameError;

    fn try_from(text: String) -> Result<Self, NameError> {
        text.parse()
    }
}

impl From<UserCode> for String {
    fn from(code: UserCode) -> String {
        code.0
    }
}

impl FromStr for UserCode {
    type Err = NameError;

    /// However people type it.
    fn from_str(text: &str) -> Result<Self, NameError> {
        let letters = text.chars().filter(|c| !matches!(c, '-' | ' ')).map(|c| c.to_ascii_uppercase());
        let code: String = letters.take(Self::LEN + 1).collect();
        if code.len() == Self::LEN && code.bytes().all(|byte| Self::ALPHABET.contains(&byte)) {
            Ok(Self(code))
        } else {
            Err(NameError::new("must be a code like BCDF-GHJK"))
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceGrant {
    /// Of the secret that only the client knows.
    pub device: TokenHash,
    pub user_code: UserCode,
    /// What the client calls itself, for the person who decides.
    pub client_name: String,
    /// Where it asked from.
    pub address: String,
    pub created_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
    pub polled_at: Option<DateTime<Utc>>,
    pub decision: Option<Decision>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decision {
    pub by: UserId,
    pub approved: bool,
}

/// What a client that asks is told (RFC 8628, 3.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    Granted(UserId),
    AuthorizationPending,
    SlowDown,
    AccessDenied,
    ExpiredToken,
}

impl DeviceGrant {
    pub fn is_open(&self, now: DateTime<Utc>) -> bool {
        self.decision.is_none() && now < self.expires_at
    }

    pub fn answer(&self, now: DateTime<Utc>) -> Answer {
        let hasty = self.polled_at.is_some_and(|polled| now - polled < INTERVAL - TOLERANCE);
        match self.decision {
            _ if now >= self.expires_at => Answer::ExpiredToken,
            Some(Decision { approved: false, .. }) => Answer::AccessDenied,
            _ if hasty => Answer::SlowDown,
            Some(Decision { by, approved: true }) => Answer::Granted(by),
            None => Answer::AuthorizationPending,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    fn at(millis: i64) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(millis).unwrap()
    }

    fn grant(polled_at: Option<i64>, approved: Option<bool>) -> DeviceGrant {
        DeviceGrant {
            device: [0; 32],
            user_code: UserCode::of(&[7; 16]),
            client_name: String::new(),
            address: String::new(),
            created_at: at(0),
            expires_at: at(600_000),
            polled_at: polled_at.map(at),
            decision: approved.map(|approved| Decision { by: Uuid::nil().into(), approved }),
        }
    }

    #[test]
    fn a_client_is_told_what_the_standard_says() {
        for (polled, approved, now, answer) in [
            (None, None, 0, Answer::AuthorizationPending),
            (Some(0), None, 5_000, Answer::AuthorizationPending),
            (Some(0), None, 4_499, Answer::SlowDown),
            (Some(0), Some(true), 4_499, Answer::SlowDown),
            (Some(0), Some(true), 5_000, Answer::Granted(Uuid::nil().into())),
            (Some(0), Some(false), 1, Answer::AccessDenied),
            (None, Some(true), 600_000, Answer::ExpiredToken),
            (None, None, 600_000, Answer::ExpiredToken),
        ] {
            assert_eq!(grant(polled, approved).answer(at(now)), answer, "{polled:?} {approved:?} {now}");
        }
    }

    #[test]
    fn codes_are_read_however_they_are_typed() {
        let code = "BCDFGHJK".parse::<UserCode>().unwrap();
        assert_eq!(code.to_string(), "BCDF-GHJK");
        for typed in ["bcdf-ghjk", " BCDF GHJK ", "b-c-d-f-g-h-j-k"] {
            assert_eq!(typed.parse::<UserCode>().unwrap(), code);
        }
        for wrong in ["", "BCDFGHJ", "BCDFGHJKL", "ABCDFGHJ", "BCDF_GHJK", "ＢCDFGHJK"] {
            assert!(wrong.parse::<UserCode>().is_err(), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn codes_parse_back(random: [u8; 16]) {
            let code = UserCode::of(&random);
            prop_assert_eq!(code.to_string().parse::<UserCode>().unwrap(), code);
        }
    }
}
