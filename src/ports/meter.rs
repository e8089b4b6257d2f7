//! Numbers about our own work, for operators.

use std::time::Duration;

use crate::domain::{
    deployment::{DeploymentKind, DeploymentStatus},
    route::Visibility,
};

/// What became of a request to an address, as far as who sent it is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccessDecision {
    Admit,
    SignIn,
    Refuse,
    /// Nobody could tell.
    Error,
}

impl AccessDecision {
    pub const ALL: [AccessDecision; 4] = [Self::Admit, Self::SignIn, Self::Refuse, Self::Error];

    pub const fn as_str(self) -> &'static str {
        match self {
            AccessDecision::Admit => "admit",
            AccessDecision::SignIn => "sign_in",
            AccessDecision::Refuse => "refuse",
            AccessDecision::Error => "error",
        }
    }
}

/// Which proxy the request came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AskedBy {
    /// The one in this process.
    Embedded,
    /// One in front that leads to components by itself.
    ForwardAuth,
}

impl AskedBy {
    pub const ALL: [AskedBy; 2] = [Self::Embedded, Self::ForwardAuth];

    pub const fn as_str(self) -> &'static str {
        match self {
            AskedBy::Embedded => "embedded",
            AskedBy::ForwardAuth => "forward_auth",
        }
    }
}

pub trait Meter: Send + Sync {
    /// `took` counts from the request to the end.
    fn deployment_finished(&self, kind: DeploymentKind, outcome: DeploymentStatus, took: Duration);

    /// Routes were given to this kind of data plane; `outcome` is `succeeded` when `took` is until they were in force.
    fn routes_pushed(&self, proxy: &'static str, outcome: &'static str, took: Duration);

    fn access_decided(&self, decision: AccessDecision, visibility: Visibility, asked_by: AskedBy);

    /// One activation of a reconciler, by the reconciler's name.
    fn reconciled(&self, controller: &'static str, took: Duration, succeeded: bool);
}
