//! An answer comes from the workspace that was asked, whatever happened to addresses and connections meanwhile.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use bytes::Bytes;
use devsanctum::domain::{route::RouteTarget, workspace::Status};
use http::{Request, StatusCode, header::HOST};
use http_body_util::Full;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
};
use tokio_util::sync::CancellationToken;

use super::{
    backends::Backend,
    world::{Answer, World, eventually, get},
};

pub async fn connections_are_used_again(world: &World) {
    let backend = Backend::web("one").await;
    let host = world.live_tenant("shop", backend.address).await.host();
    let mut session = world.session().await;
    for path in ["/whoami", "/echo", "/bytes/300000", "/bytes/0", "/trailers"].repeat(4) {
        assert_eq!(session.get(&host, path).await.status, StatusCode::OK, "{path}");
    }
    assert_eq!(backend.connections(), 1);
}

/// Answers the first request of each connection, and hangs up without a word on the second.
async fn answers_once(requests: Arc<AtomicUsize>) -> Backend {
    Backend::scripted(move |mut stream| {
        let requests = requests.clone();
        async move {
            let mut request = [0; 4096];
            for answer in ["HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", ""] {
                if stream.read(&mut request).await.is_ok_and(|read| read > 0) {
                    requests.fetch_add(1, Ordering::SeqCst);
                    stream.write_all(answer.as_bytes()).await.unwrap();
                }
            }
        }
    })
    .await
}

pub async fn a_dead_connection_is_replaced_once(world: &World) {
    let requests = Arc::new(AtomicUsize::new(0));
    let backend = answers_once(requests.clone()).await;
    let host = world.live_tenant("shop", backend.address).await.host();
    let mut session = world.session().await;
    assert_eq!(session.get(&host, "/").await.text(), "ok");
    // The idle connection takes the request and dies; a fresh one answers.
    assert_eq!(session.get(&host, "/").await.text(), "ok");
    assert_eq!((backend.connections(), requests.load(Ordering::SeqCst)), (2, 3));
}

pub async fn a_request_with_a_body_is_not_sent_twice(world: &World) {
    let requests = Arc::new(AtomicUsize::new(0));
    let backend = answers_once(requests.clone()).await;
    let host = world.live_tenant("shop", backend.address).await.host();
    let post = |body: &'static str| {
        Request::post("/").header(HOST, &host).body(Full::new(Bytes::from_static(body.as_bytes()))).unwrap()
    };
    for body in ["order", ""] {
        let before = requests.load(Ordering::SeqCst);
        let mut session = world.session().await;
        assert_eq!(session.send(post(body)).await.status, StatusCode::OK);
        assert_eq!(session.send(post(body)).await.status, StatusCode::BAD_GATEWAY);
        assert_eq!(requests.load(Ordering::SeqCst) - before, 2);
    }
}

pub async fn a_reused_address_is_not_reached_through_its_old_host(world: &World) {
    let first = Backend::web("first").await;
    let address = first.address;
    let mut session = world.session().await;
    let before = world.live_tenant("before", address).await;
    assert_eq!(session.get(&before.host(), "/whoami").await.text(), "first");
    let under_way = world.send(get(&before.host(), "/events")).await;

    world.publish(before.route(RouteTarget::Withdrawn, Status::Stopped)).await;
    first.stop().await;
    drop(under_way);
    let second = Backend::web_at("second", address).await;
    let after = world.live_tenant("after", address).await;
    for _ in 0..10 {
        assert_eq!(session.get(&before.host(), "/whoami").await.status, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(session.get(&after.host(), "/whoami").await.text(), "second");
    }
    // Of the first workspace nobody has ever spoken to the second.
    assert_eq!(second.connections(), 1);

    // Two workspaces at one address, as different ports of one host may look: still two pools.
    world.publish(before.live(address)).await;
    assert_eq!(session.get(&before.host(), "/whoami").await.text(), "second");
    assert_eq!(second.connections(), 2);
}

/// A component that hangs up may be asked again over a fresh connection. By then its address may be another's.
pub async fn what_waits_for_an_answer_is_not_sent_to_whoever_comes_next(world: &World) {
    let hands = Arc::new(Hands::default());
    let address = changes(hands.clone()).await;
    let tenant = world.live_tenant("shop", address.address).await;
    let mut session = world.session().await;
    assert_eq!(session.get(&tenant.host(), "/").await.text(), "ok");
    let host = tenant.host();
    let waits = session.get(&host, "/never");
    let changing = async {
        eventually("it waits", async || hands.waiting.load(Ordering::SeqCst) == 1).await;
        world.publish(tenant.route(RouteTarget::Withdrawn, Status::Stopped)).await;
        hands.changed.cancel();
    };
    let (answer, ()) = tokio::join!(waits, changing);
    assert_ne!(answer.status, StatusCode::OK);
    assert_eq!(hands.strangers.load(Ordering::SeqCst), 0, "somebody else's component was asked");
}

#[derive(Default)]
struct Hands {
    changed: CancellationToken,
    /// Requests that the first component has and does not answer.
    waiting: AtomicUsize,
    /// Requests that the second one got.
    strangers: AtomicUsize,
}

/// An address at which another component answers without a moment between.
async fn changes(hands: Arc<Hands>) -> Backend {
    const OK: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    Backend::scripted(move |mut stream| {
        let hands = hands.clone();
        async move {
            let mut request = [0; 4096];
            while let Ok(read @ 1..) = stream.read(&mut request).await {
                if hands.changed.is_cancelled() {
                    hands.strangers.fetch_add(1, Ordering::SeqCst);
                } else if request[..read].starts_with(b"GET /never") {
                    hands.waiting.fetch_add(1, Ordering::SeqCst);
                    return hands.changed.cancelled().await;
                }
                stream.write_all(OK).await.unwrap();
            }
        }
    })
    .await
}

pub async fn a_connection_made_for_a_withdrawn_route_is_not_used(world: &World) {
    // A listener whose queue is full: connecting to it waits.
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(0).unwrap();
    let address = listener.local_addr().unwrap();
    let queued = TcpStream::connect(address).await.unwrap();
    let tenant = world.live_tenant("shop", address).await;
    let host = tenant.host();
    let asking = world.get(&host, "/secret");
    let withdrawing = async {
        // The request waits in its connection attempt, the route goes, then the address answers again.
        eventually("the proxy is connecting", async || {
            let sockets = tokio::fs::read_to_string("/proc/net/tcp").await.unwrap();
            let target = format!("0100007F:{:04X} 02", address.port());
            sockets.contains(&target)
        })
        .await;
        world.publish(tenant.route(RouteTarget::Withdrawn, Status::Stopped)).await;
        drop(listener.accept().await.unwrap());
        let mut said = Vec::new();
        let (mut late, _) = listener.accept().await.unwrap();
        late.read_to_end(&mut said).await.unwrap();
        assert_eq!(said, b"", "a withdrawn route was used");
    };
    let (answer, ()) = tokio::join!(asking, withdrawing);
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    drop(queued);
}

pub async fn a_workspace_that_moves_is_followed(world: &World) {
    let (one, two) = (Backend::web("one").await, Backend::web("two").await);
    let tenant = world.live_tenant("shop", one.address).await;
    assert_eq!(world.get(&tenant.host(), "/whoami").await.text(), "one");
    let under_way = world.send(get(&tenant.host(), "/bytes/50000000")).await;

    world.publish(tenant.live(two.address)).await;
    assert_eq!(world.get(&tenant.host(), "/whoami").await.text(), "two");
    // What had begun comes to its end.
    assert_eq!(Answer::read(under_way).await.body.len(), 50_000_000);
}
