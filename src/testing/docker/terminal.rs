//! A shell in memory. It echoes what is typed, as a terminal does, and understands `stty size` and `exit CODE`.

use async_trait::async_trait;
use bytes::Bytes;
use futures::{StreamExt, stream};
use tokio::sync::mpsc;

use crate::{
    domain::terminal::TerminalSize,
    ports::provisioner::{EngineError, EngineResult, Keyboard, Screen, Terminal},
};

/// Pieces of output that wait to be read; who writes more waits too.
const BUFFERED: usize = 16;

pub(super) fn open(size: TerminalSize) -> Terminal {
    let (shows, screen) = mpsc::channel(BUFFERED);
    let screen =
        stream::unfold(
            screen,
            |mut screen| async move { screen.recv().await.map(|shown| (Ok(shown), screen)) },
        );
    Terminal { keyboard: Box::new(Shell { size, line: String::new(), shows }), screen: screen.boxed() }
}

struct Shell {
    size: TerminalSize,
    line: String,
    shows: mpsc::Sender<Screen>,
}

#[async_trait]
impl Keyboard for Shell {
    async fn press(&mut self, keys: &[u8]) -> EngineResult<()> {
        self.show(Screen::Shows(Bytes::copy_from_slice(keys))).await?;
        for key in String::from_utf8_lossy(keys).chars() {
            if key != '\r' {
                self.line.push(key);
                continue;
            }
            let line = std::mem::take(&mut self.line);
            match line.trim().split_once(' ') {
                Some(("stty", "size")) => {
                    let text = format!("\r\n{} {}\r\n", self.size.rows, self.size.columns);
                    self.show(Screen::Shows(text.into())).await?;
                }
                Some(("exit", code)) => self.show(Screen::Exited(code.parse().unwrap_or(1))).await?,
                _ => {}
            }
        }
        Ok(())
    }

    async fn resize(&mut self, size: TerminalSize) -> EngineResult<()> {
        self.size = size;
        Ok(())
    }
}

impl Shell {
    async fn show(&self, shown: Screen) -> EngineResult<()> {
        let gone = |_| EngineError::Unreachable("nobody looks at this terminal any more".into());
        self.shows.send(shown).await.map_err(gone)
    }
}
