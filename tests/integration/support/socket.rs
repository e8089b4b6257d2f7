//! A terminal's WebSocket, from the side of whoever sits before it.

use std::{net::SocketAddr, time::Duration};

use futures::{SinkExt, StreamExt};
use serde_json::Value;
use tokio::net::TcpStream;
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Error, Message, client::IntoClientRequest},
};

/// Of the tests, which the server's clock does not hurry.
const PATIENCE: Duration = Duration::from_secs(20);

pub struct Socket {
    stream: WebSocketStream<MaybeTlsStream<TcpStream>>,
    /// The first word: its name, and whether it was there before.
    pub session: Value,
    /// Since the last look.
    shown: Vec<u8>,
}

/// How a terminal said it ends.
#[derive(Debug, PartialEq)]
pub struct End {
    pub last: Value,
    pub code: u16,
    pub reason: String,
}

impl Socket {
    /// The status with which it was refused, and the body of that answer.
    pub async fn open(
        address: SocketAddr,
        path: &str,
        headers: &[(&'static str, &str)],
    ) -> Result<Self, (u16, String)> {
        let mut request = format!("ws://{address}{path}").into_client_request().unwrap();
        for (name, value) in headers {
            request.headers_mut().append(*name, value.parse().unwrap());
        }
        match connect_async(request).await {
            Ok((stream, _)) => {
                let mut socket = Self { stream, session: Value::Null, shown: Vec::new() };
                socket.session = socket.word().await;
                assert_eq!(socket.session["type"], "session", "{}", socket.session);
                Ok(socket)
            }
            Err(Error::Http(answer)) => {
                let body = answer.body().clone().unwrap_or_default();
                Err((answer.status().as_u16(), String::from_utf8(body).unwrap()))
            }
            Err(error) => panic!("{error}"),
        }
    }

    pub fn id(&self) -> &str {
        self.session["id"].as_str().unwrap()
    }

    pub async fn press(&mut self, keys: &str) {
        self.stream.send(Message::Binary(keys.to_owned().into())).await.unwrap();
    }

    pub async fn say(&mut self, text: &str) {
        self.stream.send(Message::Text(text.into())).await.unwrap();
    }

    /// Reads on until this was shown since the last time; gives all of that.
    pub async fn until(&mut self, text: &str) -> String {
        loop {
            let shown = String::from_utf8_lossy(&self.shown).into_owned();
            if shown.contains(text) {
                self.shown.clear();
                return shown;
            }
            match self.next().await {
                Some(Ok(Message::Binary(bytes))) => self.shown.extend(bytes),
                other => panic!("waited in vain for {text:?}: {other:?} after {shown:?}"),
            }
        }
    }

    /// Reads on to the end.
    pub async fn end(mut self) -> End {
        let mut last = Value::Null;
        loop {
            match self.next().await {
                Some(Ok(Message::Binary(_))) => {}
                Some(Ok(Message::Text(text))) => last = serde_json::from_str(&text).unwrap(),
                Some(Ok(Message::Close(Some(frame)))) => {
                    return End { last, code: frame.code.into(), reason: frame.reason.to_string() };
                }
                other => panic!("{other:?} in place of the end; last {last}"),
            }
        }
    }

    /// Without a word, as a network does.
    pub fn drop_the_line(self) {}

    async fn word(&mut self) -> Value {
        match self.next().await {
            Some(Ok(Message::Text(text))) => serde_json::from_str(&text).unwrap(),
            other => panic!("{other:?} in place of a word"),
        }
    }

    /// Without what only keeps the line open.
    async fn next(&mut self) -> Option<Result<Message, Error>> {
        loop {
            match tokio::time::timeout(PATIENCE, self.stream.next()).await.expect("nothing comes") {
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                other => return other,
            }
        }
    }
}
