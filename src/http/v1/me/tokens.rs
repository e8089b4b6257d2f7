//! `GET /me/tokens`, `POST /me/tokens`, `DELETE /me/tokens/{id}`

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    app::{
        App,
        tokens::{self, NewToken},
    },
    domain::{
        api_token,
        ids::ApiTokenId,
        scope::{Scope, Scopes},
    },
    http::{
        error::ApiResult,
        extract::{Authenticated, Creating, Fields, Page, Path},
        wire::{Time, words},
    },
};

const MAX_NAME: usize = 80;

words! {
    ScopeWord = Scope::ALL;
}

/// A token for a program that acts for the caller.
#[derive(Debug, Serialize, ToSchema)]
pub struct ApiToken {
    id: Uuid,
    name: String,
    /// Its first characters.
    #[schema(example = "dvs_Ab3dEf")]
    prefix: String,
    #[schema(value_type = Vec<ScopeWord>)]
    scopes: Vec<Scope>,
    created_at: Time,
    #[schema(required)]
    expires_at: Option<Time>,
    /// To the minute.
    #[schema(required)]
    last_used_at: Option<Time>,
    #[schema(required)]
    last_used_address: Option<String>,
}

impl From<api_token::ApiToken> for ApiToken {
    fn from(token: api_token::ApiToken) -> Self {
        Self {
            id: token.id.into(),
            name: token.name,
            prefix: token.prefix,
            scopes: token.scopes.iter().collect(),
            created_at: token.created_at.into(),
            expires_at: token.expires_at.map(Into::into),
            last_used_at: token.last_used_at.map(Into::into),
            last_used_address: token.last_used_address,
        }
    }
}

/// With the token itself, which is shown only here.
#[derive(Debug, Serialize, ToSchema)]
pub struct NewApiToken {
    #[serde(flatten)]
    token: ApiToken,
    secret: String,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateApiToken {
    #[schema(min_length = 1, max_length = 80)]
    name: String,
    /// `read` sees everything the caller may see; each other one adds writing of what it names.
    #[schema(value_type = Vec<ScopeWord>, min_items = 1)]
    scopes: Vec<String>,
    /// Without one it is good until it is revoked.
    expires_at: Option<DateTime<Utc>>,
}

#[utoipa::path(
    get, path = "/me/tokens", tag = "me", security(("bearer" = [])),
    responses((status = 200, body = Page<ApiToken>))
)]
pub async fn list(
    State(app): State<Arc<App>>,
    Authenticated(caller): Authenticated,
) -> ApiResult<Page<ApiToken>> {
    let tokens = tokens::list(&app, &caller).await?;
    Ok(Page::whole(tokens.into_iter().map(Into::into).collect()))
}

/// Makes a token. Its secret is shown once: the same request under the same key makes no second one, and is refused.
#[utoipa::path(
    post, path = "/me/tokens", tag = "me", security(("bearer" = [])), request_body = CreateApiToken,
    params(("Idempotency-Key" = Option<String>, Header)),
    responses(
        (status = 201, body = NewApiToken),
        (status = 409, description = "`secret_shown_before` or `too_many_tokens`")
    )
)]
pub async fn create(
    State(app): State<Arc<App>>,
    Authenticated(caller): Authenticated,
    Creating { body, key }: Creating<CreateApiToken>,
) -> ApiResult<(StatusCode, Json<NewApiToken>)> {
    let mut fields = Fields::default();
    let name = fields.text("name", &body.name, MAX_NAME).filter(|name| !name.is_empty());
    if name.is_none() && body.name.trim().is_empty() {
        fields.refuse("name", "empty", "must not be empty");
    }
    let parsed: Vec<_> = body.scopes.iter().map(|scope| fields.parse::<Scope>("scopes", scope)).collect();
    let scopes = parsed.into_iter().collect::<Option<Vec<_>>>().map(Scopes::new);
    if scopes == Some(None) {
        fields.refuse("scopes", "empty", "must hold at least one scope");
    }
    let (name, scopes) = fields.all((name, scopes.flatten()))?;
    let new = NewToken { name, scopes, expires_at: body.expires_at };
    let made = tokens::create(&app, &caller, new, key.as_ref()).await?;
    let secret = made.secret.expose().to_owned();
    Ok((StatusCode::CREATED, Json(NewApiToken { token: made.token.into(), secret })))
}

/// From now on it opens nothing, and streams that it opened end.
#[utoipa::path(
    delete, path = "/me/tokens/{id}", tag = "me", security(("bearer" = [])),
    params(("id" = Uuid, Path)), responses((status = 204))
)]
pub async fn revoke(
    State(app): State<Arc<App>>,
    Authenticated(caller): Authenticated,
    Path(id): Path<ApiTokenId>,
) -> ApiResult<StatusCode> {
    tokens::revoke(&app, &caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
