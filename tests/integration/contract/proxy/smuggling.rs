//! Requests that two readers might read differently.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::{backends::Backend, world::World};

/// `{host}` is the tenant's; after each comes the end of the connection.
const REFUSED: [(&str, &str); 13] = [
    (
        "two different lengths",
        "POST / HTTP/1.1\r\nHost: {host}\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nbody!",
    ),
    ("a list of lengths", "POST / HTTP/1.1\r\nHost: {host}\r\nContent-Length: 4, 5\r\n\r\nbody!"),
    ("a negative length", "POST / HTTP/1.1\r\nHost: {host}\r\nContent-Length: -1\r\n\r\n"),
    ("a signed length", "POST / HTTP/1.1\r\nHost: {host}\r\nContent-Length: +4\r\n\r\nbody"),
    (
        "chunked is not last",
        "POST / HTTP/1.1\r\nHost: {host}\r\nTransfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n",
    ),
    (
        "an unknown encoding",
        "POST / HTTP/1.1\r\nHost: {host}\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    ),
    ("chunks in HTTP/1.0", "POST / HTTP/1.0\r\nHost: {host}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    ("a folded header", "GET / HTTP/1.1\r\nHost: {host}\r\nX-A: 1\r\n X-B: 2\r\n\r\n"),
    ("a space before the colon", "POST / HTTP/1.1\r\nHost: {host}\r\nContent-Length : 4\r\n\r\nbody"),
    ("NUL in a value", "GET / HTTP/1.1\r\nHost: {host}\r\nX-A: a\0b\r\n\r\n"),
    ("NUL in a name", "GET / HTTP/1.1\r\nHost: {host}\r\nX\0A: 1\r\n\r\n"),
    ("a bare CR", "GET / HTTP/1.1\r\nHost: {host}\r\nX-A: 1\rX-B: 2\r\n\r\n"),
    ("a space in the target", "GET /a b HTTP/1.1\r\nHost: {host}\r\n\r\n"),
];

/// Some readers take these, others do not: what counts is that one request goes in and one comes out.
const HARMLESS: [(&str, &str); 9] = [
    (
        "chunks beside a length",
        "POST / HTTP/1.1\r\nHost: {host}\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nG",
    ),
    (
        "chunks beside a length, twisted",
        "POST / HTTP/1.1\r\nHost: {host}\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n8\r\nSMUGGLED\r\n0\r\n\r\n",
    ),
    (
        "the same length twice",
        "POST / HTTP/1.1\r\nHost: {host}\r\nContent-Length: 4\r\nContent-Length: 4\r\n\r\nbody",
    ),
    (
        "a length that only the connection knows",
        "POST / HTTP/1.1\r\nHost: {host}\r\nConnection: Content-Length\r\nContent-Length: 4\r\n\r\nbody",
    ),
    (
        "a bad chunk",
        "POST / HTTP/1.1\r\nHost: {host}\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\nbody\r\n0\r\n\r\n",
    ),
    (
        "a chunk size that overflows",
        "POST / HTTP/1.1\r\nHost: {host}\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff1\r\nbody\r\n0\r\n\r\n",
    ),
    (
        "a chunk without its end",
        "POST / HTTP/1.1\r\nHost: {host}\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbodyX\r\n0\r\n\r\n",
    ),
    ("bare LF", "GET / HTTP/1.1\nHost: {host}\nX-A: 1\n\n"),
    ("an HTTP/1.0 request", "GET / HTTP/1.0\r\nHost: {host}\r\n\r\n"),
];

/// Answers each request and keeps what it read, split where it understood a request to end.
async fn recorder(seen: Arc<Mutex<Vec<String>>>) -> Backend {
    Backend::scripted(move |mut stream| {
        let seen = seen.clone();
        async move {
            let mut all = Vec::new();
            let mut piece = [0; 4096];
            loop {
                match stream.read(&mut piece).await {
                    Ok(read) if read > 0 => all.extend_from_slice(&piece[..read]),
                    _ => break,
                }
                let text = String::from_utf8_lossy(&all).into_owned();
                if let Some((head, body)) = text.split_once("\r\n\r\n")
                    && (!head.to_lowercase().contains("transfer-encoding: chunked")
                        || body.ends_with("0\r\n\r\n"))
                {
                    stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").await.unwrap();
                }
            }
            seen.lock().unwrap().push(String::from_utf8_lossy(&all).into_owned());
        }
    })
    .await
}

pub async fn ambiguous_requests_are_refused_or_harmless(world: &World) {
    let seen = Arc::new(Mutex::new(Vec::new()));
    for (what, request) in REFUSED {
        let backend = recorder(seen.clone()).await;
        let host = world.live_tenant("shop", backend.address).await.host();
        let answer = ask(world, &host, request).await;
        assert!(answer.starts_with("HTTP/1.1 400 ") || answer.is_empty(), "{what}: {answer}");
        assert_eq!(backend.connections(), 0, "{what}: reached the component");
    }
    for (what, request) in HARMLESS {
        let backend = recorder(seen.clone()).await;
        let tenant = world.live_tenant("shop", backend.address).await;
        let answer = ask(world, &tenant.host(), request).await;
        let answers = answer.matches("HTTP/1.").count();
        assert!(answers <= 2, "{what}: one request, {answers} answers: {answer}");
        world.publish_workspace(tenant.id, &[]).await;
        backend.stop().await;
        for arrived in seen.lock().unwrap().drain(..) {
            one_request(what, &arrived);
        }
    }
}

/// Says it whole, and closes this side's half.
async fn ask(world: &World, host: &str, request: &str) -> String {
    let mut stream = world.connect().await;
    // It may be refused while it is still being sent.
    let _ = stream.write_all(request.replace("{host}", host).as_bytes()).await;
    let _ = stream.shutdown().await;
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

/// One head, framed one way; nothing of a body looks like a second request outside of its frame.
fn one_request(what: &str, arrived: &str) {
    let Some((head, body)) = arrived.split_once("\r\n\r\n") else {
        assert!(arrived.is_empty(), "{what}: half a head: {arrived:?}");
        return;
    };
    let head = head.to_lowercase();
    let lengths = head.matches("\r\ncontent-length:").count();
    let chunked = head.matches("\r\ntransfer-encoding: chunked").count();
    assert!(lengths + chunked <= 1, "{what}: framed twice: {head}");
    assert_eq!(head.matches("\r\nhost:").count(), 1, "{what}");
    if lengths == 1 {
        let length: usize =
            head.split("content-length: ").nth(1).unwrap().split("\r\n").next().unwrap().parse().unwrap();
        assert!(body.len() <= length, "{what}: more than its length: {body:?}");
    } else if chunked == 0 {
        assert_eq!(body, "", "{what}: a body without a frame");
    }
}
