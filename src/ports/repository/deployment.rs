use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::{PageRequest, StoreResult};
use crate::domain::{
    deployment::{Deployment, DeploymentStatus, Failure, LogLine, NumberedLogLine, Step},
    ids::{DeploymentId, WorkspaceId},
};

#[async_trait]
pub trait DeploymentRepository: Send {
    async fn add(&mut self, deployment: &Deployment) -> StoreResult<()>;

    async fn find(&mut self, id: DeploymentId) -> StoreResult<Option<Deployment>>;

    /// In no order; unknown ids are left out.
    async fn find_many(&mut self, ids: &[DeploymentId]) -> StoreResult<Vec<Deployment>>;

    /// Newest first, whatever the page's order says; `search` looks at the kind.
    async fn list(&mut self, workspace: WorkspaceId, page: &PageRequest) -> StoreResult<Vec<Deployment>>;

    /// From queued to running; a deployment that runs already stays as it is. `Stale("deployment")` when finished.
    async fn begin(&mut self, id: DeploymentId, now: DateTime<Utc>) -> StoreResult<()>;

    /// Ends it and its running steps with this status, which must be one that ends; steps that never began are
    /// skipped. `Stale("deployment")` when it had ended before.
    async fn finish(
        &mut self,
        id: DeploymentId,
        status: DeploymentStatus,
        error: Option<&Failure>,
        now: DateTime<Utc>,
    ) -> StoreResult<()>;

    /// By position.
    async fn steps(&mut self, id: DeploymentId) -> StoreResult<Vec<Step>>;

    /// Adds steps, or replaces those of the same position.
    async fn record_steps(&mut self, id: DeploymentId, steps: &[Step]) -> StoreResult<()>;

    /// `Reference("deployment")` when there is none.
    async fn append_logs(&mut self, id: DeploymentId, lines: &[LogLine]) -> StoreResult<()>;

    /// Lines numbered above `after`, in order. Numbers grow; they are not without gaps.
    async fn logs(&mut self, id: DeploymentId, after: i64, limit: u32) -> StoreResult<Vec<NumberedLogLine>>;
}
