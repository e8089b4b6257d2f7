//! How an attempt ends: outcome, state, last steps and event in one unit of work.

use super::{attempt::Attempt, sighting::news};
use crate::{
    app::AppResult,
    domain::{
        deployment::{DeploymentStatus, Failure, StepName, StepStatus},
        event::{EventKind, NewEvent},
        variable::VariableScope,
        workspace::{ComponentView, Desired, Observed, State, observed::views},
    },
    ports::repository::StoreError,
};

/// Whether the end was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Settled {
    Yes,
    /// Somebody asked for something else meanwhile.
    Superseded,
}

impl Attempt<'_> {
    pub(super) async fn succeed(&self, observed: &Observed) -> AppResult<Settled> {
        let state = State::reached(self.loaded.workspace.desired, self.context.app.clock.now());
        self.settle(state, DeploymentStatus::Succeeded, None, Some(observed)).await
    }

    /// `observed` is `None` when the host could not be seen: then components stay as they were last seen.
    pub(super) async fn fail(&self, failure: Failure, observed: Option<&Observed>) -> AppResult<Settled> {
        self.journal.abandon();
        let now = self.context.app.clock.now();
        tracing::info!(
            workspace.id = %self.loaded.workspace.id,
            code = failure.code,
            "a deployment failed: {}",
            failure.message
        );
        let state = State::Failed { since: now, failure: failure.clone() };
        self.settle(state, DeploymentStatus::Failed, Some(&failure), observed).await
    }

    async fn settle(
        &self,
        state: State,
        status: DeploymentStatus,
        failure: Option<&Failure>,
        observed: Option<&Observed>,
    ) -> AppResult<Settled> {
        let app = &self.context.app;
        let workspace = &self.loaded.workspace;
        let Some(deployment) = &self.loaded.deployment else { return Ok(Settled::Yes) };
        let now = app.clock.now();
        let components =
            observed.map_or_else(|| workspace.components.clone(), |observed| self.views(observed, &state));
        let seen = observed.and_then(|observed| news(&self.loaded, observed));
        let written = self
            .journal
            .write_with(async |batch| {
                let mut work = app.store.begin().await?;
                self.journal.record(work.as_mut(), &batch).await?;
                work.workspaces()
                    .record_progress(self.hold.lease, Some(deployment.id), &state, &components, now)
                    .await?;
                if let Some(seen) = &seen {
                    work.workspaces().record_seen(self.hold.lease, seen, now).await?;
                }
                work.deployments().finish(deployment.id, status, failure, now).await?;
                if let (State::Destroyed { .. }, Desired::Destroyed { keep_volumes: true }) =
                    (&state, workspace.desired)
                {
                    work.workspaces().keep_volumes(workspace.id, now).await?;
                }
                if matches!(state, State::Destroyed { .. }) {
                    work.variables().clear(VariableScope::Workspace(workspace.id)).await?;
                }
                let kind = match state {
                    State::Destroyed { .. } => EventKind::WorkspaceDestroyed,
                    _ => EventKind::WorkspaceUpdated,
                };
                let of_workspace = NewEvent {
                    org_id: Some(workspace.org_id),
                    workspace_id: Some(workspace.id),
                    status: Some(state.status().as_str().into()),
                    ..NewEvent::new(kind, now)
                };
                let of_deployment = NewEvent {
                    deployment_id: Some(deployment.id),
                    status: Some(status.as_str().into()),
                    kind: EventKind::DeploymentUpdated,
                    ..of_workspace.clone()
                };
                work.routes().revise(workspace.id).await?;
                work.events().append(&[of_deployment, of_workspace]).await?;
                work.commit().await
            })
            .await;
        match written {
            Ok(()) => {
                self.context.patience.forget(workspace.id);
                app.feed.wake();
                let took = (now - deployment.created_at).to_std().unwrap_or_default();
                app.meter.deployment_finished(deployment.kind, status, took);
                // The pages of stopped and failed workspaces.
                self.context.routes.catch_up().await?;
                Ok(Settled::Yes)
            }
            Err(error) => superseded(error),
        }
    }

    /// The work begins: the deployment runs, the state says so, people see what is there.
    pub(super) async fn pick_up(&mut self) -> AppResult<Settled> {
        let app = &self.context.app;
        let Some(deployment) = &self.loaded.deployment else { return Ok(Settled::Yes) };
        let now = app.clock.now();
        let workspace = &mut self.loaded.workspace;
        let state = workspace.state.clone().picked_up(workspace.desired, now);
        if state == workspace.state && deployment.started_at.is_some() {
            return Ok(Settled::Yes);
        }
        let mut work = app.store.begin().await?;
        let result = async {
            work.deployments().begin(deployment.id, now).await?;
            work.workspaces()
                .record_progress(self.hold.lease, Some(deployment.id), &state, &workspace.components, now)
                .await?;
            let event = NewEvent {
                org_id: Some(workspace.org_id),
                workspace_id: Some(workspace.id),
                status: Some(state.status().as_str().into()),
                ..NewEvent::new(EventKind::WorkspaceUpdated, now)
            };
            work.events().append(&[event]).await
        }
        .await;
        match result {
            Ok(()) => {
                work.commit().await?;
                app.feed.wake();
                workspace.state = state;
                Ok(Settled::Yes)
            }
            Err(error) => superseded(error),
        }
    }

    pub(super) fn views(&self, observed: &Observed, state: &State) -> Vec<ComponentView> {
        let all_ready = matches!(state, State::Running { .. });
        let progress = self.progress.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        views(&self.loaded.spec, self.loaded.workspace.generation, observed, |name| {
            all_ready || progress.ready.contains(name)
        })
    }

    /// Why the deadline was missed, as far as the steps tell.
    pub(super) fn overdue(&self) -> Failure {
        let last = self.loaded.steps.iter().rev().find(|step| {
            matches!(step.status, StepStatus::Running | StepStatus::Failed | StepStatus::Pending)
        });
        let at = |step: &crate::domain::deployment::Step| {
            let of = step.component.as_ref().map(|component| format!(" of {component}")).unwrap_or_default();
            format!("it got as far as step {}{of}: {}", step.name.as_str(), step.detail)
        };
        Failure {
            code: "deadline_exceeded".into(),
            message: format!(
                "the workspace was still {} at its deadline; {}",
                self.loaded.workspace.state.status().as_str(),
                last.map_or_else(|| "nobody could begin to work on it".into(), at)
            ),
            component: last.and_then(|step| step.component.clone()),
            step: last.map(|step| step.name).or(Some(StepName::Network)),
            remedy: "Check the host and the log, then retry.".into(),
            log_tail: vec![],
        }
    }
}

/// A lost lease is no newer intent: whoever holds it now goes on, and this worker ends.
fn superseded(error: StoreError) -> AppResult<Settled> {
    match error {
        StoreError::Stale(what) if what != "lease" => Ok(Settled::Superseded),
        error => Err(error.into()),
    }
}
