//! Terminals of the kernel (pty(7)). The standard library has none, so these few calls are made by hand.

use std::{
    fs::{File, OpenOptions},
    io,
    os::fd::{AsRawFd, FromRawFd, RawFd},
    os::unix::{fs::OpenOptionsExt, process::CommandExt},
    process::Command,
    time::Duration,
};

/// As of the kernel's asm-generic/ioctls.h, which x86 and ARM share.
const TIOCSCTTY: u64 = 0x540E;
const TIOCSWINSZ: u64 = 0x5414;
const TIOCSPTLCK: u64 = 0x4004_5431;
const TIOCGPTPEER: u64 = 0x5441;
const O_RDWR: i32 = 2;
const O_NONBLOCK: i32 = 0o4000;
const O_NOCTTY: i32 = 0o400;
const O_CLOEXEC: i32 = 0o2_000_000;
const POLLIN: i16 = 1;
const POLLOUT: i16 = 4;

/// `struct winsize` of ioctl_tty(2).
#[repr(C)]
struct WindowSize {
    rows: u16,
    columns: u16,
    x_pixels: u16,
    y_pixels: u16,
}

/// `struct pollfd` of poll(2).
#[repr(C)]
struct PollFd {
    fd: RawFd,
    events: i16,
    returned: i16,
}

unsafe extern "C" {
    fn ioctl(fd: i32, request: u64, ...) -> i32;
    fn poll(fds: *mut PollFd, count: u64, timeout: i32) -> i32;
    fn setsid() -> i32;
    fn getuid() -> u32;
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    pub columns: u16,
    pub rows: u16,
}

/// Our end of a new terminal, which never waits, and the end for the program.
pub fn open(size: Size) -> io::Result<(File, File)> {
    let ours = OpenOptions::new().read(true).write(true).custom_flags(O_NONBLOCK).open("/dev/ptmx")?;
    let unlocked: i32 = 0;
    // SAFETY: the request reads one int, which lives until the call returns.
    check(unsafe { ioctl(ours.as_raw_fd(), TIOCSPTLCK, &raw const unlocked) })?;
    resize(&ours, size)?;
    // SAFETY: the request takes flags by value.
    let peer = check(unsafe { ioctl(ours.as_raw_fd(), TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC) })?;
    // SAFETY: the call has just made this descriptor, and nothing else has it.
    let peer = unsafe { File::from_raw_fd(peer) };
    Ok((ours, peer))
}

/// The kernel tells the program by SIGWINCH.
pub fn resize(terminal: &File, size: Size) -> io::Result<()> {
    let size = WindowSize { rows: size.rows, columns: size.columns, x_pixels: 0, y_pixels: 0 };
    // SAFETY: the request reads one `struct winsize`, which lives until the call returns.
    check(unsafe { ioctl(terminal.as_raw_fd(), TIOCSWINSZ, &raw const size) }).map(drop)
}

/// Makes the command the leader of a session of its own, on the terminal that is its standard input.
pub fn lead_session(command: &mut Command) {
    let lead = || {
        // SAFETY: takes nothing.
        check(unsafe { setsid() })?;
        // SAFETY: the request takes a number by value.
        check(unsafe { ioctl(0, TIOCSCTTY, 0) }).map(drop)
    };
    // SAFETY: both calls are plain system calls, which may be made between fork and exec.
    unsafe { command.pre_exec(lead) };
}

/// Waits until one of both can be read, or has ended; `None` when `limit` is over first.
pub fn until_readable(
    first: &impl AsRawFd,
    second: Option<&impl AsRawFd>,
    limit: Option<Duration>,
) -> io::Result<Option<(bool, bool)>> {
    // A negative descriptor is none to watch (poll(2)).
    let second = second.map_or(-1, AsRawFd::as_raw_fd);
    let limit = limit.map_or(-1, |limit| i32::try_from(limit.as_millis()).unwrap_or(i32::MAX));
    let found = wait([(first.as_raw_fd(), POLLIN), (second, POLLIN)], limit)?;
    Ok(found.map(|[first, second]| (first != 0, second != 0)))
}

/// Waits until the terminal takes more; `false` when `line`, from where that would come, has been hung up first.
pub fn until_writable(terminal: &impl AsRawFd, line: &impl AsRawFd) -> io::Result<bool> {
    // What was not asked for is told all the same when it is the end.
    let found = wait([(terminal.as_raw_fd(), POLLOUT), (line.as_raw_fd(), 0)], -1)?;
    Ok(found.is_none_or(|[terminal, line]| terminal != 0 || line == 0))
}

fn wait(watched: [(RawFd, i16); 2], limit: i32) -> io::Result<Option<[i16; 2]>> {
    let mut fds = watched.map(|(fd, events)| PollFd { fd, events, returned: 0 });
    loop {
        // SAFETY: the array lives until the call returns, and has two elements.
        match check(unsafe { poll(fds.as_mut_ptr(), 2, limit) }) {
            Ok(0) => return Ok(None),
            Ok(_) => return Ok(Some([fds[0].returned, fds[1].returned])),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

pub fn user_id() -> u32 {
    // SAFETY: takes nothing and cannot fail.
    unsafe { getuid() }
}

fn check(result: i32) -> io::Result<i32> {
    if result < 0 { Err(io::Error::last_os_error()) } else { Ok(result) }
}
