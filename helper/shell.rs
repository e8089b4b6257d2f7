//! A shell on a terminal of its own. What comes on standard input is in frames: a kind, a length of two bytes, the
//! bytes. Standard output is what the terminal shows. On standard error each frame of keys is acknowledged with its length
//! when the terminal has taken it: whoever sends keeps few on the way, so that the end behind them is never out of sight. When standard input ends, nobody is there any more: the terminal
//! is hung up as by a telephone line, and what then still runs in it is killed.

use std::{
    fs::File,
    io::{self, PipeReader, Read, Write},
    os::fd::AsRawFd,
    process::{self, Child, ExitCode},
    thread,
    time::Duration,
};

use crate::{
    login,
    pty::{self, Size},
    run, session,
};

/// As shells say it of a program that SIGHUP ended.
const HUNG_UP: i32 = 128 + 1;

/// How long the terminal may be silent after the shell's end, until all it said is taken as read.
const SILENCE: Duration = Duration::from_millis(50);

/// Kinds of frames.
const KEYS: u8 = 0;
const RESIZE: u8 = 1;

pub fn serve(size: Size) -> io::Result<ExitCode> {
    let (terminal, theirs) = pty::open(size)?;
    let mut shell = match start(theirs)? {
        Some(shell) => shell,
        None => return Ok(ExitCode::from(run::NOT_FOUND)),
    };
    let leader = shell.id();
    let keyboard = terminal.try_clone()?;
    thread::spawn(move || {
        // A broken frame is the end as well: what follows it means nothing.
        let _ = type_in(&mut io::stdin().lock(), &keyboard);
        session::hang_up(leader);
        process::exit(HUNG_UP);
    });
    let (ended, ending) = io::pipe()?;
    let waiting = thread::spawn(move || {
        let status = shell.wait();
        drop(ending);
        status
    });
    if show(terminal, &ended).is_err() {
        session::hang_up(leader);
    }
    let status = waiting.join().map_err(|_| io::Error::other("the shell's end was missed"))??;
    Ok(run::code_of(status))
}

/// The first shell that can be run; `None`, and a word about it, when there is none.
fn start(terminal: File) -> io::Result<Option<Child>> {
    let user = login::user(pty::user_id());
    let shells = login::shells(std::env::var("SHELL").ok(), &user);
    for shell in &shells {
        let mut command = login::command(&user, shell);
        command.stdin(terminal.try_clone()?).stdout(terminal.try_clone()?).stderr(terminal.try_clone()?);
        pty::lead_session(&mut command);
        match command.spawn() {
            Ok(child) => return Ok(Some(child)),
            Err(error)
                if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::PermissionDenied) => {}
            Err(error) => return Err(error),
        }
    }
    eprintln!("there is no shell in this image: none of {} can be run", shells.join(", "));
    Ok(None)
}

/// Begins an acknowledgement, which no complaint does; two bytes of length follow.
const TAKEN: u8 = 6;

/// Until there is no more to come.
fn type_in(from: &mut (impl Read + AsRawFd), terminal: &File) -> io::Result<()> {
    let mut bytes = vec![0; usize::from(u16::MAX)];
    loop {
        let mut head = [0; 3];
        from.read_exact(&mut head)?;
        let bytes = &mut bytes[..usize::from(u16::from_be_bytes([head[1], head[2]]))];
        from.read_exact(bytes)?;
        match (head[0], &*bytes) {
            (KEYS, keys) => {
                press(terminal, keys, from)?;
                io::stderr().write_all(&[TAKEN, head[1], head[2]])?;
            }
            (RESIZE, &[c1, c0, r1, r0]) => {
                let size = Size { columns: u16::from_be_bytes([c1, c0]), rows: u16::from_be_bytes([r1, r0]) };
                pty::resize(terminal, size)?;
            }
            _ => return Err(io::ErrorKind::InvalidData.into()),
        }
    }
}

/// Waits while the program reads nothing, unless the line is hung up meanwhile.
fn press(mut terminal: &File, mut keys: &[u8], line: &impl AsRawFd) -> io::Result<()> {
    while !keys.is_empty() {
        match terminal.write(keys) {
            Ok(count) => keys = &keys[count..],
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                if !pty::until_writable(terminal, line)? {
                    return Err(io::ErrorKind::BrokenPipe.into());
                }
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            // A program that has just ended takes no more keys, which is no reason to hang up on what it said.
            Err(_) => return Ok(()),
        }
    }
    Ok(())
}

/// Until the shell has ended and all is said. Programs it left behind may keep the terminal open longer.
fn show(mut terminal: File, ended: &PipeReader) -> io::Result<()> {
    let mut output = io::stdout().lock();
    let mut buffer = vec![0; 32 * 1024];
    let mut over = false;
    loop {
        let watched = if over { None } else { Some(ended) };
        let Some((readable, now_over)) = pty::until_readable(&terminal, watched, over.then_some(SILENCE))?
        else {
            return Ok(());
        };
        over |= now_over;
        if !readable {
            continue;
        }
        match terminal.read(&mut buffer) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            // EIO: no program has the terminal open any more.
            Ok(0) | Err(_) => return Ok(()),
            Ok(count) => {
                output.write_all(&buffer[..count])?;
                output.flush()?;
            }
        }
    }
}
