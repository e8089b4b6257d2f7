//! Terminals: what is typed, what is shown, how they end.

use std::time::Duration;

use devsanctum::{
    domain::{terminal::TerminalSize, workspace::spec::ImageSource},
    ports::provisioner::{ContainerRequest, EngineError, EngineResult, Screen, Terminal},
};
use futures::StreamExt;

use super::{
    contract,
    world::{Program, TestWorkspace, World, words},
};
use crate::support::images;

contract!(
    a_terminal_shows_what_is_typed_and_knows_its_size,
    a_shell_that_ends_says_its_code,
    a_terminal_needs_a_running_container,
);

const PATIENCE: Duration = Duration::from_secs(20);

async fn a_terminal_shows_what_is_typed_and_knows_its_size(world: World) {
    let request = world.with_shell(&world.workspace()).await;
    let mut terminal = open(&world, &request).await;
    terminal.keyboard.press(b"stty size\r").await.unwrap();
    terminal.until("24 80").await;
    terminal.keyboard.resize(TerminalSize::new(101, 33).unwrap()).await.unwrap();
    terminal.keyboard.press(b"stty size\r").await.unwrap();
    let shown = terminal.until("33 101").await;
    assert!(shown.contains("stty size"), "what is typed is echoed: {shown:?}");
}

async fn a_shell_that_ends_says_its_code(world: World) {
    let request = world.with_shell(&world.workspace()).await;
    let mut terminal = open(&world, &request).await;
    terminal.keyboard.press(b"exit 7\r").await.unwrap();
    assert_eq!(terminal.end().await.unwrap(), 7);
}

async fn a_terminal_needs_a_running_container(world: World) {
    let workspace = world.workspace();
    let request = world.request(&workspace, "web", Program::Serves).await;
    world.engine.ensure_network(&workspace.network()).await.unwrap();
    world.engine.ensure_container(&request).await.unwrap();
    let refused = world.engine.open_terminal(&request.name, TerminalSize::default()).await;
    assert!(matches!(refused.map(drop), Err(EngineError::Refused(_))));
    let missing = world.engine.open_terminal("ds-nobody", TerminalSize::default()).await;
    assert!(matches!(missing.map(drop), Err(EngineError::NotFound { .. })));
}

pub async fn open(world: &World, request: &ContainerRequest) -> Looked {
    let terminal = world.engine.open_terminal(&request.name, TerminalSize::default()).await.unwrap();
    Looked::at(terminal)
}

impl World {
    /// A container that was started, of an image that has a shell.
    pub async fn with_shell(&self, workspace: &TestWorkspace) -> ContainerRequest {
        let reference = images::busybox(&*self.images).await;
        let mut request = self.request(workspace, "web", Program::Serves).await;
        request.spec.image = ImageSource::Registry { reference: reference.clone() };
        request.spec.command = Some(words(&["sleep", "1000000"]));
        request.image = reference;
        self.engine.ensure_network(&workspace.network()).await.unwrap();
        self.engine.ensure_container(&request).await.unwrap();
        self.engine.start_container(&request.name).await.unwrap();
        request
    }
}

/// A terminal, and what it showed so far.
pub struct Looked {
    pub keyboard: Box<dyn devsanctum::ports::provisioner::Keyboard>,
    pub screen: futures::stream::BoxStream<'static, EngineResult<Screen>>,
    shown: Vec<u8>,
}

impl Looked {
    pub fn at(terminal: Terminal) -> Self {
        Self { keyboard: terminal.keyboard, screen: terminal.screen, shown: Vec::new() }
    }

    /// Reads on until this was shown since the last time; gives all of that.
    pub async fn until(&mut self, text: &str) -> String {
        loop {
            let shown = String::from_utf8_lossy(&self.shown).into_owned();
            if shown.contains(text) {
                self.shown.clear();
                return shown;
            }
            match tokio::time::timeout(PATIENCE, self.screen.next()).await {
                Ok(Some(Ok(Screen::Shows(bytes)))) => self.shown.extend(bytes),
                other => panic!("waited in vain for {text:?}: {other:?} after {shown:?}"),
            }
        }
    }

    /// Reads on to the end.
    pub async fn end(&mut self) -> EngineResult<i64> {
        loop {
            match tokio::time::timeout(PATIENCE, self.screen.next()).await.unwrap().unwrap()? {
                Screen::Shows(bytes) => self.shown.extend(bytes),
                Screen::Exited(code) => return Ok(code),
            }
        }
    }
}
