//! A workspace's life. A state carries its own facts; a request consumes it and may refuse.
//!
//! ```text
//! pending → provisioning → running ⇄ stopping → stopped      failed: any of these that did not get through
//!     └──────────── destroying → destroyed ────────────┘
//! ```
//!
//! `unknown` is not stored: it is what a state reads as while the host cannot be seen, see [`State::status_on`].

use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};

use crate::domain::{
    deployment::{DeploymentKind, Failure},
    host::HostState,
};

/// Waiting for a free slot, and then pulling, building, starting and becoming ready.
pub const PENDING_DEADLINE: Duration = Duration::minutes(60);
pub const PROVISION_DEADLINE: Duration = Duration::minutes(45);
pub const STOP_DEADLINE: Duration = Duration::minutes(5);
pub const DESTROY_DEADLINE: Duration = Duration::minutes(10);

/// What is wanted in the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "desired", rename_all = "snake_case")]
pub enum Desired {
    Running,
    Stopped,
    Destroyed { keep_volumes: bool },
}

impl Desired {
    pub const fn as_str(self) -> &'static str {
        match self {
            Desired::Running => "running",
            Desired::Stopped => "stopped",
            Desired::Destroyed { .. } => "destroyed",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum State {
    /// Recorded; nobody works on it yet.
    Pending {
        since: DateTime<Utc>,
        deadline: DateTime<Utc>,
    },
    Provisioning {
        since: DateTime<Utc>,
        deadline: DateTime<Utc>,
    },
    Running {
        since: DateTime<Utc>,
    },
    Stopping {
        since: DateTime<Utc>,
        deadline: DateTime<Utc>,
    },
    Stopped {
        since: DateTime<Utc>,
    },
    Failed {
        since: DateTime<Utc>,
        failure: Failure,
    },
    Destroying {
        since: DateTime<Utc>,
        deadline: DateTime<Utc>,
    },
    Destroyed {
        since: DateTime<Utc>,
    },
}

/// The word the API shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Pending,
    Provisioning,
    Running,
    Stopping,
    Stopped,
    Failed,
    Destroying,
    Destroyed,
    /// The host cannot be seen; we do not guess.
    Unknown,
}

impl Status {
    pub const ALL: [Status; 9] = [
        Status::Pending,
        Status::Provisioning,
        Status::Running,
        Status::Stopping,
        Status::Stopped,
        Status::Failed,
        Status::Destroying,
        Status::Destroyed,
        Status::Unknown,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            Status::Pending => "pending",
            Status::Provisioning => "provisioning",
            Status::Running => "running",
            Status::Stopping => "stopping",
            Status::Stopped => "stopped",
            Status::Failed => "failed",
            Status::Destroying => "destroying",
            Status::Destroyed => "destroyed",
            Status::Unknown => "unknown",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == text)
    }

    /// Nothing is under way.
    pub fn is_settled(self) -> bool {
        matches!(self, Status::Running | Status::Stopped | Status::Failed | Status::Destroyed)
    }
}

/// What a person asks of a workspace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Request {
    Start,
    Stop,
    Restart,
    /// Containers made anew, from another template version or other parameters.
    Update,
    Destroy {
        keep_volumes: bool,
    },
    Retry,
    Cancel,
}

impl Request {
    pub const ALL: [Request; 7] = [
        Request::Start,
        Request::Stop,
        Request::Restart,
        Request::Update,
        Request::Destroy { keep_volumes: false },
        Request::Retry,
        Request::Cancel,
    ];
}

/// What a request leads to.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// It is so already, or on its way.
    Nothing,
    Begin {
        state: State,
        desired: Desired,
        kind: DeploymentKind,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("the workspace is destroyed")]
    Destroyed,
    #[error("the workspace is being destroyed; cancel that first, or wait")]
    Destroying,
    #[error("nothing is under way that could be canceled")]
    NothingToCancel,
    #[error("there is no failed attempt to retry")]
    NothingToRetry,
}

impl Refusal {
    pub const fn code(self) -> &'static str {
        match self {
            Refusal::Destroyed => "workspace_destroyed",
            Refusal::Destroying => "workspace_destroying",
            Refusal::NothingToCancel => "nothing_to_cancel",
            Refusal::NothingToRetry => "nothing_to_retry",
        }
    }
}

impl State {
    pub fn pending(now: DateTime<Utc>) -> Self {
        State::Pending { since: now, deadline: now + PENDING_DEADLINE }
    }

    pub fn provisioning(now: DateTime<Utc>) -> Self {
        State::Provisioning { since: now, deadline: now + PROVISION_DEADLINE }
    }

    fn stopping(now: DateTime<Utc>) -> Self {
        State::Stopping { since: now, deadline: now + STOP_DEADLINE }
    }

    fn destroying(now: DateTime<Utc>) -> Self {
        State::Destroying { since: now, deadline: now + DESTROY_DEADLINE }
    }

    pub fn status(&self) -> Status {
        match self {
            State::Pending { .. } => Status::Pending,
            State::Provisioning { .. } => Status::Provisioning,
            State::Running { .. } => Status::Running,
            State::Stopping { .. } => Status::Stopping,
            State::Stopped { .. } => Status::Stopped,
            State::Failed { .. } => Status::Failed,
            State::Destroying { .. } => Status::Destroying,
            State::Destroyed { .. } => Status::Destroyed,
        }
    }

    /// The status as it may honestly be told: a host that cannot be seen makes it unknown.
    pub fn status_on(&self, host: &HostState) -> Status {
        match (self, host) {
            (State::Destroyed { .. }, _) => Status::Destroyed,
            (_, HostState::Unreachable { .. }) => Status::Unknown,
            _ => self.status(),
        }
    }

    pub fn since(&self) -> DateTime<Utc> {
        match self {
            State::Pending { since, .. }
            | State::Provisioning { since, .. }
            | State::Running { since }
            | State::Stopping { since, .. }
            | State::Stopped { since }
            | State::Failed { since, .. }
            | State::Destroying { since, .. }
            | State::Destroyed { since } => *since,
        }
    }

    /// When a transitional state must have been left; settled states have none.
    pub fn deadline(&self) -> Option<DateTime<Utc>> {
        match self {
            State::Pending { deadline, .. }
            | State::Provisioning { deadline, .. }
            | State::Stopping { deadline, .. }
            | State::Destroying { deadline, .. } => Some(*deadline),
            State::Running { .. }
            | State::Stopped { .. }
            | State::Failed { .. }
            | State::Destroyed { .. } => None,
        }
    }

    /// Somebody begins to work on it: waiting ends, and the time that counts starts.
    #[must_use]
    pub fn picked_up(self, desired: Desired, now: DateTime<Utc>) -> Self {
        match (self, desired) {
            (State::Pending { .. }, Desired::Running) => State::provisioning(now),
            (State::Pending { .. }, Desired::Stopped) => State::stopping(now),
            (state, _) => state,
        }
    }

    /// On the way to what is wanted once more, without anybody asking: the host is not as it was left.
    #[must_use]
    pub fn repairing(desired: Desired, now: DateTime<Utc>) -> Self {
        match desired {
            Desired::Running => State::pending(now),
            Desired::Stopped => State::stopping(now),
            Desired::Destroyed { .. } => State::destroying(now),
        }
    }

    /// Time stood still, as in a backup: whoever was on the way gets the whole time again.
    #[must_use]
    pub fn renewed(self, now: DateTime<Utc>) -> Self {
        match self {
            State::Pending { .. } => State::pending(now),
            State::Provisioning { .. } => State::provisioning(now),
            State::Stopping { .. } => State::stopping(now),
            State::Destroying { .. } => State::destroying(now),
            State::Running { .. }
            | State::Stopped { .. }
            | State::Failed { .. }
            | State::Destroyed { .. } => self,
        }
    }

    /// What is wanted has been reached.
    #[must_use]
    pub fn reached(desired: Desired, now: DateTime<Utc>) -> Self {
        match desired {
            Desired::Running => State::Running { since: now },
            Desired::Stopped => State::Stopped { since: now },
            Desired::Destroyed { .. } => State::Destroyed { since: now },
        }
    }

    /// Decides a request. `desired` and `last` (the kind of the last attempt) say what a failed state was on its way to.
    pub fn request(
        &self,
        request: Request,
        desired: Desired,
        last: DeploymentKind,
        now: DateTime<Utc>,
    ) -> Result<Outcome, Refusal> {
        match self {
            State::Destroyed { .. } if matches!(request, Request::Destroy { .. }) => {
                return Ok(Outcome::Nothing);
            }
            State::Destroyed { .. } => return Err(Refusal::Destroyed),
            State::Destroying { .. } if !matches!(request, Request::Cancel | Request::Destroy { .. }) => {
                return Err(Refusal::Destroying);
            }
            _ => {}
        }
        Ok(match request {
            Request::Start => match self {
                State::Running { .. } => Outcome::Nothing,
                State::Pending { .. } | State::Provisioning { .. } if desired == Desired::Running => {
                    Outcome::Nothing
                }
                _ => start(DeploymentKind::Start, now),
            },
            Request::Stop => match self {
                State::Stopped { .. } | State::Stopping { .. } => Outcome::Nothing,
                _ => stop(DeploymentKind::Stop, now),
            },
            Request::Restart => match self {
                State::Stopped { .. } | State::Stopping { .. } => start(DeploymentKind::Start, now),
                _ => start(DeploymentKind::Restart, now),
            },
            Request::Update => match desired {
                Desired::Running => start(DeploymentKind::Update, now),
                _ => stop(DeploymentKind::Update, now),
            },
            Request::Destroy { keep_volumes } => match (self, desired) {
                (State::Destroying { .. }, Desired::Destroyed { keep_volumes: before })
                    if before == keep_volumes =>
                {
                    Outcome::Nothing
                }
                _ => destroy(keep_volumes, now),
            },
            Request::Retry => match (self, desired) {
                (State::Failed { .. }, Desired::Running) => start(last, now),
                (State::Failed { .. }, Desired::Stopped) => stop(last, now),
                (State::Failed { .. }, Desired::Destroyed { keep_volumes }) => destroy(keep_volumes, now),
                _ => return Err(Refusal::NothingToRetry),
            },
            Request::Cancel => match self {
                State::Pending { .. } | State::Provisioning { .. } | State::Destroying { .. } => {
                    stop(DeploymentKind::Stop, now)
                }
                State::Stopping { .. } => start(DeploymentKind::Start, now),
                _ => return Err(Refusal::NothingToCancel),
            },
        })
    }
}

fn start(kind: DeploymentKind, now: DateTime<Utc>) -> Outcome {
    Outcome::Begin { state: State::pending(now), desired: Desired::Running, kind }
}

fn stop(kind: DeploymentKind, now: DateTime<Utc>) -> Outcome {
    Outcome::Begin { state: State::stopping(now), desired: Desired::Stopped, kind }
}

fn destroy(keep_volumes: bool, now: DateTime<Utc>) -> Outcome {
    Outcome::Begin {
        state: State::destroying(now),
        desired: Desired::Destroyed { keep_volumes },
        kind: DeploymentKind::Destroy,
    }
}

#[cfg(test)]
mod tests;
