//! What the proxy says itself: to people a page without files from elsewhere, to programs a problem document.

use std::borrow::Cow;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::{
    HeaderName, HeaderValue, Method, Request, Response, StatusCode,
    header::{
        ACCEPT, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HOST, REFERRER_POLICY, RETRY_AFTER,
        UPGRADE, VARY, X_CONTENT_TYPE_OPTIONS,
    },
};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::{body::EdgeBody, metrics::Outcome, table::Entry};
use crate::domain::workspace::Status;

const HTML: &str = include_str!("pages/page.html");
const STYLE: &str = include_str!("pages/page.css");
const SCRIPT: &str = include_str!("pages/page.js");
/// For browsers without scripts.
const REFRESH: &str = r#"<noscript><meta http-equiv="refresh" content="3"></noscript>"#;

/// All that needs no escaping in the value of a query (RFC 3986, 2.3).
const VALUE: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// Longer paths are not kept for when the workspace is up.
const MAX_PATH: usize = 1500;

/// Names the state of a route; only answers of the proxy itself carry it.
const ROUTE_STATE: HeaderName = HeaderName::from_static("devsanctum-route");

/// Why there is no answer of a component.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Page {
    /// No route has this name.
    Unknown,
    Gone,
    Starting,
    Stopped,
    Failed,
    /// The Docker host of the workspace cannot be seen.
    HostUnknown,
    /// The route was taken back while the request was under way.
    Withdrawn,
    /// This server does not know any more what other servers did to the routes.
    Stale,
    Unreachable,
    TimedOut,
    Overloaded,
}

/// The parts of an answer that depend on the page alone.
struct Wording {
    status: StatusCode,
    /// In problem documents, and what the page compares to notice a change.
    code: &'static str,
    /// Seconds until it makes sense to ask again; pages with one look by themselves.
    retry_after: Option<&'static str>,
    tone: &'static str,
    /// After the workspace's name.
    title: &'static str,
    text: &'static str,
    todo: &'static str,
    action: &'static str,
}

impl Page {
    /// Of a route that is not live.
    pub fn of(entry: &Entry) -> Self {
        match entry.status {
            Status::Pending | Status::Provisioning | Status::Running => Page::Starting,
            Status::Stopping | Status::Stopped => Page::Stopped,
            Status::Failed => Page::Failed,
            Status::Destroying | Status::Destroyed => Page::Gone,
            Status::Unknown => Page::HostUnknown,
        }
    }

    pub fn outcome(self) -> Outcome {
        match self {
            Page::Unknown => Outcome::UnknownHost,
            Page::Unreachable => Outcome::Unreachable,
            Page::TimedOut => Outcome::TimedOut,
            Page::Overloaded => Outcome::Overloaded,
            Page::Gone
            | Page::Starting
            | Page::Stopped
            | Page::Failed
            | Page::HostUnknown
            | Page::Withdrawn
            | Page::Stale => Outcome::NotLive,
        }
    }

    /// Whether our own page (`/open`) brings the workspace up, or waits for it, and then comes back.
    fn leads_back(self) -> bool {
        matches!(self, Page::Starting | Page::Stopped | Page::Failed)
    }

    fn wording(self) -> Wording {
        const OPEN: &str = "Open the workspace in DevSanctum";
        let unavailable = Wording {
            status: StatusCode::SERVICE_UNAVAILABLE,
            code: "",
            retry_after: None,
            tone: "resting",
            title: "",
            text: "",
            todo: "",
            action: OPEN,
        };
        match self {
            Page::Unknown => Wording {
                status: StatusCode::NOT_FOUND,
                code: "unknown_host",
                title: "No workspace lives here",
                text: "The address may be mistyped, or the workspace was destroyed.",
                todo: "Your workspaces are listed in DevSanctum.",
                action: "Show my workspaces",
                ..unavailable
            },
            Page::Gone => Wording {
                status: StatusCode::NOT_FOUND,
                code: "workspace_gone",
                title: "was destroyed",
                text: "Its containers are gone, and so is this address.",
                todo: "A new workspace from the same template gets an address of its own.",
                action: "Show my workspaces",
                ..unavailable
            },
            Page::Starting => Wording {
                code: "starting",
                retry_after: Some("2"),
                tone: "moving",
                title: "is starting",
                text: "Its containers are being prepared.",
                todo: "This page goes on by itself as soon as it is up.",
                action: "Watch it start",
                ..unavailable
            },
            Page::Withdrawn => Wording {
                code: "withdrawn",
                retry_after: Some("2"),
                tone: "moving",
                title: "is changing",
                text: "Its address was taken back while it was being asked.",
                todo: "This page looks again by itself.",
                ..unavailable
            },
            Page::Stale => Wording {
                code: "routes_unknown",
                retry_after: Some("2"),
                tone: "broken",
                title: "cannot be reached for the moment",
                text: "This server cannot reach its database, so it does not know who lives at this address.",
                todo: "This page looks again by itself.",
                ..unavailable
            },
            Page::Stopped => Wording {
                code: "stopped",
                retry_after: Some("30"),
                title: "is stopped",
                text: "Its files are kept. Nothing runs at the moment.",
                todo: "Whoever may can start it; this page goes on by itself when it is up.",
                action: "Start it in DevSanctum",
                ..unavailable
            },
            Page::Failed => Wording {
                code: "failed",
                retry_after: Some("30"),
                tone: "broken",
                title: "has failed",
                text: "It did not get through its last change.",
                todo: "DevSanctum shows which step failed, its last log lines, and a way to try again.",
                action: "See why, and try again",
                ..unavailable
            },
            Page::HostUnknown => Wording {
                code: "host_unknown",
                retry_after: Some("15"),
                tone: "broken",
                title: "cannot be seen",
                text: "The machine it runs on does not answer, so nobody knows whether it is up.",
                todo: "It comes back by itself when the machine does. A platform admin can look at the host.",
                ..unavailable
            },
            Page::Unreachable => Wording {
                status: StatusCode::BAD_GATEWAY,
                code: "backend_unreachable",
                retry_after: Some("5"),
                tone: "broken",
                title: "does not answer",
                text: "The workspace runs, but nothing in it accepts connections at this address, or it broke them off.",
                todo: "Its program may still be starting, or may have ended: its logs tell. This page looks again by itself.",
                action: "See its logs in DevSanctum",
            },
            Page::TimedOut => Wording {
                status: StatusCode::GATEWAY_TIMEOUT,
                code: "backend_timeout",
                tone: "broken",
                title: "takes too long",
                text: "The program in the workspace took the request, but did not answer in time.",
                todo: "Its logs may tell why.",
                action: "See its logs in DevSanctum",
                ..unavailable
            },
            Page::Overloaded => Wording {
                code: "overloaded",
                retry_after: Some("1"),
                title: "is busy",
                text: "Too many requests to this address are under way.",
                todo: "Try again in a moment.",
                ..unavailable
            },
        }
    }
}

/// Who reads the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Audience {
    Person,
    Program,
}

impl Audience {
    /// A browser that goes to the address says that it wants HTML; its scripts, images and programs do not.
    pub fn of<B>(request: &Request<B>) -> Self {
        let headers = request.headers();
        let html = headers.get_all(ACCEPT).iter().any(|accept| {
            accept.to_str().is_ok_and(|accept| {
                accept.split(',').any(|kind| {
                    kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("text/html"))
                })
            })
        });
        let reads = request.method() == Method::GET || request.method() == Method::HEAD;
        if html && reads && !headers.contains_key(UPGRADE) { Audience::Person } else { Audience::Program }
    }
}

/// Where somebody wanted to go.
#[derive(Debug)]
pub(super) struct Asked {
    host: String,
    path: String,
}

impl Asked {
    pub fn by<B>(request: &Request<B>) -> Option<Self> {
        let host = request.headers().get(HOST)?.to_str().ok()?.to_owned();
        let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
        let path = if path.len() <= MAX_PATH { path } else { "/" };
        Some(Self { host, path: path.to_owned() })
    }
}

pub(super) struct Pages {
    access_url: String,
    policy: HeaderValue,
}

impl Pages {
    pub fn new(access_url: &str) -> Self {
        let hash = |text: &str| format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text)));
        let policy = format!(
            "default-src 'none'; style-src {}; script-src {}; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
            hash(STYLE),
            hash(SCRIPT),
        );
        Self {
            access_url: access_url.to_owned(),
            policy: HeaderValue::try_from(policy).expect("base64 and keywords are visible ASCII"),
        }
    }

    pub fn answer(
        &self,
        page: Page,
        entry: Option<&Entry>,
        asked: Option<Asked>,
        audience: Audience,
    ) -> Response<EdgeBody> {
        let wording = page.wording();
        let title: Cow<'_, str> = match entry {
            Some(entry) => format!("{} {}", entry.name, wording.title).into(),
            None if page == Page::Stale => format!("The workspace {}", wording.title).into(),
            None => wording.title.into(),
        };
        let link = match entry {
            Some(entry) if page != Page::Gone => {
                format!("{}/workspaces/{}", self.access_url, entry.place.workspace)
            }
            _ => format!("{}/workspaces", self.access_url),
        };
        let (kind, content) = match audience {
            Audience::Person => {
                let back = asked.filter(|_| page.leads_back()).map(|asked| self.way_back(&asked));
                ("text/html; charset=utf-8", html(&wording, &title, back.as_deref().unwrap_or(&link)))
            }
            Audience::Program => ("application/problem+json", problem(&wording, &title, &link)),
        };
        let mut response = Response::new(EdgeBody::page(content));
        *response.status_mut() = wording.status;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert(VARY, HeaderValue::from_static("accept"));
        headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
        headers.insert(CONTENT_SECURITY_POLICY, self.policy.clone());
        headers.insert(ROUTE_STATE, HeaderValue::from_static(wording.code));
        if let Some(seconds) = wording.retry_after {
            headers.insert(RETRY_AFTER, HeaderValue::from_static(seconds));
        }
        response
    }

    /// By our own page to where somebody wanted to go. That page starts nothing before it is told to.
    fn way_back(&self, Asked { host, path }: &Asked) -> String {
        let scheme = self.access_url.split_once("://").map_or("http", |(scheme, _)| scheme);
        let to = format!("{scheme}://{host}{path}");
        format!("{}/open?to={}", self.access_url, utf8_percent_encode(&to, VALUE))
    }
}

fn html(wording: &Wording, title: &str, link: &str) -> String {
    let looks_again = wording.retry_after.is_some();
    let script = if looks_again { format!("<script>{SCRIPT}</script>") } else { String::new() };
    fill(HTML, |slot| match slot {
        "style" => STYLE.into(),
        "script" => script.as_str().into(),
        "refresh" => if looks_again { REFRESH } else { "" }.into(),
        "title" => escape(title),
        "link" => escape(link),
        "tone" => wording.tone.into(),
        "state" => wording.code.into(),
        "text" => escape(wording.text),
        "todo" => escape(wording.todo),
        "action" => escape(wording.action),
        _ => "".into(),
    })
}

/// RFC 9457, with the fields every problem of the platform has.
fn problem(wording: &Wording, title: &str, link: &str) -> String {
    json!({
        "type": "about:blank",
        "title": title,
        "status": wording.status.as_u16(),
        "detail": format!("{} {}", wording.text, wording.todo),
        "code": wording.code,
        "errors": [],
        "workspace_url": link,
    })
    .to_string()
}

/// Replaces each `{{slot}}` of a template; what is put in is not looked at again.
fn fill<'a>(template: &'a str, value: impl Fn(&str) -> Cow<'a, str>) -> String {
    let mut filled = String::with_capacity(template.len() + STYLE.len() + SCRIPT.len() + 1024);
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("{{") {
        filled.push_str(before);
        let Some((slot, after)) = after.split_once("}}") else {
            rest = after;
            break;
        };
        filled.push_str(&value(slot));
        rest = after;
    }
    filled.push_str(rest);
    filled
}

fn escape(text: &str) -> Cow<'_, str> {
    if !text.contains(['&', '<', '>', '"', '\'']) {
        return text.into();
    }
    let mut escaped = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped.into()
}
