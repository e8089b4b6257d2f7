//! Organizations: the tenants.

use chrono::{DateTime, Utc};

use super::{ids::OrgId, names::OrgSlug, route::Visibility};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Org {
    pub id: OrgId,
    pub slug: OrgSlug,
    pub name: String,
    /// The widest that addresses of its workspaces may have.
    pub max_visibility: Visibility,
    /// Since when it is on its way out: nothing new begins in it, and it goes when its last workspace has gone.
    pub deleting_since: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}
