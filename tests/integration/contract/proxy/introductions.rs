//! Who visits is said to a component by us alone.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::{
    backends::Backend,
    world::{PATIENCE, World},
};

/// One name to whoever reads `_` as `-`, as CGI and its kin do, and no case.
const CLAIMS: [&str; 9] = [
    "X-DevSanctum-Identity: root",
    "X-DevSanctum-Identity: root again",
    "x-devsanctum-identity: root",
    "X_DevSanctum_Identity: root",
    "X-DevSanctum_Identity: root",
    "X_DevSanctum-Identity: root",
    "x_devsanctum_identity: root",
    "X_DEVSANCTUM_IDENTITY: root",
    "X-DEVSANCTUM-IDENTITY:root",
];

/// Keeps what it was sent, byte for byte, and answers as the path says.
async fn recorder(heard: Arc<Mutex<String>>) -> Backend {
    Backend::scripted(move |mut stream| {
        let heard = heard.clone();
        async move {
            let mut request = Vec::new();
            let ends: fn(&[u8]) -> bool = |request| match request.starts_with(b"POST") {
                true => request.ends_with(b"\r\n0\r\n\r\n") || is_after_trailers(request),
                false => request.ends_with(b"\r\n\r\n"),
            };
            while !ends(&request) {
                let Ok(byte) = stream.read_u8().await else { return };
                request.push(byte);
            }
            let request = String::from_utf8(request).unwrap();
            let answer = match request.split(' ').nth(1).unwrap() {
                "/socket" => {
                    "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: chat\r\n\r\n"
                }
                "/events" => "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: hello\n\n",
                _ => "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
            };
            *heard.lock().unwrap() = request;
            // Whoever asked may be gone.
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    })
    .await
}

fn is_after_trailers(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request);
    text.split_once("\r\n0\r\n").is_some_and(|(_, trailers)| trailers.ends_with("\r\n\r\n"))
}

/// Sends it, waits for the answer's head, and returns what the component heard.
async fn heard(world: &World, request: impl FnOnce(&str) -> String) -> String {
    let heard = Arc::new(Mutex::new(String::new()));
    let backend = recorder(heard.clone()).await;
    let host = world.live_tenant("shop", backend.address).await.host();
    let mut stream = world.connect().await;
    stream.write_all(request(&host).as_bytes()).await.unwrap();
    let answered = async {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.unwrap());
        }
        String::from_utf8(head).unwrap()
    };
    let head = tokio::time::timeout(PATIENCE, answered).await.expect("no answer");
    assert!(head.starts_with("HTTP/1.1 200") || head.starts_with("HTTP/1.1 101"), "{head}");
    let heard = heard.lock().unwrap().clone();
    assert!(heard.to_lowercase().contains("x-own: stays"), "{heard}");
    heard
}

fn names_nobody(heard: &str) {
    let plain = heard.to_lowercase().replace('_', "-");
    assert!(!plain.contains("devsanctum") && !plain.contains("root"), "{heard}");
}

fn claims() -> String {
    CLAIMS.map(|claim| format!("{claim}\r\n")).concat()
}

pub async fn no_client_says_who_visits(world: &World) {
    for path in ["/", "/events"] {
        let request =
            |host: &str| format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nX-Own: stays\r\n{}\r\n", claims());
        names_nobody(&heard(world, request).await);
    }
}

pub async fn no_client_says_who_visits_in_an_upgrade(world: &World) {
    let request = |host: &str| {
        format!(
            "GET /socket HTTP/1.1\r\nHost: {host}\r\nX-Own: stays\r\nConnection: Upgrade, X-DevSanctum-Identity\r\n\
             Upgrade: chat\r\n{}\r\n",
            claims()
        )
    };
    names_nobody(&heard(world, request).await);
}

pub async fn no_client_says_who_visits_by_naming_it_in_connection(world: &World) {
    let names = "close, X-DevSanctum-Identity, x_devsanctum_identity, X-DevSanctum_Identity";
    let request = |host: &str| {
        format!("GET / HTTP/1.1\r\nHost: {host}\r\nX-Own: stays\r\nConnection: {names}\r\n{}\r\n", claims())
    };
    names_nobody(&heard(world, request).await);
}

pub async fn no_client_says_who_visits_after_the_body(world: &World) {
    names_nobody(&trailers(world).await);
}

pub async fn other_trailers_are_left(world: &World) {
    let trailers = trailers(world).await.to_lowercase();
    assert!(trailers.contains("x-check: 42"), "{trailers}");
}

/// What of them comes after the body.
async fn trailers(world: &World) -> String {
    let request = |host: &str| {
        let trailers = CLAIMS[2..].iter().map(|claim| format!("{claim}\r\n")).collect::<String>();
        format!(
            "POST / HTTP/1.1\r\nHost: {host}\r\nX-Own: stays\r\nTE: trailers\r\n\
             Trailer: X-DevSanctum-Identity, X_DevSanctum_Identity, X-Check\r\nTransfer-Encoding: chunked\r\n\r\n\
             4\r\nbody\r\n0\r\n{trailers}X-Check: 42\r\n\r\n"
        )
    };
    let heard = heard(world, request).await;
    heard.split_once("\r\n\r\n").unwrap().1.to_owned()
}
