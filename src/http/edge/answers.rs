//! What the gate answers itself.

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use http::{
    HeaderValue, StatusCode,
    header::{
        CACHE_CONTROL, CONTENT_TYPE, LOCATION, REFERRER_POLICY, SET_COOKIE, VARY, X_CONTENT_TYPE_OPTIONS,
    },
    request::Parts,
};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use super::EdgeGate;
use crate::{
    app::edge,
    domain::secret::Secret,
    http::{
        cookie::{DOORSTEP, KNOCK, PASS},
        error::ApiError,
        middleware::request_id,
    },
};

/// All that needs no escaping in the value of a query (RFC 3986, 2.3).
const VALUE: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// Of the knock.
const KNOCK_BYTES: usize = 16;
/// Longer paths are not kept for after the sign-in.
const MAX_PATH: usize = 1500;
const NO_COOKIE: &str = "This browser did not send back the cookie that it was given a moment ago. Allow cookies for \
                         this address, and open it again.";

impl EdgeGate {
    /// Away to our own pages, to come back to where it goes, with a ticket.
    pub(super) fn to_our_pages(&self, key: &str, head: &Parts) -> Response<Body> {
        self.to_sign_in(key, head.uri.path_and_query().map_or("/", |path| path.as_str()), head)
    }

    /// The knock makes sure that it is the same browser: a ticket that somebody else got is no way to make a person visit
    /// as them.
    fn to_sign_in(&self, key: &str, path: &str, head: &Parts) -> Response<Body> {
        let path = if path.len() <= MAX_PATH { path } else { "/" };
        let known = KNOCK.read(&head.headers, self.https).filter(|knock| is_knock(knock.expose()));
        let knock = known.unwrap_or_else(|| Secret::new(self.app.random.hex::<KNOCK_BYTES>()));
        let target = format!("{}{path}", self.app.settings.route_url(key));
        let location = format!(
            "{}/open?to={}&knock={}",
            self.app.settings.access_url,
            utf8_percent_encode(&target, VALUE),
            knock.expose()
        );
        redirect(&location, &[KNOCK.set(&knock, self.https)])
    }

    /// Like those of the API.
    pub(super) fn problem(&self, error: ApiError) -> Response<Body> {
        private(request_id::name(error.into_response(), &self.app.random.hex::<8>()))
    }

    /// `/.devsanctum/…` of an address.
    pub(super) async fn on_the_doorstep(&self, key: &str, asked: &str, head: &Parts) -> Response<Body> {
        if !matches!(asked, "enter" | "sign-in") {
            return self.problem(ApiError::unknown_path());
        }
        if head.method != http::Method::GET {
            return self.problem(ApiError::wrong_method());
        }
        let query = head.uri.query().unwrap_or_default();
        let value = |name: &str| {
            let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
            let (_, value) = pairs.find(|(found, _)| *found == name)?;
            percent_decode_str(value).decode_utf8().ok().map(|value| value.into_owned())
        };
        // An absolute URL of this very address, so that no path leads elsewhere.
        let to = value("to").filter(|to| to.starts_with('/')).unwrap_or_else(|| "/".to_owned());
        if asked == "sign-in" {
            return self.to_sign_in(key, &to, head);
        }
        let to = format!("{}{to}", self.app.settings.route_url(key));
        let known = KNOCK.read(&head.headers, self.https);
        if known.is_none_or(|known| value("knock").as_deref() != Some(known.expose())) {
            return text(StatusCode::BAD_REQUEST, NO_COOKIE);
        }
        let ticket = Secret::new(value("ticket").unwrap_or_default());
        let (app, address) = (self.app.clone(), key.to_owned());
        match self.elsewhere(async move { edge::enter(&app, &address, &ticket).await }).await {
            Ok(Some(pass)) => redirect(&to, &[PASS.set(&pass, self.https), KNOCK.clear(self.https)]),
            // Too late, or twice: from the start.
            Ok(None) => redirect(&to, &[KNOCK.clear(self.https)]),
            Err(error) => self.problem(error.into()),
        }
    }
}

fn is_knock(value: &str) -> bool {
    value.len() == 2 * KNOCK_BYTES && value.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Where a browser shows a ticket for the address.
pub fn entrance(route_url: &str, ticket: &Secret, path: &str) -> String {
    format!("{route_url}{DOORSTEP}enter?ticket={}&to={}", ticket.expose(), utf8_percent_encode(path, VALUE))
}

fn redirect(location: &str, cookies: &[HeaderValue]) -> Response<Body> {
    // What is no header value is no address that anybody went to.
    let Ok(location) = HeaderValue::from_str(location) else {
        return text(StatusCode::BAD_REQUEST, "This address cannot be opened.");
    };
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SEE_OTHER;
    response.headers_mut().insert(LOCATION, location);
    for cookie in cookies {
        response.headers_mut().append(SET_COOKIE, cookie.clone());
    }
    private(response)
}

fn text(status: StatusCode, text: &'static str) -> Response<Body> {
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    private(response)
}

/// It depends on who asks, and names where from.
fn private(mut response: Response<Body>) -> Response<Body> {
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(VARY, HeaderValue::from_static("cookie, authorization, accept"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}
