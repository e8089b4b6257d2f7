//! As much of HTTP/1.1 as a page without a body needs.

use std::{
    io::{self, Read},
    time::Instant,
};

/// Longest request head that is read; longer ones are answered with 431.
pub const MAX_HEAD: usize = 16 * 1024;

#[derive(Debug, PartialEq, Eq)]
pub struct Request {
    pub method: String,
    /// Without the query.
    pub path: String,
    pub accepts_json: bool,
}

#[derive(Debug, PartialEq, Eq)]
pub enum Head {
    Complete(Vec<u8>),
    TooLong,
    /// The peer closed before the head was complete.
    Closed,
}

pub fn read_head(stream: &mut impl Read, deadline: Instant) -> io::Result<Head> {
    let mut head = Vec::new();
    let mut chunk = [0; 2048];
    while !head.windows(4).any(|window| window == b"\r\n\r\n") {
        if head.len() > MAX_HEAD {
            return Ok(Head::TooLong);
        }
        if Instant::now() > deadline {
            return Err(io::ErrorKind::TimedOut.into());
        }
        match stream.read(&mut chunk)? {
            0 => return Ok(Head::Closed),
            count => head.extend_from_slice(&chunk[..count]),
        }
    }
    Ok(Head::Complete(head))
}

/// `None`: not HTTP/1.
pub fn parse(head: &[u8]) -> Option<Request> {
    let head = String::from_utf8_lossy(head);
    let mut lines = head.split("\r\n");
    let mut words = lines.next()?.split(' ');
    let (method, target, version) = (words.next()?, words.next()?, words.next()?);
    if !version.starts_with("HTTP/1.") || words.next().is_some() {
        return None;
    }
    let accept = lines
        .take_while(|line| !line.is_empty())
        .filter_map(|line| line.split_once(':'))
        .filter(|(name, _)| name.eq_ignore_ascii_case("accept"))
        .map(|(_, value)| value.to_ascii_lowercase())
        .collect::<Vec<_>>()
        .join(",");
    Some(Request {
        method: method.to_owned(),
        path: target.split('?').next().unwrap_or(target).to_owned(),
        accepts_json: accept.contains("application/json") && !accept.contains("text/html"),
    })
}

pub fn response(status: &str, content_type: &str, body: &str, with_body: bool) -> String {
    let length = body.len();
    let body = if with_body { body } else { "" };
    format!(
        "HTTP/1.1 {status}\r\ncontent-type: {content_type}\r\ncontent-length: {length}\r\ncache-control: no-store\r\n\
         content-security-policy: default-src 'none'; style-src 'unsafe-inline'\r\nx-content-type-options: nosniff\r\n\
         connection: close\r\n\r\n{body}"
    )
}
