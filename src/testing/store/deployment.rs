use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::{
    Repository, kept,
    page::{newest, page},
};
use crate::{
    domain::{
        deployment::{Deployment, DeploymentStatus, Failure, LogLine, NumberedLogLine, Step, StepStatus},
        ids::{DeploymentId, WorkspaceId},
    },
    ports::repository::{DeploymentRepository, PageRequest, StoreError, StoreResult, text::storable},
};

impl Repository<'_> {
    fn unfinished(&mut self, id: DeploymentId) -> StoreResult<&mut Deployment> {
        let stale = self.stale();
        let deployment = self.writing()?.deployments.get_mut(&id);
        deployment.filter(|deployment| deployment.finished_at.is_none()).ok_or(stale)
    }

    fn ill_ended<T>(&mut self) -> StoreResult<T> {
        self.refuse(StoreError::Unavailable(
            "a deployment has a time of its end if and only if it ended".into(),
        ))
    }
}

/// What its running steps end as.
fn ending(status: DeploymentStatus) -> Option<StepStatus> {
    match status {
        DeploymentStatus::Queued | DeploymentStatus::Running => None,
        DeploymentStatus::Succeeded => Some(StepStatus::Succeeded),
        DeploymentStatus::Failed => Some(StepStatus::Failed),
        DeploymentStatus::Canceled => Some(StepStatus::Canceled),
    }
}

#[async_trait]
impl DeploymentRepository for Repository<'_> {
    async fn add(&mut self, deployment: &Deployment) -> StoreResult<()> {
        let tables = self.writing()?;
        if tables.deployments.contains_key(&deployment.id) {
            return self.taken("id");
        }
        if deployment.status.is_finished() != deployment.finished_at.is_some() {
            return self.ill_ended();
        }
        let known = tables.workspaces.contains_key(&deployment.workspace_id)
            && deployment.requested_by.is_none_or(|user| tables.users.contains_key(&user));
        if !known {
            return self.dangling();
        }
        let row =
            Deployment { error: deployment.error.as_ref().map(kept).transpose()?, ..deployment.clone() };
        tables.deployments.insert(deployment.id, row);
        Ok(())
    }

    async fn find(&mut self, id: DeploymentId) -> StoreResult<Option<Deployment>> {
        Ok(self.reading()?.deployments.get(&id).cloned())
    }

    async fn find_many(&mut self, ids: &[DeploymentId]) -> StoreResult<Vec<Deployment>> {
        let deployments = &self.reading()?.deployments;
        Ok(ids.iter().filter_map(|id| deployments.get(id).cloned()).collect())
    }

    async fn list(&mut self, workspace: WorkspaceId, request: &PageRequest) -> StoreResult<Vec<Deployment>> {
        let deployments = self.reading()?.deployments.values().filter(|it| it.workspace_id == workspace);
        Ok(page(deployments, &newest(request), |it| (it.kind.as_str(), it.id.as_uuid())))
    }

    async fn begin(&mut self, id: DeploymentId, now: DateTime<Utc>) -> StoreResult<()> {
        let deployment = self.unfinished(id)?;
        deployment.status = DeploymentStatus::Running;
        deployment.started_at.get_or_insert(now);
        Ok(())
    }

    async fn finish(
        &mut self,
        id: DeploymentId,
        status: DeploymentStatus,
        error: Option<&Failure>,
        now: DateTime<Utc>,
    ) -> StoreResult<()> {
        let deployment = self.unfinished(id)?;
        let Some(ending) = ending(status) else { return self.ill_ended() };
        deployment.status = status;
        deployment.error = error.map(kept).transpose()?;
        deployment.finished_at = Some(now);
        for (_, step) in self.writing()?.steps.range_mut((id, i32::MIN)..=(id, i32::MAX)) {
            step.status = match step.status {
                StepStatus::Running => ending,
                StepStatus::Pending => StepStatus::Skipped,
                _ => continue,
            };
            step.finished_at = Some(now);
        }
        Ok(())
    }

    async fn steps(&mut self, id: DeploymentId) -> StoreResult<Vec<Step>> {
        let steps = self.reading()?.steps.range((id, i32::MIN)..=(id, i32::MAX));
        Ok(steps.map(|(_, step)| step.clone()).collect())
    }

    async fn record_steps(&mut self, id: DeploymentId, steps: &[Step]) -> StoreResult<()> {
        if steps.is_empty() {
            return Ok(());
        }
        let tables = self.writing()?;
        if !tables.deployments.contains_key(&id) {
            return self.dangling();
        }
        for step in steps {
            let row = Step { detail: storable(&step.detail).into_owned(), ..step.clone() };
            tables.steps.insert((id, step.position), row);
        }
        Ok(())
    }

    async fn append_logs(&mut self, id: DeploymentId, lines: &[LogLine]) -> StoreResult<()> {
        if lines.is_empty() {
            return Ok(());
        }
        let tables = self.writing()?;
        if !tables.deployments.contains_key(&id) {
            return Err(StoreError::Reference("deployment"));
        }
        let last = tables.logs.range((id, i64::MIN)..=(id, i64::MAX)).next_back();
        let first = last.map_or(1, |((_, number), _)| number + 1);
        for (number, line) in (first..).zip(lines) {
            let line = LogLine { text: storable(&line.text).into_owned(), ..line.clone() };
            tables.logs.insert((id, number), NumberedLogLine { number, line });
        }
        Ok(())
    }

    async fn logs(&mut self, id: DeploymentId, after: i64, limit: u32) -> StoreResult<Vec<NumberedLogLine>> {
        let later = self.reading()?.logs.range((id, after.saturating_add(1))..=(id, i64::MAX));
        Ok(later.take(limit as usize).map(|(_, line)| line.clone()).collect())
    }
}
