//! Signing in with an account elsewhere.
//!
//! `begin` sends a browser to a provider and remembers the handshake; `finish` is where it comes back. Between them lie
//! minutes, maybe another of our servers, and everything that whoever wrote the link could try: the handshake is taken
//! once, only for the browser that began it, only from the provider it went to.

use sha2::{Digest, Sha256};

use super::{Origin, SignedIn, hash_token, open_session, setup::username_from, tell_if_new};
use crate::{
    app::{App, AppError, AppResult, Caller, audit, invitations},
    domain::{
        identity::{
            Arrival, Claimed, FRESH_SIGN_IN, HANDSHAKE_LIFETIME, Handshake, HandshakeSecrets, Identity,
            Provider, Unwelcome, Welcome,
        },
        ids::UserId,
        names::Username,
        return_to::ReturnTo,
        secret::Secret,
        session::TokenHash,
        user::User,
    },
    ports::{
        identity_provider::{IdentityError, IdentityProvider},
        repository::{StoreError, UnitOfWork},
    },
};

/// Random bytes of everything here that must not be guessed.
const TOKEN_BYTES: usize = 32;
/// How many names are tried for a new account before it is called by chance.
const NAMES: u32 = 20;

/// Where to send the browser, and what it must bring back.
#[derive(Debug)]
pub struct Departure {
    pub url: String,
    /// Known to this browser only.
    pub browser: Secret,
}

/// What the browser brought back.
#[derive(Debug)]
pub struct Return {
    pub provider: Provider,
    pub state: Secret,
    pub browser: Secret,
    pub code: Secret,
    /// Who says so, if they do (RFC 9207).
    pub issuer: Option<String>,
}

/// Why nobody was signed in; the code is for the page that tells.
#[derive(Debug)]
pub enum Declined {
    /// Not begun by this browser, too late, or for the second time.
    Handshake,
    /// The provider proves nothing.
    Provider(IdentityError),
    Unwelcome(Unwelcome),
    Suspended,
}

impl Declined {
    pub fn code(&self) -> &'static str {
        match self {
            Declined::Handshake => "handshake_invalid",
            Declined::Provider(IdentityError::Unavailable(_)) => "provider_unavailable",
            Declined::Provider(IdentityError::Refused(_)) => "provider_refused",
            Declined::Unwelcome(unwelcome) => unwelcome.code(),
            Declined::Suspended => "account_suspended",
        }
    }
}

/// Somebody came back and is let in, or not.
#[derive(Debug)]
pub enum Outcome {
    SignedIn(Box<SignedIn>, ReturnTo),
    /// Whoever was signed in before has one more way in.
    Linked(ReturnTo),
    /// With the page of whoever was signed in before.
    Declined(Declined, Option<ReturnTo>),
}

/// The ways in that are configured, for buttons.
pub fn providers(app: &App) -> impl Iterator<Item = (Provider, &str)> {
    app.identity.providers.iter().map(|provider| (provider.provider(), provider.name()))
}

fn find(app: &App, provider: Provider) -> AppResult<&dyn IdentityProvider> {
    let mut providers = app.identity.providers.iter();
    let found = providers.find(|candidate| candidate.provider() == provider);
    found.map(AsRef::as_ref).ok_or_else(|| AppError::not_found("sign-in provider", provider))
}

/// `browser` is what this browser has shown of an earlier handshake: several may be under way in its tabs.
pub async fn begin(
    app: &App,
    provider: Provider,
    return_to: ReturnTo,
    browser: Option<Secret>,
) -> AppResult<Departure> {
    depart(app, provider, return_to, browser, None).await
}

/// The same for somebody who adds a way in; they must have signed in just now.
pub async fn begin_linking(
    app: &App,
    caller: &Caller,
    provider: Provider,
    return_to: ReturnTo,
    browser: Option<Secret>,
) -> AppResult<Departure> {
    app.authorize_account(&caller.actor)?;
    ensure_fresh(app, caller).await?;
    depart(app, provider, return_to, browser, Some(caller.actor.user_id)).await
}

/// Refuses who did not sign in within the last [`FRESH_SIGN_IN`]: somebody may have found the browser open.
pub async fn ensure_fresh(app: &App, caller: &Caller) -> AppResult<()> {
    let mut work = app.store.read().await?;
    let session = match caller.actor.session() {
        Some(id) => work.sessions().find(id).await?,
        None => None,
    };
    let fresh = session.is_some_and(|session| app.clock.now() - session.created_at < FRESH_SIGN_IN);
    if fresh { Ok(()) } else { Err(stale_sign_in()) }
}

fn stale_sign_in() -> AppError {
    AppError::Conflict {
        code: "fresh_sign_in_required",
        detail: "this needs a sign-in that is not older than 10 minutes: sign out and in again".into(),
    }
}

async fn depart(
    app: &App,
    provider: Provider,
    return_to: ReturnTo,
    browser: Option<Secret>,
    linking: Option<UserId>,
) -> AppResult<Departure> {
    let found = find(app, provider)?;
    let token = || Secret::new(app.random.hex::<TOKEN_BYTES>());
    let (state, browser) = (token(), browser.unwrap_or_else(token));
    let secrets = HandshakeSecrets {
        nonce: app.random.hex::<TOKEN_BYTES>(),
        pkce_verifier: app.random.hex::<TOKEN_BYTES>(),
    };
    let url = found.authorization_url(state.expose(), &secrets).await.map_err(unavailable)?;
    let state = hash_token(&state);
    let plain = serde_json::to_string(&secrets).map_err(|error| AppError::Internal(error.into()))?;
    let handshake = Handshake {
        state,
        browser: hash_token(&browser),
        provider,
        secrets: app.sealer.seal(&context(&state), &Secret::new(plain))?,
        linking,
        return_to,
        expires_at: app.clock.now() + HANDSHAKE_LIFETIME,
    };
    let mut work = app.store.begin().await?;
    work.handshakes().add(&handshake).await?;
    work.commit().await?;
    Ok(Departure { url, browser })
}

fn unavailable(error: IdentityError) -> AppError {
    AppError::Unavailable {
        code: "provider_unavailable",
        detail: "the provider does not answer; sign in another way, or try again".into(),
        source: Some(error.into()),
    }
}

/// What the secrets of a handshake are sealed for.
fn context(state: &TokenHash) -> String {
    format!("handshakes.secrets:{}", hex::encode(state))
}

/// Lets in whoever came back, if they should be.
pub async fn finish(app: &App, back: Return, origin: &Origin) -> AppResult<Outcome> {
    let Some(handshake) = take(app, &back).await? else {
        return Ok(Outcome::Declined(Declined::Handshake, None));
    };
    let secrets = app.sealer.open(&context(&handshake.state), &handshake.secrets)?;
    let secrets: HandshakeSecrets =
        serde_json::from_str(secrets.expose()).map_err(|error| AppError::Internal(error.into()))?;
    let page = handshake.linking.map(|_| handshake.return_to.clone());
    let redeemed = find(app, back.provider)?.redeem(&back.code, back.issuer.as_deref(), &secrets).await;
    match redeemed {
        Ok(claimed) => welcome(app, handshake, claimed, origin).await,
        Err(error) => {
            let cause = anyhow::Error::from(error);
            tracing::warn!(provider = %back.provider, error = format!("{cause:#}"), "a sign-in was not confirmed");
            let error = cause.downcast::<IdentityError>().map_err(AppError::Internal)?;
            Ok(Outcome::Declined(Declined::Provider(error), page))
        }
    }
}

/// Forgets a handshake that the provider ended, so that nobody else finishes it.
pub async fn abandon(app: &App, state: &Secret) -> AppResult<()> {
    let mut work = app.store.begin().await?;
    work.handshakes().take(&hash_token(state)).await?;
    work.commit().await?;
    Ok(())
}

async fn take(app: &App, back: &Return) -> AppResult<Option<Handshake>> {
    let mut work = app.store.begin().await?;
    let taken = work.handshakes().take(&hash_token(&back.state)).await?;
    work.commit().await?;
    let now = app.clock.now();
    Ok(taken.filter(|handshake| {
        handshake.provider == back.provider
            && handshake.browser == hash_token(&back.browser)
            && now < handshake.expires_at
    }))
}

async fn welcome(app: &App, handshake: Handshake, claimed: Claimed, origin: &Origin) -> AppResult<Outcome> {
    let now = app.clock.now();
    let mut work = app.store.begin().await?;
    let known = work.identities().find(handshake.provider, &claimed.subject).await?;
    let account = match &claimed.verified_email {
        Some(email) => work.users().find_by_login(email.as_str()).await?.map(|(user, _)| user),
        None => None,
    };
    let arrival = Arrival {
        known: known.as_ref().map(|identity| identity.user_id),
        linking: handshake.linking,
        has_verified_email: claimed.verified_email.is_some(),
        account_exists: account.is_some(),
        may_register: may_register(app, &mut *work, &claimed).await?,
    };
    let user = match arrival.welcome() {
        Welcome::Refuse(unwelcome) => {
            let target = format!("{}:{}", handshake.provider, digest(&claimed.subject));
            let entry = audit::at_the_door(app, origin, "session.refuse", handshake.linking, target, now);
            work.audit().append(&entry).await?;
            work.commit().await?;
            let page = handshake.linking.map(|_| handshake.return_to);
            return Ok(Outcome::Declined(Declined::Unwelcome(unwelcome), page));
        }
        Welcome::SignIn(user) | Welcome::Link(user) => work.users().find(user).await?,
        Welcome::Register => Some(register(app, &mut *work, &claimed, origin).await?),
    };
    let user = user.ok_or_else(|| AppError::not_found("user", "of this identity"))?;
    if user.suspended_at.is_some() {
        return Ok(Outcome::Declined(Declined::Suspended, None));
    }
    match known {
        Some(identity) => work.identities().used(identity.id, &claimed.label, now).await?,
        None => {
            let identity = Identity {
                id: app.random.id(now),
                user_id: user.id,
                provider: handshake.provider,
                subject: claimed.subject,
                label: claimed.label,
                created_at: now,
                last_used_at: handshake.linking.is_none().then_some(now),
            };
            work.identities().add(&identity).await?;
            let entry = audit::at_the_door(app, origin, "identity.add", Some(user.id), identity.id, now);
            work.audit().append(&entry).await?;
        }
    }
    if handshake.linking.is_some() {
        work.commit().await?;
        return Ok(Outcome::Linked(handshake.return_to));
    }
    let entry = audit::at_the_door(app, origin, "session.open", Some(user.id), user.id, now);
    let signed_in = open_session(app, &mut *work, user, origin, now).await?;
    work.audit().append(&entry).await?;
    work.commit().await?;
    tell_if_new(app, &signed_in, origin, now);
    Ok(Outcome::SignedIn(Box::new(signed_in), handshake.return_to))
}

/// Subjects are of people and of no use to whoever reads the log.
fn digest(subject: &str) -> String {
    hex::encode(&Sha256::digest(subject)[..8])
}

/// Whether an address may make an account: with an invitation to it, or where everybody may.
async fn may_register(app: &App, work: &mut dyn UnitOfWork, claimed: &Claimed) -> AppResult<bool> {
    let Some(email) = &claimed.verified_email else { return Ok(false) };
    Ok(app.settings.open_registration || !invitations::of_address(app, work, email).await?.is_empty())
}

/// A new account for an address that the provider has verified, and what it was invited to.
async fn register(
    app: &App,
    work: &mut dyn UnitOfWork,
    claimed: &Claimed,
    origin: &Origin,
) -> AppResult<User> {
    let now = app.clock.now();
    let email = claimed.verified_email.clone();
    let email = email.ok_or_else(|| AppError::Internal(anyhow::anyhow!("an account without an address")))?;
    let user = User {
        id: app.random.id(now),
        username: free_username(app, work, &username_from(claimed.username.to_lowercase().as_str())).await?,
        email,
        display_name: claimed.display_name.chars().filter(|c| !c.is_control()).take(100).collect(),
        platform_admin: false,
        suspended_at: None,
        created_at: now,
        updated_at: now,
    };
    work.users().add(&user, None).await?;
    let entry = audit::at_the_door(app, origin, "user.register", Some(user.id), user.id, now);
    work.audit().append(&entry).await?;
    for invitation in invitations::of_address(app, work, &user.email).await? {
        let detail = invitations::join(app, work, &invitation, user.id).await?;
        let mut entry = audit::at_the_door(app, origin, "invitation.accept", Some(user.id), user.id, now);
        entry.org_id = Some(invitation.org_id);
        entry.detail = detail;
        work.audit().append(&entry.named(user.username.as_str())).await?;
    }
    Ok(user)
}

/// The wanted name, or one like it that nobody has.
async fn free_username(app: &App, work: &mut dyn UnitOfWork, wanted: &Username) -> AppResult<Username> {
    for number in 1..=NAMES {
        let suffix = if number == 1 { String::new() } else { format!("-{number}") };
        let stem: String = wanted.as_str().chars().take(Username::MAX - suffix.len()).collect();
        let Ok(name) = format!("{stem}{suffix}").parse::<Username>() else { continue };
        if work.users().find_by_login(name.as_str()).await?.is_none() {
            return Ok(name);
        }
    }
    format!("user-{}", app.random.hex::<6>()).parse().map_err(|_| StoreError::Taken("username").into())
}
