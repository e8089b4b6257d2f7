//! The gate of workspaces' addresses: who is asked to sign in, who is let in, and for how long.
//!
//! A browser without a pass is sent to our own pages (`/open`), where somebody is signed in or signs in. They get a ticket
//! for the one address, and with it go to `/.devsanctum/enter` there, which gives the browser a pass: a cookie of that host
//! alone. A program sends an API token instead. What an address shows of all this is nothing that opens another.

mod answers;
mod forward_auth;
mod head;
mod introductions;
mod permits;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use axum::{body::Body, response::Response};
use chrono::{DateTime, Utc};
use http::request::Parts;
use ipnet::IpNet;
use tokio::runtime::Handle;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

pub use self::{answers::entrance, forward_auth::PATH as FORWARD_AUTH};
use self::{introductions::Introductions, permits::Permits};
use super::{
    cookie::{DOORSTEP, PASS},
    error::ApiError,
    front::{Admitted, Gate},
};
use crate::{
    app::{
        App, AppError, AppResult,
        edge::{self, Shown, Visitor},
    },
    domain::{
        access::{Admission, Place, admission},
        route::Visibility,
        session::TokenHash,
    },
    ports::{
        meter::{AccessDecision, AskedBy},
        proxy::Places,
    },
};

/// How long who shows something is believed to be who it was. It adds to the time that what is read of a session is
/// believed; both together stay below the five seconds in which a change has to be felt.
const BELIEVED: Duration = Duration::from_secs(1);
/// Beyond this many visitors, those whose time is over are forgotten before another is kept.
const CROWDED: usize = 4096;

pub struct EdgeGate {
    app: Arc<App>,
    places: Arc<dyn Places>,
    https: bool,
    trusted_proxies: Vec<IpNet>,
    /// Connections are served elsewhere, and the database's belong here.
    control_plane: Handle,
    visitors: Mutex<HashMap<Visit, Believed>>,
    introductions: Introductions,
    permits: Arc<Permits>,
}

/// The key of an address, and the digest of what was shown there.
type Visit = (String, TokenHash);

struct Believed {
    visitor: Arc<Visitor>,
    until: DateTime<Utc>,
}

impl EdgeGate {
    /// On the runtime of the caller. What was permitted is looked at again until `stop` is cancelled: when the server is
    /// about to end, and with it all that it let in.
    pub fn start(
        app: Arc<App>,
        places: Arc<dyn Places>,
        trusted_proxies: Vec<IpNet>,
        tasks: &TaskTracker,
        stop: CancellationToken,
    ) -> Arc<Self> {
        let permits = Arc::new(Permits::default());
        tasks.spawn(permits.clone().review(app.clone(), places.clone(), stop));
        Arc::new(Self {
            https: app.settings.access_url.starts_with("https://"),
            app,
            places,
            trusted_proxies,
            control_plane: Handle::current(),
            visitors: Mutex::default(),
            introductions: Introductions::default(),
            permits,
        })
    }

    async fn visitor(&self, key: &str, shown: Option<Shown>) -> AppResult<Option<Arc<Visitor>>> {
        let Some(shown) = shown else { return Ok(None) };
        let visit = (key.to_owned(), shown.digest());
        let now = self.app.clock.now();
        if let Some(believed) = self.lock().get(&visit).filter(|believed| now < believed.until) {
            return Ok(Some(believed.visitor.clone()));
        }
        let (app, key) = (self.app.clone(), key.to_owned());
        let found = async move { edge::visitor(&app, &key, &shown).await };
        // What is good for nothing is not kept: anybody could fill the memory with it.
        let Some(visitor) = self.elsewhere(found).await?.map(Arc::new) else { return Ok(None) };
        let mut visitors = self.lock();
        if visitors.len() >= CROWDED {
            visitors.retain(|_, believed| now < believed.until);
        }
        visitors.insert(visit, Believed { visitor: visitor.clone(), until: now + BELIEVED });
        Ok(Some(visitor))
    }

    fn let_in(&self, key: &str, place: &Place, visitor: &Visitor, navigates: bool) -> AppResult<Admitted> {
        let introduction = self.introductions.of(&self.app, key, place, &visitor.actor)?;
        // Whoever needed no right and was not named has nothing to lose.
        let is_somebody = place.visibility != Visibility::Public || introduction.is_some();
        Ok(Admitted {
            permit: is_somebody.then(|| self.permits.grant(key, visitor.actor.credential.id())),
            introduction,
            set_cookie: visitor.aged.as_ref().filter(|_| navigates).and_then(|pass| {
                let renewed = edge::pass(&self.app, key, pass).ok()?;
                Some(PASS.set(&renewed, self.https))
            }),
        })
    }

    /// Runs where the database's connections are.
    async fn elsewhere<T: Send + 'static>(
        &self,
        work: impl Future<Output = AppResult<T>> + Send + 'static,
    ) -> AppResult<T> {
        let done = self.control_plane.spawn(work).await;
        done.unwrap_or_else(|error| Err(AppError::Internal(error.into())))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<Visit, Believed>> {
        // A cache is whole after any panic.
        self.visitors.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

type Decided = (AccessDecision, Result<Admitted, Response<Body>>);

impl EdgeGate {
    async fn decide(&self, key: &str, place: &Place, head: &Parts) -> Decided {
        if place.visibility == Visibility::Public && !place.identity {
            return (AccessDecision::Admit, Ok(Admitted::default()));
        }
        let shown = self.shown(key, place, head);
        let visitor = match self.visitor(key, shown).await {
            Ok(visitor) => visitor,
            Err(error) => return (AccessDecision::Error, Err(self.problem(error.into()))),
        };
        let navigates = head::navigates(head);
        let admission = admission(place, visitor.as_ref().map(|visitor| &visitor.actor));
        let decision = match admission {
            Admission::Admit => AccessDecision::Admit,
            Admission::SignIn => AccessDecision::SignIn,
            Admission::Refuse => AccessDecision::Refuse,
        };
        let answer = match (admission, visitor) {
            (Admission::Admit, Some(visitor)) => match self.let_in(key, place, &visitor, navigates) {
                Ok(admitted) => Ok(admitted),
                Err(error) => return (AccessDecision::Error, Err(self.problem(error.into()))),
            },
            (Admission::Admit, None) => Ok(Admitted::default()),
            (Admission::SignIn | Admission::Refuse, _) if navigates => Err(self.to_our_pages(key, head)),
            (Admission::SignIn, _) => Err(self.problem(ApiError::App(AppError::Unauthenticated {
                code: "unauthenticated",
                detail: "this address is not open to everybody: send an API token as Authorization: Bearer <token>, \
                         or open it in a browser"
                    .into(),
            }))),
            (Admission::Refuse, _) => Err(self.problem(ApiError::App(edge::refused(place)))),
        };
        (decision, answer)
    }

    async fn answer(
        &self,
        key: &str,
        place: &Place,
        head: &Parts,
        asked_by: AskedBy,
    ) -> Result<Admitted, Response<Body>> {
        if let Some(asked) = head.uri.path().strip_prefix(DOORSTEP) {
            return Err(self.on_the_doorstep(key, asked, head).await);
        }
        let (decision, answer) = self.decide(key, place, head).await;
        self.app.meter.access_decided(decision, place.visibility, asked_by);
        answer
    }
}

#[async_trait]
impl Gate for EdgeGate {
    async fn admit(&self, key: &str, place: &Place, head: &Parts) -> Result<Admitted, Response<Body>> {
        self.answer(key, place, head, AskedBy::Embedded).await
    }
}
