//! Terminals of workspaces. A shell belongs to the person who opened it, and outlives the connection for a while: who
//! comes back, or goes on elsewhere, sees what was shown last and has the same shell. They are kept by the server that
//! opened them, and end with it.

mod held;
mod session;
mod ticket;
mod watch;

use std::sync::Arc;

use bytes::Bytes;
use serde_json::json;
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::{CancellationToken, DropGuard};

use self::{
    held::Held,
    session::{Session, Visit},
    watch::Watched,
};
pub use self::{
    held::Terminals,
    ticket::{enter, ticket},
};
use crate::{
    app::{App, AppError, AppResult, Caller, audit, engines::Engine, workspaces},
    domain::{
        ids::{OrgId, WorkspaceId},
        names::{ComponentName, WorkspaceName},
        policy::{Action, CredentialId, Resource},
        terminal::{Ending, TerminalSize},
        workspace::{Desired, Workspace, container_name, spec::ComponentKind},
    },
};

/// Of a terminal's name: nobody guesses it, though it opens nothing by itself.
const ID_BYTES: usize = 16;

/// Strokes that wait for the program to read them; whoever types more waits.
const STROKES: usize = 16;

/// Where a terminal can be opened, by somebody who may.
pub struct Door {
    workspace: WorkspaceId,
    name: WorkspaceName,
    org: OrgId,
    resource: Resource,
    /// As it was asked for; a terminal of another one is not what its person wants back.
    asked: Option<ComponentName>,
    component: ComponentName,
    container: String,
    engine: Engine,
}

/// Somebody's place at a terminal. Dropping it is going away.
pub struct Seat {
    pub id: String,
    /// Whether it is a terminal that was there before.
    pub resumed: bool,
    pub component: ComponentName,
    /// Ends when there is no more to see; [`Self::ending`] says why. Who does not read stops the program that writes.
    pub screen: mpsc::Receiver<Bytes>,
    pub keyboard: mpsc::Sender<Stroke>,
    /// May come while there is more on the screen, which nobody is to see then.
    pub ending: oneshot::Receiver<Ending>,
    _gone: DropGuard,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stroke {
    Keys(Bytes),
    Resize(TerminalSize),
}

/// Whether the caller may have a terminal of this workspace, whatever state that is in.
pub async fn authorize(app: &App, caller: &Caller, id: WorkspaceId) -> AppResult<Workspace> {
    let mut reader = app.store.read().await?;
    workspaces::find(app, reader.as_mut(), caller, Action::EnterWorkspace, id).await
}

/// Where to open one: in this component, or where people work.
pub async fn door(
    app: &App,
    caller: &Caller,
    id: WorkspaceId,
    asked: Option<ComponentName>,
) -> AppResult<Door> {
    let workspace = authorize(app, caller, id).await?;
    if workspace.desired != Desired::Running {
        let ending = Ending::WorkspaceStopped;
        return Err(AppError::Conflict { code: ending.code(), detail: ending.detail() });
    }
    let component = component_of(&workspace, asked.as_ref())?;
    Ok(Door {
        workspace: workspace.id,
        org: workspace.org_id,
        resource: Resource::Workspace { org: workspace.org_id, owner: workspace.owner_id },
        asked,
        container: container_name(&workspace.short_id, &component, workspace.generation),
        engine: app.engines.expect(workspace.host_id)?,
        name: workspace.name,
        component,
    })
}

/// Takes the caller back to the terminal of this name, if it is theirs and still there, or opens a new one.
pub async fn sit_down(
    app: &Arc<App>,
    caller: &Caller,
    door: Door,
    size: TerminalSize,
    id: Option<&str>,
) -> AppResult<Seat> {
    if let Some(id) = id
        && let Some(seat) = come_back(app, caller, &door, size, id).await?
    {
        return Ok(seat);
    }
    open(app, caller, door, size).await
}

async fn come_back(
    app: &App,
    caller: &Caller,
    door: &Door,
    size: TerminalSize,
    id: &str,
) -> AppResult<Option<Seat>> {
    let credential = caller.actor.credential.id();
    let owner = caller.actor.user_id;
    let Some(held) = app.terminals.find(id, owner, door.workspace) else { return Ok(None) };
    if door.asked.as_ref().is_some_and(|asked| *asked != held.component) {
        return Ok(None);
    }
    let (seat, visit) = seat(id.to_owned(), true, held.component.clone(), credential);
    // The stroke cannot be lost: the channel is empty.
    let _ = seat.keyboard.try_send(Stroke::Resize(size));
    if held.visits.send(visit).await.is_err() {
        return Ok(None);
    }
    if held.credential != credential {
        record(app, caller, door, &held.component, true).await?;
        app.terminals.note_credential(id, credential);
    }
    Ok(Some(seat))
}

async fn open(app: &Arc<App>, caller: &Caller, door: Door, size: TerminalSize) -> AppResult<Seat> {
    let id = app.random.hex::<ID_BYTES>();
    let credential = caller.actor.credential.id();
    let (visits, visitors) = mpsc::channel(1);
    let held = Held {
        owner: caller.actor.user_id,
        workspace: door.workspace,
        component: door.component.clone(),
        credential,
        visits,
    };
    let place = app.terminals.take_place(&id, held)?;
    let terminal = door.engine.provisioner.open_terminal(&door.container, size).await?;
    // Without a record there is no terminal: dropped, it hangs up.
    record(app, caller, &door, &door.component, false).await?;
    let watched = Watched { app: app.clone(), workspace: door.workspace, resource: door.resource };
    let (seat, visit) = seat(id, false, door.component, credential);
    let session = Session { terminal, watched, visitors, place, stop: app.terminals.stop() };
    app.terminals.spawn(session.run(visit));
    Ok(seat)
}

fn seat(id: String, resumed: bool, component: ComponentName, credential: CredentialId) -> (Seat, Visit) {
    let (shows, screen) = mpsc::channel(session::PIECES);
    let (keyboard, strokes) = mpsc::channel(STROKES);
    let (farewell, ending) = oneshot::channel();
    let gone = CancellationToken::new();
    let visit = Visit { credential, screen: shows, strokes: Some(strokes), farewell, gone: gone.clone() };
    (Seat { id, resumed, component, screen, keyboard, ending, _gone: gone.drop_guard() }, visit)
}

/// That it was opened, and by whom; never what is typed or shown.
async fn record(
    app: &App,
    caller: &Caller,
    door: &Door,
    component: &ComponentName,
    resumed: bool,
) -> AppResult<()> {
    let now = app.clock.now();
    let detail = json!({ "component": component, "resumed": resumed });
    let entry =
        audit::by(app, caller, "workspace.terminal_opened", Some(door.org), door.workspace, detail, now);
    let mut work = app.store.begin().await?;
    work.audit().append(&entry.named(door.name.as_str())).await?;
    Ok(work.commit().await?)
}

/// The one that was asked for; else the place to work in, else the first that runs.
fn component_of(workspace: &Workspace, asked: Option<&ComponentName>) -> AppResult<ComponentName> {
    let all = &workspace.components;
    let found = match asked {
        Some(name) => all.iter().find(|view| view.name == *name),
        None => all
            .iter()
            .find(|view| view.kind == ComponentKind::Workspace)
            .or_else(|| all.iter().find(|view| view.status.can_be_entered()))
            .or(all.first()),
    };
    let Some(found) = found else {
        let known: Vec<&str> = all.iter().map(|view| view.name.as_str()).collect();
        let message = format!("must be one of the workspace's components: {}", known.join(", "));
        return Err(AppError::invalid("component", "unknown_component", message));
    };
    if !found.status.can_be_entered() {
        return Err(AppError::Conflict {
            code: "component_not_running",
            detail: format!("{} does not run at the moment; its log may say why", found.name),
        });
    }
    Ok(found.name.clone())
}
