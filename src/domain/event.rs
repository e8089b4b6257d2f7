//! Things that happened, in one order. Subscribers get the nouns that changed, never their content, and read again
//! what they are allowed to see.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::ids::{DeploymentId, HostId, OrgId, TemplateId, WorkspaceId};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum EventKind {
    #[serde(rename = "workspace.created")]
    WorkspaceCreated,
    #[serde(rename = "workspace.updated")]
    WorkspaceUpdated,
    #[serde(rename = "workspace.destroyed")]
    WorkspaceDestroyed,
    #[serde(rename = "deployment.updated")]
    DeploymentUpdated,
    #[serde(rename = "template.updated")]
    TemplateUpdated,
    #[serde(rename = "template.deleted")]
    TemplateDeleted,
    #[serde(rename = "host.updated")]
    HostUpdated,
    #[serde(rename = "org.updated")]
    OrgUpdated,
}

impl EventKind {
    pub const ALL: [EventKind; 8] = [
        EventKind::WorkspaceCreated,
        EventKind::WorkspaceUpdated,
        EventKind::WorkspaceDestroyed,
        EventKind::DeploymentUpdated,
        EventKind::TemplateUpdated,
        EventKind::TemplateDeleted,
        EventKind::HostUpdated,
        EventKind::OrgUpdated,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            EventKind::WorkspaceCreated => "workspace.created",
            EventKind::WorkspaceUpdated => "workspace.updated",
            EventKind::WorkspaceDestroyed => "workspace.destroyed",
            EventKind::DeploymentUpdated => "deployment.updated",
            EventKind::TemplateUpdated => "template.updated",
            EventKind::TemplateDeleted => "template.deleted",
            EventKind::HostUpdated => "host.updated",
            EventKind::OrgUpdated => "org.updated",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

/// What a writer appends; the store gives it its sequence number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEvent {
    pub kind: EventKind,
    pub at: DateTime<Utc>,
    /// `None`: everybody may see it (a host, the catalog).
    pub org_id: Option<OrgId>,
    pub workspace_id: Option<WorkspaceId>,
    pub deployment_id: Option<DeploymentId>,
    pub template_id: Option<TemplateId>,
    pub host_id: Option<HostId>,
    /// The new status of what changed, where it has one.
    pub status: Option<String>,
}

impl NewEvent {
    pub fn new(kind: EventKind, at: DateTime<Utc>) -> Self {
        Self {
            kind,
            at,
            org_id: None,
            workspace_id: None,
            deployment_id: None,
            template_id: None,
            host_id: None,
            status: None,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Grows by one; a reader that has seen N asks for what follows N.
    pub sequence: i64,
    pub event: NewEvent,
}
