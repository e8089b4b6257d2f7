//! `GET|POST /orgs/{org}/invitations`, `DELETE /orgs/{org}/invitations/{id}`

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    app::{
        App,
        invitations::{self, InvitationView},
        orgs,
    },
    domain::{ids::InvitationId, names::Email, policy::Action, role::Role},
    http::{
        error::ApiResult,
        extract::{Authenticated, Creating, Fields, Page, Paging, Path, paging::PagingParams},
        v1::me::wire::RoleWord,
        wire::Time,
    },
};

/// A way into the organization for whoever has the address.
#[derive(Debug, Serialize, ToSchema)]
pub struct Invitation {
    id: Uuid,
    email: String,
    #[schema(value_type = RoleWord)]
    role: Role,
    /// Null: a user that was removed.
    #[schema(required)]
    invited_by: Option<Inviter>,
    created_at: Time,
    expires_at: Time,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Inviter {
    id: Uuid,
    username: String,
}

/// A new invitation, with the link that is never shown again.
#[derive(Debug, Serialize, ToSchema)]
pub struct NewInvitation {
    #[serde(flatten)]
    invitation: Invitation,
    /// Null when the same request was answered before under its `Idempotency-Key`: then invite again under another key.
    #[schema(required)]
    accept_url: Option<String>,
    /// Whether the link goes out by mail as well.
    mailed: bool,
}

impl From<InvitationView> for Invitation {
    fn from(InvitationView { invitation, invited_by }: InvitationView) -> Self {
        Self {
            id: invitation.id.into(),
            email: invitation.email.to_string(),
            role: invitation.role,
            invited_by: invited_by.map(|(id, name)| Inviter { id: id.into(), username: name.to_string() }),
            created_at: invitation.created_at.into(),
            expires_at: invitation.expires_at.into(),
        }
    }
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Invite {
    #[schema(example = "grace@example.org")]
    email: String,
    /// At most the caller's own.
    #[schema(value_type = RoleWord)]
    role: String,
}

#[utoipa::path(
    get, path = "/orgs/{org}/invitations", tag = "organizations", security(("bearer" = [])),
    params(("org" = String, Path, description = "Id or slug"), PagingParams),
    responses((status = 200, body = Page<Invitation>))
)]
pub async fn list(
    State(app): State<Arc<App>>,
    Authenticated(caller): Authenticated,
    Path(org): Path<String>,
    paging: Paging,
) -> ApiResult<Page<Invitation>> {
    let org = orgs::find(&app, &caller, Action::Invite, &org).await?;
    let rows = invitations::list(&app, &caller, org.id, &paging.request).await?;
    let position = |view: &InvitationView| (view.invitation.email.to_string(), view.invitation.id.into());
    Ok(paging.page(rows, position, Invitation::from))
}

/// Invites somebody by their mail address; inviting again replaces the invitation.
#[utoipa::path(
    post, path = "/orgs/{org}/invitations", tag = "organizations", security(("bearer" = [])),
    params(("org" = String, Path, description = "Id or slug"), ("Idempotency-Key" = Option<String>, Header)),
    request_body = Invite,
    responses((status = 201, body = NewInvitation), (status = 409, description = "`already_member`"))
)]
pub async fn create(
    State(app): State<Arc<App>>,
    Authenticated(caller): Authenticated,
    Path(org): Path<String>,
    Creating { body, key }: Creating<Invite>,
) -> ApiResult<(StatusCode, Json<NewInvitation>)> {
    let org = orgs::find(&app, &caller, Action::Invite, &org).await?;
    let mut fields = Fields::default();
    let values = (fields.parse::<Email>("email", &body.email), fields.parse::<Role>("role", &body.role));
    let (email, role) = fields.all(values)?;
    let invited = invitations::create(&app, &caller, org.id, email, role, key.as_ref()).await?;
    let answer = NewInvitation {
        invitation: invited.view.into(),
        accept_url: invited.accept_url.map(|url| url.expose().to_owned()),
        mailed: invited.mailed,
    };
    Ok((StatusCode::CREATED, Json(answer)))
}

/// Takes an invitation back.
#[utoipa::path(
    delete, path = "/orgs/{org}/invitations/{id}", tag = "organizations", security(("bearer" = [])),
    params(("org" = String, Path, description = "Id or slug"), ("id" = Uuid, Path)),
    responses((status = 204))
)]
pub async fn withdraw(
    State(app): State<Arc<App>>,
    Authenticated(caller): Authenticated,
    Path((org, id)): Path<(String, InvitationId)>,
) -> ApiResult<StatusCode> {
    let org = orgs::find(&app, &caller, Action::Invite, &org).await?;
    invitations::withdraw(&app, &caller, org.id, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
