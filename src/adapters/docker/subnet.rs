//! Which subnet a workspace's network gets: a place derived from the workspace's id, so that two servers rarely want
//! the same one, and from there on the next free one.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use ipnet::Ipv4Net;
use sha2::{Digest, Sha256};

use crate::domain::ids::WorkspaceId;

/// A pool cut into subnets of one size.
#[derive(Debug, Clone, Copy)]
pub(super) struct SubnetPool {
    pool: Ipv4Net,
    prefix: u8,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("networks of prefix length {prefix} cannot be cut from {pool}: it must be from {} to 29", pool.prefix_len())]
pub struct SubnetPoolError {
    pool: Ipv4Net,
    prefix: u8,
}

impl SubnetPool {
    /// Of a /29, five addresses are left for containers; smaller ones are of no use.
    const LONGEST_PREFIX: u8 = 29;

    pub(super) fn new(pool: Ipv4Net, prefix: u8) -> Result<Self, SubnetPoolError> {
        if (pool.prefix_len()..=Self::LONGEST_PREFIX).contains(&prefix) {
            Ok(Self { pool: pool.trunc(), prefix })
        } else {
            Err(SubnetPoolError { pool, prefix })
        }
    }

    pub(super) fn pool(&self) -> Ipv4Net {
        self.pool
    }

    /// Every subnet once, beginning at the workspace's own place.
    pub(super) fn candidates(self, workspace: WorkspaceId) -> impl Iterator<Item = Ipv4Net> {
        let count = self.count();
        let start = place(workspace) % count;
        (0..count).map(move |offset| self.nth((start + offset) % count))
    }

    fn count(self) -> u64 {
        1 << (self.prefix - self.pool.prefix_len())
    }

    fn nth(self, index: u64) -> Ipv4Net {
        let size = 1u64 << (32 - self.prefix);
        let address = u64::from(self.pool.network().to_bits()) + index * size;
        // Within the pool, hence below 2^32; the prefix was checked when the pool was made.
        Ipv4Net::new_assert((address as u32).into(), self.prefix)
    }
}

/// Subnets that were a workspace's a moment ago. A proxy in front may still be connecting to an address there for a visitor
/// of that workspace, so for a while nobody else gets them.
#[derive(Debug)]
pub(super) struct RestingSubnets {
    rest: Duration,
    left: Mutex<Vec<Left>>,
}

#[derive(Debug)]
struct Left {
    subnet: Ipv4Net,
    by: Option<WorkspaceId>,
    until: Instant,
}

impl RestingSubnets {
    pub(super) fn new(rest: Duration) -> Self {
        Self { rest, left: Mutex::default() }
    }

    pub(super) fn left(&self, subnet: Ipv4Net, by: Option<WorkspaceId>, now: Instant) {
        let mut left = self.lock();
        left.retain(|left| now < left.until);
        left.push(Left { subnet, by, until: now + self.rest });
    }

    /// Whether this workspace has to wait for it.
    pub(super) fn rests(&self, subnet: &Ipv4Net, workspace: WorkspaceId, now: Instant) -> bool {
        self.lock()
            .iter()
            .any(|left| now < left.until && left.by != Some(workspace) && overlap(&left.subnet, subnet))
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Left>> {
        // Whole after any panic.
        self.left.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn place(workspace: WorkspaceId) -> u64 {
    let digest = Sha256::digest(workspace.as_uuid().as_bytes());
    digest.iter().take(8).fold(0, |number, byte| (number << 8) | u64::from(*byte))
}

pub(super) fn overlap(a: &Ipv4Net, b: &Ipv4Net) -> bool {
    a.contains(b) || b.contains(a)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    proptest! {
        #[test]
        fn every_subnet_of_the_pool_is_a_candidate_once(bits: u128, extra in 0u8..=10) {
            let pool = SubnetPool::new("10.201.0.0/16".parse().unwrap(), 16 + extra).unwrap();
            let candidates: Vec<_> = pool.candidates(Uuid::from_u128(bits).into()).collect();
            prop_assert_eq!(candidates.len(), 1 << extra);
            prop_assert_eq!(candidates.iter().collect::<BTreeSet<_>>().len(), candidates.len());
            prop_assert!(candidates.iter().all(|subnet| pool.pool.contains(subnet)));
        }
    }

    #[test]
    fn the_place_depends_on_the_workspace() {
        let pool = SubnetPool::new("10.201.0.0/16".parse().unwrap(), 27).unwrap();
        let first = |n: u128| pool.candidates(Uuid::from_u128(n).into()).next().unwrap();
        assert_eq!(first(1), first(1));
        let places: BTreeSet<_> = (0..100).map(first).collect();
        assert!(places.len() > 90, "{} places for 100 workspaces", places.len());
    }

    #[test]
    fn what_was_left_rests_for_others_and_for_a_while() {
        let subnet: Ipv4Net = "10.201.0.32/27".parse().unwrap();
        let [one, two] = [1, 2].map(|n| WorkspaceId::from(Uuid::from_u128(n)));
        let (resting, now) = (RestingSubnets::new(Duration::from_secs(10)), Instant::now());
        assert!(!resting.rests(&subnet, two, now));
        resting.left(subnet, Some(one), now);
        assert!(resting.rests(&subnet, two, now + Duration::from_secs(9)));
        assert!(resting.rests(&"10.201.0.0/24".parse().unwrap(), two, now));
        assert!(!resting.rests(&"10.201.0.64/27".parse().unwrap(), two, now));
        assert!(!resting.rests(&subnet, one, now), "its own");
        assert!(!resting.rests(&subnet, two, now + Duration::from_secs(10)));
    }

    #[test]
    fn a_pool_must_hold_its_subnets() {
        for (pool, prefix) in
            [("10.201.0.0/16", 15), ("10.201.0.0/28", 27), ("10.0.0.0/8", 30), ("10.0.0.0/8", 33)]
        {
            assert!(SubnetPool::new(pool.parse().unwrap(), prefix).is_err(), "{pool} into /{prefix}");
        }
        assert!(
            SubnetPool::new("0.0.0.0/0".parse().unwrap(), 29)
                .unwrap()
                .candidates(Uuid::nil().into())
                .next()
                .is_some()
        );
    }
}
