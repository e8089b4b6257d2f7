//! Organizations: the tenants.

use chrono::{DateTime, Utc};

use super::{ids::OrgId, names::OrgSlug};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Org {
    pub id: OrgId,
    pub slug: OrgSlug,
    pub name: String,
    /// Since when it is on its way out: nothing new begins in it, and it goes when its last workspace has gone.
    pub deleting_since: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}
