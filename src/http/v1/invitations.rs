//! `POST /invitations/show`, `POST /invitations/accept`. The token travels in the body, never in a path.

use std::sync::Arc;

use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    app::{App, invitations, orgs},
    domain::{role::Role, secret::Secret},
    http::{
        error::ApiResult,
        extract::{Authenticated, Body},
        v1::{me::wire::RoleWord, orgs::wire::Org},
        wire::Time,
    },
};

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InvitationToken {
    /// From the link.
    #[schema(value_type = String)]
    token: Secret,
}

/// What an invitation is for.
#[derive(Debug, Serialize, ToSchema)]
pub struct ShownInvitation {
    org: InvitingOrg,
    email: String,
    #[schema(value_type = RoleWord)]
    role: Role,
    expires_at: Time,
    /// Somebody has an account with the address: sign in and accept. Otherwise register.
    account_exists: bool,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct InvitingOrg {
    slug: String,
    name: String,
}

/// Shows an invitation to whoever holds its token.
#[utoipa::path(
    post, path = "/invitations/show", tag = "organizations", request_body = InvitationToken,
    responses(
        (status = 200, body = ShownInvitation),
        (status = 422, description = "`invalid_token`: unknown, used, withdrawn or expired")
    )
)]
pub async fn show(
    State(app): State<Arc<App>>,
    Body(body): Body<InvitationToken>,
) -> ApiResult<Json<ShownInvitation>> {
    let shown = invitations::show(&app, &body.token).await?;
    Ok(Json(ShownInvitation {
        org: InvitingOrg { slug: shown.org.slug.to_string(), name: shown.org.name },
        email: shown.invitation.email.to_string(),
        role: shown.invitation.role,
        expires_at: shown.invitation.expires_at.into(),
        account_exists: shown.account_exists,
    }))
}

/// Makes the caller, whose mail address must be the invited one, a member.
#[utoipa::path(
    post, path = "/invitations/accept", tag = "organizations", security(("bearer" = [])),
    request_body = InvitationToken,
    responses(
        (status = 200, body = Org),
        (status = 403, description = "`wrong_address`: it is for somebody else"),
        (status = 422, description = "`invalid_token`: unknown, used, withdrawn or expired")
    )
)]
pub async fn accept(
    State(app): State<Arc<App>>,
    Authenticated(caller): Authenticated,
    Body(body): Body<InvitationToken>,
) -> ApiResult<Json<Org>> {
    let org = invitations::accept(&app, &caller, &body.token).await?;
    Ok(Json(orgs::of_member(&app, &caller, org).await?.into()))
}
