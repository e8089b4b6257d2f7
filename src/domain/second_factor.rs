//! Codes from an authenticator (TOTP, RFC 6238): six digits that change every thirty seconds, made with SHA-1, since that
//! is what authenticators agree on.

use chrono::{DateTime, Utc};
use totp_rs::{Builder, Totp};

use super::{ids::UserId, secret::Sealed};

/// Recommended by RFC 4226, 4: as long as the hash.
pub const SECRET_BYTES: usize = 20;
pub const RECOVERY_CODES: usize = 10;
/// Random bytes of one recovery code, of which it shows sixty bits.
pub const RECOVERY_BYTES: usize = 8;

const STEP: i64 = 30;
/// Steps before and after now that are accepted: clocks differ, and people type slowly.
const WINDOW: i64 = 1;
const ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";

/// SHA-256 of a recovery code, bound to its user.
pub type RecoveryHash = [u8; 32];

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecondFactor {
    pub user_id: UserId,
    pub sealed: Sealed,
    pub created_at: DateTime<Utc>,
    /// `None`: no code was shown yet, and signing in asks for none.
    pub confirmed_at: Option<DateTime<Utc>>,
    /// The newest step that a code was accepted of.
    pub last_step: i64,
}

impl SecondFactor {
    /// What a sealed secret is bound to.
    pub fn context(user: UserId) -> String {
        format!("second_factors.sealed:{user}")
    }
}

fn totp(secret: &[u8; SECRET_BYTES]) -> Totp {
    Builder::new().with_secret(secret.to_vec()).build_noncompliant()
}

/// The step that this code belongs to, if it is one of those around now. Whether it was used before is not known here.
pub fn step_of(secret: &[u8; SECRET_BYTES], code: &str, now: DateTime<Utc>) -> Option<i64> {
    let current = now.timestamp().div_euclid(STEP);
    let totp = totp(secret);
    let mut found = None;
    for step in (current - WINDOW)..=(current + WINDOW) {
        let Ok(time) = u64::try_from(step * STEP) else { continue };
        let expected = totp.generate(time).to_string();
        if bool::from(subtle::ConstantTimeEq::ct_eq(expected.as_bytes(), code.as_bytes())) {
            found = Some(step);
        }
    }
    found
}

/// A recovery code of random bytes: `xxxx-xxxx-xxxx`, without characters that look alike.
pub fn recovery_code(random: &[u8; RECOVERY_BYTES]) -> String {
    let bits = u64::from_be_bytes(*random);
    let character = |at: u32| char::from(ALPHABET[(bits >> (at * 5)) as usize % ALPHABET.len()]);
    let mut code = String::with_capacity(14);
    for at in 0..12 {
        if at > 0 && at % 4 == 0 {
            code.push('-');
        }
        code.push(character(at));
    }
    code
}

/// What people type, as it was shown: without regard to case, space and hyphens. `None`: this is no recovery code.
pub fn normal_recovery_code(text: &str) -> Option<String> {
    let text: String = text.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
    let text = text.to_lowercase();
    (text.len() == 12 && text.bytes().all(|byte| ALPHABET.contains(&byte))).then_some(text)
}

/// A code without the spaces that authenticators show; `None`: not six digits.
pub fn normal_code(text: &str) -> Option<String> {
    let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    (text.len() == 6 && text.bytes().all(|byte| byte.is_ascii_digit())).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238, appendix B, the last six of its eight digits.
    #[test]
    fn codes_are_those_of_the_standard() {
        let secret = b"12345678901234567890";
        for (time, code) in [(59, "287082"), (1_111_111_109, "081804"), (20_000_000_000, "353130")] {
            let now = DateTime::from_timestamp(time, 0).unwrap();
            assert_eq!(step_of(secret, code, now), Some(time / 30));
        }
    }

    #[test]
    fn codes_are_accepted_one_step_around_now() {
        let secret = b"12345678901234567890";
        let at = |time: i64| step_of(secret, "287082", DateTime::from_timestamp(time, 0).unwrap());
        assert_eq!([at(29), at(0), at(30), at(89), at(90)], [Some(1), Some(1), Some(1), Some(1), None]);
        assert_eq!(step_of(secret, "", DateTime::UNIX_EPOCH), None);
        assert_eq!(step_of(secret, "2870820", DateTime::UNIX_EPOCH), None);
    }

    #[test]
    fn recovery_codes_are_read_as_people_type_them() {
        let code = recovery_code(&[0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc, 0xde, 0xf0]);
        assert_eq!(code.len(), 14);
        let normal = normal_recovery_code(&code).unwrap();
        assert_eq!(
            normal_recovery_code(&format!(" {} ", code.to_uppercase().replace('-', " "))),
            Some(normal)
        );
        for wrong in ["", "123456", "abcd-efgh-ijk", "abcd-efgh-ijkl0", "abcd-efgh-ijk0"] {
            assert_eq!(normal_recovery_code(wrong), None, "{wrong}");
        }
        assert_eq!(normal_code(" 123 456 ").as_deref(), Some("123456"));
        assert_eq!(normal_code("12345a"), None);
    }
}
