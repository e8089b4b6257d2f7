//! The listener that the control plane and the embedded proxy share.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::{Router, extract::ConnectInfo, http::HeaderMap, routing::get};
use devsanctum::{
    adapters::proxy::{EdgeSettings, EmbeddedProxy},
    domain::{
        ids::WorkspaceId,
        route::{PublishedRoute, Route, RouteTarget, Visibility},
        workspace::Status,
    },
    http::front::{Front, Hosts, Limits, Workers},
    ports::proxy::{Edition, ProxyProvider},
};
use ipnet::IpNet;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    task::JoinHandle,
    time::timeout,
};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::support::gate::Closed;

const PATIENCE: Duration = Duration::from_secs(20);
const ASK: &[u8] = b"GET / HTTP/1.1\r\nHost: console.test\r\n\r\n";

struct Started {
    address: SocketAddr,
    proxy: Arc<EmbeddedProxy>,
    soft: CancellationToken,
    served: JoinHandle<()>,
    /// A permit lets `/slow` answer.
    slow: Arc<Semaphore>,
}

async fn start(limits: Limits, workspaces: &str, trusted: &str) -> Started {
    let nets = |nets: &str| nets.split_whitespace().map(|net| net.parse::<IpNet>().unwrap()).collect();
    let (soft, slow) = (CancellationToken::new(), Arc::new(Semaphore::new(0)));
    let permits = slow.clone();
    let control_plane = Router::new()
        .route("/", get(async |ConnectInfo(peer): ConnectInfo<SocketAddr>| peer.ip().to_string()))
        .route(
            "/slow",
            get(async move || {
                permits.acquire().await.unwrap().forget();
                "done"
            }),
        );
    let proxy = EmbeddedProxy::start(EdgeSettings::new("http://console.test", nets(trusted)), soft.clone());
    let front = Front {
        control_plane,
        gate: Arc::new(Closed),
        workspaces: proxy.clone(),
        hosts: Hosts::new("ws.test", "console.test"),
        workspace_networks: nets(workspaces),
        limits,
        workers: Workers::start().unwrap(),
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let served = tokio::spawn(front.serve(listener, soft.clone(), CancellationToken::new()));
    Started { address, proxy, soft, served, slow }
}

impl Started {
    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    /// Sends bytes and reads until the other side closes.
    async fn say(&self, bytes: &[u8]) -> String {
        let mut stream = self.connect().await;
        // The other side may have closed already.
        let _ = stream.write_all(bytes).await;
        to_end(&mut stream).await
    }
}

async fn to_end(stream: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    // Closing with bytes unread resets the connection; what came before counts.
    let _ = timeout(PATIENCE, stream.read_to_end(&mut answer)).await.expect("the connection stays open");
    String::from_utf8(answer).unwrap()
}

async fn read_some(stream: &mut TcpStream) -> String {
    let mut answer = vec![0; 4096];
    let read = timeout(PATIENCE, stream.read(&mut answer)).await.expect("no answer").unwrap();
    answer.truncate(read);
    String::from_utf8(answer).unwrap()
}

#[tokio::test]
async fn the_control_plane_knows_its_peer() {
    let front = start(Limits::default(), "", "").await;
    let mut stream = front.connect().await;
    stream.write_all(ASK).await.unwrap();
    let answer = read_some(&mut stream).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK") && answer.ends_with("127.0.0.1"), "{answer}");
}

#[tokio::test]
async fn workspaces_do_not_reach_the_listener() {
    let front = start(Limits::default(), "10.0.0.0/8 127.0.0.0/8", "").await;
    assert_eq!(front.say(ASK).await, "");
    let front = start(Limits::default(), "10.0.0.0/8", "").await;
    let mut stream = front.connect().await;
    stream.write_all(ASK).await.unwrap();
    assert!(read_some(&mut stream).await.starts_with("HTTP/1.1 200 OK"));
}

#[tokio::test]
async fn heads_that_do_not_come_are_not_waited_for() {
    let front = start(Limits { header_read: Duration::from_millis(200), ..Limits::default() }, "", "").await;
    for begun in [
        &b""[..],
        b"P",
        b"GET / HTTP/1.1\r\nHost: con",
        b"PRI * HTTP/2.0\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0",
    ] {
        let mut stream = front.connect().await;
        stream.write_all(begun).await.unwrap();
        let mut answer = Vec::new();
        // HTTP/2 greets in binary; what counts is that it ends.
        let _ = timeout(PATIENCE, stream.read_to_end(&mut answer)).await.expect("the connection stays open");
    }
    // One that asked may go on to idle no longer either.
    let mut stream = front.connect().await;
    stream.write_all(ASK).await.unwrap();
    assert!(to_end(&mut stream).await.starts_with("HTTP/1.1 200 OK"));
}

#[tokio::test]
async fn one_connection_too_many_waits() {
    let front = start(Limits { connections: 1, ..Limits::default() }, "", "").await;
    let mut first = front.connect().await;
    first.write_all(ASK).await.unwrap();
    read_some(&mut first).await;
    let mut second = front.connect().await;
    second.write_all(ASK).await.unwrap();
    assert!(timeout(Duration::from_millis(200), second.readable()).await.is_err());
    drop(first);
    assert!(read_some(&mut second).await.starts_with("HTTP/1.1 200 OK"));
}

#[tokio::test]
async fn stopping_lets_answers_finish_and_idle_connections_go() {
    let front = start(Limits::default(), "", "").await;
    let (mut idle, mut silent, mut busy) =
        (front.connect().await, front.connect().await, front.connect().await);
    idle.write_all(ASK).await.unwrap();
    read_some(&mut idle).await;
    busy.write_all(b"GET /slow HTTP/1.1\r\nHost: console.test\r\n\r\n").await.unwrap();
    // Whoever is served after the busy one proves that its request has been taken.
    silent.write_all(b"GET").await.unwrap();
    idle.write_all(ASK).await.unwrap();
    read_some(&mut idle).await;

    front.soft.cancel();
    assert_eq!(to_end(&mut idle).await, "");
    assert!(!front.served.is_finished());
    front.slow.add_permits(1);
    assert!(to_end(&mut busy).await.ends_with("done"));
    drop(silent);
    timeout(PATIENCE, front.served).await.expect("the listener does not stop").unwrap();
    assert!(TcpStream::connect(front.address).await.is_err());
}

#[tokio::test]
async fn the_word_of_trusted_proxies_counts() {
    let front = start(Limits::default(), "", "127.0.0.0/8").await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let backend = Router::new().fallback(async |headers: HeaderMap| {
        ["x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "x-real-ip", "forwarded"]
            .map(|name| headers[name].to_str().unwrap().to_owned())
            .join("\n")
    });
    tokio::spawn(async move { axum::serve(listener, backend).await });
    let id = WorkspaceId::from(Uuid::from_u128(1));
    let route = Route {
        id: Uuid::from_u128(1).into(),
        workspace_id: id,
        app: None,
        label: "shop-abcdefgh".into(),
        component: "web".parse().unwrap(),
        port: 80,
        visibility: Visibility::Public,
        identity: false,
        target: RouteTarget::Live { address, health: None },
    };
    let route = PublishedRoute {
        route,
        org_id: Uuid::from_u128(2).into(),
        owner_id: Uuid::from_u128(3).into(),
        workspace_name: "shop".parse().unwrap(),
        workspace_status: Status::Running,
        domains: Vec::new(),
    };
    let edition = Edition { revision: 1, until: None };
    front.proxy.publish_changes(edition, vec![(id, vec![route])]).await.unwrap();
    let answer = front
        .say(
            b"GET / HTTP/1.1\r\nHost: shop-abcdefgh.ws.test\r\nConnection: close\r\n\
              X-Forwarded-For: 203.0.113.9\r\nX-Forwarded-For: 203.0.113.10\r\nX-Real-IP: 203.0.113.9\r\n\
              X-Forwarded-Proto: https\r\nForwarded: for=203.0.113.9\r\n\r\n",
        )
        .await;
    let (_, body) = answer.split_once("\r\n\r\n").unwrap();
    assert_eq!(
        body,
        "203.0.113.9, 203.0.113.10, 127.0.0.1\nhttps\nshop-abcdefgh.ws.test\n203.0.113.9\nfor=203.0.113.9, for=127.0.0.1;proto=http"
    );
}
