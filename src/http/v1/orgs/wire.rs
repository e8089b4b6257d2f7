//! Organizations, as the API shows them.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    app::orgs::OrgView,
    domain::{role::Role, route::Visibility},
    http::{
        v1::{me::wire::RoleWord, workspaces::wire::VisibilityWord},
        wire::Time,
    },
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
    /// The widest that addresses of its workspaces may have.
    #[schema(value_type = VisibilityWord)]
    pub max_visibility: Visibility,
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
            max_visibility: view.org.max_visibility,
            created_at: view.org.created_at.into(),
        }
    }
}
