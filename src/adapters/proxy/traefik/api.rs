//! Traefik's API: what is in force, and (the REST provider) what is to be.

use std::{collections::BTreeMap, time::Duration};

use http::StatusCode;
use reqwest::{Client, RequestBuilder, Response};
use serde::Deserialize;
use tokio::time::Instant;

use super::{
    document::Configuration,
    mark::{self, Mark},
    settings::TraefikUrl,
};

/// For one answer.
const TIMEOUT: Duration = Duration::from_secs(3);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
/// Between two looks at what is in force, at first and later.
const FIRST_PAUSE: Duration = Duration::from_millis(2);
const LONGEST_PAUSE: Duration = Duration::from_millis(20);
/// Routers in one answer of the API.
const PAGE: usize = 5_000;

#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    #[error("Traefik does not answer at DEVSANCTUM_TRAEFIK_URL ({})", cause(.0))]
    Unreachable(#[source] reqwest::Error),
    #[error("Traefik does not accept the name and password in DEVSANCTUM_TRAEFIK_URL")]
    Unauthorized,
    #[error(
        "there is no API of Traefik at DEVSANCTUM_TRAEFIK_URL; turn it on (api), and let this server reach it"
    )]
    NoApi,
    #[error("Traefik's REST provider is off; turn it on (providers.rest)")]
    NoRestProvider,
    #[error("Traefik answered {0}")]
    Status(StatusCode),
    #[error("Traefik does not show the routes {} seconds after it got them; its log may say why", .0.as_secs())]
    NotApplied(Duration),
}

/// The innermost cause: the others name the URL.
fn cause(error: &reqwest::Error) -> String {
    let mut innermost: &dyn std::error::Error = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}

impl From<reqwest::Error> for ApiError {
    fn from(error: reqwest::Error) -> Self {
        ApiError::Unreachable(error.without_url())
    }
}

pub struct TraefikApi {
    client: Client,
    url: TraefikUrl,
    /// Name of the provider that brings our routes.
    provider: &'static str,
}

/// A router as Traefik shows it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ShownRouter {
    pub name: String,
    #[serde(default)]
    pub rule: String,
    #[serde(default)]
    pub service: String,
    #[serde(default)]
    pub status: String,
    #[serde(default)]
    pub error: Vec<String>,
}

#[derive(Deserialize)]
struct ShownMiddleware {
    headers: ShownHeaders,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ShownHeaders {
    custom_request_headers: BTreeMap<String, String>,
}

impl TraefikApi {
    /// # Errors
    /// When the system's certificates cannot be read.
    pub fn new(url: TraefikUrl, provider: &'static str) -> reqwest::Result<Self> {
        let client = Client::builder()
            .timeout(TIMEOUT)
            .connect_timeout(CONNECT_TIMEOUT)
            .redirect(reqwest::redirect::Policy::none())
            // It is a neighbour, whatever the environment says of the way to the world.
            .no_proxy()
            .build()?;
        Ok(Self { client, url, provider })
    }

    fn signed(&self, request: RequestBuilder) -> RequestBuilder {
        match self.url.login() {
            Some((name, password)) => request.basic_auth(name, Some(password)),
            None => request,
        }
    }

    async fn get(&self, path: &str) -> Result<Response, ApiError> {
        let answer = self.signed(self.client.get(self.url.at(path))).send().await?;
        match answer.status() {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Err(ApiError::Unauthorized),
            _ => Ok(answer),
        }
    }

    /// The mark of the table in force, if there is one.
    pub async fn mark(&self) -> Result<Option<Mark>, ApiError> {
        let answer = self.get(&format!("/api/http/middlewares/{}@{}", mark::NAME, self.provider)).await?;
        match answer.status() {
            StatusCode::OK => {
                let shown: ShownMiddleware = answer.json().await?;
                let mark = shown.headers.custom_request_headers.get(mark::HEADER);
                Ok(mark.and_then(|mark| mark.parse().ok()))
            }
            // Only the API says so in JSON.
            StatusCode::NOT_FOUND if answer.text().await?.contains(mark::NAME) => Ok(None),
            StatusCode::NOT_FOUND => Err(ApiError::NoApi),
            status => Err(ApiError::Status(status)),
        }
    }

    /// Waits until the table in force is `wanted`, or has all that it has.
    pub async fn wait_for(&self, wanted: &Mark, patience: Duration) -> Result<Mark, ApiError> {
        let deadline = Instant::now() + patience;
        let mut pause = FIRST_PAUSE;
        loop {
            let shown = self.mark().await?;
            if let Some(shown) = shown.filter(|shown| shown.covers(wanted) || shown.is_same_table(wanted)) {
                return Ok(shown);
            }
            if Instant::now() >= deadline {
                return Err(ApiError::NotApplied(patience));
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// All routers of our provider, by name without the provider's.
    pub async fn routers(&self) -> Result<BTreeMap<String, ShownRouter>, ApiError> {
        let suffix = format!("@{}", self.provider);
        let mut routers = BTreeMap::new();
        let mut page = 1;
        loop {
            let answer = self.get(&format!("/api/http/routers?per_page={PAGE}&page={page}")).await?;
            if answer.status() != StatusCode::OK {
                return Err(ApiError::Status(answer.status()));
            }
            let next = answer.headers().get("x-next-page").and_then(|next| next.to_str().ok()?.parse().ok());
            let shown: Vec<ShownRouter> = answer.json().await?;
            for router in shown {
                if let Some(name) = router.name.strip_suffix(&suffix) {
                    routers.insert(name.to_owned(), router);
                }
            }
            // After the last page comes the first again.
            match next {
                Some(next) if next > page => page = next,
                _ => return Ok(routers),
            }
        }
    }

    /// Gives the REST provider a table in place of all that it has. An answer says that it was read, not that it holds.
    pub async fn put(&self, configuration: &Configuration, patience: Duration) -> Result<(), ApiError> {
        let request = self.client.put(self.url.at("/api/providers/rest")).json(configuration);
        let answer = self.signed(request).timeout(patience.min(TIMEOUT)).send().await?;
        match answer.status() {
            StatusCode::OK => Ok(()),
            StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED => Err(ApiError::NoRestProvider),
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Err(ApiError::Unauthorized),
            status => Err(ApiError::Status(status)),
        }
    }
}
