//! `GET /me/identities`, `POST /me/identities/{provider}/start`, `DELETE /me/identities/{id}`

use std::sync::Arc;

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{AppendHeaders, IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    app::{App, auth::external, identities},
    domain::{
        identity::{self, Provider},
        ids::IdentityId,
        return_to::ReturnTo,
    },
    http::{
        cookie::HANDSHAKE,
        error::ApiResult,
        extract::{Authenticated, Body, Page, Path},
        state::ApiState,
        v1::auth::oauth::ProviderWord,
        wire::Time,
    },
};

/// An account elsewhere that opens the caller's.
#[derive(Debug, Serialize, ToSchema)]
pub struct Identity {
    id: Uuid,
    #[schema(value_type = ProviderWord)]
    provider: Provider,
    /// Its name on the button.
    provider_name: String,
    /// An address or a login, as it was at the last sign-in.
    subject_hint: String,
    created_at: Time,
    #[schema(required)]
    last_used_at: Option<Time>,
}

impl Identity {
    fn new(identity: identity::Identity, app: &App) -> Self {
        let name = external::providers(app).find(|(provider, _)| *provider == identity.provider);
        Self {
            id: identity.id.into(),
            provider: identity.provider,
            // It may not be configured any more.
            provider_name: name.map_or_else(|| identity.provider.to_string(), |(_, name)| name.to_owned()),
            subject_hint: identity.label,
            created_at: identity.created_at.into(),
            last_used_at: identity.last_used_at.map(Into::into),
        }
    }
}

#[utoipa::path(
    get, path = "/me/identities", tag = "me", security(("bearer" = [])),
    responses((status = 200, body = Page<Identity>))
)]
pub async fn list(
    State(app): State<Arc<App>>,
    Authenticated(caller): Authenticated,
) -> ApiResult<Page<Identity>> {
    let identities = identities::list(&app, &caller).await?;
    Ok(Page::whole(identities.into_iter().map(|identity| Identity::new(identity, &app)).collect()))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Link {
    /// A page of ours to come back to.
    #[serde(default)]
    #[schema(value_type = String, example = "/account")]
    return_to: ReturnTo,
}

/// Where to send the browser.
#[derive(Debug, Serialize, ToSchema)]
pub struct Authorization {
    authorization_url: String,
}

/// Begins to connect another account; needs a sign-in that is not older than ten minutes. The answer sets a cookie by
/// which the browser is known when the provider sends it back.
#[utoipa::path(
    post, path = "/me/identities/{provider}/start", tag = "me", security(("bearer" = [])),
    params(("provider" = ProviderWord, Path)), request_body = Link,
    responses((status = 200, body = Authorization), (status = 409, description = "`fresh_sign_in_required`"))
)]
pub async fn start(
    State(state): State<ApiState>,
    Authenticated(caller): Authenticated,
    Path(provider): Path<Provider>,
    headers: HeaderMap,
    Body(body): Body<Link>,
) -> ApiResult<Response> {
    let https = state.is_https();
    let browser = HANDSHAKE.read(&headers, https);
    let departure = external::begin_linking(&state.app, &caller, provider, body.return_to, browser).await?;
    let cookie = [(header::SET_COOKIE, HANDSHAKE.set(&departure.browser, https))];
    let body = axum::Json(Authorization { authorization_url: departure.url });
    Ok((AppendHeaders(cookie), body).into_response())
}

/// The last way in stays.
#[utoipa::path(
    delete, path = "/me/identities/{id}", tag = "me", security(("bearer" = [])),
    params(("id" = Uuid, Path)),
    responses((status = 204), (status = 409, description = "`last_sign_in_method`"))
)]
pub async fn remove(
    State(app): State<Arc<App>>,
    Authenticated(caller): Authenticated,
    Path(id): Path<IdentityId>,
) -> ApiResult<StatusCode> {
    identities::remove(&app, &caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
