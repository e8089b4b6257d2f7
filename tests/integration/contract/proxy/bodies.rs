//! What is sent arrives: whole, in order, at once, and no faster than it is read.

use std::{
    convert::Infallible,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use bytes::Bytes;
use futures::StreamExt;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode, header::HOST};
use http_body::Frame;
use http_body_util::{BodyExt, Empty, Full, StreamBody};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    sync::Notify,
};

use super::{
    backends::{Backend, hex_digest, pattern, read_pattern},
    world::{Answer, World, eventually, get},
};

const LARGE: usize = 100 << 20;

pub async fn large_bodies_arrive_whole_both_ways(world: &World) {
    let backend = Backend::web("one").await;
    let host = world.live_tenant("shop", backend.address).await.host();
    let body = || StreamBody::new(pattern(LARGE).map(|piece| piece.map(Frame::data)));

    let response = world.send(get(&host, &format!("/bytes/{LARGE}"))).await;
    assert_eq!(read_pattern(response.into_body()).await, LARGE);

    let request = Request::post("/count").header(HOST, &host).body(body()).unwrap();
    assert_eq!(Answer::read(world.send(request).await).await.text(), LARGE.to_string());

    let sized =
        Request::put("/count").header(HOST, &host).header("content-length", LARGE).body(body()).unwrap();
    assert_eq!(Answer::read(world.send(sized).await).await.text(), LARGE.to_string());
}

pub async fn events_arrive_as_they_are_sent(world: &World) {
    let backend = Backend::web("one").await;
    let host = world.live_tenant("shop", backend.address).await.host();
    backend.events.add_permits(1);
    let response = world.send(get(&host, "/events")).await;
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    let mut body = response.into_body();
    for number in 0..20 {
        // The component sends one only after the one before has arrived.
        let event = body.frame().await.unwrap().unwrap().into_data().unwrap();
        assert_eq!(event, format!("data: {number}\n\n"));
        backend.events.add_permits(1);
    }
}

pub async fn a_slow_reader_holds_the_component_back(world: &World) {
    let backend = Backend::web("one").await;
    let host = world.live_tenant("shop", backend.address).await.host();
    let response = world.send(get(&host, "/flood")).await;

    let flooded = || backend.flooded.load(Ordering::SeqCst);
    let mut before = 0;
    eventually("the component waits", async || {
        tokio::time::sleep(Duration::from_millis(200)).await;
        std::mem::replace(&mut before, flooded()) == flooded()
    })
    .await;
    // What sockets and buffers between the two hold; the kernel grows its own to a few MiB each.
    assert!(flooded() < 64 << 20, "{} bytes are on their way to a reader that reads nothing", flooded());

    let mut body = response.into_body();
    let mut read = 0;
    while read < 128 << 20 {
        read += body.frame().await.unwrap().unwrap().into_data().unwrap().len();
    }
}

pub async fn trailers_pass(world: &World) {
    let backend = Backend::web("one").await;
    let host = world.live_tenant("shop", backend.address).await.host();
    let mut trailers = HeaderMap::new();
    trailers.insert(HeaderName::from_static("x-check"), HeaderValue::from_static("42"));
    let frames =
        [Ok::<_, Infallible>(Frame::data(Bytes::from_static(b"body"))), Ok(Frame::trailers(trailers))];
    let request = Request::post("/trailers")
        .header(HOST, &host)
        .header("te", "trailers")
        .header("trailer", "x-check")
        .body(StreamBody::new(futures::stream::iter(frames)))
        .unwrap();
    let answer = world.send(request).await.into_body().collect().await.unwrap();
    assert_eq!(answer.trailers().unwrap()["x-check"], "42");
    assert_eq!(answer.to_bytes(), "body");
}

pub async fn head_answers_keep_their_length(world: &World) {
    let backend = Backend::scripted(|mut stream| async move {
        let mut head = [0; 2048];
        while stream.read(&mut head).await.is_ok_and(|read| read > 0) {
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 12345\r\n\r\n").await.unwrap();
        }
    })
    .await;
    let host = world.live_tenant("shop", backend.address).await.host();
    for _ in 0..3 {
        let request = Request::head("/").header(HOST, &host).body(Empty::<Bytes>::new()).unwrap();
        let answer = Answer::read(world.send(request).await).await;
        assert_eq!(answer.header("content-length"), Some("12345"));
        assert!(answer.body.is_empty());
    }
}

pub async fn expectations_are_met_when_the_body_is_wanted(world: &World) {
    let backend = Backend::web("one").await;
    let tenant = world.live_tenant("shop", backend.address).await;
    let head = |host: &str| {
        format!(
            "POST /digest HTTP/1.1\r\nHost: {host}\r\nContent-Length: 4\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n"
        )
    };
    let mut stream = world.connect().await;
    stream.write_all(head(&tenant.host()).as_bytes()).await.unwrap();
    let mut go_on = [0; 25];
    stream.read_exact(&mut go_on).await.unwrap();
    assert_eq!(&go_on, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(b"body").await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.ends_with(&hex_digest(Full::new(Bytes::from_static(b"body"))).await), "{answer}");

    // Nobody wants this body, so nobody asks for it.
    let answer = world.send_raw(head("nobody.ws.test").as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 404 "), "{answer}");
}

pub async fn a_get_with_a_body_keeps_it(world: &World) {
    let backend = Backend::web("one").await;
    let host = world.live_tenant("shop", backend.address).await.host();
    let expected = hex_digest(Full::new(Bytes::from_static(b"query"))).await;
    for framing in
        ["Content-Length: 5\r\n\r\nquery", "Transfer-Encoding: chunked\r\n\r\n5\r\nquery\r\n0\r\n\r\n"]
    {
        let request = format!("GET /digest HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{framing}");
        let answer = world.send_raw(request.as_bytes()).await;
        assert!(answer.contains(&expected), "{framing}: {answer}");
    }
}

pub async fn large_headers_pass(world: &World) {
    let backend = Backend::web("one").await;
    let host = world.live_tenant("shop", backend.address).await.host();
    let value = "v".repeat(60_000);
    let request = Request::get("/echo").header(HOST, &host).header("x-large", &value);
    let request = (0..100).fold(request, |request, i| request.header(format!("x-{i}"), "v"));
    let echo = Answer::read(world.send(request.body(Empty::<Bytes>::new()).unwrap()).await).await.json();
    let headers = echo["headers"].as_array().unwrap();
    assert!(headers.iter().any(|header| header[0] == "x-large" && header[1] == value.as_str()));
    assert_eq!(headers.iter().filter(|header| header[1] == "v").count(), 100);

    let flood = Request::builder().method(Method::GET).uri("/echo").header(HOST, &host);
    let flood = flood.header("x-large", "v".repeat(1 << 20)).body(Empty::<Bytes>::new()).unwrap();
    // Refused, or cut off while it is still being sent.
    if let Ok(answer) = world.try_send(flood).await {
        assert_eq!(answer.status(), StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE);
    }
}

pub async fn a_body_that_breaks_off_is_seen_as_broken(world: &World) {
    for (head, piece) in [("Content-Length: 100", "body"), ("Transfer-Encoding: chunked", "4\r\nbody\r\n")] {
        let seen = Arc::new(Notify::new());
        let hang_up = seen.clone();
        let backend = Backend::scripted(move |mut stream| {
            let hang_up = hang_up.clone();
            async move {
                let mut request = [0; 2048];
                assert_ne!(stream.read(&mut request).await.unwrap(), 0);
                let answer = format!("HTTP/1.1 200 OK\r\n{head}\r\n\r\n{piece}");
                stream.write_all(answer.as_bytes()).await.unwrap();
                hang_up.notified().await;
            }
        })
        .await;
        let host = world.live_tenant("shop", backend.address).await.host();
        let mut body = world.send(get(&host, "/")).await.into_body();
        assert_eq!(body.frame().await.unwrap().unwrap().into_data().unwrap(), "body");
        seen.notify_one();
        body.collect().await.expect_err(head);
    }
}
