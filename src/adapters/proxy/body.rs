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

pub struct EdgeBody(Kind);

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
        Self(Kind::Page(Full::new(content.into())))
    }

    pub(super) fn pooled(body: ResponseBody) -> Self {
        Self(Kind::Pooled(body))
    }

    pub(super) fn single(body: Incoming, place: InFlight) -> Self {
        Self(Kind::Single { body, _place: place })
    }
}

impl Body for EdgeBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        match &mut self.get_mut().0 {
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
        match &self.0 {
            Kind::Page(body) => body.is_end_stream(),
            Kind::Pooled(body) => body.is_end_stream(),
            Kind::Single { body, .. } => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Kind::Page(body) => body.size_hint(),
            Kind::Pooled(body) => body.size_hint(),
            Kind::Single { body, .. } => body.size_hint(),
        }
    }
}
