//! `GET /orgs/{org}/members`, `PUT|DELETE /orgs/{org}/members/{user_id}`

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::{
    app::{
        App,
        members::{self, MemberView},
        orgs,
    },
    domain::{ids::UserId, policy::Action, role::Role},
    http::{
        error::ApiResult,
        extract::{Authenticated, Body, Fields, Page, Path, Query},
        v1::me::wire::RoleWord,
        wire::Time,
    },
};

/// Somebody who belongs to the organization.
#[derive(Debug, Serialize, ToSchema)]
pub struct OrgMember {
    user: MemberUser,
    #[schema(value_type = RoleWord)]
    role: Role,
    /// Workspaces of theirs in this organization.
    workspaces: u64,
    joined_at: Time,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct MemberUser {
    id: Uuid,
    username: String,
    display_name: String,
    email: String,
}

impl From<MemberView> for OrgMember {
    fn from(MemberView { member, workspaces }: MemberView) -> Self {
        Self {
            user: MemberUser {
                id: member.user_id.into(),
                username: member.username.to_string(),
                display_name: member.display_name,
                email: member.email.to_string(),
            },
            role: member.role,
            workspaces,
            joined_at: member.joined_at.into(),
        }
    }
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetMember {
    /// At most the caller's own.
    #[schema(value_type = RoleWord)]
    role: String,
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Leaving {
    /// The member who takes the workspaces of the one who goes.
    transfer_to: Option<Uuid>,
}

/// All members, by username.
#[utoipa::path(
    get, path = "/orgs/{org}/members", tag = "organizations", security(("bearer" = [])),
    params(("org" = String, Path, description = "Id or slug")),
    responses((status = 200, body = Page<OrgMember>))
)]
pub async fn list(
    State(app): State<Arc<App>>,
    Authenticated(caller): Authenticated,
    Path(org): Path<String>,
) -> ApiResult<Page<OrgMember>> {
    let org = orgs::find(&app, &caller, Action::ReadOrg, &org).await?;
    let members = members::list(&app, &caller, org.id).await?;
    Ok(Page::whole(members.into_iter().map(Into::into).collect()))
}

/// Changes a member's role. A platform admin also makes members; others invite.
#[utoipa::path(
    put, path = "/orgs/{org}/members/{user_id}", tag = "organizations", security(("bearer" = [])),
    params(("org" = String, Path, description = "Id or slug"), ("user_id" = Uuid, Path)),
    request_body = SetMember,
    responses((status = 200, body = OrgMember), (status = 409, description = "`last_owner`"))
)]
pub async fn set(
    State(app): State<Arc<App>>,
    Authenticated(caller): Authenticated,
    Path((org, user)): Path<(String, UserId)>,
    Body(body): Body<SetMember>,
) -> ApiResult<Json<OrgMember>> {
    let org = orgs::find(&app, &caller, Action::SetMember, &org).await?;
    let mut fields = Fields::default();
    let (role,) = {
        let role = fields.parse::<Role>("role", &body.role);
        fields.all((role,))?
    };
    Ok(Json(members::set(&app, &caller, org.id, user, role).await?.into()))
}

/// Removes a member. Everybody may remove themself.
#[utoipa::path(
    delete, path = "/orgs/{org}/members/{user_id}", tag = "organizations", security(("bearer" = [])),
    params(("org" = String, Path, description = "Id or slug"), ("user_id" = Uuid, Path), Leaving),
    responses((status = 204), (status = 409, description = "`last_owner`, or `owns_workspaces`"))
)]
pub async fn remove(
    State(app): State<Arc<App>>,
    Authenticated(caller): Authenticated,
    Path((org, user)): Path<(String, UserId)>,
    Query(leaving): Query<Leaving>,
) -> ApiResult<StatusCode> {
    let org = orgs::find(&app, &caller, Action::ReadOrg, &org).await?;
    members::remove(&app, &caller, org.id, user, leaving.transfer_to.map(UserId::from)).await?;
    Ok(StatusCode::NO_CONTENT)
}
