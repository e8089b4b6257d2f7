//! Numbers about our own work, for operators.

use std::time::Duration;

use crate::domain::deployment::{DeploymentKind, DeploymentStatus};

pub trait Meter: Send + Sync {
    /// `took` counts from the request to the end.
    fn deployment_finished(&self, kind: DeploymentKind, outcome: DeploymentStatus, took: Duration);

    /// One activation of a reconciler, by the reconciler's name.
    fn reconciled(&self, controller: &'static str, took: Duration, succeeded: bool);
}
