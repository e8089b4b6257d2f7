//! Tokens as JWTs: HS256 with a key of this installation. A token names its key by
//! `kid`, which is looked up among ours and nowhere else; nothing else in its header chooses how it is verified.

use std::borrow::Cow;

use arc_swap::ArcSwap;
use chrono::{DateTime, Utc};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, decode_header, encode};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    domain::{
        ids::{ApiTokenId, InstallationId, SessionId, UserId},
        policy::CredentialId,
        secret::Secret,
    },
    ports::access_token::{AccessClaims, AccessTokenError, AccessTokens, Purpose, VerifyingKey},
};

/// Of a key; what HS256 asks for (RFC 7518, 3.2).
const KEY_BYTES: usize = 32;

pub struct JwtTokens {
    /// Newest first.
    keys: ArcSwap<Vec<Key>>,
    issuer: String,
    validation: Validation,
}

/// The header's `typ` and the audience: by both, a token made for one purpose is none for another.
fn marks(purpose: Purpose<'_>) -> (&'static str, Cow<'static, str>) {
    match purpose {
        // RFC 9068, 2.1.
        Purpose::Api => ("at+jwt", "devsanctum-api".into()),
        Purpose::Ticket(url) => ("ticket+jwt", format!("devsanctum-ticket:{url}").into()),
        Purpose::Pass(label) => ("pass+jwt", format!("devsanctum-pass:{label}").into()),
        Purpose::Terminal(id) => ("terminal+jwt", format!("devsanctum-terminal:{id}").into()),
    }
}

struct Key {
    id: String,
    encoding: EncodingKey,
    decoding: DecodingKey,
}

/// Times are whole seconds (RFC 7519, 2). As numbers: a token whose `exp` is text is not one of ours.
#[derive(Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: UserId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sid: Option<SessionId>,
    /// Of an API token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tid: Option<ApiTokenId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    jti: Option<Uuid>,
    iat: i64,
    exp: i64,
}

impl JwtTokens {
    /// Without keys: it signs and verifies nothing yet.
    pub fn new(installation: InstallationId) -> Self {
        let issuer = format!("urn:uuid:{installation}");
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_required_spec_claims(&["iss", "aud", "sub", "exp"]);
        validation.set_issuer(&[&issuer]);
        // Compared after, since it depends on the purpose.
        validation.validate_aud = false;
        // The time is an argument here, and the library asks the system for it.
        validation.validate_exp = false;
        Self { keys: ArcSwap::default(), issuer, validation }
    }
}

impl AccessTokens for JwtTokens {
    fn use_keys(&self, keys: &[VerifyingKey]) -> Result<(), AccessTokenError> {
        let opened = keys.iter().map(|key| {
            let bytes = hex::decode(key.secret.expose()).ok().filter(|bytes| bytes.len() == KEY_BYTES);
            let bytes = zeroize::Zeroizing::new(bytes.ok_or(AccessTokenError::NoKey)?);
            Ok(Key {
                id: key.id.clone(),
                encoding: EncodingKey::from_secret(&bytes),
                decoding: DecodingKey::from_secret(&bytes),
            })
        });
        self.keys.store(std::sync::Arc::new(opened.collect::<Result<_, _>>()?));
        Ok(())
    }

    fn issue(&self, purpose: Purpose<'_>, claims: &AccessClaims) -> Result<Secret, AccessTokenError> {
        let keys = self.keys.load();
        let key = keys.first().ok_or(AccessTokenError::NoKey)?;
        let (kind, audience) = marks(purpose);
        let (sid, tid) = match claims.credential {
            CredentialId::Session(id) => (Some(id), None),
            CredentialId::Token(id) => (None, Some(id)),
        };
        let claims = Claims {
            iss: self.issuer.clone(),
            aud: audience.into_owned(),
            sub: claims.user_id,
            sid,
            tid,
            jti: claims.token_id,
            iat: claims.issued_at.timestamp(),
            exp: claims.expires_at.timestamp(),
        };
        let header =
            Header { typ: Some(kind.into()), kid: Some(key.id.clone()), ..Header::new(Algorithm::HS256) };
        encode(&header, &claims, &key.encoding).map(Secret::new).map_err(|_| AccessTokenError::Invalid)
    }

    fn verify(
        &self,
        purpose: Purpose<'_>,
        token: &str,
        now: DateTime<Utc>,
    ) -> Result<AccessClaims, AccessTokenError> {
        let (kind, audience) = marks(purpose);
        let header = decode_header(token).map_err(|_| AccessTokenError::Invalid)?;
        if header.typ.as_deref() != Some(kind) || header.alg != Algorithm::HS256 {
            return Err(AccessTokenError::Invalid);
        }
        let id = header.kid.ok_or(AccessTokenError::Invalid)?;
        let keys = self.keys.load();
        let key = keys.iter().find(|key| key.id == id).ok_or(AccessTokenError::UnknownKey)?;
        let claims: Claims =
            decode(token, &key.decoding, &self.validation).map_err(|_| AccessTokenError::Invalid)?.claims;
        if claims.aud != audience {
            return Err(AccessTokenError::Invalid);
        }
        let credential = match (claims.sid, claims.tid) {
            (Some(id), None) => CredentialId::Session(id),
            (None, Some(id)) => CredentialId::Token(id),
            _ => return Err(AccessTokenError::Invalid),
        };
        let time = |seconds| DateTime::from_timestamp(seconds, 0).ok_or(AccessTokenError::Invalid);
        let (issued_at, expires_at) = (time(claims.iat)?, time(claims.exp)?);
        if now >= expires_at {
            return Err(AccessTokenError::Expired);
        }
        Ok(AccessClaims { user_id: claims.sub, credential, token_id: claims.jti, issued_at, expires_at })
    }
}

#[cfg(test)]
mod tests {
    use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
    use serde_json::{Value, json};
    use uuid::Uuid;

    use super::*;

    fn key(id: &str, byte: &str) -> VerifyingKey {
        VerifyingKey { id: id.into(), secret: Secret::new(byte.repeat(32)) }
    }

    fn with(installation: u128, keys: &[VerifyingKey]) -> JwtTokens {
        let tokens = JwtTokens::new(Uuid::from_u128(installation).into());
        tokens.use_keys(keys).unwrap();
        tokens
    }

    fn tokens() -> JwtTokens {
        with(1, &[key("a", "00")])
    }

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(seconds, 0).unwrap()
    }

    fn claims() -> AccessClaims {
        AccessClaims {
            user_id: Uuid::from_u128(2).into(),
            credential: CredentialId::Session(Uuid::from_u128(3).into()),
            token_id: None,
            issued_at: at(1_000),
            expires_at: at(1_900),
        }
    }

    /// A token with our key and these changes to header and claims.
    fn forged(header: impl FnOnce(&mut Value), body: impl FnOnce(&mut Value)) -> String {
        let token = tokens().issue(Purpose::Api, &claims()).unwrap();
        let mut parts = token.expose().split('.').map(|part| {
            serde_json::from_slice::<Value>(&BASE64_URL_SAFE_NO_PAD.decode(part).unwrap_or_default())
        });
        let (mut head, mut claims) = (parts.next().unwrap().unwrap(), parts.next().unwrap().unwrap());
        header(&mut head);
        body(&mut claims);
        let part = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
        let message = format!("{}.{}", part(&head), part(&claims));
        let signature = jsonwebtoken::crypto::sign(
            message.as_bytes(),
            &EncodingKey::from_secret(&[0; 32]),
            Algorithm::HS256,
        )
        .unwrap();
        format!("{message}.{signature}")
    }

    #[test]
    fn what_was_issued_is_verified_until_it_expires() {
        let token = tokens().issue(Purpose::Api, &claims()).unwrap();
        assert_eq!(tokens().verify(Purpose::Api, token.expose(), at(1_899)), Ok(claims()));
        assert_eq!(tokens().verify(Purpose::Api, token.expose(), at(1_900)), Err(AccessTokenError::Expired));
        assert_eq!(
            tokens().verify(Purpose::Api, &forged(|_| {}, |_| {}), at(1_899)),
            Ok(claims()),
            "the forger works"
        );
    }

    #[test]
    fn tokens_of_others_are_refused() {
        let token = tokens().issue(Purpose::Api, &claims()).unwrap();
        for other in [with(1, &[key("a", "01")]), with(9, &[key("a", "00")])] {
            assert_eq!(other.verify(Purpose::Api, token.expose(), at(1_000)), Err(AccessTokenError::Invalid));
        }
    }

    #[test]
    fn older_keys_verify_and_only_the_newest_signs() {
        let before = tokens().issue(Purpose::Api, &claims()).unwrap();
        let rotated = with(1, &[key("b", "02"), key("a", "00")]);
        assert_eq!(rotated.verify(Purpose::Api, before.expose(), at(1_000)), Ok(claims()));
        let after = rotated.issue(Purpose::Api, &claims()).unwrap();
        assert_eq!(
            tokens().verify(Purpose::Api, after.expose(), at(1_000)),
            Err(AccessTokenError::UnknownKey)
        );
        let forgotten = with(1, &[key("b", "02")]);
        assert_eq!(
            forgotten.verify(Purpose::Api, before.expose(), at(1_000)),
            Err(AccessTokenError::UnknownKey)
        );
        assert_eq!(forgotten.verify(Purpose::Api, after.expose(), at(1_000)), Ok(claims()));
    }

    #[test]
    fn a_token_is_good_for_its_own_purpose_only() {
        let purposes = [
            Purpose::Api,
            Purpose::Ticket("http://shop-abcdefgh.localhost/"),
            Purpose::Ticket("http://shop-abcdefgh.localhost/b"),
            Purpose::Pass("shop-abcdefgh"),
            Purpose::Pass("shop-hgfedcba"),
            Purpose::Terminal(Uuid::from_u128(5).into()),
            Purpose::Terminal(Uuid::from_u128(6).into()),
        ];
        let credentials = [
            CredentialId::Session(Uuid::from_u128(3).into()),
            CredentialId::Token(Uuid::from_u128(3).into()),
        ];
        for (made_for, credential) in purposes.into_iter().zip(credentials.into_iter().cycle()) {
            let claims = AccessClaims { token_id: Some(Uuid::from_u128(4)), credential, ..claims() };
            let token = tokens().issue(made_for, &claims).unwrap();
            for used_for in purposes {
                let expected =
                    if made_for == used_for { Ok(claims.clone()) } else { Err(AccessTokenError::Invalid) };
                assert_eq!(tokens().verify(used_for, token.expose(), at(1_000)), expected, "{used_for:?}");
            }
        }
    }

    #[test]
    fn without_a_key_nothing_is_signed() {
        let none = with(1, &[]);
        assert_eq!(none.issue(Purpose::Api, &claims()).map(drop), Err(AccessTokenError::NoKey));
        assert!(none.use_keys(&[key("a", "0")]).is_err(), "half a key is none");
    }

    #[test]
    fn tricks_with_header_and_claims_are_refused() {
        let none = forged(|header| header["alg"] = json!("none"), |_| {});
        let unsigned = format!("{}.", none.rsplit_once('.').unwrap().0);
        let cases = [
            none,
            unsigned,
            forged(|header| header["alg"] = json!("HS512"), |_| {}),
            forged(|header| header["alg"] = json!("RS256"), |_| {}),
            forged(|header| header["typ"] = json!("JWT"), |_| {}),
            forged(
                |header| {
                    header["jku"] = json!("https://evil.example/keys");
                    header["typ"] = json!("jwt");
                },
                |_| {},
            ),
            forged(|header| header["kid"] = json!(["a"]), |_| {}),
            forged(|header| header["kid"] = json!(null), |_| {}),
            forged(|header| drop(header.as_object_mut().unwrap().remove("kid")), |_| {}),
            forged(|_| {}, |claims| claims["aud"] = json!("another")),
            forged(|_| {}, |claims| claims["iss"] = json!("another")),
            forged(|_| {}, |claims| claims["exp"] = json!("99999999999")),
            forged(|_| {}, |claims| drop(claims.as_object_mut().unwrap().remove("exp"))),
            forged(|_| {}, |claims| drop(claims.as_object_mut().unwrap().remove("aud"))),
            forged(|_| {}, |claims| claims["exp"] = json!(i64::MAX)),
            String::new(),
            "a.b.c".into(),
            "..".into(),
        ];
        for token in cases {
            assert_eq!(
                tokens().verify(Purpose::Api, &token, at(1_000)),
                Err(AccessTokenError::Invalid),
                "{token}"
            );
        }
        for kid in ["../../dev/null", "", "' OR 1=1 --", "A"] {
            let token = forged(|header| header["kid"] = json!(kid), |_| {});
            assert_eq!(
                tokens().verify(Purpose::Api, &token, at(1_000)),
                Err(AccessTokenError::UnknownKey),
                "{kid}"
            );
        }
    }

    /// Where a key might come from besides our own list, nobody looks.
    #[test]
    fn a_key_in_the_header_is_not_used() {
        let other = EncodingKey::from_secret(b"of the attacker");
        let jwk = json!({ "kty": "oct", "k": BASE64_URL_SAFE_NO_PAD.encode("of the attacker"), "kid": "a" });
        let mut token = forged(|header| header["jwk"] = jwk, |_| {});
        let message = token[..token.rfind('.').unwrap()].to_owned();
        let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &other, Algorithm::HS256).unwrap();
        token = format!("{message}.{signature}");
        assert_eq!(tokens().verify(Purpose::Api, &token, at(1_000)), Err(AccessTokenError::Invalid));
    }
}
