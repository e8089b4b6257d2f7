//! Running other programs, or nothing at all, until told to stop.

use std::{
    ffi::{OsStr, OsString},
    io,
    os::unix::process::{CommandExt, ExitStatusExt},
    process::{Child, Command, ExitCode, ExitStatus},
    thread,
    time::{Duration, Instant},
};

use crate::signals;

/// As coreutils' `timeout` says it.
const TIMED_OUT: u8 = 124;
/// As shells say it.
const CANNOT_RUN: u8 = 126;
pub const NOT_FOUND: u8 = 127;

/// Waits for SIGTERM.
pub fn idle() -> io::Result<ExitCode> {
    signals::leave_on_terminate();
    loop {
        thread::park();
    }
}

/// Runs the command; when it ends with 0, as a shell without a terminal does at once, goes on waiting for SIGTERM.
pub fn keep(command: &[OsString]) -> io::Result<ExitCode> {
    signals::leave_on_terminate();
    if let Some((program, arguments)) = command.split_first() {
        let mut child = match Command::new(program).args(arguments).spawn() {
            Ok(child) => child,
            Err(error) => return Ok(cannot_run(program, &error)),
        };
        signals::forward_to(Some(child.id()));
        let status = child.wait()?;
        signals::forward_to(None);
        if signals::terminated() || !status.success() {
            return Ok(code_of(status));
        }
    }
    idle()
}

/// Runs the command in a process group of its own, and kills the group after `time`.
pub fn limit(time: Duration, program: &OsStr, arguments: &[OsString]) -> io::Result<ExitCode> {
    let mut child = match Command::new(program).args(arguments).process_group(0).spawn() {
        Ok(child) => child,
        Err(error) => return Ok(cannot_run(program, &error)),
    };
    match wait_until(&mut child, Instant::now() + time)? {
        Some(status) => Ok(code_of(status)),
        None => {
            signals::kill_group(child.id());
            child.wait()?;
            Ok(ExitCode::from(TIMED_OUT))
        }
    }
}

/// The standard library waits forever or not at all, so this looks again and again: often at first, as most commands
/// are short.
fn wait_until(child: &mut Child, deadline: Instant) -> io::Result<Option<ExitStatus>> {
    let mut pause = Duration::from_millis(1);
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Ok(None);
        }
        thread::sleep(pause.min(left));
        pause = (pause * 2).min(Duration::from_millis(50));
    }
}

pub fn code_of(status: ExitStatus) -> ExitCode {
    let code = status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or(0));
    ExitCode::from(u8::try_from(code).unwrap_or(u8::MAX))
}

fn cannot_run(program: &OsStr, error: &io::Error) -> ExitCode {
    eprintln!("helper: cannot run {}: {error}", program.display());
    ExitCode::from(if error.kind() == io::ErrorKind::NotFound { NOT_FOUND } else { CANNOT_RUN })
}
