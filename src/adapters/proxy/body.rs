//! The body of what the edge answers.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use http_body_util::Full;
use hyper::body::Incoming;

use super::{pool::InFlight, upstream::ResponseBody};
use crate::ports::proxy::Permit;

pub struct EdgeBody {
    kind: Kind,
    /// Cut off when it resolves.
    withdrawn: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
}

enum Kind {
    Page(Full<Bytes>),
    Pooled(ResponseBody),
    /// From a connection with a task of its own, which ends with it.
    Single {
        body: Incoming,
        _place: InFlight,
    },
}

impl EdgeBody {
    pub(super) fn page(content: impl Into<Bytes>) -> Self {
        Kind::Page(Full::new(content.into())).into()
    }

    pub(super) fn pooled(body: ResponseBody) -> Self {
        Kind::Pooled(body).into()
    }

    pub(super) fn single(body: Incoming, place: InFlight) -> Self {
        Kind::Single { body, _place: place }.into()
    }

    pub(super) fn while_permitted(mut self, permit: Permit) -> Self {
        if !self.is_end_stream() {
            self.withdrawn = Some(Box::pin(permit.withdrawn()));
        }
        self
    }
}

impl From<Kind> for EdgeBody {
    fn from(kind: Kind) -> Self {
        Self { kind, withdrawn: None }
    }
}

impl Body for EdgeBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        let body = self.get_mut();
        if let Some(withdrawn) = &mut body.withdrawn
            && withdrawn.as_mut().poll(cx).is_ready()
        {
            return Poll::Ready(Some(Err(io::Error::other("its visitor may not see it any more"))));
        }
        match &mut body.kind {
            Kind::Page(body) => Pin::new(body)
                .poll_frame(cx)
                .map(|frame| frame.map(|frame| frame.map_err(|never| match never {}))),
            Kind::Pooled(body) => Pin::new(body).poll_frame(cx),
            Kind::Single { body, .. } => {
                Pin::new(body).poll_frame(cx).map(|frame| frame.map(|frame| frame.map_err(io::Error::other)))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.kind {
            Kind::Page(body) => body.is_end_stream(),
            Kind::Pooled(body) => body.is_end_stream(),
            Kind::Single { body, .. } => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.kind {
            Kind::Page(body) => body.size_hint(),
            Kind::Pooled(body) => body.size_hint(),
            Kind::Single { body, .. } => body.size_hint(),
        }
    }
}
