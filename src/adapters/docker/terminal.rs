//! Shells on terminals. The terminal is made by our own program inside, not by the engine: an engine leaves the shell
//! running when nobody listens any more, while our program sees its input end and hangs up.
//!
//! The engine notices that we are gone when it wants to read more of us. So that it always does, few keys are on the way
//! at a time: our program says on its standard error what its terminal has taken.

use std::{pin::Pin, sync::Arc, time::Duration};

use async_trait::async_trait;
use bollard::container::LogOutput;
use futures::{Stream, StreamExt, stream};
use tokio::{
    io::{AsyncWrite, AsyncWriteExt},
    sync::Semaphore,
};

use super::{
    Engine,
    client::Client,
    error::Failed,
    exec::{Started, exit_code},
    host_config::HELPER,
};
use crate::{
    domain::terminal::TerminalSize,
    ports::provisioner::{EngineError, EngineResult, Keyboard, Screen, Terminal},
};

const CALL: &str = "ending a terminal";

/// For the engine to report the end of a shell.
const END_LIMIT: Duration = Duration::from_secs(5);

/// Bytes of keys on the way, far less than any pipe between us and our program holds.
const WINDOW: usize = 32 * 1024;
const LONGEST_FRAME: usize = 4 * 1024;

/// Kinds of frames, as `helper/shell.rs` reads them: a kind, a length of two bytes, the bytes.
const KEYS: u8 = 0;
const RESIZE: u8 = 1;

/// Begins an acknowledgement of keys; two bytes of length follow.
const TAKEN: u8 = 6;
const ACKNOWLEDGEMENT: usize = 3;

/// The helper's exit codes: used wrongly, and no shell found.
const USAGE: i64 = 64;
const NO_SHELL: i64 = 127;

/// Of what our program says of itself, which is a line.
const MAX_COMPLAINT: usize = 1024;

impl Engine {
    pub(super) async fn open_terminal(&self, container: &str, size: TerminalSize) -> EngineResult<Terminal> {
        let (columns, rows) = (size.columns.to_string(), size.rows.to_string());
        let command = [HELPER, "shell", &columns, &rows].map(str::to_owned).into();
        let Started { id, output, input } = self.start_exec(container, command, true).await?;
        let room = Arc::new(Semaphore::new(WINDOW));
        let shown = Shown { client: self.client.clone(), exec: id, aside: Vec::new(), room: room.clone() };
        Ok(Terminal { keyboard: Box::new(Line { input, room }), screen: screen(output, shown).boxed() })
    }
}

struct Line {
    input: Pin<Box<dyn AsyncWrite + Send>>,
    room: Arc<Semaphore>,
}

impl Line {
    async fn send(&mut self, kind: u8, bytes: &[u8]) -> EngineResult<()> {
        let length = u16::try_from(bytes.len()).unwrap_or(u16::MAX);
        let mut frame = Vec::with_capacity(bytes.len() + 3);
        frame.push(kind);
        frame.extend(length.to_be_bytes());
        frame.extend(bytes);
        self.input.write_all(&frame).await.map_err(hung_up)?;
        self.input.flush().await.map_err(hung_up)
    }
}

fn hung_up(error: std::io::Error) -> EngineError {
    EngineError::Unreachable(format!("the connection to the terminal broke: {error}"))
}

#[async_trait]
impl Keyboard for Line {
    async fn press(&mut self, keys: &[u8]) -> EngineResult<()> {
        for piece in keys.chunks(LONGEST_FRAME) {
            let size = u32::try_from(piece.len()).unwrap_or(u32::MAX);
            // It is never closed.
            if let Ok(room) = self.room.acquire_many(size).await {
                room.forget();
            }
            self.send(KEYS, piece).await?;
        }
        Ok(())
    }

    async fn resize(&mut self, size: TerminalSize) -> EngineResult<()> {
        let [c1, c0] = size.columns.to_be_bytes();
        let [r1, r0] = size.rows.to_be_bytes();
        self.send(RESIZE, &[c1, c0, r1, r0]).await
    }
}

/// What there is to know of a screen whose last byte has come.
struct Shown {
    client: Arc<Client>,
    exec: String,
    /// What our program says of itself, as far as it is not understood yet.
    aside: Vec<u8>,
    room: Arc<Semaphore>,
}

fn screen(
    output: impl Stream<Item = Result<LogOutput, bollard::errors::Error>> + Send + Unpin + 'static,
    shown: Shown,
) -> impl Stream<Item = EngineResult<Screen>> + Send {
    stream::unfold(Some((output, shown)), |state| async move {
        let (mut output, mut shown) = state?;
        loop {
            match output.next().await {
                Some(Ok(LogOutput::StdErr { message })) => shown.hear(&message),
                Some(Ok(piece)) => {
                    return Some((Ok(Screen::Shows(piece.into_bytes())), Some((output, shown))));
                }
                Some(Err(error)) => return Some((Err(Failed::from(error).into()), None)),
                None => return Some((shown.end().await, None)),
            }
        }
    })
}

impl Shown {
    fn hear(&mut self, said: &[u8]) {
        self.aside.extend(said);
        while let [TAKEN, high, low, ..] = self.aside[..] {
            self.room.add_permits(u16::from_be_bytes([high, low]).into());
            self.aside.drain(..ACKNOWLEDGEMENT);
        }
        self.aside.truncate(MAX_COMPLAINT);
    }

    async fn end(self) -> EngineResult<Screen> {
        let code = match tokio::time::timeout(END_LIMIT, exit_code(&self.client, &self.exec)).await {
            Ok(code) => code?,
            Err(_) => return Err(EngineError::Timeout { call: CALL, limit: END_LIMIT }),
        };
        // Half an acknowledgement is no complaint.
        let complaint = if self.aside.starts_with(&[TAKEN]) { &[] } else { &*self.aside };
        let complaint = String::from_utf8_lossy(complaint).trim().to_owned();
        match code {
            _ if complaint.is_empty() => Ok(Screen::Exited(code)),
            USAGE => Err(EngineError::Refused(
                "the container was made by an earlier version of this server, which knew no terminals; update the \
                 workspace to make it anew"
                    .into(),
            )),
            NO_SHELL => Err(EngineError::Refused(complaint)),
            _ => Err(EngineError::Engine(complaint)),
        }
    }
}
