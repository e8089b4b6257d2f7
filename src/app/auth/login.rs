//! Signing in with a password, and with a second factor where the account has one.

use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::time::Instant;
use uuid::Uuid;

use super::{
    Origin, SignedIn,
    attempts::{self, Bucket},
    open_session, places,
};
use crate::{
    app::{App, AppError, AppResult, audit, second_factor},
    domain::{ids::UserId, rate::Rate, secret::Secret, user::User},
    ports::repository::UnitOfWork,
};

/// Codes tried at one account from one network. Whoever knows the password and guesses codes uses up their own.
const CODES_FROM: Rate = Rate::new(5, Duration::from_secs(60));
/// Codes tried at one account from everywhere it was not signed in from before: of a million codes three are right at a
/// time, so that guessing from many networks takes months. Where the owner was before, these do not count.
const CODES: Rate = Rate::new(30, Duration::from_secs(120));

/// Sign-ins from a place of its owner's to an account whose tries others have used up.
const HOME: Rate = Rate::new(5, Duration::from_secs(60));

/// A name and a password that do not belong together are refused no sooner than this after they came: far longer than
/// finding it out takes, so that the time does not tell which of the two was wrong.
const REFUSED_AFTER: Duration = Duration::from_millis(150);

/// How somebody got as far as showing a password.
#[derive(Debug, Clone, Copy)]
pub enum Admission {
    /// The account had a try left.
    Try,
    /// It had none, but was signed in to from here before. Whoever is wrong is told to wait, like everybody else.
    Home { began: Instant, retry_after_seconds: u64 },
}

/// For an account that has no tries left: others have used them up, and whoever comes from where the owner was before
/// may still show the password. Everybody else waits. Neither the answer nor its time says whether there is such an
/// account, or that it was signed in to from here.
pub async fn admit_home(
    app: &App,
    login: &str,
    origin: &Origin,
    retry_after_seconds: u64,
) -> AppResult<Admission> {
    let began = Instant::now();
    let mut reader = app.store.read().await?;
    let found = reader.users().find_by_login(&normal(login)).await?.map(|(user, _)| user.id);
    // Of nobody, when there is no such account: as much is read.
    let user = found.unwrap_or_else(|| Uuid::nil().into());
    let is_known = reader.sessions().is_known(user, &places::mark(app, origin)).await?;
    drop(reader);
    if is_known {
        let home = Bucket::SignInHome(user, places::network(origin.address));
        if attempts::find_spent(app, &[(home, HOME)]).await?.is_none() {
            return Ok(Admission::Home { began, retry_after_seconds });
        }
    }
    tokio::time::sleep_until(began + REFUSED_AFTER).await;
    Err(AppError::RateLimited { retry_after_seconds })
}

/// As accounts are looked up and counted.
pub fn normal(login: &str) -> String {
    login.trim().to_lowercase()
}

/// Opens a session for whoever knows the password and, where it is asked for, has a code. `login` is a username or a
/// mail address. An unknown account answers like a wrong password, as slowly.
pub async fn login(
    app: &App,
    login: &str,
    password: Secret,
    code: Option<&str>,
    origin: &Origin,
    admission: Admission,
) -> AppResult<SignedIn> {
    let began = match admission {
        Admission::Try => Instant::now(),
        Admission::Home { began, .. } => began,
    };
    let login = normal(login);
    let found = app.store.read().await?.users().find_by_login(&login).await?;
    let (user, hash) = found.map_or((None, None), |(user, hash)| (Some(user), hash));
    let matches = app.hasher.verify(password, hash.clone()).await?;
    if let (true, Some(user), Some(_)) = (matches, &user, code) {
        limit_codes(app, user.id, origin).await?;
    }

    let now = app.clock.now();
    let mut work = app.store.begin().await?;
    // Read again: the password may have changed while the hasher worked.
    let current = work.users().find_by_login(&login).await?;
    let still = current.as_ref().is_some_and(|(_, current)| *current == hash);
    let known = user.filter(|_| matches && still);
    let stranger = known.is_none();
    // An unknown account leaves a row as well, so that it takes as long; what was typed is not kept, it may be a password
    // in the wrong field.
    let blamed = known.as_ref().map(|user| user.id).or(current.map(|(user, _)| user.id));
    match judge(app, &mut *work, known, code, now).await? {
        Ok(user) => {
            let entry = audit::at_the_door(app, origin, "session.open", Some(user.id), user.id, now);
            let signed_in = open_session(app, &mut *work, user, origin, now).await?;
            work.audit().append(&entry).await?;
            work.commit().await?;
            places::tell_if_new(app, &signed_in, origin, now);
            Ok(signed_in)
        }
        Err(refusal) => {
            let target = blamed.map(|id| id.to_string()).unwrap_or_default();
            let entry = audit::at_the_door(app, origin, "session.refuse", blamed, target, now);
            work.audit().append(&entry).await?;
            work.commit().await?;
            if !stranger {
                return Err(refusal);
            }
            tokio::time::sleep_until(began + REFUSED_AFTER).await;
            Err(match admission {
                Admission::Try => refusal,
                Admission::Home { retry_after_seconds, .. } => AppError::RateLimited { retry_after_seconds },
            })
        }
    }
}

/// Whom to let in. The inner error is what is told, and is written down.
async fn judge(
    app: &App,
    work: &mut dyn UnitOfWork,
    known: Option<User>,
    code: Option<&str>,
    now: DateTime<Utc>,
) -> AppResult<Result<User, AppError>> {
    let Some(user) = known else {
        return Ok(Err(refused("wrong_credentials", "the name or the password is wrong")));
    };
    if let Some(factor) = second_factor::find(work, user.id).await? {
        let Some(code) = code else {
            let detail = "this account asks for a code of its authenticator, or a recovery code";
            return Ok(Err(refused("totp_required", detail)));
        };
        if !second_factor::accept(app, work, &factor, code, now).await? {
            return Ok(Err(refused("wrong_totp_code", "the code is wrong, or was used before")));
        }
    }
    // Only whoever could come in otherwise learns of it.
    if user.suspended_at.is_some() {
        let detail = "this account is suspended; an administrator of the platform can say why".into();
        return Ok(Err(AppError::Denied { code: "account_suspended", detail }));
    }
    Ok(Ok(user))
}

async fn limit_codes(app: &App, user: UserId, origin: &Origin) -> AppResult<()> {
    let from = (Bucket::CodeFrom(user, places::network(origin.address)), CODES_FROM);
    let mark = places::mark(app, origin);
    if app.store.read().await?.sessions().is_known(user, &mark).await? {
        attempts::take(app, &[from]).await
    } else {
        attempts::take(app, &[from, (Bucket::CodeOf(user), CODES)]).await
    }
}

fn refused(code: &'static str, detail: &str) -> AppError {
    AppError::Unauthenticated { code, detail: detail.into() }
}
