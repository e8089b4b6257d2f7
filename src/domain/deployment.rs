//! Deployments: recorded attempts to bring a workspace to a desired state, step by step.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{
    ids::{DeploymentId, UserId, WorkspaceId},
    names::ComponentName,
};

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $text:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$variant_doc])* $variant),* }

        impl $name {
            pub const ALL: &[$name] = &[$($name::$variant),*];

            pub const fn as_str(self) -> &'static str {
                match self { $($name::$variant => $text),* }
            }

            pub fn parse(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|word| word.as_str() == text)
            }
        }
    };
}

words! {
    DeploymentKind {
        Create = "create",
        Start = "start",
        Stop = "stop",
        Restart = "restart",
        Update = "update",
        Destroy = "destroy",
        /// The platform itself brings back what changed behind its back.
        Repair = "repair",
    }
}

words! {
    DeploymentStatus {
        /// Recorded, not picked up yet.
        Queued = "queued",
        Running = "running",
        Succeeded = "succeeded",
        Failed = "failed",
        /// By a person, or because a later request took its place.
        Canceled = "canceled",
    }
}

impl DeploymentStatus {
    pub fn is_finished(self) -> bool {
        !matches!(self, DeploymentStatus::Queued | DeploymentStatus::Running)
    }
}

words! {
    StepName {
        Network = "network",
        Volume = "volume",
        Pull = "pull",
        Build = "build",
        Create = "create",
        Start = "start",
        Health = "health",
        Route = "route",
        Stop = "stop",
        Remove = "remove",
        Cleanup = "cleanup",
    }
}

words! {
    StepStatus {
        Pending = "pending",
        Running = "running",
        Succeeded = "succeeded",
        Failed = "failed",
        Skipped = "skipped",
        Canceled = "canceled",
    }
}

impl StepStatus {
    pub fn is_finished(self) -> bool {
        !matches!(self, StepStatus::Pending | StepStatus::Running)
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct Deployment {
    pub id: DeploymentId,
    pub workspace_id: WorkspaceId,
    pub kind: DeploymentKind,
    pub status: DeploymentStatus,
    pub generation: i64,
    /// `None`: the platform itself.
    pub requested_by: Option<UserId>,
    pub created_at: DateTime<Utc>,
    pub started_at: Option<DateTime<Utc>>,
    pub finished_at: Option<DateTime<Utc>>,
    pub error: Option<Failure>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Position in the deployment, from 0.
    pub position: i32,
    pub name: StepName,
    pub component: Option<ComponentName>,
    pub status: StepStatus,
    pub started_at: Option<DateTime<Utc>>,
    pub finished_at: Option<DateTime<Utc>>,
    /// A line for people: what is waited for, what was found.
    pub detail: String,
}

/// Why a deployment failed: where, the last lines seen there, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// Stable snake_case word for programs.
    pub code: String,
    pub message: String,
    pub component: Option<ComponentName>,
    pub step: Option<StepName>,
    pub remedy: String,
    /// The last lines of the log of what failed, oldest first.
    #[serde(default)]
    pub log_tail: Vec<String>,
}

words! {
    LogStream {
        Stdout = "stdout",
        Stderr = "stderr",
        /// Written by the platform, not by a program it runs.
        System = "system",
    }
}

/// A line of a deployment's log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    pub at: DateTime<Utc>,
    pub step: StepName,
    pub component: Option<ComponentName>,
    pub stream: LogStream,
    pub text: String,
}

/// A log line with its place in the log, by which a reader resumes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NumberedLogLine {
    pub number: i64,
    pub line: LogLine,
}
