//! Connections that stop speaking HTTP: WebSocket and its kin.

use std::{
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, ready},
    time::Duration,
};

use http::{
    HeaderValue, Request, Response, StatusCode, Version,
    header::{CONNECTION, UPGRADE},
    request::Parts,
};
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf, copy_bidirectional_with_sizes};

use super::{
    body::EdgeBody,
    embedded::EmbeddedProxy,
    headers,
    pool::InFlight,
    upstream::{self, RequestBody, UpstreamError},
};
use crate::ports::proxy::Permit;

/// Per direction of a tunnel.
const BUFFER: usize = 16 * 1024;

/// The protocol a client asks to speak instead of HTTP.
pub(super) struct Protocol(HeaderValue);

impl Protocol {
    /// `None` where the request has to be treated as an ordinary one. That includes HTTP/2: over a tunnel it would carry
    /// requests that nobody checks.
    pub fn asked_for<B: http_body::Body>(request: &Request<B>) -> Option<Self> {
        let headers = request.headers();
        let protocol = headers.get(UPGRADE)?;
        let names_upgrade = headers
            .get_all(CONNECTION)
            .iter()
            .flat_map(|value| value.as_bytes().split(|byte| *byte == b','))
            .any(|token| token.trim_ascii().eq_ignore_ascii_case(b"upgrade"));
        let http2 = protocol
            .as_bytes()
            .split(|byte| *byte == b',')
            .any(|name| name.trim_ascii().get(..2).is_some_and(|name| name.eq_ignore_ascii_case(b"h2")));
        let single = headers.get_all(UPGRADE).iter().nth(1).is_none();
        let plain = request.version() == Version::HTTP_11 && request.body().is_end_stream();
        (names_upgrade && single && plain && !http2).then(|| Self(protocol.clone()))
    }
}

impl EmbeddedProxy {
    /// Asks the component over a connection of its own, and joins both sides when it agrees.
    pub(super) async fn upgrade(
        self: &Arc<Self>,
        place: InFlight,
        mut parts: Parts,
        protocol: Protocol,
        client: OnUpgrade,
        permit: Option<Permit>,
    ) -> Result<Response<EdgeBody>, UpstreamError> {
        let backend = place.backend().clone();
        let stream = upstream::connect(backend.address(), self.settings.connect_timeout).await?;
        self.metrics.connected();
        if backend.is_retired() || self.is_stale() {
            return Err(UpstreamError::Retired);
        }
        let (mut sender, connection) = upstream::http().handshake(TokioIo::new(stream)).await?;
        // Ends with the answer, with the tunnel, or with what waits for them.
        tokio::spawn(connection.with_upgrades());
        parts.headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
        parts.headers.insert(UPGRADE, protocol.0);
        let request = Request::from_parts(parts, RequestBody::Empty);
        let limit = self.settings.head_timeout;
        let mut response = tokio::time::timeout(limit, sender.send_request(request))
            .await
            .map_err(|_| UpstreamError::HeadTimeout(limit))??;

        if response.status() != StatusCode::SWITCHING_PROTOCOLS {
            let (mut parts, body) = response.into_parts();
            headers::to_client(&mut parts.headers);
            return Ok(Response::from_parts(parts, EdgeBody::single(body, place)));
        }
        let agreed = response.headers().get(UPGRADE).cloned();
        let component = hyper::upgrade::on(&mut response);
        let (mut parts, _) = response.into_parts();
        headers::to_client(&mut parts.headers);
        parts.headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
        if let Some(agreed) = agreed {
            parts.headers.insert(UPGRADE, agreed);
        }
        self.tunnels.spawn(self.clone().join(place, client, component, permit));
        Ok(Response::from_parts(parts, EdgeBody::page("")))
    }

    async fn join(
        self: Arc<Self>,
        place: InFlight,
        client: OnUpgrade,
        component: OnUpgrade,
        permit: Option<Permit>,
    ) {
        let _open = self.metrics.upgraded();
        let tunnel = async {
            let (client, component) = tokio::try_join!(client, component).map_err(io::Error::other)?;
            copy(client, component, self.settings.tunnel_idle_timeout).await
        };
        let ended = tokio::select! {
            ended = tunnel => ended,
            () = place.backend().retired() => Ok(()),
            () = withdrawn(permit) => Ok(()),
            () = self.stop.cancelled() => Ok(()),
        };
        if let Err(error) = ended {
            tracing::debug!(%error, "an upgraded connection broke");
        }
    }
}

/// Never, where nobody had to be let in.
async fn withdrawn(permit: Option<Permit>) {
    match permit {
        Some(permit) => permit.withdrawn().await,
        None => std::future::pending().await,
    }
}

/// Both ways until both are closed; the end of one way is passed on as such. Silence of both for `idle` to twice that
/// ends it.
async fn copy(client: Upgraded, component: Upgraded, idle: Duration) -> io::Result<()> {
    let heard = AtomicBool::new(false);
    let mut client = Heard { io: TokioIo::new(client), heard: &heard };
    let mut component = Heard { io: TokioIo::new(component), heard: &heard };
    let silence = async {
        loop {
            tokio::time::sleep(idle).await;
            if !heard.swap(false, Ordering::Relaxed) {
                return;
            }
        }
    };
    tokio::select! {
        copied = copy_bidirectional_with_sizes(&mut client, &mut component, BUFFER, BUFFER) => copied.map(|_| ()),
        () = silence => Err(io::ErrorKind::TimedOut.into()),
    }
}

/// Notes that something was read.
struct Heard<'a, T> {
    io: T,
    heard: &'a AtomicBool,
}

impl<T: AsyncRead + Unpin> AsyncRead for Heard<'_, T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        ready!(Pin::new(&mut self.io).poll_read(cx, buffer))?;
        self.heard.store(true, Ordering::Relaxed);
        Poll::Ready(Ok(()))
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Heard<'_, T> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}
