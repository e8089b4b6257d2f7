//! Chance as an argument.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::domain::ids::uuid_v7;

/// Bytes fit for secrets.
pub trait Random: Send + Sync {
    fn fill(&self, buffer: &mut [u8]);
}

impl dyn Random + '_ {
    /// A fresh id of any kind.
    pub fn id<T: From<Uuid>>(&self, now: DateTime<Utc>) -> T {
        T::from(uuid_v7(now, &self.bytes()))
    }

    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.fill(&mut bytes);
        bytes
    }

    /// `N` random bytes in hexadecimal.
    pub fn hex<const N: usize>(&self) -> String {
        hex::encode(self.bytes::<N>())
    }
}
