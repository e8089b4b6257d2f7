//! The program that goes into every workspace container, read-only, at `/.devsanctum/helper`.
//!
//! It is static and has no dependencies, so that it runs in any image of its architecture, even in an empty one. Each
//! subcommand does one thing for the control plane, which starts it by `exec` or as the container's program.

mod dial;
mod fetch;
mod http;
mod login;
mod page;
mod placeholder;
mod ports;
mod pty;
mod run;
mod session;
mod shell;
mod signals;

use std::{
    env,
    ffi::{OsStr, OsString},
    io,
    process::ExitCode,
    time::Duration,
};

const USAGE: &str = "usage: helper COMMAND

  placeholder [--port N] [--component NAME] [--workspace NAME]
                            serve a page that says what is missing, on N, $PORT or 8080
  idle                      wait for SIGTERM
  keep [COMMAND…]           run the command; wait for SIGTERM when it ends with 0
  limit MILLISECONDS COMMAND…  run the command, and kill it and its children when the time is over
  shell COLUMNS ROWS        run a shell on a terminal; standard input is in frames
  ports                     list listening TCP ports as JSON
  dial HOST:PORT            connect standard input and output to a TCP port
  fetch URL                 GET a http:// URL; fails on a status of 400 and above
";

/// As of sysexits.h: the command was used wrongly.
const EX_USAGE: u8 = 64;

fn main() -> ExitCode {
    let arguments: Vec<OsString> = env::args_os().skip(1).collect();
    let Some((command, rest)) = arguments.split_first() else {
        return usage();
    };
    let result = match (command.to_str(), rest) {
        (Some("placeholder"), options) => match placeholder::Options::parse(options, env::var("PORT").ok()) {
            Some(options) => placeholder::serve(&options),
            None => return usage(),
        },
        (Some("idle"), []) => run::idle(),
        (Some("keep"), command) => run::keep(command),
        (Some("limit"), [milliseconds, program, arguments @ ..]) => match parse(milliseconds) {
            Some(milliseconds) => run::limit(Duration::from_millis(milliseconds), program, arguments),
            None => return usage(),
        },
        (Some("shell"), [columns, rows]) => match (parse(columns), parse(rows)) {
            (Some(columns), Some(rows)) => shell::serve(pty::Size { columns, rows }),
            _ => return usage(),
        },
        (Some("ports"), []) => ports::print(),
        (Some("dial"), [target]) => target.to_str().map_or_else(invalid, dial::relay),
        (Some("fetch"), [url]) => url.to_str().map_or_else(invalid, fetch::get),
        _ => return usage(),
    };
    result.unwrap_or_else(|error| {
        eprintln!("helper: {error}");
        ExitCode::FAILURE
    })
}

fn usage() -> ExitCode {
    eprint!("{USAGE}");
    ExitCode::from(EX_USAGE)
}

fn parse<T: std::str::FromStr>(argument: &OsStr) -> Option<T> {
    argument.to_str()?.parse().ok()
}

fn invalid() -> io::Result<ExitCode> {
    Err(io::Error::new(io::ErrorKind::InvalidInput, "the argument is not valid UTF-8"))
}
