//! The machine's clock and randomness: the only place that asks for either.

use chrono::{DateTime, SubsecRound, Utc};
use rand::Rng;

use crate::ports::{clock::Clock, random::Random};

/// PostgreSQL keeps microseconds.
const DIGITS: u16 = 6;

pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the adapter of the `Clock` port")]
    fn now(&self) -> DateTime<Utc> {
        Utc::now().trunc_subsecs(DIGITS)
    }
}

/// A ChaCha generator per thread, seeded and reseeded by the operating system.
pub struct SystemRandom;

impl Random for SystemRandom {
    #[expect(clippy::disallowed_methods, reason = "this is the adapter of the `Random` port")]
    fn fill(&self, buffer: &mut [u8]) {
        rand::rng().fill_bytes(buffer);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_stored_compares_equal_to_what_was_read() {
        let now = SystemClock.now();
        assert_eq!(now.timestamp_subsec_nanos() % 1_000, 0);
    }

    #[test]
    fn chance_does_not_repeat() {
        let random: &dyn Random = &SystemRandom;
        assert_ne!(random.bytes::<32>(), random.bytes::<32>());
    }
}
