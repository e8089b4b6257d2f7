//! One HTTP/1.1 connection to a component.
//!
//! It has no task of its own: the request that uses it drives it, so that an exchange costs no switch between tasks.
//! What can only become ready while the connection is polled is polled with a waker that does nothing. Whoever returns
//! `Pending` has polled the connection with its own waker, and the timer last: that also asks for another turn when the
//! task has used up its share of the runtime.

use std::{
    net::SocketAddr,
    pin::{Pin, pin},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, Waker, ready},
    time::{Duration, Instant},
};

use bytes::Bytes;
use http::{Request, Response};
use http_body::{Body, Frame, SizeHint};
use hyper::{
    body::Incoming,
    client::conn::{TrySendError, http1},
};
use hyper_util::rt::TokioIo;
use tokio::{
    net::TcpStream,
    time::{Sleep, sleep},
};

use super::{headers, pool::InFlight};

/// What one read from a component takes at most; large downloads need few system calls, and a slow client holds back no
/// more than this.
const BUFFER: usize = 128 * 1024;
const MAX_HEADERS: usize = 200;
const MAX_HEAD: usize = 128 * 1024;

#[derive(Debug, thiserror::Error)]
pub(super) enum UpstreamError {
    #[error("cannot connect: {0}")]
    Connect(std::io::Error),
    #[error("no connection within {0:?}")]
    ConnectTimeout(Duration),
    /// The route was taken back meanwhile; what listens there now may be somebody else.
    #[error("the route was withdrawn")]
    Retired,
    #[error("no answer within {0:?}")]
    HeadTimeout(Duration),
    #[error("the connection broke: {0}")]
    Broken(#[from] hyper::Error),
}

/// A request that got no answer, and what may be done about it.
pub(super) struct Failed {
    pub error: UpstreamError,
    /// Not one byte of it was written.
    pub unsent: Option<Request<RequestBody>>,
}

pub(super) struct Upstream {
    sender: http1::SendRequest<RequestBody>,
    connection: http1::Connection<TokioIo<TcpStream>, RequestBody>,
    /// Kept with the connection: moving a registered timer is cheaper than making one for each request.
    timer: Pin<Box<Sleep>>,
    ended: bool,
    pub idle_since: Instant,
}

impl std::fmt::Debug for Upstream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Upstream").finish_non_exhaustive()
    }
}

pub(super) async fn connect(address: SocketAddr, limit: Duration) -> Result<TcpStream, UpstreamError> {
    let stream = tokio::time::timeout(limit, TcpStream::connect(address))
        .await
        .map_err(|_| UpstreamError::ConnectTimeout(limit))?
        .map_err(UpstreamError::Connect)?;
    stream.set_nodelay(true).map_err(UpstreamError::Connect)?;
    Ok(stream)
}

pub(super) fn http() -> http1::Builder {
    let mut http = http1::Builder::new();
    http.max_headers(MAX_HEADERS).max_header_size(MAX_HEAD).max_buf_size(BUFFER);
    http
}

impl Upstream {
    pub async fn open(address: SocketAddr, limit: Duration) -> Result<Box<Self>, UpstreamError> {
        let stream = connect(address, limit).await?;
        let (sender, connection) = http().handshake(TokioIo::new(stream)).await?;
        let timer = Box::pin(sleep(limit));
        Ok(Box::new(Self { sender, connection, timer, ended: false, idle_since: Instant::now() }))
    }

    /// Whether it waits for a request, as far as this side knows.
    pub fn is_alive(&mut self) -> bool {
        self.drive(&mut Context::from_waker(Waker::noop()));
        !self.ended && self.sender.is_ready()
    }

    /// Sends the request and waits for the head of its answer. `limit` begins anew whenever a piece of the request's body
    /// goes out: a slow upload is not a component that does not answer.
    pub async fn exchange(
        &mut self,
        request: Request<RequestBody>,
        limit: Duration,
    ) -> Result<Response<Incoming>, Failed> {
        let progress = request.body().progress();
        let mut answer = pin!(self.sender.try_send_request(request));
        self.timer.as_mut().reset(tokio::time::Instant::now() + limit);
        std::future::poll_fn(|cx| {
            loop {
                if !self.ended && Pin::new(&mut self.connection).poll(cx).is_ready() {
                    self.ended = true;
                }
                match answer.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
                    Poll::Ready(answer) => return Poll::Ready(answer.map_err(Failed::from)),
                    Poll::Pending => ready!(self.timer.as_mut().poll(cx)),
                }
                if !progress.as_ref().is_some_and(|progress| progress.swap(false, Ordering::Relaxed)) {
                    return Poll::Ready(Err(UpstreamError::HeadTimeout(limit).into()));
                }
                self.timer.as_mut().reset(tokio::time::Instant::now() + limit);
            }
        })
        .await
    }

    fn drive(&mut self, cx: &mut Context<'_>) {
        if !self.ended && Pin::new(&mut self.connection).poll(cx).is_ready() {
            self.ended = true;
        }
    }
}

impl From<TrySendError<Request<RequestBody>>> for Failed {
    fn from(mut error: TrySendError<Request<RequestBody>>) -> Self {
        let unsent = error.take_message();
        Self { error: error.into_error().into(), unsent }
    }
}

impl From<UpstreamError> for Failed {
    fn from(error: UpstreamError) -> Self {
        Self { error, unsent: None }
    }
}

/// The body of a request on its way to a component.
#[derive(Debug)]
pub(super) enum RequestBody {
    Empty,
    Stream { incoming: Incoming, progress: Arc<AtomicBool> },
}

impl RequestBody {
    pub fn new(incoming: Incoming) -> Self {
        if incoming.is_end_stream() {
            RequestBody::Empty
        } else {
            RequestBody::Stream { incoming, progress: Arc::default() }
        }
    }

    fn progress(&self) -> Option<Arc<AtomicBool>> {
        match self {
            RequestBody::Empty => None,
            RequestBody::Stream { progress, .. } => Some(progress.clone()),
        }
    }
}

impl Body for RequestBody {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        match self.get_mut() {
            RequestBody::Empty => Poll::Ready(None),
            RequestBody::Stream { incoming, progress } => {
                let frame = ready!(Pin::new(incoming).poll_frame(cx));
                progress.store(true, Ordering::Relaxed);
                Poll::Ready(frame.map(|frame| frame.map(without_platform_trailers)))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            RequestBody::Empty => true,
            RequestBody::Stream { incoming, .. } => incoming.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            RequestBody::Empty => SizeHint::with_exact(0),
            RequestBody::Stream { incoming, .. } => incoming.size_hint(),
        }
    }
}

fn without_platform_trailers(mut frame: Frame<Bytes>) -> Frame<Bytes> {
    if let Some(trailers) = frame.trailers_mut() {
        headers::remove_platform_headers(trailers);
    }
    frame
}

/// The body of an answer, and the connection it comes from. When it has been read to its end, dropping it gives the
/// connection back; dropping it before closes the connection.
pub(super) struct ResponseBody {
    incoming: Incoming,
    upstream: Option<Box<Upstream>>,
    place: InFlight,
    idle_limit: Duration,
    state: Reading,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reading {
    Fresh,
    /// A frame came since the timer was set.
    Flowing,
    /// The timer runs.
    Waiting,
    Ended,
}

impl ResponseBody {
    pub fn new(incoming: Incoming, upstream: Box<Upstream>, place: InFlight, idle_limit: Duration) -> Self {
        Self { incoming, upstream: Some(upstream), place, idle_limit, state: Reading::Fresh }
    }
}

impl Body for ResponseBody {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, std::io::Error>>> {
        let this = self.get_mut();
        let Some(upstream) = &mut this.upstream else { return Poll::Ready(None) };
        let noop = &mut Context::from_waker(Waker::noop());
        if this.state == Reading::Fresh {
            // The connection waits for the body to be wanted; so that wanting it wakes nobody, see above.
            upstream.drive(noop);
            this.state = Reading::Flowing;
        }
        let mut frame = Pin::new(&mut this.incoming).poll_frame(noop);
        if frame.is_pending() {
            upstream.drive(cx);
            frame = Pin::new(&mut this.incoming).poll_frame(noop);
        }
        if let Poll::Ready(frame) = frame {
            let last = frame.as_ref().is_none_or(|frame| frame.as_ref().is_ok_and(Frame::is_trailers));
            this.state = if last { Reading::Ended } else { Reading::Flowing };
            return Poll::Ready(frame.map(|frame| frame.map_err(std::io::Error::other)));
        }
        if this.state == Reading::Flowing {
            upstream.timer.as_mut().reset(tokio::time::Instant::now() + this.idle_limit);
            this.state = Reading::Waiting;
        }
        ready!(upstream.timer.as_mut().poll(cx));
        this.upstream = None;
        Poll::Ready(Some(Err(std::io::ErrorKind::TimedOut.into())))
    }

    fn is_end_stream(&self) -> bool {
        self.state == Reading::Ended || self.incoming.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.incoming.size_hint()
    }
}

impl Drop for ResponseBody {
    fn drop(&mut self) {
        let Some(mut upstream) = self.upstream.take() else { return };
        if self.is_end_stream() && upstream.is_alive() {
            self.place.backend().put_idle(upstream);
        }
    }
}
