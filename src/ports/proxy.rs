//! The data plane: from host names to components.

use std::{net::SocketAddr, sync::Arc, time::Instant};

use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderValue, Request, Response};
use hyper::body::Incoming;
use tokio_util::sync::CancellationToken;

use crate::domain::{
    access::Place,
    ids::{RouteId, WorkspaceId},
    route::PublishedRoute,
};

#[derive(Debug, thiserror::Error)]
pub enum ProxyError {
    #[error("the proxy cannot be reached: {0}")]
    Unreachable(String),
    /// It serves, but not all of what it was given.
    #[error("the proxy refused the routes: {0}")]
    Refused(String),
    /// What was given to it does not answer yet, as far as anybody can tell.
    #[error("the proxy does not show the routes yet: {0}")]
    Behind(String),
}

impl ProxyError {
    /// In one word, for metrics.
    pub const fn outcome(&self) -> &'static str {
        match self {
            ProxyError::Unreachable(_) => "unreachable",
            ProxyError::Refused(_) => "refused",
            ProxyError::Behind(_) => "behind",
        }
    }
}

/// Which state of the database a table is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Edition {
    /// Grows with every change of the routes.
    pub revision: i64,
    /// A proxy that several servers share must not be given the table from then on: others may have gone ahead without
    /// this server. `None`: there are no others.
    pub until: Option<Instant>,
}

/// The routes of workspaces that changed, each set complete.
pub type Changes = Vec<(WorkspaceId, Vec<PublishedRoute>)>;

/// Publishes routes. When a call returns `Ok`, requests that come after it see the new routes.
#[async_trait]
pub trait ProxyProvider: Send + Sync {
    /// As the configuration calls it.
    fn kind(&self) -> &'static str;

    /// The complete set, a function of the database. Whatever else was published is gone afterwards.
    async fn publish_all(&self, edition: Edition, routes: Arc<[PublishedRoute]>) -> Result<(), ProxyError>;

    /// All routes of these workspaces; those of others stay as they are.
    async fn publish_changes(&self, edition: Edition, changes: Changes) -> Result<(), ProxyError>;

    /// Waits until the data plane has lost what it was given, so that all of it must be published again.
    async fn lost(&self) {
        std::future::pending().await
    }

    /// What was published is known to be right until this moment, and from then on must not be relied on: another server
    /// may have given an address to somebody else. Without a call it is right for ever.
    fn vouch(&self, until: Instant);

    /// Whether the data plane works; for readiness. [`ProxyError::Refused`]: all but some routes.
    async fn check(&self) -> Result<(), ProxyError>;

    /// Why the data plane does not serve this route by itself, as far as it said so when it was last given the routes.
    fn refusal(&self, _route: RouteId) -> Option<String> {
        None
    }

    /// How many routes it does not serve by itself.
    fn refused(&self) -> usize {
        0
    }
}

/// Hands the published routes out to a proxy outside that asks for them.
pub trait RouteServer: Send + Sync {
    /// A document that the proxy reads, as JSON. `None`: there is none at the moment, and the proxy keeps what it has.
    fn configuration(&self) -> Option<Bytes>;
}

/// What is known of host names, by their key in any case: below the workspace domain the first label, else the whole name
/// of a custom domain.
pub trait Places: Send + Sync + 'static {
    fn place(&self, key: &str) -> Option<Place>;
}

/// Travels, as an extension, with a request whose visitor had to be let in. Streams and upgraded connections hold it, and
/// end when it is withdrawn.
#[derive(Debug, Clone, Default)]
pub struct Permit {
    ended: CancellationToken,
    /// Counts who holds it.
    held: Arc<()>,
}

impl Permit {
    pub fn withdraw(&self) {
        self.ended.cancel();
    }

    /// Whether anybody holds another copy of it.
    pub fn is_held(&self) -> bool {
        Arc::strong_count(&self.held) > 1
    }

    /// Holds it until it is withdrawn.
    pub async fn withdrawn(self) {
        self.ended.cancelled().await;
        drop(self.held);
    }
}

/// Names the visitor to the component, where its route asks for that. Nobody else's goes on.
pub const IDENTITY_HEADER: &str = "x-devsanctum-identity";

/// Travels, as an extension, with a request whose visitor is named to the component: the value of [`IDENTITY_HEADER`].
#[derive(Debug, Clone)]
pub struct Introduction(pub HeaderValue);

/// The part of a data plane that lives in this process: answers what is asked of host names below the workspace
/// domain and of custom domains. The listener in front has checked that the request names exactly one host.
pub trait Edge: Places {
    /// What is worth keeping for as long as one client's connection lives.
    type Client: Send + Sync + 'static;
    /// Where a host name leads at the moment; also that it leads nowhere.
    type Found: Send + 'static;
    type Body: http_body::Body<Data = Bytes, Error: Into<Box<dyn std::error::Error + Send + Sync>>>
        + Send
        + Unpin
        + 'static;

    fn client(&self, peer: SocketAddr) -> Self::Client;

    /// `key` is as in [`Places`]; the empty one never leads anywhere.
    fn find(&self, key: &str) -> Self::Found;

    /// The same as [`Places::place`] of its key.
    fn place_of(&self, found: &Self::Found) -> Option<Place>;

    /// Who may come in was decided before.
    fn answer(
        self: &Arc<Self>,
        client: &Arc<Self::Client>,
        found: Self::Found,
        request: Request<Incoming>,
    ) -> impl Future<Output = Response<Self::Body>> + Send + 'static;
}
