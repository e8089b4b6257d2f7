//! `GET /.well-known/jwks.json`

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    http::{HeaderName, header},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{app::App, ports::identity_token::PublicKey};

/// A new key is here a day before it signs.
const CACHE: &str = "public, max-age=300";

/// A JSON Web Key Set (RFC 7517).
#[derive(Debug, Serialize, ToSchema)]
pub struct KeySet {
    keys: Vec<Key>,
}

/// A point on the curve P-256.
#[derive(Debug, Serialize, ToSchema)]
pub struct Key {
    #[schema(example = "EC")]
    kty: &'static str,
    #[schema(example = "P-256")]
    crv: &'static str,
    #[schema(example = "ES256")]
    alg: &'static str,
    #[serde(rename = "use")]
    #[schema(example = "sig")]
    purpose: &'static str,
    /// As tokens name it.
    kid: String,
    x: String,
    y: String,
}

impl From<PublicKey> for Key {
    fn from(key: PublicKey) -> Self {
        let encoded = |coordinate| BASE64_URL_SAFE_NO_PAD.encode(coordinate);
        Self {
            kty: "EC",
            crv: "P-256",
            alg: "ES256",
            purpose: "sig",
            kid: key.id,
            x: encoded(key.x),
            y: encoded(key.y),
        }
    }
}

/// The keys that `X-DevSanctum-Identity` is verified with. Components ask for them; anybody may.
#[utoipa::path(
    get, path = "/.well-known/jwks.json", tag = "operations", responses((status = 200, body = KeySet))
)]
pub async fn keys(State(app): State<Arc<App>>) -> ([(HeaderName, &'static str); 1], Json<KeySet>) {
    let keys = app.identity.visitors.published().into_iter().map(Key::from).collect();
    ([(header::CACHE_CONTROL, CACHE)], Json(KeySet { keys }))
}
