//! Organizations, as the API shows them.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    app::orgs::OrgView,
    domain::role::Role,
    http::{v1::me::wire::RoleWord, wire::Time},
};

#[derive(Debug, Serialize, ToSchema)]
pub struct Org {
    pub id: Uuid,
    pub slug: String,
    pub name: String,
    /// The caller's. Null: a platform admin who is not a member.
    #[schema(required, value_type = Option<RoleWord>)]
    pub role: Option<Role>,
    /// How many belong to it.
    pub members: u64,
    pub created_at: Time,
}

impl From<OrgView> for Org {
    fn from(view: OrgView) -> Self {
        Self {
            id: view.org.id.into(),
            slug: view.org.slug.to_string(),
            name: view.org.name,
            role: view.role,
            members: view.members,
            created_at: view.org.created_at.into(),
        }
    }
}
