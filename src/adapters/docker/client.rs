//! The connection to one engine: made when first needed, kept while used, made anew when it broke.
//!
//! bollard speaks through a transport of ours for three reasons. Its own refuses to exist while the socket is missing,
//! so the server could not start before Docker. Its own opens a connection for every call. And it sends paths without
//! an API version, so that the engine decides what an answer looks like; ours asks the engine what it speaks and names
//! that version, or ours if it is older.

use std::{
    fmt,
    future::Future,
    io,
    net::IpAddr,
    path::PathBuf,
    pin::Pin,
    str::FromStr,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use arc_swap::ArcSwapOption;
use bollard::{BollardRequest, ClientVersion, Docker, errors::Error};
use bytes::Bytes;
use futures::{Stream, future::BoxFuture};
use http_body_util::{Either, Full, StreamBody};
use hyper::{
    Request, Response, StatusCode, Uri,
    body::{Frame, Incoming},
    rt::{Read, ReadBufCursor, Write},
};
use hyper_util::{
    client::legacy::{
        Client as HttpClient,
        connect::{Connected, Connection},
    },
    rt::{TokioExecutor, TokioIo, TokioTimer},
};
use tokio::net::{TcpStream, UnixStream};

use super::error::{CallResult, Failed};

/// Answers come at once, or the engine hangs.
pub(super) const LOOK: Duration = Duration::from_secs(15);
/// The engine works: it makes bridges, copies files, waits for the kernel. On a loaded machine this takes its time.
pub(super) const CHANGE: Duration = Duration::from_secs(60);

const CONNECT: Duration = Duration::from_secs(5);

/// What bollard's types are made for. `Docker::negotiate_version` has the same bound.
const NEWEST: ApiVersion = ApiVersion(1, 53);
/// Docker 20.10, as Debian 12 has it.
const OLDEST: ApiVersion = ApiVersion(1, 41);

/// bollard's own limit, far above every deadline of ours, which also cover what its limit does not: bodies and streams.
const BOLLARD_LIMIT_SECONDS: u64 = 24 * 60 * 60;

/// Where an engine listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Endpoint {
    Unix(PathBuf),
    /// Loopback only: `host:port`.
    Tcp(String),
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct EndpointError(String);

impl FromStr for Endpoint {
    type Err = EndpointError;

    fn from_str(text: &str) -> Result<Self, EndpointError> {
        match text.split_once("://") {
            Some(("unix", path)) if path.starts_with('/') => Ok(Self::Unix(path.into())),
            Some(("unix", _)) => Err(EndpointError(format!(
                "{text} must name an absolute path, as in unix:///var/run/docker.sock"
            ))),
            Some(("tcp", authority)) => {
                let authority = authority.trim_end_matches('/');
                match authority.rsplit_once(':') {
                    Some((host, port)) if port.parse::<u16>().is_ok() && is_loopback(host) => {
                        Ok(Self::Tcp(authority.to_owned()))
                    }
                    Some((host, port)) if port.parse::<u16>().is_ok() && !host.is_empty() => {
                        Err(EndpointError(format!(
                            "{text} is refused: plain TCP makes everybody who can reach {host} root there; use unix://, or a tunnel that ends on loopback"
                        )))
                    }
                    _ => Err(EndpointError(format!(
                        "{text} must name host and port, as in tcp://127.0.0.1:2375"
                    ))),
                }
            }
            _ => Err(EndpointError(format!(
                "{text} is not understood; use unix:///path/to/docker.sock or tcp://127.0.0.1:PORT"
            ))),
        }
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Endpoint::Unix(path) => write!(f, "unix://{}", path.display()),
            Endpoint::Tcp(authority) => write!(f, "tcp://{authority}"),
        }
    }
}

fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || bare.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[derive(Debug)]
pub(super) struct Client {
    docker: Docker,
}

impl Client {
    pub(super) fn new(endpoint: Endpoint) -> Self {
        let transport = Transport(Arc::new(Shared {
            http: HttpClient::builder(TokioExecutor::new())
                .pool_timer(TokioTimer::new())
                .pool_idle_timeout(Duration::from_secs(30))
                .build(Connector(endpoint)),
            version: ArcSwapOption::empty(),
        }));
        let newest = ClientVersion { major_version: NEWEST.0, minor_version: NEWEST.1 };
        let docker = Docker::connect_with_custom_transport(
            move |request| transport.clone().send(request),
            Some("http://docker"),
            BOLLARD_LIMIT_SECONDS,
            &newest,
        )
        .expect("connecting with a transport of one's own only stores it");
        Self { docker }
    }

    pub(super) fn docker(&self) -> &Docker {
        &self.docker
    }

    /// One call, from its request to the last byte of its answer, within `limit`.
    pub(super) async fn call<T>(
        &self,
        name: &'static str,
        limit: Duration,
        answer: impl Future<Output = Result<T, Error>>,
    ) -> CallResult<T> {
        match tokio::time::timeout(limit, answer).await {
            Ok(result) => result.map_err(Failed::from),
            Err(_) => Err(Failed::timeout(name, limit)),
        }
    }
}

/// Orders as the engine does: 1.9 is older than 1.41.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct ApiVersion(usize, usize);

impl ApiVersion {
    fn parse(text: &str) -> Option<Self> {
        let (major, minor) = text.split_once('.')?;
        Some(Self(major.parse().ok()?, minor.parse().ok()?))
    }
}

impl fmt::Display for ApiVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.0, self.1)
    }
}

type Body =
    Either<Full<Bytes>, StreamBody<Pin<Box<dyn Stream<Item = Result<Frame<Bytes>, io::Error>> + Send>>>>;

#[derive(Clone)]
struct Transport(Arc<Shared>);

struct Shared {
    http: HttpClient<Connector, Body>,
    /// What both sides speak; forgotten when a connection fails, since another engine may come back.
    version: ArcSwapOption<ApiVersion>,
}

impl Transport {
    async fn send(self, mut request: BollardRequest) -> Result<Response<Incoming>, Error> {
        let version = self.version().await?;
        let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
        *request.uri_mut() = Uri::builder()
            .scheme("http")
            .authority("docker")
            .path_and_query(format!("/v{version}{path}"))
            .build()?;
        let answer = self.0.http.request(request).await;
        // A new engine may refuse the version of the one before, which is a 400.
        if answer.as_ref().map_or(true, |answer| answer.status() == StatusCode::BAD_REQUEST) {
            self.0.version.store(None);
        }
        Ok(answer?)
    }

    async fn version(&self) -> Result<ApiVersion, Error> {
        if let Some(version) = self.0.version.load_full() {
            return Ok(*version);
        }
        let ping = Request::builder().uri("http://docker/_ping").body(Either::Left(Full::default()))?;
        let answer = self.0.http.request(ping).await?;
        let offered = answer.headers().get("api-version").and_then(|value| value.to_str().ok());
        let Some(offered) = offered.and_then(ApiVersion::parse) else {
            return Err(Error::APIVersionParseError {});
        };
        if offered < OLDEST {
            return Err(Error::DockerResponseServerError {
                status_code: 400,
                message: format!(
                    "it speaks API version {offered}, and {OLDEST} is the oldest we speak; install Docker 20.10 or newer"
                ),
            });
        }
        let version = offered.min(NEWEST);
        self.0.version.store(Some(Arc::new(version)));
        Ok(version)
    }
}

#[derive(Debug, Clone)]
struct Connector(Endpoint);

impl tower::Service<Uri> for Connector {
    type Response = Socket;
    type Error = io::Error;
    type Future = BoxFuture<'static, io::Result<Socket>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Uri) -> Self::Future {
        let endpoint = self.0.clone();
        Box::pin(async move {
            match tokio::time::timeout(CONNECT, connect(&endpoint)).await {
                Ok(result) => result.map_err(|error| explain(&endpoint, &error)),
                Err(_) => Err(io::Error::new(
                    io::ErrorKind::TimedOut,
                    format!("{endpoint} did not accept a connection within {CONNECT:?}"),
                )),
            }
        })
    }
}

async fn connect(endpoint: &Endpoint) -> io::Result<Socket> {
    Ok(match endpoint {
        Endpoint::Unix(path) => Socket::Unix(TokioIo::new(UnixStream::connect(path).await?)),
        Endpoint::Tcp(authority) => {
            let stream = TcpStream::connect(authority).await?;
            stream.set_nodelay(true)?;
            Socket::Tcp(TokioIo::new(stream))
        }
    })
}

fn explain(endpoint: &Endpoint, error: &io::Error) -> io::Error {
    let text = match error.kind() {
        io::ErrorKind::NotFound => {
            format!("there is no socket at {endpoint}; start Docker, or set DEVSANCTUM_DOCKER_HOST")
        }
        io::ErrorKind::ConnectionRefused => {
            format!("nothing answers at {endpoint}; start Docker, or set DEVSANCTUM_DOCKER_HOST")
        }
        io::ErrorKind::PermissionDenied => format!(
            "this user may not use {endpoint}; add it to the socket's group (usually docker), or set DEVSANCTUM_DOCKER_HOST"
        ),
        _ => format!("{endpoint}: {error}"),
    };
    io::Error::new(error.kind(), text)
}

enum Socket {
    Unix(TokioIo<UnixStream>),
    Tcp(TokioIo<TcpStream>),
}

impl Connection for Socket {
    fn connected(&self) -> Connected {
        Connected::new()
    }
}

impl Read for Socket {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Socket::Unix(stream) => Pin::new(stream).poll_read(cx, buffer),
            Socket::Tcp(stream) => Pin::new(stream).poll_read(cx, buffer),
        }
    }
}

impl Write for Socket {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Socket::Unix(stream) => Pin::new(stream).poll_write(cx, buffer),
            Socket::Tcp(stream) => Pin::new(stream).poll_write(cx, buffer),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Socket::Unix(stream) => Pin::new(stream).poll_flush(cx),
            Socket::Tcp(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Socket::Unix(stream) => Pin::new(stream).poll_shutdown(cx),
            Socket::Tcp(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endpoints_that_are_safe_are_understood() {
        for text in [
            "unix:///var/run/docker.sock",
            "tcp://127.0.0.1:2375",
            "tcp://localhost:2375",
            "tcp://[::1]:2375",
        ] {
            assert_eq!(text.parse::<Endpoint>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn others_are_refused_and_say_what_to_write() {
        for (text, remedy) in [
            ("tcp://10.0.0.1:2375", "unix://"),
            ("tcp://docker.example:2375", "unix://"),
            ("tcp://127.0.0.1.example.org:2375", "unix://"),
            ("tcp://127.0.0.1", "tcp://127.0.0.1:2375"),
            ("unix://docker.sock", "absolute"),
            ("/var/run/docker.sock", "unix:///"),
            ("http://127.0.0.1:2375", "unix:///"),
            ("", "unix:///"),
        ] {
            let error = text.parse::<Endpoint>().unwrap_err().to_string();
            assert!(error.contains(remedy), "{text:?}: {error}");
        }
    }

    #[test]
    fn versions_order_by_number() {
        let version = |text| ApiVersion::parse(text).unwrap();
        assert!(version("1.9") < version("1.41"));
        assert_eq!(version("1.41").to_string(), "1.41");
        assert!(ApiVersion::parse("one").is_none());
    }
}
