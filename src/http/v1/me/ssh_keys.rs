//! `GET|POST /me/ssh-keys`, `DELETE /me/ssh-keys/{id}`

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    app::{
        App,
        ssh_keys::{self, NewSshKey},
    },
    domain::{
        ids::SshKeyId,
        ssh_key::{self, PublicKey},
    },
    http::{
        error::ApiResult,
        extract::{Authenticated, Creating, Fields, Page, Path},
        wire::Time,
    },
};

const MAX_NAME: usize = 80;

/// The public half of a key with which the caller enters their workspaces.
#[derive(Debug, Serialize, ToSchema)]
pub struct SshKey {
    id: Uuid,
    name: String,
    /// As `ssh-keygen -l` shows it.
    #[schema(example = "SHA256:UCUiLr7Pjs9wFFJMDByLgc3NrtdU344OgUM45wZPcIQ")]
    fingerprint: String,
    #[schema(example = "ssh-ed25519")]
    key_type: String,
    /// Type and key; the comment is not kept.
    public_key: String,
    created_at: Time,
    #[schema(required)]
    last_used_at: Option<Time>,
}

impl From<ssh_key::SshKey> for SshKey {
    fn from(key: ssh_key::SshKey) -> Self {
        Self {
            id: key.id.into(),
            name: key.name,
            fingerprint: key.key.fingerprint,
            key_type: key.key.key_type,
            public_key: key.key.text,
            created_at: key.created_at.into(),
            last_used_at: key.last_used_at.map(Into::into),
        }
    }
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AddSshKey {
    #[schema(min_length = 1, max_length = 80, example = "laptop")]
    name: String,
    /// One line as OpenSSH writes it: Ed25519, ECDSA, RSA of at least 2048 bits, or one on a security key.
    #[schema(max_length = 8192)]
    public_key: String,
}

#[utoipa::path(
    get, path = "/me/ssh-keys", tag = "me", security(("bearer" = [])),
    responses((status = 200, body = Page<SshKey>))
)]
pub async fn list(
    State(app): State<Arc<App>>,
    Authenticated(caller): Authenticated,
) -> ApiResult<Page<SshKey>> {
    let keys = ssh_keys::list(&app, &caller).await?;
    Ok(Page::whole(keys.into_iter().map(Into::into).collect()))
}

/// Adds a key. It is on one account of the installation at most.
#[utoipa::path(
    post, path = "/me/ssh-keys", tag = "me", security(("bearer" = [])), request_body = AddSshKey,
    params(("Idempotency-Key" = Option<String>, Header)),
    responses((status = 201, body = SshKey), (status = 409, description = "`key_in_use` or `too_many_keys`"))
)]
pub async fn add(
    State(app): State<Arc<App>>,
    Authenticated(caller): Authenticated,
    Creating { body, key: idempotency }: Creating<AddSshKey>,
) -> ApiResult<(StatusCode, Json<SshKey>)> {
    let mut fields = Fields::default();
    let name = fields.text("name", &body.name, MAX_NAME).filter(|name| !name.is_empty());
    if name.is_none() && body.name.trim().is_empty() {
        fields.refuse("name", "empty", "must not be empty");
    }
    let key: Result<PublicKey, _> = body.public_key.parse();
    if let Err(error) = &key {
        fields.refuse("public_key", error.code(), error.to_string());
    }
    let (name, key) = fields.all((name, key.ok()))?;
    let added = ssh_keys::add(&app, &caller, NewSshKey { name, key }, idempotency.as_ref()).await?;
    Ok((StatusCode::CREATED, Json(added.into())))
}

/// From now on it opens nothing.
#[utoipa::path(
    delete, path = "/me/ssh-keys/{id}", tag = "me", security(("bearer" = [])),
    params(("id" = Uuid, Path)), responses((status = 204))
)]
pub async fn remove(
    State(app): State<Arc<App>>,
    Authenticated(caller): Authenticated,
    Path(id): Path<SshKeyId>,
) -> ApiResult<StatusCode> {
    ssh_keys::remove(&app, &caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
