//! `/edge/authorize`: what a proxy that leads to workspaces by itself asks about each request ("forward auth").
//!
//! An answer of 200 lets the request through, with `Cookie` and `Authorization` as they are in the answer, without what is
//! the platform's, and with the name of the visitor where the route asks for it. Any other answer goes to whoever asked in place of the workspace's; so does the pass, whose path lies
//! below every address.

use std::{net::SocketAddr, sync::Arc};

use axum::{
    Router,
    body::Body,
    extract::{ConnectInfo, Request, State},
    response::Response,
    routing::any,
};
use http::{
    HeaderMap, HeaderName, HeaderValue, StatusCode,
    header::{AUTHORIZATION, COOKIE, HOST, SET_COOKIE},
    request::Parts,
};

use super::{EdgeGate, head};
use crate::{
    domain::cookie::own_cookies,
    http::{error::ApiError, front::Admitted},
    ports::{
        meter::AskedBy,
        proxy::{IDENTITY_HEADER, Introduction},
    },
};

pub const PATH: &str = "/edge/authorize";

impl EdgeGate {
    /// On the platform's own host name; only proxies whose word counts are answered.
    pub fn forward_auth(self: &Arc<Self>) -> Router {
        Router::new().route(PATH, any(authorize)).with_state(self.clone())
    }
}

async fn authorize(
    State(gate): State<Arc<EdgeGate>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
) -> Response {
    let peer = peer.ip().to_canonical();
    if !gate.trusted_proxies.iter().any(|net| net.contains(&peer)) {
        let detail = "only a proxy that DEVSANCTUM_TRUSTED_PROXIES names may ask this";
        return gate.problem(ApiError::http(StatusCode::FORBIDDEN, "not_a_proxy", detail));
    }
    let Some((key, head)) = gate.asked_for(request.into_parts().0) else {
        let detail = "X-Forwarded-Host, -Method and -Uri have to name one address of a workspace";
        return gate.problem(ApiError::http(StatusCode::BAD_REQUEST, "bad_forward", detail));
    };
    let Some(place) = gate.places.place(&key) else { return gate.problem(ApiError::unknown_path()) };
    match gate.answer(&key, &place, &head, AskedBy::ForwardAuth).await {
        Ok(admitted) => through(&head.headers, admitted),
        Err(answer) => answer,
    }
}

impl EdgeGate {
    /// The request that the proxy got, and the key of the address that it is for.
    fn asked_for(&self, mut head: Parts) -> Option<(String, Parts)> {
        let one = |name: &str| {
            let mut values = head.headers.get_all(name).iter();
            let value = values.next()?.to_str().ok()?;
            values.next().is_none().then(|| value.to_owned())
        };
        let host = one("x-forwarded-host")?;
        let key = self.app.settings.key_of_host(&host)?;
        let (method, uri) = (one("x-forwarded-method")?.parse().ok()?, one("x-forwarded-uri")?.parse().ok()?);
        head.headers.insert(HOST, HeaderValue::from_str(&host).ok()?);
        (head.method, head.uri) = (method, uri);
        Some((key, head))
    }
}

fn through(asked: &HeaderMap, admitted: Admitted) -> Response {
    let mut response = Response::new(Body::empty());
    let headers = response.headers_mut();
    let cookies = own_cookies(asked.get_all(COOKIE).iter().map(HeaderValue::as_bytes));
    if !cookies.is_empty()
        && let Ok(cookies) = HeaderValue::from_bytes(&cookies)
    {
        headers.insert(COOKIE, cookies);
    }
    if let Some(own) = asked.get(AUTHORIZATION).filter(|_| head::api_token(asked).is_none()) {
        headers.insert(AUTHORIZATION, own.clone());
    }
    if let Some(Introduction(visitor)) = admitted.introduction {
        headers.insert(HeaderName::from_static(IDENTITY_HEADER), visitor);
    }
    if let Some(cookie) = admitted.set_cookie {
        headers.append(SET_COOKIE, cookie);
    }
    response
}
