//! The processes of a terminal: those of the session its shell leads (credentials(7)).

use std::{
    fs, thread,
    time::{Duration, Instant},
};

use crate::signals;

/// What a program may take to save what it has after it was hung up on.
const GRACE: Duration = Duration::from_secs(3);

const PAUSE: Duration = Duration::from_millis(10);

/// SIGHUP to the whole session, and SIGKILL to what is left of it after a while. What ignores SIGHUP (`nohup`) or has left
/// the session (`setsid`, `tmux`) was meant to go on, and does; the shell itself never is.
pub fn hang_up(leader: u32) {
    let deadline = Instant::now() + GRACE;
    for process in members(leader) {
        signals::hang_up(process);
    }
    while Instant::now() < deadline {
        if !members(leader).into_iter().any(|process| is_to_end(process, leader)) {
            return;
        }
        thread::sleep(PAUSE);
    }
    for process in members(leader).into_iter().filter(|process| is_to_end(*process, leader)) {
        signals::kill_process(process);
    }
}

fn is_to_end(process: u32, leader: u32) -> bool {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    process == leader || !ignores_hang_up(&status)
}

fn members(session: u32) -> Vec<u32> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let processes = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    processes
        .filter(|process| {
            let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
            parse_stat(&stat) == Some(session)
        })
        .collect()
}

/// The session of a process that lives, from `/proc/PID/stat`: the name in parentheses may hold anything.
pub fn parse_stat(stat: &str) -> Option<u32> {
    let (_, fields) = stat.rsplit_once(')')?;
    let mut fields = fields.split_ascii_whitespace();
    let state = fields.next()?;
    let session = fields.nth(2)?.parse().ok()?;
    (state != "Z" && state != "X").then_some(session)
}

/// From `/proc/PID/status`: the lowest bit of the mask is signal 1.
pub fn ignores_hang_up(status: &str) -> bool {
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).is_some_and(|mask| mask & 1 == 1)
}
