//! Which passwords are accepted.

use crate::{
    app::{AppError, AppResult},
    domain::secret::Secret,
};

const MIN: usize = 10;
/// Hashing longer ones would only serve to keep the server busy.
const MAX: usize = 256;

/// Passwords of at least [`MIN`] characters that lists of leaked passwords begin with, in lower case.
const COMMON: &str = include_str!("common_passwords.txt");

/// Refuses a password that is too short, too long, or among the first an attacker tries: a common one, or one made of
/// what everybody knows of its owner.
pub fn accept(field: &str, password: &Secret, known: &[&str]) -> AppResult<()> {
    let password = password.expose();
    let length = password.chars().count();
    let refuse = |code: &str, message: String| Err(AppError::invalid(field, code, message));
    if length < MIN {
        return refuse("too_short", format!("must have at least {MIN} characters"));
    }
    if length > MAX {
        return refuse("too_long", format!("must have at most {MAX} characters"));
    }
    let lower = password.to_lowercase();
    let core = lower.trim_matches(|c: char| !c.is_alphabetic());
    let repeats = lower.chars().collect::<std::collections::BTreeSet<_>>().len() < 4;
    if repeats || COMMON.lines().any(|common| common == lower) {
        return refuse("too_common", "is among the first that attackers try; choose another".into());
    }
    if known.iter().any(|known| core == known.to_lowercase()) {
        return refuse("too_common", "must not be made of your own name".into());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(password: &str) -> Option<String> {
        match accept("password", &Secret::new(password), &["ada.lovelace"]) {
            Ok(()) => None,
            Err(AppError::Invalid(problems)) => Some(problems[0].code.clone()),
            Err(other) => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_attackers_try_first_is_refused() {
        assert_eq!(code("correct horse battery"), None);
        assert_eq!(code("ünïcödé pässwörd"), None);
        assert_eq!(code("short").as_deref(), Some("too_short"));
        assert_eq!(code(&"xyzw".repeat(65)).as_deref(), Some("too_long"));
        for common in ["Password123", "1234567890", "qwertyuiop", "aaaaaaaaaaaa", "Ada.Lovelace1815"] {
            assert_eq!(code(common).as_deref(), Some("too_common"), "{common}");
        }
    }

    #[test]
    fn the_list_holds_only_what_length_does_not_refuse() {
        assert!(COMMON.lines().count() > 100);
        for line in COMMON.lines() {
            assert!(line.chars().count() >= MIN && line == line.to_lowercase(), "{line}");
        }
    }
}
