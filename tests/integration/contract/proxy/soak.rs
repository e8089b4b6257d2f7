//! How far the heavy cases go: a taste with every run of the tests, all of it with `make soak`.

use std::{fmt::Display, time::Duration};

use super::world::World;

#[expect(clippy::disallowed_methods, reason = "tests are told by the environment how far to go")]
fn whole() -> bool {
    std::env::var("DEVSANCTUM_SOAK").is_ok_and(|asked| asked == "all")
}

/// What a case does in every run, and what it does when there is time.
pub fn extent<T>(taste: T, all: T) -> T {
    if whole() { all } else { taste }
}

/// A line of the table that `make soak` prints.
pub fn figure(world: &World, what: &str, figure: impl Display) {
    println!("figure | {} | {what} | {figure}", world.plane_name());
}

/// Of times in any order: the middle, nearly all, and the longest.
pub fn percentiles(times: &mut [Duration]) -> String {
    times.sort_unstable();
    let at = |share: usize| times[(times.len() - 1) * share / 100].as_millis();
    format!("p50 {} ms, p99 {} ms, max {} ms", at(50), at(99), at(100))
}

/// Resident memory of a process in MiB.
pub fn resident(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() / 1024
}
