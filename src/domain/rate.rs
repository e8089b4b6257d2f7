//! How often something may be tried: a bucket that refills steadily (GCRA), kept as the one moment at which it is full.

use std::{num::NonZeroU32, time::Duration};

/// So many at once, and then one more each `every`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    pub burst: NonZeroU32,
    pub every: Duration,
}

impl Rate {
    /// # Panics
    /// When the burst is zero; in a constant that is an error of the compiler.
    pub const fn new(burst: u32, every: Duration) -> Self {
        let Some(burst) = NonZeroU32::new(burst) else { panic!("a burst is at least one") };
        Self { burst, every }
    }

    /// What one try costs, in microseconds.
    pub fn cost(self) -> i64 {
        i64::try_from(self.every.as_micros()).unwrap_or(i64::MAX).max(1)
    }

    /// How far ahead of now the moment of being full may lie for a try to be allowed, in microseconds.
    pub fn slack(self) -> i64 {
        self.cost().saturating_mul(i64::from(self.burst.get()) - 1)
    }

    /// One try at `now` of a bucket that is full at `spent_until`, both in microseconds: when it is full afterwards, or
    /// how long to wait.
    pub fn take(self, spent_until: Option<i64>, now: i64) -> Result<i64, Duration> {
        let spent_until = spent_until.unwrap_or(now).max(now);
        let ahead = spent_until - now;
        if ahead > self.slack() {
            return Err(Duration::from_micros(u64::try_from(ahead - self.slack()).unwrap_or(0)));
        }
        Ok(spent_until.saturating_add(self.cost()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: i64 = 1_000_000;

    #[test]
    fn a_burst_is_allowed_and_then_one_each_period() {
        let rate = Rate::new(3, Duration::from_secs(2));
        let mut full = None;
        for _ in 0..3 {
            full = Some(rate.take(full, 0).unwrap());
        }
        assert_eq!(rate.take(full, 0), Err(Duration::from_secs(2)));
        assert_eq!(rate.take(full, SECOND), Err(Duration::from_secs(1)));
        let full = rate.take(full, 2 * SECOND).unwrap();
        assert_eq!(rate.take(Some(full), 2 * SECOND), Err(Duration::from_secs(2)));
    }

    #[test]
    fn what_was_long_ago_counts_no_more() {
        let rate = Rate::new(1, Duration::from_secs(2));
        let full = rate.take(None, 0).unwrap();
        assert_eq!(rate.take(Some(full), 100 * SECOND), Ok(102 * SECOND));
    }
}
