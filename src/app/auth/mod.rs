//! Signing in and staying signed in.
//!
//! A sign-in opens a session: a family of refresh tokens of which each is used once (see [`crate::domain::session`]).
//! Access tokens are short-lived and name their session, so that a revoked session ends them within
//! [`actors::FRESH_FOR`].

pub mod actors;
pub mod attempts;
pub mod device;
pub mod external;
pub mod keys;
mod login;
mod password;
pub mod places;
mod refresh;
mod register;
pub(in crate::app) mod reset;
mod setup;
pub(in crate::app) mod tickets;

use std::{
    net::IpAddr,
    sync::{Arc, atomic::AtomicBool},
};

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};

use self::actors::Actors;
pub use self::{
    actors::authenticate,
    login::{Admission, admit_home, login, normal as normal_login},
    password::accept as accept_password,
    places::tell_if_new,
    refresh::{logout, refresh},
    register::{Registration, register},
    reset::{ResetLink, forgot, make_link as make_reset_link, reset as reset_password},
    setup::{Setup, setup, setup_required, setup_unattended},
};
pub(in crate::app) use self::{
    reset::end_sessions,
    setup::{NewAdmin, add_admin},
};
use super::{App, AppResult, error::AppError};
use crate::{
    domain::{
        ids::SessionId,
        secret::Secret,
        session::{ACCESS_LIFETIME, REFRESH_LIFETIME, RefreshToken, Session, TokenHash},
        user::User,
    },
    ports::{
        access_token::{AccessClaims, AccessTokens, Purpose},
        identity_provider::IdentityProvider,
        identity_token::IdentityTokens,
        repository::UnitOfWork,
    },
};

/// What signing in needs besides the store.
pub struct Identity {
    pub tokens: Arc<dyn AccessTokens>,
    /// Names visitors to components.
    pub visitors: Arc<dyn IdentityTokens>,
    /// Opens the door while there is no user; printed at start and good for this process only.
    pub setup_token: Secret,
    pub actors: Actors,
    /// Whom else people sign in with, in the order of their buttons.
    pub providers: Vec<Arc<dyn IdentityProvider>>,
    reloads: keys::Reloads,
    setup_done: AtomicBool,
}

impl Identity {
    pub fn new(
        tokens: Arc<dyn AccessTokens>,
        visitors: Arc<dyn IdentityTokens>,
        setup_token: Secret,
    ) -> Self {
        Self {
            tokens,
            visitors,
            setup_token,
            actors: Actors::default(),
            reloads: keys::Reloads::default(),
            providers: Vec::new(),
            setup_done: AtomicBool::new(false),
        }
    }

    /// With buttons for these.
    pub fn with_providers(self, providers: Vec<Arc<dyn IdentityProvider>>) -> Self {
        Self { providers, ..self }
    }
}

/// Where somebody who is not signed in yet knocks from.
#[derive(Debug, Clone, Default)]
pub struct Origin {
    pub address: Option<IpAddr>,
    pub user_agent: String,
}

impl Origin {
    pub fn address(&self) -> String {
        self.address.map(|address| address.to_string()).unwrap_or_default()
    }
}

/// The two tokens of a session, and whose they are.
#[derive(Debug)]
pub struct SignedIn {
    pub user: User,
    pub access_token: Secret,
    /// Whole seconds the access token is good for.
    pub expires_in: i64,
    pub refresh_token: Secret,
    pub refresh_expires_at: DateTime<Utc>,
    /// Whether the account was not seen with this device and network before.
    pub from_a_new_place: bool,
}

/// Random bytes of a refresh token: out of reach of guessing, so that one SHA-256 without salt keeps it safely.
const REFRESH_TOKEN_BYTES: usize = 32;

pub(in crate::app) fn hash_token(token: &Secret) -> TokenHash {
    Sha256::digest(token.expose()).into()
}

/// A fresh refresh token for a session, with the row that remembers it.
fn mint_refresh_token(app: &App, session: SessionId, now: DateTime<Utc>) -> (Secret, RefreshToken) {
    let token = Secret::new(app.random.hex::<REFRESH_TOKEN_BYTES>());
    let row = RefreshToken { hash: hash_token(&token), session_id: session, issued_at: now, used_at: None };
    (token, row)
}

/// Opens a session in the unit of work.
async fn open_session(
    app: &App,
    work: &mut dyn UnitOfWork,
    user: User,
    origin: &Origin,
    now: DateTime<Utc>,
) -> AppResult<SignedIn> {
    let session = Session {
        id: app.random.id(now),
        user_id: user.id,
        user_agent: origin.user_agent.clone(),
        address: origin.address(),
        created_at: now,
        last_used_at: now,
        expires_at: now + REFRESH_LIFETIME,
        revoked_at: None,
    };
    let (refresh_token, row) = mint_refresh_token(app, session.id, now);
    work.sessions().add(&session, &row).await?;
    let new = work.sessions().remember(user.id, &places::mark(app, origin), now).await?;
    let signed_in = signed_in(app, user, session.id, refresh_token, session.expires_at, now)?;
    Ok(SignedIn { from_a_new_place: new, ..signed_in })
}

fn signed_in(
    app: &App,
    user: User,
    session_id: SessionId,
    refresh_token: Secret,
    refresh_expires_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> AppResult<SignedIn> {
    let claims = AccessClaims::new(user.id, session_id, now, ACCESS_LIFETIME);
    let access_token =
        app.identity.tokens.issue(Purpose::Api, &claims).map_err(|error| AppError::Internal(error.into()))?;
    Ok(SignedIn {
        user,
        access_token,
        expires_in: ACCESS_LIFETIME.num_seconds(),
        refresh_token,
        refresh_expires_at,
        from_a_new_place: false,
    })
}
