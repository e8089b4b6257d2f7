//! Who did what to what, kept for good.

use chrono::{DateTime, Utc};

use serde::{Deserialize, Serialize};

use super::ids::{AuditId, OrgId, UserId};

#[derive(Debug, Clone, PartialEq)]
pub struct AuditEntry {
    pub id: AuditId,
    pub at: DateTime<Utc>,
    /// `None`: the platform itself, by a policy named in `action`, or whoever is at the server.
    pub user_id: Option<UserId>,
    pub org_id: Option<OrgId>,
    /// `<noun>.<verb>`, for instance `workspace.create`.
    pub action: String,
    /// By what the actor was known.
    pub via: Via,
    /// Id of what it was done to.
    pub target: String,
    /// What that was called at the time, where it has a name.
    pub target_name: Option<String>,
    /// Network address of the caller, empty when there is none.
    pub address: String,
    /// What changed; secrets are masked by whoever writes it.
    pub detail: serde_json::Value,
}

/// By what an actor is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Via {
    Session,
    /// An API token.
    Token,
    /// Nobody is signed in yet: signing in, registering, setting up.
    Door,
    /// The platform itself, by a policy.
    Platform,
    /// Whoever is at the server, with `devsanctum admin`.
    CommandLine,
}

impl Via {
    pub const ALL: [Via; 5] = [Via::Session, Via::Token, Via::Door, Via::Platform, Via::CommandLine];

    pub const fn as_str(self) -> &'static str {
        match self {
            Via::Session => "session",
            Via::Token => "token",
            Via::Door => "door",
            Via::Platform => "platform",
            Via::CommandLine => "command_line",
        }
    }
}

impl AuditEntry {
    /// With the name of the target.
    #[must_use]
    pub fn named(self, target: &str) -> Self {
        Self { target_name: Some(target.to_owned()), ..self }
    }
}
