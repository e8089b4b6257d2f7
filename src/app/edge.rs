//! Visits to workspaces' addresses. A browser that is signed in here gets a ticket for one address, and at that address a
//! pass for it: no credential of the platform is ever seen there.

use crate::{
    app::{
        App, AppError, AppResult, Caller,
        auth::{actors, attempts, attempts::Bucket, hash_token, keys},
    },
    domain::{
        access::{Admission, Place, admission},
        policy::{Actor, CredentialId},
        rate::Rate,
        secret::Secret,
        session::{PASS_LIFETIME, TICKET_LIFETIME, TokenHash},
    },
    ports::access_token::{AccessClaims, Purpose},
};

/// There is one try of each ticket, for longer than it is good.
pub(super) const ONCE: Rate = Rate::new(1, std::time::Duration::from_secs(60));

/// Lets its bearer into one address, once.
#[derive(Debug)]
pub struct Ticket {
    pub secret: Secret,
    pub label: String,
    /// Where to go there: a path with its query.
    pub path: String,
}

/// A ticket for the URL of a route, for whoever may open it.
pub async fn ticket(app: &App, caller: &Caller, url: &str) -> AppResult<Ticket> {
    let wrong = || AppError::invalid("for", "not_an_address", "must be the URL of a workspace's address");
    let (label, path) = app.settings.label_and_path(url).ok_or_else(wrong)?;
    let label = label.to_ascii_lowercase();
    let Some(session) = caller.actor.session() else {
        let detail = "tickets are for browsers; send the API token itself, in Authorization, to the address";
        return Err(AppError::Denied { code: "session_needed", detail: detail.into() });
    };
    let found = app.store.read().await?.routes().published_at(&label).await?;
    let place = found.map(|route| route.place()).ok_or_else(|| AppError::not_found("address", &label))?;
    match admission(&place, Some(&caller.actor)) {
        Admission::Admit => {}
        Admission::SignIn | Admission::Refuse => return Err(refused(&place)),
    }
    let now = app.clock.now();
    let claims = AccessClaims {
        token_id: Some(app.random.id(now)),
        ..AccessClaims::new(caller.actor.user_id, session, now, TICKET_LIFETIME)
    };
    let secret = app.identity.tokens.issue(Purpose::Ticket(&label), &claims);
    let secret = secret.map_err(|error| AppError::Internal(error.into()))?;
    Ok(Ticket { secret, label, path: path.to_owned() })
}

/// A pass for the ticket. `None`: it is not good for this address, or was used before.
pub async fn enter(app: &App, label: &str, ticket: &Secret) -> AppResult<Option<Secret>> {
    let Ok(claims) = keys::verify(app, Purpose::Ticket(label), ticket.expose()).await else {
        return Ok(None);
    };
    match attempts::take(app, &[(Bucket::Ticket(ticket), ONCE)]).await {
        Err(AppError::RateLimited { .. }) => return Ok(None),
        taken => taken?,
    }
    pass(app, label, &claims).map(Some)
}

/// From now on, for whom these claims are of: of a ticket, or of a pass that ages.
pub fn pass(app: &App, label: &str, of: &AccessClaims) -> AppResult<Secret> {
    let claims = AccessClaims::new(of.user_id, of.credential, app.clock.now(), PASS_LIFETIME);
    app.identity.tokens.issue(Purpose::Pass(label), &claims).map_err(|error| AppError::Internal(error.into()))
}

/// What a visitor shows.
#[derive(Debug, Clone)]
pub enum Shown {
    Pass(Secret),
    ApiToken(Secret),
}

impl Shown {
    /// What stands for it where it must not be kept itself.
    pub fn digest(&self) -> TokenHash {
        let (Shown::Pass(secret) | Shown::ApiToken(secret)) = self;
        hash_token(secret)
    }
}

/// Who shows it, as far as it is good.
#[derive(Debug, Clone)]
pub struct Visitor {
    pub actor: Actor,
    /// Of a pass that ought to be renewed.
    pub aged: Option<AccessClaims>,
}

/// Who shows this at the address. `None`: it is not good there, or not any more.
pub async fn visitor(app: &App, label: &str, shown: &Shown) -> AppResult<Option<Visitor>> {
    match shown {
        Shown::ApiToken(token) => {
            let actor = known(actors::authenticate(app, token.expose(), None).await)?;
            Ok(actor.map(|actor| Visitor { actor, aged: None }))
        }
        Shown::Pass(pass) => {
            let Ok(claims) = keys::verify(app, Purpose::Pass(label), pass.expose()).await else {
                return Ok(None);
            };
            let actor = known(actors::of(app, claims.credential).await)?;
            let actor = actor.filter(|actor| actor.user_id == claims.user_id);
            let aged = app.clock.now() - claims.issued_at >= PASS_LIFETIME / 2;
            Ok(actor.map(|actor| Visitor { actor, aged: aged.then_some(claims) }))
        }
    }
}

/// Whether whoever came in with this credential may stay.
pub async fn may_stay(app: &App, place: &Place, credential: CredentialId) -> AppResult<bool> {
    let actor = known(actors::of(app, credential).await)?;
    Ok(actor.is_some_and(|actor| admission(place, Some(&actor)) == Admission::Admit))
}

fn known(found: AppResult<Actor>) -> AppResult<Option<Actor>> {
    match found {
        Ok(actor) => Ok(Some(actor)),
        Err(AppError::Unauthenticated { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// What somebody is told who is known and may not come in.
pub fn refused(place: &Place) -> AppError {
    AppError::Denied {
        code: "address_refused",
        detail: format!(
            "this address is {}; whoever the workspace belongs to can show it to more people",
            place.visibility
        ),
    }
}
