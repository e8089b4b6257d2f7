//! One shell, and whoever sits before it.

use std::time::Duration;

use bytes::Bytes;
use futures::{FutureExt, StreamExt, future::BoxFuture};
use tokio::{
    sync::{mpsc, oneshot},
    time::{Instant, sleep_until, timeout},
};
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};

use super::{Stroke, held::Place, watch::Watched};
use crate::{
    domain::{
        policy::CredentialId,
        terminal::{Ending, PATIENCE, SCROLLBACK, Scrollback},
    },
    ports::provisioner::{EngineError, EngineResult, Keyboard, Screen, Terminal},
};

/// Pieces that wait for their reader, each as the engine brought it: some 16 KiB. The shell waits beyond them.
pub(super) const PIECES: usize = 8;

/// How long whoever sat there is given to hear why it ends, before the server goes on.
const FAREWELL: Duration = Duration::from_secs(3);

/// Somebody sits down.
pub(super) struct Visit {
    pub(super) credential: CredentialId,
    pub(super) screen: mpsc::Sender<Bytes>,
    pub(super) strokes: Option<mpsc::Receiver<Stroke>>,
    pub(super) farewell: oneshot::Sender<Ending>,
    /// Cancelled when they go away.
    pub(super) gone: CancellationToken,
}

pub(super) struct Session {
    pub(super) terminal: Terminal,
    pub(super) watched: Watched,
    pub(super) visitors: mpsc::Receiver<Visit>,
    pub(super) place: Place,
    pub(super) stop: CancellationToken,
}

/// What comes next.
enum Turn {
    Shown(Option<EngineResult<Screen>>),
    /// The reader has room for what waits; `false`: there is no reader.
    Room(bool),
    Visit(Option<Visit>),
    Left,
    Over(Ending),
}

impl Session {
    pub(super) async fn run(self, first: Visit) {
        let Self { terminal, watched, mut visitors, place, stop } = self;
        let Terminal { keyboard, mut screen } = terminal;
        let (typists, hands) = mpsc::channel(1);
        let typing = AbortOnDropHandle::new(tokio::spawn(type_in(keyboard, hands)));
        let mut table = Table::new(watched, typists);
        table.seat(first).await;
        let ending = loop {
            match table.next(&mut screen, &mut visitors, &stop).await {
                Turn::Shown(Some(Ok(Screen::Shows(bytes)))) => table.show(bytes),
                Turn::Shown(end) => break table.end(end).await,
                Turn::Room(there) => table.hand_over(there),
                Turn::Visit(Some(visit)) => table.seat(visit).await,
                // The registry holds the other end for as long as the place is taken.
                Turn::Visit(None) => break Ending::Abandoned,
                Turn::Left => table.leave(),
                Turn::Over(ending) => break ending,
            }
        };
        // Both halves of the terminal go before anybody is told: whoever is told may look.
        drop((typing, screen));
        drop(place);
        table.part(ending).await;
    }
}

/// The strokes of whoever sits there now.
async fn type_in(mut keyboard: Box<dyn Keyboard>, mut hands: mpsc::Receiver<mpsc::Receiver<Stroke>>) {
    let mut current: Option<mpsc::Receiver<Stroke>> = None;
    loop {
        let stroke = async {
            match &mut current {
                Some(strokes) => strokes.recv().await,
                None => std::future::pending().await,
            }
        };
        let stroke = tokio::select! {
            biased;
            next = hands.recv() => match next {
                None => return,
                next => {
                    current = next;
                    continue;
                }
            },
            stroke = stroke => stroke,
        };
        let typed = match stroke {
            Some(Stroke::Keys(keys)) => keyboard.press(&keys).await,
            Some(Stroke::Resize(size)) => keyboard.resize(size).await,
            None => {
                current = None;
                continue;
            }
        };
        // The screen ends as well, and says more.
        if let Err(error) = typed {
            tracing::debug!(%error, "a terminal takes no more keys");
            return;
        }
    }
}

struct Table {
    watched: Watched,
    typists: mpsc::Sender<mpsc::Receiver<Stroke>>,
    scrollback: Scrollback,
    visitor: Option<Visit>,
    /// Shown, and not yet with the visitor.
    waiting: Option<Bytes>,
    /// Since when nobody has been there.
    since: Instant,
    over: BoxFuture<'static, Ending>,
}

impl Table {
    fn new(watched: Watched, typists: mpsc::Sender<mpsc::Receiver<Stroke>>) -> Self {
        Self {
            watched,
            typists,
            scrollback: Scrollback::new(SCROLLBACK),
            visitor: None,
            waiting: None,
            since: Instant::now(),
            over: std::future::pending().boxed(),
        }
    }

    async fn next(
        &mut self,
        screen: &mut (impl futures::Stream<Item = EngineResult<Screen>> + Unpin),
        visitors: &mut mpsc::Receiver<Visit>,
        stop: &CancellationToken,
    ) -> Turn {
        let (visitor, waits) = (&self.visitor, self.waiting.is_some());
        let room = async {
            match visitor {
                Some(visit) => visit.screen.reserve().await.is_ok(),
                None => false,
            }
        };
        let left = async {
            match visitor {
                Some(visit) => visit.gone.cancelled().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            () = stop.cancelled() => Turn::Over(Ending::ServerStopping),
            ending = &mut self.over => Turn::Over(ending),
            visit = visitors.recv() => Turn::Visit(visit),
            () = left => Turn::Left,
            () = sleep_until(self.since + PATIENCE), if visitor.is_none() => Turn::Over(Ending::Abandoned),
            there = room, if waits => Turn::Room(there),
            shown = screen.next(), if !waits => Turn::Shown(shown),
        }
    }

    /// Whoever sat there before is shown the door; the new one sees what was shown last.
    async fn seat(&mut self, mut visit: Visit) {
        if let Some(before) = self.visitor.take() {
            let _ = before.farewell.send(Ending::TakenOver);
        }
        self.waiting = None;
        let shown = self.scrollback.replay();
        if !shown.is_empty() {
            // The channel is new, and has room.
            let _ = visit.screen.try_send(shown.into());
        }
        if let Some(strokes) = visit.strokes.take() {
            // A hand that waits for the program to read is replaced when it has.
            let typists = self.typists.clone();
            tokio::spawn(async move { typists.send(strokes).await });
        }
        self.over = self.watched.clone().until_over(visit.credential).boxed();
        self.visitor = Some(visit);
    }

    fn show(&mut self, bytes: Bytes) {
        self.scrollback.push(&bytes);
        self.waiting = self.visitor.is_some().then_some(bytes);
    }

    fn hand_over(&mut self, there: bool) {
        let waiting = self.waiting.take();
        if let (true, Some(bytes), Some(visit)) = (there, waiting, &self.visitor) {
            // There was room a moment ago, and nobody else takes it.
            let _ = visit.screen.try_send(bytes);
        }
    }

    fn leave(&mut self) {
        self.visitor = None;
        self.waiting = None;
        self.since = Instant::now();
    }

    async fn end(&mut self, end: Option<EngineResult<Screen>>) -> Ending {
        if self.watched.is_stopped().await {
            return Ending::WorkspaceStopped;
        }
        match end {
            Some(Ok(Screen::Exited(code))) => Ending::Exited(code),
            Some(Err(EngineError::NotFound { .. })) | Some(Ok(Screen::Shows(_))) | None => {
                Ending::Broken("the container of this terminal is gone".into())
            }
            Some(Err(error)) => Ending::Broken(error.to_string()),
        }
    }

    async fn part(mut self, ending: Ending) {
        let Some(Visit { farewell, gone, .. }) = self.visitor.take() else { return };
        let _ = farewell.send(ending);
        // A server that stops waits for its tasks, and this one for the words to be out.
        let _ = timeout(FAREWELL, gone.cancelled()).await;
    }
}
