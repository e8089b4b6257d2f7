//! Visits to workspaces' addresses. A browser that is signed in here gets a ticket for one address, and at that address a
//! pass for it: no credential of the platform is ever seen there.

use crate::{
    app::{
        App, AppError, AppResult, Caller,
        auth::{actors, hash_token, keys, tickets},
    },
    domain::{
        access::{Admission, Place, admission, is_named},
        ids::WorkspaceId,
        names::WorkspaceName,
        policy::{Actor, CredentialId},
        secret::Secret,
        session::{IDENTITY_LIFETIME, PASS_LIFETIME, TokenHash},
        workspace::Status,
    },
    ports::{
        access_token::{AccessClaims, Purpose},
        identity_token::IdentityClaims,
    },
};

/// Lets its bearer into one address, once.
#[derive(Debug)]
pub struct Ticket {
    pub secret: Secret,
    pub key: String,
    /// Where to go there: a path with its query.
    pub path: String,
    /// Whose address it is.
    pub workspace: Destination,
}

/// What the address says of itself to whoever may open it.
#[derive(Debug)]
pub struct Destination {
    pub id: WorkspaceId,
    pub name: WorkspaceName,
    pub status: Status,
}

/// A ticket for the URL of a route, for whoever may open it.
pub async fn ticket(app: &App, caller: &Caller, url: &str) -> AppResult<Ticket> {
    let wrong = || AppError::invalid("for", "not_an_address", "must be the URL of a workspace's address");
    let (key, path) = app.settings.key_and_path(url).ok_or_else(wrong)?;
    let key = key.to_ascii_lowercase();
    let Some(session) = caller.actor.session() else {
        let detail = "tickets are for browsers; send the API token itself, in Authorization, to the address";
        return Err(AppError::Denied { code: "session_needed", detail: detail.into() });
    };
    let found = app.store.read().await?.routes().published_at(&key).await?;
    let found = found.ok_or_else(|| AppError::not_found("address", &key))?;
    let place = found.place();
    match admission(&place, Some(&caller.actor)) {
        Admission::Admit => {}
        Admission::SignIn | Admission::Refuse => return Err(refused(&place)),
    }
    let secret = tickets::issue(app, Purpose::Ticket(&key), caller.actor.user_id, session)?;
    let workspace =
        Destination { id: place.workspace, name: found.workspace_name, status: found.workspace_status };
    Ok(Ticket { secret, key, path: path.to_owned(), workspace })
}

/// A pass for the ticket. `None`: it is not good for this address, or was used before.
pub async fn enter(app: &App, key: &str, ticket: &Secret) -> AppResult<Option<Secret>> {
    let claims = tickets::redeem(app, Purpose::Ticket(key), ticket).await?;
    claims.map(|claims| pass(app, key, &claims)).transpose()
}

/// From now on, for whom these claims are of: of a ticket, or of a pass that ages.
pub fn pass(app: &App, key: &str, of: &AccessClaims) -> AppResult<Secret> {
    let claims = AccessClaims::new(of.user_id, of.credential, app.clock.now(), PASS_LIFETIME);
    app.identity.tokens.issue(Purpose::Pass(key), &claims).map_err(|error| AppError::Internal(error.into()))
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
pub async fn visitor(app: &App, key: &str, shown: &Shown) -> AppResult<Option<Visitor>> {
    match shown {
        Shown::ApiToken(token) => {
            let actor = known(actors::authenticate(app, token.expose(), None).await)?;
            Ok(actor.map(|actor| Visitor { actor, aged: None }))
        }
        Shown::Pass(pass) => {
            let Ok(claims) = keys::verify(app, Purpose::Pass(key), pass.expose()).await else {
                return Ok(None);
            };
            let actor = known(actors::of(app, claims.credential).await)?;
            let actor = actor.filter(|actor| actor.user_id == claims.user_id);
            let aged = app.clock.now() - claims.issued_at >= PASS_LIFETIME / 2;
            Ok(actor.map(|actor| Visitor { actor, aged: aged.then_some(claims) }))
        }
    }
}

/// What names a visitor who was let in to the component there. `None`: it is not told.
pub fn introduction(app: &App, label: &str, place: &Place, visitor: &Actor) -> AppResult<Option<Secret>> {
    if !is_named(place, visitor) {
        return Ok(None);
    }
    let now = app.clock.now();
    let claims = IdentityClaims {
        issuer: app.settings.access_url.clone(),
        audience: app.settings.route_url(label),
        user_id: visitor.user_id,
        username: visitor.username.clone(),
        org: place.org,
        workspace: place.workspace,
        issued_at: now,
        expires_at: now + IDENTITY_LIFETIME,
    };
    app.identity.visitors.issue(&claims).map(Some).map_err(|error| AppError::Internal(error.into()))
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
