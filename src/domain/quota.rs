//! How much an organization may use, and what counts.
//!
//! A workspace counts until it is destroyed, and so does the disk its components declare. CPU and memory count while it is
//! wanted running, whatever its containers do at the moment: what is wanted can be compared in one place, and comes true.

use std::fmt;

use super::workspace::{Desired, spec::Resources};

/// Limits; `None` is no limit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Quota {
    pub workspaces: Option<u64>,
    pub running_workspaces: Option<u64>,
    /// Thousandths of a core.
    pub cpu_millis: Option<u64>,
    pub memory_bytes: Option<u64>,
    pub disk_bytes: Option<u64>,
}

/// What is used, in the units of [`Quota`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    pub workspaces: u64,
    pub running_workspaces: u64,
    pub cpu_millis: u64,
    pub memory_bytes: u64,
    pub disk_bytes: u64,
}

impl Usage {
    /// What one workspace uses of which this is wanted.
    pub fn of(desired: Desired, resources: Resources) -> Self {
        let up = desired == Desired::Running;
        let while_up = |amount: u64| if up { amount } else { 0 };
        Self {
            workspaces: 1,
            running_workspaces: while_up(1),
            cpu_millis: while_up(resources.cpu_millis),
            memory_bytes: while_up(resources.memory_bytes),
            disk_bytes: resources.disk_bytes,
        }
    }

    /// Whether it is more than the other in anything.
    pub fn exceeds(&self, other: &Self) -> bool {
        self.each().into_iter().zip(other.each()).any(|(mine, other)| mine > other)
    }

    /// When one of those it counts goes from `before` to `after`.
    #[must_use]
    pub fn moved(&self, before: &Self, after: &Self) -> Self {
        let step = |used: u64, before: u64, after: u64| (used + after).saturating_sub(before);
        Self {
            workspaces: step(self.workspaces, before.workspaces, after.workspaces),
            running_workspaces: step(
                self.running_workspaces,
                before.running_workspaces,
                after.running_workspaces,
            ),
            cpu_millis: step(self.cpu_millis, before.cpu_millis, after.cpu_millis),
            memory_bytes: step(self.memory_bytes, before.memory_bytes, after.memory_bytes),
            disk_bytes: step(self.disk_bytes, before.disk_bytes, after.disk_bytes),
        }
    }

    fn each(&self) -> [u64; 5] {
        [self.workspaces, self.running_workspaces, self.cpu_millis, self.memory_bytes, self.disk_bytes]
    }
}

/// A limit that would be passed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Exceeded {
    /// Name of the limit.
    pub what: &'static str,
    /// Before.
    pub used: u64,
    /// More, that were asked for.
    pub asked: u64,
    pub limit: u64,
}

impl fmt::Display for Exceeded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { what, used, asked, limit } = self;
        write!(
            f,
            "the organization's quota does not allow it: {what}: {used} used, {asked} more asked for, "
        )?;
        write!(f, "{limit} allowed")
    }
}

/// Whether the step from what is used to what would be is within the limits. Using less, or the same, is always allowed:
/// whoever is above a limit that was lowered may still stop and destroy.
pub fn check(quota: &Quota, before: &Usage, after: &Usage) -> Result<(), Exceeded> {
    let limits = [
        ("workspaces", before.workspaces, after.workspaces, quota.workspaces),
        ("running_workspaces", before.running_workspaces, after.running_workspaces, quota.running_workspaces),
        ("cpu_millis", before.cpu_millis, after.cpu_millis, quota.cpu_millis),
        ("memory_bytes", before.memory_bytes, after.memory_bytes, quota.memory_bytes),
        ("disk_bytes", before.disk_bytes, after.disk_bytes, quota.disk_bytes),
    ];
    for (what, used, after, limit) in limits {
        match limit {
            Some(limit) if after > used && after > limit => {
                return Err(Exceeded { what, used, asked: after - used, limit });
            }
            _ => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn usage() -> impl Strategy<Value = Usage> {
        (0..9u64, 0..9u64, 0..9u64, 0..9u64, 0..9u64).prop_map(
            |(workspaces, running_workspaces, cpu_millis, memory_bytes, disk_bytes)| Usage {
                workspaces,
                running_workspaces,
                cpu_millis,
                memory_bytes,
                disk_bytes,
            },
        )
    }

    fn quota() -> impl Strategy<Value = Quota> {
        let limit = || proptest::option::of(0..9u64);
        (limit(), limit(), limit(), limit(), limit()).prop_map(
            |(workspaces, running_workspaces, cpu_millis, memory_bytes, disk_bytes)| Quota {
                workspaces,
                running_workspaces,
                cpu_millis,
                memory_bytes,
                disk_bytes,
            },
        )
    }

    fn each(quota: &Quota, usage: &Usage) -> [(Option<u64>, u64); 5] {
        [
            (quota.workspaces, usage.workspaces),
            (quota.running_workspaces, usage.running_workspaces),
            (quota.cpu_millis, usage.cpu_millis),
            (quota.memory_bytes, usage.memory_bytes),
            (quota.disk_bytes, usage.disk_bytes),
        ]
    }

    proptest! {
        #[test]
        fn whoever_keeps_the_quota_stays_within_it(quota in quota(), before in usage(), after in usage()) {
            let within = |usage: &Usage| each(&quota, usage).iter().all(|(limit, used)| limit.is_none_or(|l| *used <= l));
            if within(&before) {
                prop_assert_eq!(check(&quota, &before, &after).is_ok(), within(&after));
            }
        }

        #[test]
        fn using_less_is_always_allowed(quota in quota(), before in usage(), less in usage()) {
            let after = Usage {
                workspaces: before.workspaces.min(less.workspaces),
                running_workspaces: before.running_workspaces.min(less.running_workspaces),
                cpu_millis: before.cpu_millis.min(less.cpu_millis),
                memory_bytes: before.memory_bytes.min(less.memory_bytes),
                disk_bytes: before.disk_bytes.min(less.disk_bytes),
            };
            prop_assert_eq!(check(&quota, &before, &after), Ok(()));
        }
    }

    #[test]
    fn a_refusal_says_which_limit_and_how_far() {
        let quota = Quota { cpu_millis: Some(1_000), ..Quota::default() };
        let before = Usage { cpu_millis: 500, ..Usage::default() };
        let after = Usage { cpu_millis: 1_500, ..Usage::default() };
        assert_eq!(
            check(&quota, &before, &after).unwrap_err().to_string(),
            "the organization's quota does not allow it: cpu_millis: 500 used, 1000 more asked for, 1000 allowed"
        );
    }
}
