//! Tries at the door, counted in the database: whoever spreads guesses over several servers gets no more of them.
//!
//! A database that cannot be used answers with [`AppError::Unavailable`]: nobody could sign in without it anyway, so
//! nobody is let in uncounted, and nobody is locked out once it is back.

use std::{net::IpAddr, time::Duration};

use sha2::{Digest, Sha256};

use crate::{
    app::{App, AppError, AppResult},
    domain::{ids::UserId, rate::Rate, secret::Secret},
    ports::repository::attempt::AttemptKey,
};

/// Who tries, or what is tried.
#[derive(Debug, Clone, Copy)]
pub enum Bucket<'a> {
    /// Sign-ins and setups from one network.
    SignInFrom(IpAddr),
    /// Sign-ins to one account, from wherever. In lower case, without space around it.
    SignInTo(&'a str),
    /// Codes of a second factor tried at one account, from one network.
    CodeFrom(UserId, IpAddr),
    /// The same, from wherever.
    CodeOf(UserId),
    /// Mails that somebody who is not signed in makes us send, from one network.
    MailFrom(IpAddr),
    /// The same, to one address. In lower case, whether or not anybody has it.
    MailTo(&'a str),
    /// Refreshes from one network.
    RefreshFrom(IpAddr),
    /// Uses of one ticket.
    Ticket(&'a Secret),
}

impl Bucket<'_> {
    /// Salted with the installation, so that what was typed cannot be looked up in a table.
    fn key(self, app: &App) -> AttemptKey {
        let (kind, value) = match self {
            Bucket::SignInFrom(network) => ("sign in from", network.to_string()),
            Bucket::SignInTo(login) => ("sign in to", login.to_owned()),
            Bucket::CodeFrom(user, network) => ("code from", format!("{user} {network}")),
            Bucket::CodeOf(user) => ("code of", user.to_string()),
            Bucket::MailFrom(network) => ("mail from", network.to_string()),
            Bucket::MailTo(address) => ("mail to", address.to_owned()),
            Bucket::RefreshFrom(network) => ("refresh from", network.to_string()),
            Bucket::Ticket(ticket) => ("ticket", ticket.expose().to_owned()),
        };
        let mut hash = Sha256::new();
        hash.update(app.installation.as_uuid().as_bytes());
        hash.update(kind);
        hash.update([0]);
        hash.update(value);
        hash.finalize().into()
    }
}

/// Takes one try of each, in this order; the first that has none left refuses. Tries count whatever comes of them.
pub async fn take(app: &App, tries: &[(Bucket<'_>, Rate)]) -> AppResult<()> {
    let now = app.clock.now();
    let mut work = app.store.begin().await?;
    let mut refused: Option<Duration> = None;
    for (bucket, rate) in tries {
        refused = work.attempts().take(&bucket.key(app), *rate, now).await?;
        if refused.is_some() {
            break;
        }
    }
    work.commit().await?;
    match refused {
        Some(wait) => Err(AppError::RateLimited { retry_after_seconds: wait.as_secs() + 1 }),
        None => Ok(()),
    }
}
