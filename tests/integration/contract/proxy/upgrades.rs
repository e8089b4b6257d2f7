//! WebSocket and whatever else stops speaking HTTP.

use std::time::Duration;

use bytes::Bytes;
use devsanctum::domain::{route::RouteTarget, workspace::Status};
use futures::{SinkExt, StreamExt};
use http::{Request, StatusCode, header::HOST};
use http_body_util::Empty;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tokio_tungstenite::{WebSocketStream, client_async, tungstenite::Message};

use super::{
    backends::Backend,
    world::{PATIENCE, World},
};

pub async fn open(world: &World, host: &str) -> WebSocketStream<TcpStream> {
    let (socket, response) =
        client_async(format!("ws://{host}/socket"), world.connect().await).await.unwrap();
    assert_eq!(response.status(), StatusCode::SWITCHING_PROTOCOLS);
    socket
}

pub async fn websockets_echo(world: &World) {
    let backend = Backend::web("one").await;
    let host = world.live_tenant("shop", backend.address).await.host();
    let mut socket = open(world, &host).await;
    for message in [
        Message::text("hello"),
        Message::text(""),
        Message::binary(vec![7; 3 << 20]),
        Message::binary((0..70_000_u32).map(|i| i as u8).collect::<Vec<_>>()),
    ] {
        socket.send(message.clone()).await.unwrap();
        assert_eq!(socket.next().await.unwrap().unwrap(), message);
    }
    socket.close(None).await.unwrap();
    assert!(matches!(socket.next().await, Some(Ok(Message::Close(_)))));
    assert!(socket.next().await.is_none());
}

const ASK: &str = "Connection: keep-alive, Upgrade\r\nUpgrade: chat\r\n";
const AGREE: &str = "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: chat\r\n\r\n";

async fn read_head(stream: &mut TcpStream) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap());
    }
    String::from_utf8(head).unwrap()
}

/// Agrees to speak `chat`, greets, reads to the end and says how much it was.
async fn chat() -> Backend {
    Backend::scripted(|mut stream| async move {
        let head = read_head(&mut stream).await.to_lowercase();
        assert!(head.contains("upgrade: chat\r\n") && head.contains("connection: upgrade\r\n"), "{head}");
        stream.write_all(format!("{AGREE}hi").as_bytes()).await.unwrap();
        let mut said = Vec::new();
        stream.read_to_end(&mut said).await.unwrap();
        stream.write_all(format!("{} bytes", said.len()).as_bytes()).await.unwrap();
    })
    .await
}

pub async fn websockets_pass_half_closed(world: &World) {
    let backend = chat().await;
    let host = world.live_tenant("shop", backend.address).await.host();
    let mut stream = world.connect().await;
    stream.write_all(format!("GET / HTTP/1.1\r\nHost: {host}\r\n{ASK}\r\n").as_bytes()).await.unwrap();
    assert!(read_head(&mut stream).await.starts_with("HTTP/1.1 101 "));
    let mut greeting = [0; 2];
    stream.read_exact(&mut greeting).await.unwrap();
    assert_eq!(&greeting, b"hi");
    stream.write_all(&vec![1; 1 << 20]).await.unwrap();
    stream.shutdown().await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert_eq!(answer, "1048576 bytes");
}

pub async fn a_refused_upgrade_is_an_ordinary_answer(world: &World) {
    let backend = Backend::web("one").await;
    let host = world.live_tenant("shop", backend.address).await.host();
    let request = format!(
        "GET /whoami HTTP/1.1\r\nHost: {host}\r\n{ASK}\r\nGET /echo HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
    );
    let answers = world.send_raw(request.as_bytes()).await;
    assert_eq!(answers.matches("HTTP/1.1 200 OK").count(), 2, "{answers}");
    assert!(answers.contains("\r\n\r\none"), "{answers}");
    assert!(answers.contains(r#""target":"/echo""#), "{answers}");
}

pub async fn bytes_before_the_switch_do_not_reach_the_component_early(world: &World) {
    let backend = Backend::scripted(|mut stream| async move {
        read_head(&mut stream).await;
        // Nothing may come before this side has agreed, and all of it after.
        let early = tokio::time::timeout(Duration::from_millis(300), stream.read_u8()).await;
        assert!(early.is_err(), "bytes came before the switch");
        stream.write_all(AGREE.as_bytes()).await.unwrap();
        let mut said = [0; 5];
        stream.read_exact(&mut said).await.unwrap();
        stream.write_all(&said).await.unwrap();
    })
    .await;
    let host = world.live_tenant("shop", backend.address).await.host();
    let mut stream = world.connect().await;
    stream.write_all(format!("GET / HTTP/1.1\r\nHost: {host}\r\n{ASK}\r\nearly").as_bytes()).await.unwrap();
    assert!(read_head(&mut stream).await.starts_with("HTTP/1.1 101 "));
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert_eq!(answer, "early");
}

pub async fn http2_over_an_upgrade_is_not_offered(world: &World) {
    let backend = Backend::web("one").await;
    let host = world.live_tenant("shop", backend.address).await.host();
    let request = Request::get("/echo")
        .header(HOST, &host)
        .header("connection", "Upgrade, HTTP2-Settings")
        .header("upgrade", "h2c")
        .header("http2-settings", "AAMAAABkAARAAAAAAAIAAAAA")
        .body(Empty::<Bytes>::new())
        .unwrap();
    let answer = super::world::Answer::read(world.send(request).await).await;
    assert_eq!(answer.status, StatusCode::OK);
    let echo = answer.text().to_lowercase();
    assert!(!echo.contains("upgrade") && !echo.contains("http2-settings"), "{echo}");
}

pub async fn a_withdrawn_route_ends_its_tunnels(world: &World) {
    let backend = Backend::web("one").await;
    let tenant = world.live_tenant("shop", backend.address).await;
    let mut socket = open(world, &tenant.host()).await;
    socket.send(Message::text("hello")).await.unwrap();
    socket.next().await.unwrap().unwrap();

    // Published again as it is, it stays.
    world.publish(tenant.live(backend.address)).await;
    socket.send(Message::text("still here")).await.unwrap();
    assert_eq!(socket.next().await.unwrap().unwrap(), Message::text("still here"));

    world.publish(tenant.route(RouteTarget::Withdrawn, Status::Stopping)).await;
    let end = tokio::time::timeout(PATIENCE, socket.next()).await.expect("the tunnel stays open");
    assert!(matches!(end, None | Some(Err(_))), "{end:?}");
}
