//! The few calls for which the standard library has no safe form.

use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};

const SIGHUP: i32 = 1;
const SIGKILL: i32 = 9;
const SIGTERM: i32 = 15;
const SIGINT: i32 = 2;
const SIGCONT: i32 = 18;

/// The child that gets our SIGTERM; 0 when there is none and we are to leave at once.
static CHILD: AtomicI32 = AtomicI32::new(0);

/// Whether we were told to end.
static TERMINATED: AtomicBool = AtomicBool::new(false);

unsafe extern "C" {
    fn signal(number: i32, handler: extern "C" fn(i32)) -> usize;
    fn kill(pid: i32, number: i32) -> i32;
    fn _exit(status: i32) -> !;
}

extern "C" fn on_terminate(number: i32) {
    TERMINATED.store(true, Ordering::SeqCst);
    match CHILD.load(Ordering::SeqCst) {
        // SAFETY: `_exit` is async-signal-safe (POSIX.1-2017, 2.4.3) and never returns.
        0 => unsafe { _exit(0) },
        // SAFETY: `kill` is async-signal-safe and takes no pointers.
        pid => unsafe {
            kill(pid, number);
        },
    }
}

/// From now on SIGTERM and SIGINT end the process with 0, or go to the child named by [`forward_to`].
pub fn leave_on_terminate() {
    // SAFETY: the handler is an `extern "C" fn` that calls only async-signal-safe functions.
    unsafe {
        signal(SIGTERM, on_terminate);
        signal(SIGINT, on_terminate);
    }
}

/// Names the child that gets our signals; `None` when it is gone.
pub fn forward_to(child: Option<u32>) {
    CHILD.store(child.and_then(|pid| pid.try_into().ok()).unwrap_or(0), Ordering::SeqCst);
}

pub fn terminated() -> bool {
    TERMINATED.load(Ordering::SeqCst)
}

/// Kills every process of the group that `leader` leads.
pub fn kill_group(leader: u32) {
    if let Ok(leader) = i32::try_from(leader) {
        // SAFETY: takes no pointers; a group that is gone makes it fail without an effect.
        unsafe {
            kill(-leader, SIGKILL);
        }
    }
}

/// As the kernel does when a terminal goes: a process that is stopped has to go on to hear of it.
pub fn hang_up(process: u32) {
    send(process, SIGHUP);
    send(process, SIGCONT);
}

pub fn kill_process(process: u32) {
    send(process, SIGKILL);
}

fn send(process: u32, number: i32) {
    if let Ok(process) = i32::try_from(process) {
        // SAFETY: takes no pointers; a process that is gone makes it fail without an effect.
        unsafe {
            kill(process, number);
        }
    }
}
