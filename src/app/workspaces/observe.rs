//! What a workspace's containers say and use at the moment, asked of its host.

use futures::{StreamExt, future::join_all, stream::BoxStream};

use super::find;
use crate::{
    app::{App, AppError, AppResult, Caller, engines::Engine},
    domain::{
        ids::WorkspaceId,
        names::ComponentName,
        policy::Action,
        workspace::{ComponentView, Workspace, container_name},
    },
    ports::provisioner::{
        ContainerLogLine, ContainerStats, EngineError, EngineResult, ListeningPort, LogRange,
    },
};

pub type ComponentLog = BoxStream<'static, (ComponentName, EngineResult<ContainerLogLine>)>;

/// Lines of one component, or of all, mixed as they come.
pub async fn container_logs(
    app: &App,
    caller: &Caller,
    id: WorkspaceId,
    component: Option<&ComponentName>,
    range: LogRange,
) -> AppResult<ComponentLog> {
    let (workspace, engine) = open(app, caller, id).await?;
    let mut streams = Vec::new();
    for view in wanted(&workspace, component)? {
        let container = name_of(&workspace, view);
        match engine.provisioner.logs(&container, range).await {
            Ok(lines) => {
                let name = view.name.clone();
                streams.push(lines.map(move |line| (name.clone(), line)).boxed());
            }
            // Not made yet, or no more: it has nothing to say.
            Err(EngineError::NotFound { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(futures::stream::select_all(streams).boxed())
}

/// One sample of every running component.
pub async fn stats(
    app: &App,
    caller: &Caller,
    id: WorkspaceId,
) -> AppResult<Vec<(ComponentName, ContainerStats)>> {
    let (workspace, engine) = open(app, caller, id).await?;
    Ok(stats_of(&engine, &workspace).await?)
}

/// The same for a caller that has been let in before, for streams.
pub async fn stats_of(
    engine: &Engine,
    workspace: &Workspace,
) -> EngineResult<Vec<(ComponentName, ContainerStats)>> {
    let samples = workspace.components.iter().map(|view| async move {
        match engine.provisioner.stats(&name_of(workspace, view)).await {
            Ok(sample) => Ok(Some((view.name.clone(), sample))),
            Err(EngineError::NotFound { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    });
    join_all(samples).await.into_iter().filter_map(Result::transpose).collect()
}

/// What processes inside listen on, by component.
pub async fn ports(
    app: &App,
    caller: &Caller,
    id: WorkspaceId,
) -> AppResult<Vec<(ComponentName, ListeningPort)>> {
    let (workspace, engine) = open(app, caller, id).await?;
    let engine = &engine;
    let workspace = &workspace;
    let asked = workspace.components.iter().map(|view| async move {
        match engine.provisioner.listening_ports(&name_of(workspace, view)).await {
            Ok(ports) => Ok(ports.into_iter().map(|port| (view.name.clone(), port)).collect()),
            // It does not run: nothing listens.
            Err(EngineError::NotFound { .. } | EngineError::Refused(_)) => Ok(vec![]),
            Err(error) => Err(error),
        }
    });
    let answers: EngineResult<Vec<Vec<_>>> = join_all(asked).await.into_iter().collect();
    Ok(answers?.into_iter().flatten().collect())
}

async fn open(app: &App, caller: &Caller, id: WorkspaceId) -> AppResult<(Workspace, Engine)> {
    let mut reader = app.store.read().await?;
    let workspace = find(app, reader.as_mut(), caller, Action::ReadWorkspace, id).await?;
    let engine = app.engines.expect(workspace.host_id)?;
    Ok((workspace, engine))
}

fn wanted<'a>(
    workspace: &'a Workspace,
    component: Option<&ComponentName>,
) -> AppResult<Vec<&'a ComponentView>> {
    let Some(name) = component else { return Ok(workspace.components.iter().collect()) };
    match workspace.components.iter().find(|view| &view.name == name) {
        Some(view) => Ok(vec![view]),
        None => {
            let known: Vec<&str> = workspace.components.iter().map(|view| view.name.as_str()).collect();
            let message = format!("there is no component {name}; there are {}", known.join(", "));
            Err(AppError::invalid("component", "unknown_component", message))
        }
    }
}

fn name_of(workspace: &Workspace, view: &ComponentView) -> String {
    container_name(&workspace.short_id, &view.name, workspace.generation)
}
