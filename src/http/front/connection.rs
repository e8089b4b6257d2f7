//! One client's connection: HTTP/1.1 or HTTP/2, for the control plane and workspaces alike.

use std::{
    convert::Infallible,
    net::{self, SocketAddr},
    pin::{Pin, pin},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use axum::{BoxError, extract::ConnectInfo};
use bytes::Bytes;
use http::{
    HeaderValue, Method, Request, Response, StatusCode,
    header::{CONTENT_TYPE, SET_COOKIE},
};
use http_body::{Body, Frame, SizeHint};
use hyper::{
    body::Incoming,
    server::conn::{http1, http2},
    service::service_fn,
};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use serde_json::json;
use tokio::{net::TcpStream, runtime::Handle};
use tokio_util::{
    sync::CancellationToken,
    task::{AbortOnDropHandle, task_tracker::TaskTrackerToken},
};
use tower::ServiceExt as _;

use super::{
    gate,
    host::Destination,
    listener::{Front, Limits},
};
use crate::{domain::access::Place, ports::proxy::Edge};

/// What one read or write takes at most.
const BUFFER: usize = 128 * 1024;
/// Streams of one HTTP/2 connection at the same time.
const MAX_STREAMS: u32 = 256;
/// Of an HTTP/2 stream and connection: large enough for a fast upload over a slow path.
const STREAM_WINDOW: u32 = 1024 * 1024;
const CONNECTION_WINDOW: u32 = 4 * 1024 * 1024;

pub(super) async fn serve<E: Edge>(
    front: Arc<Front<E>>,
    control_plane: Handle,
    stream: net::TcpStream,
    peer: SocketAddr,
    soft: CancellationToken,
    lasting: Lasting,
) -> Result<(), BoxError> {
    let stream = TcpStream::from_std(stream)?;
    stream.set_nodelay(true)?;
    let version = tokio::select! {
        version = tokio::time::timeout(front.limits.header_read, version(&stream)) => version??,
        () = soft.cancelled() => return Ok(()),
    };
    let asked = Arc::new(AtomicBool::new(false));
    let service = service_fn({
        let (front, asked) = (front.clone(), asked.clone());
        let client = Arc::new(front.workspaces.client(peer));
        move |request| {
            asked.store(true, Ordering::Relaxed);
            answer(front.clone(), control_plane.clone(), client.clone(), peer, lasting.clone(), request)
        }
    });
    let io = TokioIo::new(stream);
    match version {
        Version::Http1 => {
            let connection = http1(&front.limits).serve_connection(io, service).with_upgrades();
            let mut connection = pin!(connection);
            tokio::select! {
                ended = connection.as_mut() => ended?,
                () = soft.cancelled() => {
                    connection.as_mut().graceful_shutdown();
                    connection.await?;
                }
            }
        }
        Version::Http2 => {
            let mut connection = pin!(http2(&front.limits).serve_connection(io, service));
            // The time limit for heads that HTTP/1.1 has built in.
            let never_asked = async {
                tokio::time::sleep(front.limits.header_read).await;
                if asked.load(Ordering::Relaxed) {
                    std::future::pending::<()>().await;
                }
            };
            tokio::select! {
                ended = connection.as_mut() => ended?,
                () = never_asked => {}
                () = soft.cancelled() => {
                    connection.as_mut().graceful_shutdown();
                    connection.await?;
                }
            }
        }
    }
    Ok(())
}

/// Held by what goes on with an upgraded connection: the threads that serve connections stay until it is dropped.
#[derive(Clone)]
pub struct Lasting(#[expect(dead_code, reason = "it only has to be held")] pub(super) TaskTrackerToken);

enum Version {
    Http1,
    Http2,
}

/// Looks at the first bytes without taking them. No method of HTTP/1.1 begins with `PRI`: it is reserved for the preface
/// of HTTP/2 (RFC 9113, 11.6).
async fn version(stream: &TcpStream) -> std::io::Result<Version> {
    const PREFACE: &[u8] = b"PRI";
    let mut first = [0; PREFACE.len()];
    loop {
        let seen = stream.peek(&mut first).await?;
        if seen == 0 || first[..seen] != PREFACE[..seen] {
            return Ok(Version::Http1);
        }
        if seen == PREFACE.len() {
            return Ok(Version::Http2);
        }
        // Bytes that were looked at stay readable, so waiting for "more" would not wait.
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

fn http1(limits: &Limits) -> http1::Builder {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(limits.header_read)
        .max_headers(limits.headers)
        .max_header_size(limits.head_bytes)
        .max_buf_size(BUFFER.max(limits.head_bytes));
    http
}

fn http2(limits: &Limits) -> http2::Builder<TokioExecutor> {
    let mut http = http2::Builder::new(TokioExecutor::new());
    http.timer(TokioTimer::new())
        .max_header_list_size(u32::try_from(limits.head_bytes).unwrap_or(u32::MAX))
        .max_concurrent_streams(MAX_STREAMS)
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .keep_alive_interval(limits.header_read)
        .keep_alive_timeout(limits.header_read);
    http
}

async fn answer<E: Edge>(
    front: Arc<Front<E>>,
    control_plane: Handle,
    client: Arc<E::Client>,
    peer: SocketAddr,
    lasting: Lasting,
    request: Request<Incoming>,
) -> Result<Response<FrontBody<E::Body>>, Infallible> {
    if request.method() == Method::CONNECT {
        return Ok(refuse(
            StatusCode::METHOD_NOT_ALLOWED,
            "connect_refused",
            "this server is no forward proxy",
        ));
    }
    let (found, key) = match front.hosts.destination(&request) {
        Err(error) => return Ok(refuse(StatusCode::BAD_REQUEST, "bad_host", &error.to_string())),
        Ok(Destination::ControlPlane) => {
            return Ok(ask_control_plane(&front, &control_plane, peer, lasting, request).await);
        }
        Ok(Destination::Workspace { label }) => (front.workspaces.find(label), label),
        Ok(Destination::Elsewhere { host }) => {
            let found = front.workspaces.find(host);
            if front.workspaces.place_of(&found).is_none() {
                return Ok(ask_control_plane(&front, &control_plane, peer, lasting, request).await);
            }
            (found, host)
        }
    };
    let place = front.workspaces.place_of(&found);
    let Some(place) = place.filter(|place| gate::is_guarded(place, request.uri().path())) else {
        return Ok(front.workspaces.answer(&client, found, request).await.map(FrontBody::Workspace));
    };
    let key = key.to_ascii_lowercase();
    Ok(visit(&front, &client, found, &key, &place, request).await)
}

async fn ask_control_plane<E: Edge>(
    front: &Front<E>,
    runtime: &Handle,
    peer: SocketAddr,
    lasting: Lasting,
    mut request: Request<Incoming>,
) -> Response<FrontBody<E::Body>> {
    request.extensions_mut().insert(ConnectInfo(peer));
    request.extensions_mut().insert(lasting);
    let answer = front.control_plane.clone().oneshot(request.map(axum::body::Body::new));
    // Away from this thread: what takes long there holds up no connection here. It ends when its client goes.
    match AbortOnDropHandle::new(runtime.spawn(answer)).await {
        Ok(response) => response.unwrap_or_else(|never| match never {}).map(FrontBody::ControlPlane),
        Err(error) => {
            tracing::error!(%error, "the control plane gave no answer");
            refuse(StatusCode::INTERNAL_SERVER_ERROR, "internal", "the server failed; its log says why")
        }
    }
}

/// A request to an address that not everybody may open, or that is told who does.
async fn visit<E: Edge>(
    front: &Front<E>,
    client: &Arc<E::Client>,
    found: E::Found,
    key: &str,
    place: &Place,
    request: Request<Incoming>,
) -> Response<FrontBody<E::Body>> {
    let (mut head, body) = request.into_parts();
    let admitted = match front.gate.admit(key, place, &head).await {
        Ok(admitted) => admitted,
        Err(answer) => return answer.map(FrontBody::ControlPlane),
    };
    if let Some(permit) = admitted.permit {
        head.extensions.insert(permit);
    }
    if let Some(introduction) = admitted.introduction {
        head.extensions.insert(introduction);
    }
    let request = Request::from_parts(head, body);
    let mut response = front.workspaces.answer(client, found, request).await.map(FrontBody::Workspace);
    if let Some(cookie) = admitted.set_cookie {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    response
}

fn refuse<B>(status: StatusCode, code: &str, detail: &str) -> Response<FrontBody<B>> {
    let problem = json!({
        "type": "about:blank",
        "title": status.canonical_reason(),
        "status": status.as_u16(),
        "detail": detail,
        "code": code,
        "errors": [],
    });
    let mut response = Response::new(FrontBody::ControlPlane(problem.to_string().into()));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    response
}

/// Either side's body, without a box around it.
enum FrontBody<W> {
    ControlPlane(axum::body::Body),
    Workspace(W),
}

impl<W> Body for FrontBody<W>
where
    W: Body<Data = Bytes, Error: Into<BoxError>> + Unpin,
{
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        match self.get_mut() {
            FrontBody::ControlPlane(body) => {
                Pin::new(body).poll_frame(cx).map(|frame| frame.map(|frame| frame.map_err(Into::into)))
            }
            FrontBody::Workspace(body) => {
                Pin::new(body).poll_frame(cx).map(|frame| frame.map(|frame| frame.map_err(Into::into)))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            FrontBody::ControlPlane(body) => body.is_end_stream(),
            FrontBody::Workspace(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            FrontBody::ControlPlane(body) => body.size_hint(),
            FrontBody::Workspace(body) => body.size_hint(),
        }
    }
}
