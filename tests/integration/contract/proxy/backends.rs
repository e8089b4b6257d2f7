//! Components: real servers, well-behaved and otherwise.

use std::{
    convert::Infallible,
    future::Future,
    net::SocketAddr,
    sync::{
        Arc, LazyLock,
        atomic::{AtomicUsize, Ordering},
    },
};

use axum::{
    Json, Router,
    body::{Body, Bytes},
    extract::{Path, Request, State, WebSocketUpgrade, ws::Message},
    response::{
        IntoResponse,
        sse::{Event, Sse},
    },
    routing::{any, get},
};
use futures::{StreamExt, stream};
use http_body_util::BodyExt;
use serde_json::json;
use sha2::{Digest, Sha256};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
};
use tokio_util::task::AbortOnDropHandle;

/// A server that stops when it is dropped.
pub struct Backend {
    pub address: SocketAddr,
    /// Connections accepted so far.
    pub connections: Arc<AtomicUsize>,
    /// A permit lets `/events` send its next event.
    pub events: Arc<Semaphore>,
    /// Bytes `/flood` has handed over so far.
    pub flooded: Arc<AtomicUsize>,
    accepting: AbortOnDropHandle<()>,
}

impl Backend {
    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    /// Answers `name` at `/whoami`, and much else.
    pub async fn web(name: &str) -> Self {
        Self::web_at(name, "127.0.0.1:0".parse().unwrap()).await
    }

    pub async fn web_at(name: &str, address: SocketAddr) -> Self {
        let (events, flooded) = (Arc::new(Semaphore::new(0)), Arc::new(AtomicUsize::new(0)));
        let shared = Shared { name: name.into(), events: events.clone(), flooded: flooded.clone() };
        let router = router(shared);
        let serve = move |stream: TcpStream| {
            let router = router.clone();
            async move {
                let service = hyper_util::service::TowerToHyperService::new(router);
                let mut http = hyper::server::conn::http1::Builder::new();
                http.max_header_size(256 * 1024).max_headers(500).max_buf_size(512 * 1024);
                // How a client leaves is the client's affair.
                let _ = http
                    .serve_connection(hyper_util::rt::TokioIo::new(stream), service)
                    .with_upgrades()
                    .await;
            }
        };
        Self { events, flooded, ..Self::scripted_at(address, serve).await }
    }

    /// Gives every connection to `script`.
    pub async fn scripted<F>(script: impl Fn(TcpStream) -> F + Send + 'static) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        Self::scripted_at("127.0.0.1:0".parse().unwrap(), script).await
    }

    async fn scripted_at<F>(address: SocketAddr, script: impl Fn(TcpStream) -> F + Send + 'static) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind(address).await.unwrap();
        let address = listener.local_addr().unwrap();
        let connections = Arc::new(AtomicUsize::new(0));
        let accepted = connections.clone();
        let accepting = tokio::spawn(async move {
            // Connections live in the set, so they end with the server.
            let mut open = tokio::task::JoinSet::new();
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                accepted.fetch_add(1, Ordering::SeqCst);
                open.spawn(script(stream));
            }
        });
        Self {
            address,
            connections,
            events: Arc::new(Semaphore::new(0)),
            flooded: Arc::new(AtomicUsize::new(0)),
            accepting: AbortOnDropHandle::new(accepting),
        }
    }

    /// Stops it and frees its address.
    pub async fn stop(self) {
        self.accepting.abort();
        assert!(self.accepting.await.unwrap_err().is_cancelled());
    }
}

#[derive(Clone)]
struct Shared {
    name: Arc<str>,
    events: Arc<Semaphore>,
    flooded: Arc<AtomicUsize>,
}

fn router(shared: Shared) -> Router {
    Router::new()
        .route("/whoami", get(async |State(shared): State<Shared>| shared.name.to_string()))
        .route(
            "/once",
            get(async |State(shared): State<Shared>| ([("connection", "close")], shared.name.to_string())),
        )
        .route("/echo", any(echo))
        .route("/digest", any(digest))
        .route("/count", any(async |body: Body| read_pattern(body).await.to_string()))
        .route("/bytes/{count}", get(async |Path(count): Path<usize>| Body::from_stream(pattern(count))))
        .route("/events", get(events))
        .route("/flood", get(flood))
        .route("/trailers", any(trailers))
        .route("/socket", any(socket))
        .with_state(shared)
}

/// What arrived, but for the body.
async fn echo(request: Request) -> impl IntoResponse {
    let headers: Vec<_> = request
        .headers()
        .iter()
        .map(|(name, value)| json!([name.as_str(), String::from_utf8_lossy(value.as_bytes())]))
        .collect();
    Json(json!({
        "method": request.method().as_str(),
        "target": request.uri().to_string(),
        "headers": headers,
        "digest": hex_digest(request.into_body()).await,
    }))
}

async fn digest(body: Body) -> String {
    hex_digest(body).await
}

pub async fn hex_digest<B: http_body::Body<Data = Bytes, Error: std::fmt::Debug> + Unpin>(
    mut body: B,
) -> String {
    let mut hash = Sha256::new();
    while let Some(frame) = body.frame().await {
        if let Ok(data) = frame.unwrap().into_data() {
            hash.update(&data);
        }
    }
    hex::encode(hash.finalize())
}

/// A period that is no multiple of any buffer, so that a piece out of place does not fit there.
const PERIOD: usize = 1_048_573;

static PATTERN: LazyLock<Bytes> =
    LazyLock::new(|| (0..PERIOD).map(|i| (i ^ (i >> 8) ^ (i >> 16)) as u8).collect());

/// `count` bytes in pieces of uneven size.
pub fn pattern(count: usize) -> impl futures::Stream<Item = Result<Bytes, Infallible>> + Send + use<> {
    stream::unfold(0, move |at| async move {
        let start = at % PERIOD;
        let length = (count - at).min(60_000 + at % 7_919).min(PERIOD - start);
        (length > 0).then(|| (Ok(PATTERN.slice(start..start + length)), at + length))
    })
}

/// How many bytes there are; they must be those of the pattern.
pub async fn read_pattern<B>(mut body: B) -> usize
where
    B: http_body::Body<Data = Bytes, Error: std::fmt::Debug> + Unpin,
{
    let mut at = 0;
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.unwrap().into_data() else { continue };
        let mut rest = &data[..];
        while !rest.is_empty() {
            let start = at % PERIOD;
            let (piece, after) = rest.split_at(rest.len().min(PERIOD - start));
            assert!(piece == &PATTERN[start..start + piece.len()], "differs after byte {at}");
            at += piece.len();
            rest = after;
        }
    }
    at
}

async fn events(State(shared): State<Shared>) -> impl IntoResponse {
    let events = stream::unfold((shared.events, 0), async |(permits, number)| {
        permits.acquire().await.unwrap().forget();
        Some((Ok::<_, Infallible>(Event::default().data(number.to_string())), (permits, number + 1)))
    });
    Sse::new(events)
}

async fn flood(State(shared): State<Shared>) -> Body {
    const PIECE: usize = 64 * 1024;
    Body::from_stream(stream::repeat_with(move || {
        shared.flooded.fetch_add(PIECE, Ordering::SeqCst);
        Ok::<_, Infallible>(Bytes::from_static(&[b'x'; PIECE]))
    }))
}

/// Sends the trailers of the request back as trailers.
async fn trailers(body: Body) -> impl IntoResponse {
    let trailers = body.collect().await.unwrap().trailers().cloned().unwrap_or_default();
    let frames = [
        Ok::<_, Infallible>(http_body::Frame::data(Bytes::from_static(b"body"))),
        Ok(http_body::Frame::trailers(trailers)),
    ];
    ([("trailer", "x-check")], Body::new(http_body_util::StreamBody::new(stream::iter(frames))))
}

async fn socket(upgrade: WebSocketUpgrade) -> impl IntoResponse {
    upgrade.max_message_size(8 << 20).max_frame_size(8 << 20).on_upgrade(async |mut socket| {
        while let Some(Ok(message)) = socket.next().await {
            if matches!(message, Message::Text(_) | Message::Binary(_)) && socket.send(message).await.is_err()
            {
                break;
            }
        }
    })
}
