//! What the head of a request tells about who sent it.

use http::{
    HeaderMap, Method,
    header::{ACCEPT, ORIGIN, REFERER, UPGRADE},
    request::Parts,
};

use super::EdgeGate;
use crate::{
    app::edge::Shown,
    domain::{access::Place, api_token, secret::Secret},
    http::{cookie::PASS, extract::authenticated::bearer},
};

impl EdgeGate {
    /// A token wins: whoever sends one means it. Other values of `Authorization` are the workspace's own business.
    pub(super) fn shown(&self, key: &str, place: &Place, head: &Parts) -> Option<Shown> {
        if let Some(token) = api_token(&head.headers) {
            return Some(Shown::ApiToken(token));
        }
        let pass = PASS.read(&head.headers, self.https)?;
        self.is_of_its_own(key, place, head).then_some(Shown::Pass(pass))
    }

    /// Whether the browser sends the cookie because of a page of this workspace, or because a person goes there. Pages of
    /// other workspaces are the same site, so `SameSite` does not keep them from it.
    fn is_of_its_own(&self, key: &str, place: &Place, head: &Parts) -> bool {
        let text = |name: &str| head.headers.get(name).map(|value| value.to_str().unwrap_or("?"));
        let is_ours = |url: &str| {
            self.app.settings.key_and_path(url).is_some_and(|(from, _)| {
                from == key || self.places.place(from).is_some_and(|from| from.workspace == place.workspace)
            })
        };
        match (text(ORIGIN.as_str()), text("sec-fetch-site")) {
            (Some(origin), _) => is_ours(origin),
            (None, None | Some("same-origin" | "none")) => true,
            (None, Some(_)) if text("sec-fetch-mode") != Some("navigate") || !is_read(&head.method) => false,
            // A person goes there with all of the window; into a part of it, any page may put what it likes to have
            // clicked on.
            (None, Some(_)) => match text("sec-fetch-dest") {
                None | Some("document") => true,
                Some(_) => text(REFERER.as_str()).is_some_and(is_ours),
            },
        }
    }
}

pub(super) fn api_token(headers: &HeaderMap) -> Option<Secret> {
    bearer(headers).filter(|token| token.starts_with(api_token::PREFIX)).map(Secret::new)
}

/// A person who goes there with a browser, and would follow a redirect to sign in. Pages' scripts and images do not.
pub(super) fn navigates(head: &Parts) -> bool {
    let text = |name: &str| head.headers.get(name).and_then(|value| value.to_str().ok());
    let html = text(ACCEPT.as_str()).is_some_and(|accept| {
        accept.split(',').any(|kind| {
            kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("text/html"))
        })
    });
    let goes = text("sec-fetch-mode").is_none_or(|mode| mode == "navigate");
    html && goes && is_read(&head.method) && !head.headers.contains_key(UPGRADE)
}

fn is_read(method: &Method) -> bool {
    method == Method::GET || method == Method::HEAD
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    fn head(method: &str, headers: &[(&str, &str)]) -> Parts {
        let mut request = Request::builder().method(method).uri("/");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(()).unwrap().into_parts().0
    }

    #[test]
    fn only_people_are_sent_to_sign_in() {
        let html = ("accept", "text/html,application/xhtml+xml;q=0.9");
        assert!(navigates(&head("GET", &[html])));
        assert!(navigates(&head("GET", &[html, ("sec-fetch-mode", "navigate")])));
        assert!(!navigates(&head("POST", &[html])));
        assert!(!navigates(&head("GET", &[html, ("sec-fetch-mode", "cors")])));
        assert!(!navigates(&head("GET", &[html, ("upgrade", "websocket")])));
        assert!(!navigates(&head("GET", &[("accept", "*/*")])));
        assert!(!navigates(&head("GET", &[])));
    }

    #[test]
    fn one_token_of_ours_counts() {
        let token = |values: &[&str]| {
            let headers: Vec<_> = values.iter().map(|value| ("authorization", *value)).collect();
            api_token(&head("GET", &headers).headers).map(|token| token.expose().to_owned())
        };
        assert_eq!(token(&["Bearer dvs_abc"]).as_deref(), Some("dvs_abc"));
        assert_eq!(token(&["bearer  dvs_abc"]).as_deref(), Some("dvs_abc"));
        assert_eq!(token(&["Bearer eyJhbGciOi"]), None, "the workspace's own");
        assert_eq!(token(&["Basic dvs_abc"]), None);
        assert_eq!(token(&["Bearer dvs_abc", "Bearer dvs_def"]), None);
    }
}
