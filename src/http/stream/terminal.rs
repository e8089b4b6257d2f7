//! A terminal as a WebSocket.

use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, WebSocket, close_code};
use bytes::Bytes;
use futures::{Sink, SinkExt, Stream, StreamExt};
use serde::{Deserialize, Serialize};
use tokio::{sync::mpsc, time::timeout};

use crate::{
    app::terminals::{Seat, Stroke},
    domain::{
        names::ComponentName,
        terminal::{Ending, TerminalSize},
    },
};

/// Of one message to us: a large paste.
pub const MAX_MESSAGE: usize = 1024 * 1024;

/// Proxies close connections on which nothing moves, often after 30 or 60 seconds; and a client that went without a word
/// is noticed by its silence.
const PING: Duration = Duration::from_secs(15);
const SILENCE: Duration = Duration::from_secs(40);

/// For the last words to leave.
const FAREWELL: Duration = Duration::from_secs(2);

/// Codes that are ours to give (RFC 6455, 7.4.2), the last digits as the status of HTTP that means the same.
const SIGNED_OUT: u16 = 4401;
const REFUSED: u16 = 4403;
const TAKEN_OVER: u16 = 4409;
const STOPPED: u16 = 4410;

/// What we say in text.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Word<'a> {
    Session { id: &'a str, resumed: bool, component: &'a ComponentName },
    Exit { code: i64 },
    Error { code: &'static str, detail: String },
}

/// What we are told in text.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
enum Told {
    Resize { cols: u16, rows: u16 },
}

/// Why the talk is over.
enum Over {
    /// All that was to be seen was sent.
    Shown,
    Ended(Ending),
    /// The client is gone, or said so.
    Gone,
    /// The client broke the rules.
    Nonsense(&'static str),
}

impl From<Word<'_>> for Message {
    fn from(word: Word<'_>) -> Self {
        // Wire structs always serialize.
        Message::Text(serde_json::to_string(&word).unwrap_or_default().into())
    }
}

/// Talks until one side has enough.
pub async fn converse(socket: WebSocket, mut seat: Seat) {
    let (mut to, mut from) = socket.split();
    let first = Word::Session { id: &seat.id, resumed: seat.resumed, component: &seat.component };
    if to.send(first.into()).await.is_err() {
        return;
    }
    let over = tokio::select! {
        biased;
        ended = &mut seat.ending => Over::Ended(ended.unwrap_or(Ending::ServerStopping)),
        over = show(&mut to, &mut seat.screen) => over,
        over = listen(&mut from, &seat.keyboard) => over,
    };
    let (last, code, reason) = match over {
        Over::Gone => return,
        Over::Nonsense(reason) => (None, close_code::POLICY, reason),
        Over::Ended(ending @ Ending::Exited(_)) => {
            // What it said last is on its way.
            let _ = timeout(FAREWELL, show(&mut to, &mut seat.screen)).await;
            farewell(&ending)
        }
        Over::Ended(ending) => farewell(&ending),
        Over::Shown => farewell(&seat.ending.await.unwrap_or(Ending::ServerStopping)),
    };
    let goodbye = async {
        if let Some(last) = last {
            to.send(last).await?;
        }
        to.send(Message::Close(Some(CloseFrame { code, reason: reason.into() }))).await?;
        // The answer to it; then nothing is lost on the way.
        while let Some(Ok(_)) = from.next().await {}
        Ok::<_, axum::Error>(())
    };
    let _ = timeout(FAREWELL, goodbye).await;
}

fn farewell(ending: &Ending) -> (Option<Message>, u16, &'static str) {
    let last = match ending {
        Ending::Exited(code) => Word::Exit { code: *code },
        other => Word::Error { code: other.code(), detail: other.detail() },
    };
    let code = match ending {
        Ending::Exited(_) | Ending::Abandoned => close_code::NORMAL,
        Ending::TakenOver => TAKEN_OVER,
        Ending::SignedOut => SIGNED_OUT,
        Ending::Refused => REFUSED,
        Ending::WorkspaceStopped => STOPPED,
        Ending::ServerStopping => close_code::AWAY,
        Ending::Broken(_) => close_code::ERROR,
    };
    (Some(last.into()), code, ending.code())
}

/// Passes on what is shown, and now and then asks whether anybody is there.
async fn show(to: &mut (impl Sink<Message> + Unpin), screen: &mut mpsc::Receiver<Bytes>) -> Over {
    let mut ping = tokio::time::interval_at(tokio::time::Instant::now() + PING, PING);
    loop {
        let message = tokio::select! {
            shown = screen.recv() => match shown {
                Some(bytes) => Message::Binary(bytes),
                None => return Over::Shown,
            },
            _ = ping.tick() => Message::Ping(Bytes::new()),
        };
        if to.send(message).await.is_err() {
            return Over::Gone;
        }
    }
}

async fn listen(
    from: &mut (impl Stream<Item = Result<Message, axum::Error>> + Unpin),
    keyboard: &mpsc::Sender<Stroke>,
) -> Over {
    loop {
        let stroke = match timeout(SILENCE, from.next()).await {
            Ok(Some(Ok(Message::Binary(keys)))) => Stroke::Keys(keys),
            Ok(Some(Ok(Message::Text(text)))) => match resized(&text) {
                Ok(size) => Stroke::Resize(size),
                Err(reason) => return Over::Nonsense(reason),
            },
            Ok(Some(Ok(Message::Ping(_) | Message::Pong(_)))) => continue,
            Ok(Some(Ok(Message::Close(_)) | Err(_)) | None) | Err(_) => return Over::Gone,
        };
        if keyboard.send(stroke).await.is_err() {
            // The shell is on its way out, and whoever shows its end says so.
            std::future::pending::<()>().await;
        }
    }
}

fn resized(text: &str) -> Result<TerminalSize, &'static str> {
    let told = serde_json::from_str(text)
        .map_err(|_| "text must be {\"type\":\"resize\",\"cols\":80,\"rows\":24}")?;
    let Told::Resize { cols, rows } = told;
    TerminalSize::new(cols, rows).ok_or("cols and rows must be between 1 and 1000")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_size_that_can_be_is_understood() {
        assert_eq!(resized(r#"{"type":"resize","cols":80,"rows":24}"#), Ok(TerminalSize::default()));
        for wrong in [
            "",
            "resize",
            r#"{"type":"resize","cols":0,"rows":24}"#,
            r#"{"type":"resize","cols":80,"rows":70000}"#,
            r#"{"type":"resize","cols":80}"#,
            r#"{"type":"resize","cols":80,"rows":24,"x":1}"#,
            r#"{"type":"exec","cols":80,"rows":24}"#,
        ] {
            assert!(resized(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn reasons_fit_into_a_close_frame() {
        // RFC 6455, 5.5: 125 bytes, of which two are the code.
        for reason in
            [resized("").unwrap_err(), resized(r#"{"type":"resize","cols":0,"rows":0}"#).unwrap_err()]
        {
            assert!(reason.len() <= 123, "{reason}");
        }
    }
}
