//! One request: to its component and back.

use std::sync::Arc;

use http::{
    HeaderValue, Request, Response, Uri,
    header::{CONTENT_LENGTH, HOST, TRANSFER_ENCODING},
    request::Parts,
};
use http_body::Body as _;
use hyper::body::Incoming;

use super::{
    body::EdgeBody,
    embedded::EmbeddedProxy,
    headers::{self, Client},
    metrics::Outcome,
    pages::{Asked, Audience, Page},
    pool::{Backend, InFlight},
    table::{Entry, Target},
    upgrade::Protocol,
    upstream::{Failed, RequestBody, ResponseBody, Upstream, UpstreamError},
};
use crate::ports::proxy::{Introduction, Permit};

impl EmbeddedProxy {
    pub(super) async fn forward(
        self: Arc<Self>,
        client: Arc<Client>,
        entry: Option<Arc<Entry>>,
        request: Request<Incoming>,
    ) -> Response<EdgeBody> {
        let audience = Audience::of(&request);
        let mut asked = None;
        let answer = match &entry {
            _ if self.is_stale() => Err(Page::Stale),
            None => Err(Page::Unknown),
            Some(entry) => match &entry.target {
                Target::Live(backend) => self.to_component(&client, backend, request).await,
                Target::Pending | Target::Withdrawn => {
                    asked = Asked::by(&request);
                    Err(Page::of(entry))
                }
            },
        };
        let (outcome, response) = match answer {
            Ok(response) => (Outcome::Forwarded, response),
            Err(page) => (page.outcome(), self.pages.answer(page, entry.as_deref(), asked, audience)),
        };
        self.metrics.count(outcome);
        response
    }

    async fn to_component(
        self: &Arc<Self>,
        client: &Client,
        backend: &Arc<Backend>,
        mut request: Request<Incoming>,
    ) -> Result<Response<EdgeBody>, Page> {
        let place = backend.enter(self.settings.max_in_flight).ok_or(Page::Overloaded)?;
        let permit = request.extensions_mut().remove::<Permit>();
        let introduction = request.extensions_mut().remove::<Introduction>();
        let protocol = Protocol::asked_for(&request);
        let switch = protocol.as_ref().map(|_| hyper::upgrade::on(&mut request));
        let (mut parts, body) = request.into_parts();
        into_origin_form(&mut parts);
        headers::to_backend(&mut parts.headers, client);
        if let Some(introduction) = introduction {
            headers::introduce(&mut parts.headers, introduction);
        }
        if let (Some(protocol), Some(switch)) = (protocol, switch) {
            // Boxed, as everything rare is here: each request moves the future that might have to hold it.
            let upgrade = Box::pin(self.upgrade(place, parts, protocol, switch, permit));
            return upgrade.await.map_err(|error| page_of(&error));
        }
        frame(&mut parts, &body);
        let request = Request::from_parts(parts, RequestBody::new(body));
        let response = self.exchange(place, request).await.map_err(|error| page_of(&error))?;
        Ok(match permit {
            Some(permit) => response.map(|body| body.while_permitted(permit)),
            None => response,
        })
    }

    async fn exchange(
        &self,
        place: InFlight,
        request: Request<RequestBody>,
    ) -> Result<Response<EdgeBody>, UpstreamError> {
        let idle = place.backend().take_idle();
        // An idle connection may have died without our knowing; what can be repeated then is kept.
        let again = idle.is_some().then(|| repeatable(&request)).flatten();
        let mut upstream = match idle {
            Some(upstream) => upstream,
            None => Box::pin(self.connect(place.backend())).await?,
        };
        let response = match (upstream.exchange(request, self.settings.head_timeout).await, again) {
            (Ok(response), _) => response,
            (Err(Failed { error: UpstreamError::Broken(_), unsent: Some(request) }), _)
            | (Err(Failed { error: UpstreamError::Broken(_), .. }), Some(request)) => {
                self.metrics.retried();
                upstream = Box::pin(self.connect(place.backend())).await?;
                upstream.exchange(request, self.settings.head_timeout).await.map_err(|failed| failed.error)?
            }
            (Err(failed), _) => return Err(failed.error),
        };
        let (mut parts, incoming) = response.into_parts();
        headers::to_client(&mut parts.headers);
        let body = ResponseBody::new(incoming, upstream, place, self.settings.stream_idle_timeout);
        Ok(Response::from_parts(parts, EdgeBody::pooled(body)))
    }

    /// A fresh connection that is certain to lead where the route says: between looking the address up and connecting the
    /// component may have gone and its address may be another workspace's, but not before the route was withdrawn.
    async fn connect(&self, backend: &Backend) -> Result<Box<Upstream>, UpstreamError> {
        let upstream = Upstream::open(backend.address(), self.settings.connect_timeout).await?;
        self.metrics.connected();
        if backend.is_retired() || self.is_stale() {
            return Err(UpstreamError::Retired);
        }
        Ok(upstream)
    }
}

/// What may be sent a second time (RFC 9110, 9.2.2), and has no body that is gone by then.
fn repeatable(request: &Request<RequestBody>) -> Option<Request<RequestBody>> {
    if !request.method().is_idempotent() || !matches!(request.body(), RequestBody::Empty) {
        return None;
    }
    let mut again = Request::new(RequestBody::Empty);
    *again.method_mut() = request.method().clone();
    *again.uri_mut() = request.uri().clone();
    *again.headers_mut() = request.headers().clone();
    Some(again)
}

/// `GET /path` with `Host`, whatever form and version the client used.
fn into_origin_form(parts: &mut Parts) {
    if let Some(authority) = parts.uri.authority()
        && !parts.headers.contains_key(HOST)
        && let Ok(host) = HeaderValue::from_str(authority.as_str())
    {
        parts.headers.insert(HOST, host);
    }
    if parts.uri.scheme().is_some() || parts.uri.authority().is_some() {
        let path = parts.uri.path_and_query().cloned();
        parts.uri = path.map_or_else(|| Uri::from_static("/"), Uri::from);
    }
    parts.version = http::Version::HTTP_11;
}

/// Says how long the body is in the way that holds for every method: an HTTP client takes a `GET` of unknown length for
/// one without a body.
fn frame(parts: &mut Parts, body: &Incoming) {
    if body.is_end_stream() {
        return;
    }
    if let Some(length) = body.size_hint().exact() {
        parts.headers.insert(CONTENT_LENGTH, length.into());
    } else {
        parts.headers.remove(CONTENT_LENGTH);
        parts.headers.insert(TRANSFER_ENCODING, HeaderValue::from_static("chunked"));
    }
}

fn page_of(error: &UpstreamError) -> Page {
    tracing::debug!(error = %error, "a component did not answer");
    match error {
        UpstreamError::HeadTimeout(_) => Page::TimedOut,
        UpstreamError::Retired => Page::Withdrawn,
        UpstreamError::Connect(_) | UpstreamError::ConnectTimeout(_) | UpstreamError::Broken(_) => {
            Page::Unreachable
        }
    }
}
