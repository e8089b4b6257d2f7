//! Proofs of custom domains, read from the real DNS and from real pages.
//!
//! Whoever claims a name decides where it leads. So the address is looked at before anything is connected to it, and what is
//! connected to is that very address; names are resolved by DNS alone, not by the files of this machine.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use async_trait::async_trait;
use bytes::Bytes;
use hickory_resolver::{
    TokioResolver,
    config::{ConnectionConfig, NameServerConfig, ResolveHosts, ResolverConfig},
    net::{NetError, runtime::TokioRuntimeProvider},
    proto::rr::{RData, RecordType},
};
use http::{
    Request, StatusCode,
    header::{ACCEPT, CONNECTION, HOST, USER_AGENT},
};
use http_body_util::{BodyExt, Empty, LengthLimitError, Limited};
use hyper_util::rt::TokioIo;
use tokio::{net::TcpStream, time::timeout};
use tokio_util::task::AbortOnDropHandle;

use crate::{
    domain::reach::Reach,
    ports::domain_proofs::{DomainProofs, ProofError},
};

/// For one question, which is asked twice; and for all of DNS, chains of names included.
const DNS_TRY: Duration = Duration::from_secs(2);
const DNS_TRIES: usize = 2;
const DNS_TIMEOUT: Duration = Duration::from_secs(6);
/// For a whole page. Somebody waits.
const PAGE_TIMEOUT: Duration = Duration::from_secs(5);
const MOST_BYTES: usize = 1024;
const HTTP_PORT: u16 = 80;
const AGENT: &str = concat!("devsanctum/", env!("CARGO_PKG_VERSION"));

pub struct NetworkProofs {
    resolver: TokioResolver,
    reach: Reach,
    port: u16,
}

impl NetworkProofs {
    /// Asks these servers; without any, those of the system.
    ///
    /// # Errors
    /// When the system does not say which servers there are.
    pub fn new(servers: &[SocketAddr], reach: Reach) -> Result<Self, NetError> {
        let mut builder = match servers {
            [] => TokioResolver::builder_tokio()?,
            servers => {
                let servers = servers.iter().map(|server| name_server(*server)).collect();
                let config = ResolverConfig::from_parts(None, Vec::new(), servers);
                TokioResolver::builder_with_config(config, TokioRuntimeProvider::default())
            }
        };
        let options = builder.options_mut();
        // Who just made a record and asks again wants to see it.
        options.cache_size = 0;
        options.use_hosts_file = ResolveHosts::Never;
        (options.timeout, options.attempts) = (DNS_TRY, DNS_TRIES);
        Ok(Self { resolver: builder.build()?, reach, port: HTTP_PORT })
    }

    /// Pages are read on this port.
    #[must_use]
    pub fn on_port(self, port: u16) -> Self {
        Self { port, ..self }
    }

    async fn lookup(&self, name: &str, kind: RecordType) -> Result<Vec<RData>, ProofError> {
        // With the dot at its end no search list of this machine is tried.
        let asked = timeout(DNS_TIMEOUT, self.resolver.lookup(format!("{name}."), kind)).await;
        match asked {
            Ok(Ok(found)) => Ok(found.answers().iter().map(|record| record.data.clone()).collect()),
            Ok(Err(error)) if error.is_no_records_found() => Ok(Vec::new()),
            Ok(Err(error)) => {
                Err(ProofError::Unavailable(format!("DNS does not answer for {name} ({error})")))
            }
            Err(_) => Err(ProofError::Unavailable(format!("DNS does not answer for {name} in time"))),
        }
    }

    /// An address of the host that may be connected to.
    async fn address(&self, host: &str) -> Result<IpAddr, ProofError> {
        let (four, six) = tokio::join!(self.lookup(host, RecordType::A), self.lookup(host, RecordType::AAAA));
        let found: Vec<IpAddr> = match (four, six) {
            (Err(error), Err(_)) => return Err(error),
            (four, six) => [four, six]
                .into_iter()
                .filter_map(Result::ok)
                .flatten()
                .filter_map(|data| data.ip_addr())
                .collect(),
        };
        if found.is_empty() {
            return Err(ProofError::Unfit(format!("{host} has no address in DNS")));
        }
        // Which address it is may be known inside only.
        found.into_iter().find(|address| self.reach.admits(*address)).ok_or_else(|| {
            ProofError::Unfit(format!(
                "{host} leads to no public address; use the TXT record, or let an administrator allow its network in \
                 DEVSANCTUM_OUTBOUND_NETWORKS"
            ))
        })
    }

    async fn read(&self, host: &str, path: &str, address: IpAddr) -> Result<String, ProofError> {
        let unreachable =
            |error: io::Error| ProofError::Unavailable(format!("{host} does not answer: {error}"));
        let broken = |error: hyper::Error| ProofError::Unavailable(format!("{host} breaks off: {error}"));
        let stream = TcpStream::connect((address, self.port)).await.map_err(unreachable)?;
        let connected = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await;
        let (mut sender, connection) = connected.map_err(broken)?;
        let _driven = AbortOnDropHandle::new(tokio::spawn(connection));
        let request = Request::get(path)
            .header(HOST, host)
            .header(USER_AGENT, AGENT)
            .header(ACCEPT, "text/plain")
            .header(CONNECTION, "close")
            .body(Empty::<Bytes>::new())
            .map_err(|error| ProofError::Unfit(error.to_string()))?;
        let answer = sender.send_request(request).await.map_err(broken)?;
        if answer.status() != StatusCode::OK {
            return Err(ProofError::Unfit(format!("it answers {}", answer.status())));
        }
        let body = Limited::new(answer.into_body(), MOST_BYTES).collect().await.map_err(|error| {
            if error.is::<LengthLimitError>() {
                ProofError::Unfit(format!("it answers more than {MOST_BYTES} bytes"))
            } else {
                ProofError::Unavailable(format!("{host} breaks off: {error}"))
            }
        })?;
        let text = String::from_utf8(body.to_bytes().into());
        text.map_err(|_| ProofError::Unfit("its answer is no text".into()))
    }
}

fn name_server(server: SocketAddr) -> NameServerConfig {
    let on_port = |mut connection: ConnectionConfig| {
        connection.port = server.port();
        connection
    };
    let connections = vec![on_port(ConnectionConfig::udp()), on_port(ConnectionConfig::tcp())];
    NameServerConfig::new(server.ip(), true, connections)
}

#[async_trait]
impl DomainProofs for NetworkProofs {
    async fn records(&self, name: &str) -> Result<Vec<String>, ProofError> {
        let found = self.lookup(name, RecordType::TXT).await?;
        let text = |data: RData| match data {
            RData::TXT(text) => Some(String::from_utf8_lossy(&text.txt_data.concat()).into_owned()),
            _ => None,
        };
        Ok(found.into_iter().filter_map(text).collect())
    }

    async fn page(&self, host: &str, path: &str) -> Result<String, ProofError> {
        let address = self.address(host).await?;
        let late = || ProofError::Unavailable(format!("{host} does not answer in time"));
        timeout(PAGE_TIMEOUT, self.read(host, path, address)).await.unwrap_or_else(|_| Err(late()))
    }
}
