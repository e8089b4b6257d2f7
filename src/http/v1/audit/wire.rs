//! Entries, as the API shows them.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    app::audit::AuditView,
    domain::audit::Via,
    http::wire::{Time, words},
};

words! {
    ViaWord = Via::ALL;
}

/// One thing that somebody did.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditEntry {
    pub id: Uuid,
    pub at: Time,
    /// Null: the platform itself, whoever is at the server, or a try at the door of whoever is not known.
    #[schema(required)]
    pub user: Option<AuditUser>,
    #[schema(value_type = ViaWord)]
    pub via: Via,
    #[schema(example = "workspace.create")]
    pub action: String,
    #[schema(required)]
    pub org_id: Option<Uuid>,
    /// Id of what it was done to.
    pub target: String,
    /// What that was called at the time.
    #[schema(required)]
    pub target_name: Option<String>,
    /// Network address of the caller, empty when there is none.
    pub address: String,
    /// What changed.
    pub detail: serde_json::Value,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct AuditUser {
    pub id: Uuid,
    /// Null: removed since.
    #[schema(required)]
    pub username: Option<String>,
}

impl From<AuditView> for AuditEntry {
    fn from(AuditView { entry, username }: AuditView) -> Self {
        let username = username.map(|username| username.to_string());
        Self {
            id: entry.id.into(),
            at: entry.at.into(),
            user: entry.user_id.map(|id| AuditUser { id: id.into(), username }),
            via: entry.via,
            action: entry.action,
            org_id: entry.org_id.map(Into::into),
            target: entry.target,
            target_name: entry.target_name,
            address: entry.address,
            detail: entry.detail,
        }
    }
}
