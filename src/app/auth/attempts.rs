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
    /// Sign-ins to an account that has no tries left, from a network that it was signed in from before.
    SignInHome(UserId, IpAddr),
    /// Passwords that whoever is signed in to an account gives as its own.
    PasswordOf(UserId),
    /// Codes of a second factor tried at one account, from one network.
    CodeFrom(UserId, IpAddr),
    /// The same, from wherever.
    CodeOf(UserId),
    /// Codes tried by whoever is signed in to the account, from wherever.
    CodeWithin(UserId),
    /// Mails that somebody who is not signed in makes us send, from one network.
    MailFrom(IpAddr),
    /// The same, to one address. In lower case, whether or not anybody has it.
    MailTo(&'a str),
    /// Refreshes from one network.
    RefreshFrom(IpAddr),
    /// Uses of one ticket.
    Ticket(&'a Secret),
    /// Looks for proofs of custom domains that one person asks for.
    DomainLooksOf(UserId),
}

impl Bucket<'_> {
    /// Salted with the installation, so that what was typed cannot be looked up in a table.
    fn key(self, app: &App) -> AttemptKey {
        let (kind, value) = match self {
            Bucket::SignInFrom(network) => ("sign in from", network.to_string()),
            Bucket::SignInTo(login) => ("sign in to", login.to_owned()),
            Bucket::SignInHome(user, network) => ("sign in home", format!("{user} {network}")),
            Bucket::PasswordOf(user) => ("password of", user.to_string()),
            Bucket::CodeFrom(user, network) => ("code from", format!("{user} {network}")),
            Bucket::CodeOf(user) => ("code of", user.to_string()),
            Bucket::CodeWithin(user) => ("code within", user.to_string()),
            Bucket::MailFrom(network) => ("mail from", network.to_string()),
            Bucket::MailTo(address) => ("mail to", address.to_owned()),
            Bucket::RefreshFrom(network) => ("refresh from", network.to_string()),
            Bucket::Ticket(ticket) => ("ticket", ticket.expose().to_owned()),
            Bucket::DomainLooksOf(user) => ("domain looks of", user.to_string()),
        };
        let mut hash = Sha256::new();
        hash.update(app.installation.as_uuid().as_bytes());
        hash.update(kind);
        hash.update([0]);
        hash.update(value);
        hash.finalize().into()
    }
}

/// Which of several refused, by its place among them, and when it is worth trying again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spent {
    pub place: usize,
    pub retry_after_seconds: u64,
}

/// Takes one try of each, in this order; the first that has none left refuses. Tries count whatever comes of them.
pub async fn take(app: &App, tries: &[(Bucket<'_>, Rate)]) -> AppResult<()> {
    match find_spent(app, tries).await? {
        Some(Spent { retry_after_seconds, .. }) => Err(AppError::RateLimited { retry_after_seconds }),
        None => Ok(()),
    }
}

/// The same, for whoever decides by which it was.
pub async fn find_spent(app: &App, tries: &[(Bucket<'_>, Rate)]) -> AppResult<Option<Spent>> {
    let now = app.clock.now();
    let mut work = app.store.begin().await?;
    let mut spent = None;
    for (place, (bucket, rate)) in tries.iter().enumerate() {
        let refused: Option<Duration> = work.attempts().take(&bucket.key(app), *rate, now).await?;
        if let Some(wait) = refused {
            spent = Some(Spent { place, retry_after_seconds: wait.as_secs() + 1 });
            break;
        }
    }
    work.commit().await?;
    Ok(spent)
}
