//! Codes from an authenticator as a second proof of who signs in.

use std::time::Duration;

use base64::{Engine, prelude::BASE64_STANDARD_NO_PAD};
use chrono::{DateTime, Utc};
use qrcode::{EcLevel, QrCode, render::svg};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{
    App, AppError, AppResult, Caller, audit,
    auth::attempts::{self, Bucket},
    mail::Mail,
    me,
};
use crate::{
    domain::{
        ids::UserId,
        rate::Rate,
        second_factor::{
            RECOVERY_BYTES, RECOVERY_CODES, RecoveryHash, SECRET_BYTES, SecondFactor, normal_code,
            normal_recovery_code, recovery_code, step_of,
        },
        secret::Secret,
        user::User,
    },
    ports::repository::UnitOfWork,
};

/// Codes tried by whoever is signed in: of a million three are right at a time, so that guessing takes months also with
/// the password and somebody's session. Who guesses at the door uses up none of these.
const CODES: Rate = Rate::new(10, Duration::from_secs(120));

/// What an authenticator needs, shown once.
#[derive(Debug)]
pub struct Enrolment {
    /// In base32, for typing.
    pub secret: Secret,
    pub url: Secret,
    /// The URL as a picture.
    pub qr_svg: Secret,
}

/// Makes a secret for whoever knows the password. Nothing is asked for until a first code was shown.
pub async fn begin(app: &App, caller: &Caller, password: Secret) -> AppResult<Enrolment> {
    app.authorize_account(&caller.actor)?;
    let user = me::prove(app, caller, "password", password).await?;
    let now = app.clock.now();
    let raw = app.random.bytes::<SECRET_BYTES>();
    let sealed = Secret::new(BASE64_STANDARD_NO_PAD.encode(raw));
    let factor = SecondFactor {
        user_id: user.id,
        sealed: app.sealer.seal(&SecondFactor::context(user.id), &sealed)?,
        created_at: now,
        confirmed_at: None,
        last_step: 0,
    };
    let mut work = app.store.begin().await?;
    if work.second_factors().find(user.id).await?.is_some_and(|there| there.confirmed_at.is_some()) {
        return Err(AppError::Conflict {
            code: "totp_enabled",
            detail: "two-factor authentication is on; turn it off first to enrol another authenticator"
                .into(),
        });
    }
    work.second_factors().put(&factor).await?;
    work.commit().await?;
    enrolment(app, &user, &raw)
}

/// Turns it on with a first code, and gives recovery codes.
pub async fn confirm(app: &App, caller: &Caller, code: &str) -> AppResult<Vec<Secret>> {
    app.authorize_account(&caller.actor)?;
    let (now, user) = (app.clock.now(), caller.actor.user_id);
    limit_codes(app, user).await?;
    let mut work = app.store.begin().await?;
    let factor = work.second_factors().find(user).await?.filter(|factor| factor.confirmed_at.is_none());
    let factor = factor.ok_or_else(|| AppError::Conflict {
        code: "totp_not_begun",
        detail: "there is no authenticator that waits for its first code".into(),
    })?;
    let step = normal_code(code).and_then(|code| Some((opened(app, &factor).ok()?, code)));
    let step = step.and_then(|(secret, code)| step_of(&secret, &code, now));
    let step = step.ok_or_else(|| wrong("code"))?;
    work.second_factors().confirm(user, step, now).await?;
    let codes = renew(app, &mut *work, user).await?;
    let entry = audit::by(app, caller, "user.totp_on", None, user, Value::Null, now);
    work.audit().append(&entry).await?;
    let owner = work.users().find(user).await?;
    work.commit().await?;
    tell(app, owner, true, now);
    Ok(codes)
}

/// Turns it off, for whoever knows the password and has a code.
pub async fn remove(app: &App, caller: &Caller, password: Secret, code: &str) -> AppResult<()> {
    app.authorize_account(&caller.actor)?;
    let user = me::prove(app, caller, "password", password).await?;
    limit_codes(app, user.id).await?;
    let now = app.clock.now();
    let mut work = app.store.begin().await?;
    demand(app, &mut *work, user.id, code, now).await?;
    work.second_factors().remove(user.id).await?;
    let entry = audit::by(app, caller, "user.totp_off", None, user.id, Value::Null, now);
    work.audit().append(&entry).await?;
    work.commit().await?;
    tell(app, Some(user), false, now);
    Ok(())
}

/// New recovery codes in the place of all old ones.
pub async fn renew_recovery_codes(
    app: &App,
    caller: &Caller,
    password: Secret,
    code: &str,
) -> AppResult<Vec<Secret>> {
    app.authorize_account(&caller.actor)?;
    let user = me::prove(app, caller, "password", password).await?;
    limit_codes(app, user.id).await?;
    let now = app.clock.now();
    let mut work = app.store.begin().await?;
    demand(app, &mut *work, user.id, code, now).await?;
    let codes = renew(app, &mut *work, user.id).await?;
    let entry = audit::by(app, caller, "user.recovery_codes", None, user.id, Value::Null, now);
    work.audit().append(&entry).await?;
    work.commit().await?;
    Ok(codes)
}

/// Whether the user has one that counts.
pub(super) async fn find(work: &mut dyn UnitOfWork, user: UserId) -> AppResult<Option<SecondFactor>> {
    Ok(work.second_factors().find(user).await?.filter(|factor| factor.confirmed_at.is_some()))
}

/// Uses up a code of the authenticator, or a recovery code. `false`: it is wrong or was used before.
pub(super) async fn accept(
    app: &App,
    work: &mut dyn UnitOfWork,
    factor: &SecondFactor,
    code: &str,
    now: DateTime<Utc>,
) -> AppResult<bool> {
    if let Some(code) = normal_code(code) {
        return match step_of(&opened(app, factor)?, &code, now) {
            Some(step) => Ok(work.second_factors().accept(factor.user_id, step).await?),
            None => Ok(false),
        };
    }
    match normal_recovery_code(code) {
        Some(code) => {
            let hash = recovery_hash(factor.user_id, &code);
            Ok(work.second_factors().use_recovery_code(factor.user_id, &hash).await?)
        }
        None => Ok(false),
    }
}

async fn limit_codes(app: &App, user: UserId) -> AppResult<()> {
    attempts::take(app, &[(Bucket::CodeWithin(user), CODES)]).await
}

async fn demand(
    app: &App,
    work: &mut dyn UnitOfWork,
    user: UserId,
    code: &str,
    now: DateTime<Utc>,
) -> AppResult<()> {
    let factor = find(work, user).await?.ok_or_else(|| AppError::Conflict {
        code: "totp_disabled",
        detail: "two-factor authentication is not on".into(),
    })?;
    if accept(app, work, &factor, code, now).await? { Ok(()) } else { Err(wrong("code")) }
}

async fn renew(app: &App, work: &mut dyn UnitOfWork, user: UserId) -> AppResult<Vec<Secret>> {
    let codes: Vec<_> =
        (0..RECOVERY_CODES).map(|_| recovery_code(&app.random.bytes::<RECOVERY_BYTES>())).collect();
    let hashes: Vec<_> =
        codes.iter().filter_map(|code| Some(recovery_hash(user, &normal_recovery_code(code)?))).collect();
    work.second_factors().set_recovery_codes(user, &hashes).await?;
    Ok(codes.into_iter().map(Secret::new).collect())
}

/// Sixty random bits need no slow hash: nobody tries them all.
fn recovery_hash(user: UserId, normal: &str) -> RecoveryHash {
    let mut hash = Sha256::new();
    hash.update(user.as_uuid().as_bytes());
    hash.update(normal);
    hash.finalize().into()
}

fn opened(app: &App, factor: &SecondFactor) -> AppResult<[u8; SECRET_BYTES]> {
    let secret = app.sealer.open(&SecondFactor::context(factor.user_id), &factor.sealed)?;
    let bytes = BASE64_STANDARD_NO_PAD.decode(secret.expose()).ok();
    let bytes = bytes.and_then(|bytes| <[u8; SECRET_BYTES]>::try_from(bytes).ok());
    bytes.ok_or_else(|| {
        AppError::Internal(anyhow::anyhow!("the secret of a second factor has a wrong length"))
    })
}

fn tell(app: &App, user: Option<User>, on: bool, when: DateTime<Utc>) {
    if let Some(user) = user {
        app.mailer.send(&user.email, &Mail::SecondFactor { username: user.username.to_string(), on, when });
    }
}

pub(super) fn wrong(field: &str) -> AppError {
    AppError::invalid(field, "wrong", "is not right now, or was used before")
}

/// The URL that authenticators agree on (`otpauth://totp/…`). Every part of it is ours or a username, which holds nothing
/// that would have to be escaped.
fn enrolment(app: &App, user: &User, raw: &[u8; SECRET_BYTES]) -> AppResult<Enrolment> {
    let secret = base32(raw);
    let host = app.settings.access_url.split_once("://").map_or("", |(_, rest)| rest);
    let host = host.split([':', '/']).next().unwrap_or_default();
    let url = format!(
        "otpauth://totp/DevSanctum:{}%40{host}?secret={secret}&issuer=DevSanctum&algorithm=SHA1&digits=6&period=30",
        user.username
    );
    let code = QrCode::with_error_correction_level(&url, EcLevel::M)
        .map_err(|error| AppError::Internal(error.into()))?;
    let picture = code.render::<svg::Color<'_>>().min_dimensions(200, 200).build();
    // Only the element: it stands inside a page.
    let qr_svg = picture.find("<svg").map_or("", |at| &picture[at..]).to_owned();
    Ok(Enrolment { secret: Secret::new(secret), url: Secret::new(url), qr_svg: Secret::new(qr_svg) })
}

/// RFC 4648, 6; a multiple of five bytes needs no padding.
fn base32(bytes: &[u8; SECRET_BYTES]) -> String {
    const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let mut text = String::with_capacity(SECRET_BYTES / 5 * 8);
    for chunk in bytes.chunks(5) {
        let bits = chunk.iter().fold(0_u64, |bits, byte| (bits << 8) | u64::from(*byte));
        for at in (0..8).rev() {
            text.push(char::from(ALPHABET[((bits >> (at * 5)) & 31) as usize]));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base32_is_that_of_the_standard() {
        assert_eq!(base32(b"12345678901234567890"), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
    }
}
