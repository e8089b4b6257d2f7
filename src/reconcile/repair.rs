//! What the host shows differs from what it was left with: the platform itself asks for another attempt.

use chrono::Duration;

use super::{Context, attempt::Attempt, sighting::news};
use crate::{
    app::AppResult,
    domain::{
        deployment::{Deployment, DeploymentKind, DeploymentStatus, Failure},
        event::{EventKind, NewEvent},
        workspace::{Desired, Observed, State},
    },
    ports::repository::PageRequest,
};

const WINDOW: Duration = Duration::minutes(10);
const MOST_IN_WINDOW: usize = 3;

/// Asks for another attempt, or leaves the workspace failed for a person to look at when it was repaired again and again.
pub(super) async fn open(
    context: &Context,
    attempt: &Attempt<'_>,
    observed: &Observed,
    wanted: Desired,
) -> AppResult<()> {
    let app = &context.app;
    let now = app.clock.now();
    let workspace = &attempt.loaded.workspace;
    let mut work = app.store.begin().await?;
    work.workspaces().guard(attempt.hold.lease).await?;
    let page = PageRequest { limit: 10, ..PageRequest::default() };
    let recent = work.deployments().list(workspace.id, &page).await?;
    let repairs =
        recent.iter().filter(|it| it.kind == DeploymentKind::Repair && now - it.created_at < WINDOW).count();
    let state = if repairs >= MOST_IN_WINDOW {
        let failure = unrepairable(attempt, observed);
        let state = State::Failed { since: now, failure };
        let components = attempt.views(observed, &state);
        work.workspaces()
            .record_progress(attempt.hold.lease, workspace.deployment_id, &state, &components, now)
            .await?;
        state
    } else {
        let deployment = Deployment {
            id: app.random.id(now),
            workspace_id: workspace.id,
            kind: DeploymentKind::Repair,
            status: DeploymentStatus::Queued,
            generation: workspace.generation,
            requested_by: None,
            created_at: now,
            started_at: None,
            finished_at: None,
            error: None,
        };
        work.deployments().add(&deployment).await?;
        let mut repaired = workspace.clone();
        repaired.deployment_id = Some(deployment.id);
        repaired.desired = wanted;
        repaired.state = State::repairing(wanted, now);
        repaired.updated_at = now;
        work.workspaces().record_intent(&repaired).await?;
        repaired.state
    };
    if let Some(seen) = news(&attempt.loaded, observed) {
        work.workspaces().record_seen(attempt.hold.lease, &seen, now).await?;
    }
    let event = NewEvent {
        org_id: Some(workspace.org_id),
        workspace_id: Some(workspace.id),
        status: Some(state.status().as_str().into()),
        ..NewEvent::new(EventKind::WorkspaceUpdated, now)
    };
    work.events().append(&[event]).await?;
    work.commit().await?;
    app.feed.wake();
    tracing::info!(workspace.id = %workspace.id, "the host is not as it was left: {}", state.status().as_str());
    Ok(())
}

fn unrepairable(attempt: &Attempt<'_>, observed: &Observed) -> Failure {
    let down = observed.containers.iter().find(|container| !container.state.is_active());
    let component = down.map(|container| container.component.clone());
    let which = component.as_ref().map_or_else(|| "the workspace".into(), |name| format!("component {name}"));
    Failure {
        code: "component_crash_loop".into(),
        message: format!(
            "{which} does not stay up: it was brought back {MOST_IN_WINDOW} times in 10 minutes"
        ),
        component,
        step: attempt.loaded.steps.last().map(|step| step.name),
        remedy: "Look at the component's log, mend its command or image in the template, or its \
                 variables, then update the workspace."
            .into(),
        log_tail: vec![],
    }
}
