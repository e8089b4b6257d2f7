//! Time as an argument.

use chrono::{DateTime, Utc};

/// Now, truncated to microseconds: PostgreSQL keeps no more, and what is stored must compare equal to what was written.
pub trait Clock: Send + Sync {
    fn now(&self) -> DateTime<Utc>;
}
