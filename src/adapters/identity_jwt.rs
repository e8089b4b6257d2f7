//! Identities as JWTs: ES256, which every JWT library verifies by a public key alone. Nothing here verifies one: they are
//! for components, and never open anything of ours.

use std::sync::Arc;

use arc_swap::ArcSwap;
use chrono::{DateTime, Utc};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use p256::{SecretKey, elliptic_curve::sec1::ToSec1Point, pkcs8::EncodePrivateKey};
use serde::Serialize;
use zeroize::Zeroizing;

use crate::{
    domain::{
        ids::{OrgId, UserId, WorkspaceId},
        secret::Secret,
        signing_key::{KeyFamily, signer},
    },
    ports::identity_token::{IdentityClaims, IdentityKey, IdentityTokenError, IdentityTokens, PublicKey},
};

/// Libraries refuse what they do not know here, unless they are told of it.
const TYPE: &str = "JWT";

#[derive(Default)]
pub struct IdentityJwts {
    /// Newest first.
    keys: ArcSwap<Vec<Key>>,
}

struct Key {
    created_at: DateTime<Utc>,
    encoding: EncodingKey,
    public: PublicKey,
}

/// Times are whole seconds (RFC 7519, 2).
#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    aud: &'a str,
    sub: UserId,
    preferred_username: &'a str,
    org: OrgId,
    workspace: WorkspaceId,
    iat: i64,
    nbf: i64,
    exp: i64,
}

fn opened(secret: &Secret) -> Option<SecretKey> {
    let bytes = Zeroizing::new(hex::decode(secret.expose()).ok()?);
    SecretKey::from_slice(&bytes).ok().filter(|_| bytes.len() == 32)
}

impl Key {
    fn open(key: &IdentityKey) -> Option<Self> {
        let secret = opened(&key.secret)?;
        let point = secret.public_key().to_sec1_point(false);
        let public = PublicKey { id: key.id.clone(), x: (*point.x()?).into(), y: (*point.y()?).into() };
        let encoding = EncodingKey::from_ec_der(secret.to_pkcs8_der().ok()?.as_bytes());
        Some(Self { created_at: key.created_at, encoding, public })
    }
}

impl IdentityTokens for IdentityJwts {
    fn is_key(&self, secret: &Secret) -> bool {
        opened(secret).is_some()
    }

    fn use_keys(&self, keys: &[IdentityKey]) -> Result<(), IdentityTokenError> {
        let opened = keys.iter().map(|key| Key::open(key).ok_or(IdentityTokenError::BadKey));
        self.keys.store(Arc::new(opened.collect::<Result<_, _>>()?));
        Ok(())
    }

    fn issue(&self, claims: &IdentityClaims) -> Result<Secret, IdentityTokenError> {
        let keys = self.keys.load();
        let made = keys.iter().map(|key| key.created_at);
        let key = keys.get(signer(KeyFamily::Identity, made, claims.issued_at));
        let key = key.ok_or(IdentityTokenError::NoKey)?;
        let issued = claims.issued_at.timestamp();
        let body = Claims {
            iss: &claims.issuer,
            aud: &claims.audience,
            sub: claims.user_id,
            preferred_username: claims.username.as_str(),
            org: claims.org,
            workspace: claims.workspace,
            iat: issued,
            nbf: issued,
            exp: claims.expires_at.timestamp(),
        };
        let header = Header {
            typ: Some(TYPE.into()),
            kid: Some(key.public.id.clone()),
            ..Header::new(Algorithm::ES256)
        };
        encode(&header, &body, &key.encoding).map(Secret::new).map_err(|_| IdentityTokenError::Unsigned)
    }

    fn published(&self) -> Vec<PublicKey> {
        self.keys.load().iter().map(|key| key.public.clone()).collect()
    }
}

#[cfg(test)]
mod tests {
    use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
    use chrono::Duration;
    use jsonwebtoken::{DecodingKey, Validation, decode, decode_header};
    use serde_json::{Value, json};
    use uuid::Uuid;

    use super::*;
    use crate::{
        adapters::jwt::JwtTokens,
        domain::{ids::SessionId, signing_key::ANNOUNCED_FOR},
        ports::access_token::{AccessClaims, AccessTokenError, AccessTokens, Purpose, VerifyingKey},
    };

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(seconds, 0).unwrap()
    }

    fn key(id: &str, byte: &str, made: i64) -> IdentityKey {
        IdentityKey { id: id.into(), secret: Secret::new(byte.repeat(32)), created_at: at(made) }
    }

    fn with(keys: &[IdentityKey]) -> IdentityJwts {
        let tokens = IdentityJwts::default();
        tokens.use_keys(keys).unwrap();
        tokens
    }

    fn claims(now: DateTime<Utc>) -> IdentityClaims {
        IdentityClaims {
            issuer: "https://dev.example.org".into(),
            audience: "https://shop-abcdefgh.ws.example.org".into(),
            user_id: Uuid::from_u128(2).into(),
            username: "ada".parse().unwrap(),
            org: Uuid::from_u128(3).into(),
            workspace: Uuid::from_u128(4).into(),
            issued_at: now,
            expires_at: now + Duration::seconds(60),
        }
    }

    fn kid(token: &Secret) -> String {
        decode_header(token.expose()).unwrap().kid.unwrap()
    }

    /// As a component does it: by what is published alone.
    fn verified(token: &str, keys: &[PublicKey]) -> Option<Value> {
        let head = decode_header(token).ok()?;
        let key = keys.iter().find(|key| Some(&key.id) == head.kid.as_ref())?;
        let (x, y) = (BASE64_URL_SAFE_NO_PAD.encode(key.x), BASE64_URL_SAFE_NO_PAD.encode(key.y));
        let mut validation = Validation::new(Algorithm::ES256);
        validation.set_audience(&["https://shop-abcdefgh.ws.example.org"]);
        validation.set_issuer(&["https://dev.example.org"]);
        // The tests' time is not the system's.
        (validation.validate_exp, validation.validate_nbf) = (false, false);
        let key = DecodingKey::from_ec_components(&x, &y).unwrap();
        decode::<Value>(token, &key, &validation).ok().map(|token| token.claims)
    }

    #[test]
    fn what_is_published_verifies_what_was_signed() {
        let tokens = with(&[key("a", "07", 0)]);
        let token = tokens.issue(&claims(at(1_000))).unwrap();
        let expected = json!({
            "iss": "https://dev.example.org", "aud": "https://shop-abcdefgh.ws.example.org",
            "sub": Uuid::from_u128(2), "preferred_username": "ada", "org": Uuid::from_u128(3),
            "workspace": Uuid::from_u128(4), "iat": 1_000, "nbf": 1_000, "exp": 1_060,
        });
        assert_eq!(verified(token.expose(), &tokens.published()), Some(expected));
        let head = decode_header(token.expose()).unwrap();
        assert_eq!((head.alg, head.typ.as_deref()), (Algorithm::ES256, Some("JWT")));

        let other = with(&[key("a", "08", 0)]);
        assert_eq!(verified(token.expose(), &other.published()), None, "another key of this name");
        let (message, _) = token.expose().rsplit_once('.').unwrap();
        assert_eq!(verified(&format!("{message}."), &tokens.published()), None);
    }

    #[test]
    fn a_new_key_is_published_before_it_signs() {
        let day = ANNOUNCED_FOR.num_seconds();
        let tokens = with(&[key("new", "08", 1_000), key("old", "07", 0)]);
        let names: Vec<_> = tokens.published().into_iter().map(|key| key.id).collect();
        assert_eq!(names, ["new", "old"]);
        assert_eq!(kid(&tokens.issue(&claims(at(1_000))).unwrap()), "old");
        assert_eq!(kid(&tokens.issue(&claims(at(999 + day))).unwrap()), "old");
        let token = tokens.issue(&claims(at(1_000 + day))).unwrap();
        assert_eq!(kid(&token), "new");
        assert!(verified(token.expose(), &tokens.published()).is_some());
    }

    #[test]
    fn what_is_no_key_is_refused() {
        let tokens = IdentityJwts::default();
        let order = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";
        for wrong in ["", "07", &"00".repeat(32), order, &"ff".repeat(32), &"zz".repeat(32), &"07".repeat(33)]
        {
            assert!(!tokens.is_key(&Secret::new(wrong)), "{wrong}");
        }
        assert!(tokens.is_key(&Secret::new("07".repeat(32))));
        assert_eq!(tokens.use_keys(&[key("a", "00", 0)]), Err(IdentityTokenError::BadKey));
        assert_eq!(tokens.issue(&claims(at(0))).map(drop), Err(IdentityTokenError::NoKey));
        assert_eq!(tokens.published(), []);
    }

    /// Even if one secret were both, the one kind of token is never taken for the other.
    #[test]
    fn identities_are_no_access_tokens_and_the_other_way_round() {
        let identities = with(&[key("a", "07", 0)]);
        let access = JwtTokens::new(Uuid::from_u128(1).into());
        access.use_keys(&[VerifyingKey { id: "a".into(), secret: Secret::new("07".repeat(32)) }]).unwrap();
        let identity = identities.issue(&claims(at(1_000))).unwrap();
        for purpose in [Purpose::Api, Purpose::Ticket("shop-abcdefgh"), Purpose::Pass("shop-abcdefgh")] {
            let taken = access.verify(purpose, identity.expose(), at(1_001));
            assert_eq!(taken, Err(AccessTokenError::Invalid), "{purpose:?}");
            let claims = AccessClaims::new(
                Uuid::from_u128(2).into(),
                SessionId::from(Uuid::from_u128(3)),
                at(1_000),
                Duration::minutes(1),
            );
            let token = access.issue(purpose, &claims).unwrap();
            assert_eq!(verified(token.expose(), &identities.published()), None, "{purpose:?}");
        }
    }

    /// The oldest trick: what everybody knows, used as the secret of a symmetric algorithm.
    #[test]
    fn a_public_key_is_no_shared_secret() {
        let tokens = with(&[key("a", "07", 0)]);
        let token = tokens.issue(&claims(at(1_000))).unwrap();
        let body = token.expose().split('.').nth(1).unwrap();
        let public = &tokens.published()[0];
        for secret in [&public.x[..], &[public.x, public.y].concat(), b""] {
            for alg in ["HS256", "none"] {
                let head = BASE64_URL_SAFE_NO_PAD.encode(json!({ "alg": alg, "kid": "a" }).to_string());
                let message = format!("{head}.{body}");
                let key = EncodingKey::from_secret(secret);
                let signature =
                    jsonwebtoken::crypto::sign(message.as_bytes(), &key, Algorithm::HS256).unwrap();
                for forged in [format!("{message}.{signature}"), format!("{message}.")] {
                    assert_eq!(verified(&forged, &tokens.published()), None, "{alg}");
                }
            }
        }
    }
}
