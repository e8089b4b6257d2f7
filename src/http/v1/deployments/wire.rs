//! Deployments, their steps and their logs, as the API shows them.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    app::workspaces::DeploymentDetail,
    domain::deployment::{
        self, DeploymentKind, DeploymentStatus, LogStream, NumberedLogLine, StepName, StepStatus,
    },
    http::{
        v1::workspaces::wire::UserRef,
        wire::{Time, words},
    },
};

words! {
    DeploymentKindWord = DeploymentKind::ALL;
    DeploymentStatusWord = DeploymentStatus::ALL;
    StepNameWord = StepName::ALL;
    StepStatusWord = StepStatus::ALL;
    LogStreamWord = LogStream::ALL;
}

/// One recorded attempt to move a workspace to a desired state.
#[derive(Debug, Serialize, ToSchema)]
pub struct Deployment {
    pub id: Uuid,
    pub workspace_id: Uuid,
    #[schema(value_type = DeploymentKindWord)]
    pub kind: DeploymentKind,
    #[schema(value_type = DeploymentStatusWord)]
    pub status: DeploymentStatus,
    pub generation: i64,
    /// Null: the platform itself.
    #[schema(required)]
    pub requested_by: Option<UserRef>,
    pub created_at: Time,
    #[schema(required)]
    pub started_at: Option<Time>,
    #[schema(required)]
    pub finished_at: Option<Time>,
    #[schema(required)]
    pub error: Option<DeploymentError>,
    pub steps: Vec<DeploymentStep>,
}

/// Where it failed, the last lines seen there, and what to do.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeploymentError {
    pub code: String,
    pub message: String,
    #[schema(required)]
    pub component: Option<String>,
    #[schema(required, value_type = Option<StepNameWord>)]
    pub step: Option<StepName>,
    pub remedy: String,
    pub log_tail: Vec<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct DeploymentStep {
    #[schema(value_type = StepNameWord)]
    pub name: StepName,
    #[schema(required)]
    pub component: Option<String>,
    #[schema(value_type = StepStatusWord)]
    pub status: StepStatus,
    #[schema(required)]
    pub started_at: Option<Time>,
    #[schema(required)]
    pub finished_at: Option<Time>,
    pub detail: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct DeploymentLogLine {
    /// Grows along the log; the id of the line's event when streamed.
    pub number: i64,
    pub time: Time,
    #[schema(value_type = StepNameWord)]
    pub step: StepName,
    #[schema(required)]
    pub component: Option<String>,
    #[schema(value_type = LogStreamWord)]
    pub stream: LogStream,
    pub text: String,
}

impl From<&DeploymentDetail> for Deployment {
    fn from(DeploymentDetail { deployment, requested_by, steps }: &DeploymentDetail) -> Self {
        Self {
            id: deployment.id.into(),
            workspace_id: deployment.workspace_id.into(),
            kind: deployment.kind,
            status: deployment.status,
            generation: deployment.generation,
            requested_by: requested_by
                .as_ref()
                .map(|(id, username)| UserRef { id: (*id).into(), username: username.to_string() }),
            created_at: deployment.created_at.into(),
            started_at: deployment.started_at.map(Time),
            finished_at: deployment.finished_at.map(Time),
            error: deployment.error.as_ref().map(DeploymentError::from),
            steps: steps.iter().map(DeploymentStep::from).collect(),
        }
    }
}

impl From<&deployment::Failure> for DeploymentError {
    fn from(failure: &deployment::Failure) -> Self {
        Self {
            code: failure.code.clone(),
            message: failure.message.clone(),
            component: failure.component.as_ref().map(ToString::to_string),
            step: failure.step,
            remedy: failure.remedy.clone(),
            log_tail: failure.log_tail.clone(),
        }
    }
}

impl From<&deployment::Step> for DeploymentStep {
    fn from(step: &deployment::Step) -> Self {
        Self {
            name: step.name,
            component: step.component.as_ref().map(ToString::to_string),
            status: step.status,
            started_at: step.started_at.map(Time),
            finished_at: step.finished_at.map(Time),
            detail: step.detail.clone(),
        }
    }
}

impl From<NumberedLogLine> for DeploymentLogLine {
    fn from(NumberedLogLine { number, line }: NumberedLogLine) -> Self {
        Self {
            number,
            time: line.at.into(),
            step: line.step,
            component: line.component.map(String::from),
            stream: line.stream,
            text: line.text,
        }
    }
}
