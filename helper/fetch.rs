//! A GET for images that have no curl.

use std::{
    io::{self, Read, Write},
    process::ExitCode,
    time::Duration,
};

use crate::dial;

const READ_LIMIT: Duration = Duration::from_secs(10);

/// Prints the body as it comes; a status of 400 and above is a failure.
pub fn get(url: &str) -> io::Result<ExitCode> {
    let (authority, path) = split_url(url).ok_or_else(|| invalid("only http://HOST[:PORT][/PATH] is understood"))?;
    let target = if has_port(authority) { authority.to_owned() } else { format!("{authority}:80") };
    let mut stream = dial::connect(&target)?;
    stream.set_read_timeout(Some(READ_LIMIT))?;
    write!(stream, "GET {path} HTTP/1.0\r\nhost: {authority}\r\nconnection: close\r\n\r\n")?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    let (status, body) = split_answer(&answer).ok_or_else(|| invalid("the answer is not HTTP/1"))?;
    io::stdout().write_all(body)?;
    if status < 400 {
        return Ok(ExitCode::SUCCESS);
    }
    eprintln!("helper: {url} answered {status}");
    Ok(ExitCode::FAILURE)
}

/// Authority and path.
pub fn split_url(url: &str) -> Option<(&str, &str)> {
    let rest = url.strip_prefix("http://")?;
    let (authority, path) = rest.find('/').map_or((rest, "/"), |at| rest.split_at(at));
    let clean = |text: &str| !text.is_empty() && !text.contains(|c: char| c.is_whitespace() || c.is_control());
    (clean(authority) && clean(path)).then_some((authority, path))
}

/// Status and body.
pub fn split_answer(answer: &[u8]) -> Option<(u16, &[u8])> {
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n")?;
    let line = std::str::from_utf8(&answer[..end]).ok()?.lines().next()?;
    let status = line.strip_prefix("HTTP/1.")?.split(' ').nth(1)?.parse().ok()?;
    Some((status, &answer[end + 4..]))
}

fn has_port(authority: &str) -> bool {
    authority.rsplit(']').next().is_some_and(|end| end.contains(':'))
}

fn invalid(message: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, message)
}
