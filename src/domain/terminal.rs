//! Terminals of workspaces: what they may cost, what is kept of what they showed, and how they end.

use std::{collections::VecDeque, time::Duration};

/// Of one person in one workspace.
pub const PER_WORKSPACE: usize = 8;
/// Of one person in all workspaces.
pub const PER_PERSON: usize = 32;
/// How long a shell waits for its person to come back after the connection went.
pub const PATIENCE: Duration = Duration::from_secs(5 * 60);
/// Bytes of what was shown last, for whoever comes back.
pub const SCROLLBACK: usize = 128 * 1024;

/// In characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TerminalSize {
    pub columns: u16,
    pub rows: u16,
}

impl TerminalSize {
    /// Programs reserve memory by it.
    pub const MAX: u16 = 1000;

    /// `None`: nobody has such a screen.
    pub fn new(columns: u16, rows: u16) -> Option<Self> {
        let sides = 1..=Self::MAX;
        (sides.contains(&columns) && sides.contains(&rows)).then_some(Self { columns, rows })
    }
}

impl Default for TerminalSize {
    /// Of a VT100.
    fn default() -> Self {
        Self { columns: 80, rows: 24 }
    }
}

/// The last bytes a terminal showed. Bounded, whatever runs in it.
#[derive(Debug)]
pub struct Scrollback {
    bytes: VecDeque<u8>,
    limit: usize,
    is_cut: bool,
}

impl Scrollback {
    pub fn new(limit: usize) -> Self {
        Self { bytes: VecDeque::new(), limit, is_cut: false }
    }

    pub fn push(&mut self, bytes: &[u8]) {
        let kept = &bytes[bytes.len().saturating_sub(self.limit)..];
        let excess = (self.bytes.len() + kept.len()).saturating_sub(self.limit);
        self.bytes.drain(..excess);
        self.bytes.extend(kept);
        self.is_cut |= excess > 0 || kept.len() < bytes.len();
    }

    /// From the first whole line on, when the beginning is gone: half a control sequence would be shown as text.
    pub fn replay(&self) -> Vec<u8> {
        let start = match self.is_cut {
            false => 0,
            true => self.bytes.iter().position(|byte| *byte == b'\n').map_or(0, |at| at + 1),
        };
        self.bytes.range(start..).copied().collect()
    }
}

/// Why somebody sees no more of a terminal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending {
    /// The shell ended, with this code.
    Exited(i64),
    /// The same person went on elsewhere.
    TakenOver,
    /// Signed out, suspended, or a token that is good no more.
    SignedOut,
    /// They may not do this any more.
    Refused,
    /// The workspace is stopping, or does not run any more.
    WorkspaceStopped,
    /// Nobody came back.
    Abandoned,
    ServerStopping,
    /// For people: the host cannot be reached, or there is no shell.
    Broken(String),
}

impl Ending {
    /// Stable, for programs.
    pub const fn code(&self) -> &'static str {
        match self {
            Ending::Exited(_) => "exited",
            Ending::TakenOver => "taken_over",
            Ending::SignedOut => "session_ended",
            Ending::Refused => "forbidden",
            Ending::WorkspaceStopped => "workspace_stopped",
            Ending::Abandoned => "abandoned",
            Ending::ServerStopping => "server_stopping",
            Ending::Broken(_) => "terminal_broken",
        }
    }

    pub fn detail(&self) -> String {
        let words = match self {
            Ending::Exited(code) => return format!("the shell ended with code {code}"),
            Ending::Broken(reason) => return reason.clone(),
            Ending::TakenOver => "this terminal was opened elsewhere, and goes on there",
            Ending::SignedOut => "you are signed out; sign in again",
            Ending::Refused => "you may not use terminals of this workspace any more",
            Ending::WorkspaceStopped => "the workspace does not run any more; start it to open a terminal",
            Ending::Abandoned => "nobody came back to this terminal in time",
            Ending::ServerStopping => "the server stops; open a new terminal in a moment",
        };
        words.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_last_bytes_are_kept_and_no_more(
            pieces in proptest::collection::vec(proptest::collection::vec(0u8..4, 0..40), 0..20), limit in 1usize..64,
        ) {
            let mut kept = Scrollback::new(limit);
            for piece in &pieces {
                kept.push(piece);
            }
            let all = pieces.concat();
            prop_assert!(kept.bytes.len() <= limit);
            prop_assert!(all.ends_with(&kept.replay()));
            prop_assert_eq!(kept.is_cut, all.len() > limit);
            if all.len() <= limit {
                prop_assert_eq!(kept.replay(), all);
            }
        }
    }

    #[test]
    fn what_is_shown_again_begins_with_a_whole_line() {
        let mut kept = Scrollback::new(10);
        kept.push(b"one\ntwo\nthree");
        assert_eq!(kept.replay(), b"two\nthree");
        kept.push(b"0123456789abc");
        assert_eq!(
            kept.replay(),
            b"3456789abc",
            "a line longer than what is kept is shown as far as it is there"
        );
    }

    #[test]
    fn a_screen_has_a_size_that_can_be() {
        assert!(TerminalSize::new(80, 24).is_some_and(|size| size == TerminalSize::default()));
        for (columns, rows) in [(0, 24), (80, 0), (1001, 24), (80, u16::MAX)] {
            assert_eq!(TerminalSize::new(columns, rows), None);
        }
    }
}
