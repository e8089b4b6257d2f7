//! The port, on Traefik.

use std::{
    collections::{BTreeSet, HashMap},
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use async_trait::async_trait;
use bytes::Bytes;
use tokio::{sync::Mutex as AsyncMutex, task::spawn_blocking};

use super::{
    api::{ApiError, TraefikApi},
    file::{self, ConfigurationFile, Written},
    http::{self, ServedConfiguration},
    mark::Mark,
    render::{Rendered, per_route},
    rest,
    settings::{TraefikSettings, TraefikUrl},
    wildcard::one_for_all,
};
use crate::{
    adapters::proxy::EmbeddedProxy,
    domain::{
        ids::{RouteId, WorkspaceId},
        route::PublishedRoute,
    },
    ports::proxy::{Changes, Edition, ProxyError, ProxyProvider, RouteServer},
};

/// For all that Traefik does until a table is in force. Its throttle alone is two seconds unless it is set lower.
const PATIENCE: Duration = Duration::from_secs(10);
/// And for each router in it: Traefik checks and builds all of them each time.
const PATIENCE_FOR_ONE: Duration = Duration::from_millis(3);
/// Between two looks whether Traefik still has what it was given.
const WATCH: Duration = Duration::from_millis(500);
/// The same while it does not answer: it may be starting, and until it has the routes nothing answers.
const AWAY: Duration = Duration::from_millis(50);
/// Without its API, Traefik is given so long to do what it does after it took a table: its throttle, and some.
const SETTLES: Duration = Duration::from_millis(2_500);
/// A later table than the database has is another server's, which read it a moment after us. One that stays is from
/// before the database was set back. Longer than any call holds what it read.
const STRANGE: Duration = Duration::from_secs(15);

/// How a table gets to Traefik.
pub enum Delivery {
    Rest,
    Http(Arc<ServedConfiguration>),
    File(ConfigurationFile),
}

impl Delivery {
    const fn provider(&self) -> &'static str {
        match self {
            Delivery::Rest => rest::PROVIDER,
            Delivery::Http(_) => http::PROVIDER,
            Delivery::File(_) => file::PROVIDER,
        }
    }
}

/// What a table consists of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// A router for each route.
    PerRoute,
    /// One for all.
    Wildcard,
}

pub struct TraefikProxy {
    edge: Arc<EmbeddedProxy>,
    settings: TraefikSettings,
    shape: Shape,
    delivery: Delivery,
    api: Option<TraefikApi>,
    /// Locked by whoever publishes.
    table: AsyncMutex<Table>,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Table {
    routes: HashMap<WorkspaceId, Vec<PublishedRoute>>,
    /// Where live routes lead, as Traefik was last told.
    told: BTreeSet<(String, SocketAddr)>,
    /// Traefik's table, when it was later than ours, and since when.
    ahead: Option<(Mark, Instant)>,
}

impl Table {
    /// `true`: the later table is to be replaced.
    fn gives_way_to(&mut self, ahead: Option<Mark>) -> Result<bool, ProxyError> {
        let Some(ahead) = ahead else {
            self.ahead = None;
            return Ok(false);
        };
        let since = match &self.ahead {
            Some((mark, since)) if *mark == ahead => *since,
            _ => Instant::now(),
        };
        if since.elapsed() >= STRANGE {
            tracing::warn!(
                theirs = ahead.revision,
                "Traefik has routes from a state that the database is not in any more; they are replaced"
            );
            self.ahead = None;
            return Ok(true);
        }
        self.ahead = Some((ahead, since));
        Err(ProxyError::Behind("another server has published later ones".into()))
    }
}

#[derive(Default)]
struct Seen {
    /// What should be in force.
    expected: Option<Mark>,
    /// The last table was compared with Traefik's routers.
    compared: bool,
    /// Routers that Traefik does not serve: of which route, if they are of one, and why.
    refused: Vec<(Option<RouteId>, String)>,
    problem: Option<String>,
}

impl TraefikProxy {
    /// # Errors
    /// When the system's certificates cannot be read.
    pub fn new(
        edge: Arc<EmbeddedProxy>,
        settings: TraefikSettings,
        shape: Shape,
        delivery: Delivery,
        url: Option<TraefikUrl>,
    ) -> reqwest::Result<Self> {
        let api = url.map(|url| TraefikApi::new(url, delivery.provider())).transpose()?;
        Ok(Self {
            edge,
            settings,
            shape,
            delivery,
            api,
            table: AsyncMutex::default(),
            seen: Mutex::default(),
        })
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn render(&self, table: &Table, revision: i64) -> Rendered {
        match self.shape {
            Shape::PerRoute => per_route(&self.settings, revision, table.routes.values().flatten()),
            Shape::Wildcard => one_for_all(&self.settings, revision, table.routes.values().flatten()),
        }
    }

    /// Whether this is what was brought last. If it did not get into force then, the next full table tries again.
    fn is_known(&self, table: &Table, edition: Edition) -> bool {
        let mark = self.render(table, edition.revision).mark;
        self.seen().expected.as_ref().is_some_and(|expected| expected.is_same_table(&mark))
    }

    async fn bring(&self, table: &mut Table, edition: Edition) -> Result<(), ProxyError> {
        let rendered = self.render(table, edition.revision);
        self.seen().expected = Some(rendered.mark.clone());
        let brought = match &self.api {
            Some(api) => self.bring_and_see(api, table, edition, &rendered).await,
            None => self.bring_blind(table, edition, &rendered).await,
        };
        self.seen().problem = brought.as_ref().err().map(ToString::to_string);
        if brought.is_ok() {
            table.told = live(table);
        }
        match (self.shape, brought) {
            // Its one router leads to our own edge, which knows by now.
            (Shape::Wildcard, Err(error)) => {
                tracing::warn!(%error, "Traefik does not lead here yet");
                Ok(())
            }
            (_, brought) => brought,
        }
    }

    async fn bring_and_see(
        &self,
        api: &TraefikApi,
        table: &mut Table,
        edition: Edition,
        rendered: &Rendered,
    ) -> Result<(), ProxyError> {
        let shown = api.mark().await.map_err(behind)?;
        let is_there = shown.as_ref().is_some_and(|shown| shown.is_same_table(&rendered.mark));
        let ahead = shown.filter(|shown| !is_there && shown.is_ahead_of(&rendered.mark));
        let override_later = table.gives_way_to(ahead)?;
        self.seen().compared &= is_there;
        if !is_there || !matches!(self.delivery, Delivery::Rest) {
            self.deliver(edition, rendered, override_later, is_there).await?;
        }
        api.wait_for(&rendered.mark, patience_for(rendered)).await.map_err(behind)?;
        let known = {
            let seen = self.seen();
            seen.compared && seen.refused.is_empty()
        };
        if !known {
            self.compare(api, rendered).await.map_err(behind)?;
        }
        Ok(())
    }

    async fn deliver(
        &self,
        edition: Edition,
        rendered: &Rendered,
        override_later: bool,
        is_there: bool,
    ) -> Result<(), ProxyError> {
        let left = edition.until.map_or(PATIENCE, |until| until.saturating_duration_since(Instant::now()));
        if left.is_zero() {
            let reason = "this server has not been heard by the others for too long to change it";
            return Err(ProxyError::Behind(reason.into()));
        }
        match &self.delivery {
            Delivery::Rest => {
                let api = self.api.as_ref().ok_or_else(|| ProxyError::Behind("no address".into()))?;
                rest::push(api, rendered, left).await.map_err(behind)
            }
            Delivery::Http(served) => {
                served.offer(rendered).map_err(|error| ProxyError::Behind(error.to_string()))?;
                if is_there || served.was_ever_taken() {
                    return Ok(());
                }
                Err(ProxyError::Behind("Traefik has not asked for them (GET /edge/traefik)".into()))
            }
            Delivery::File(file) => {
                let (file, rendered) = (file.clone(), rendered.clone());
                let written = spawn_blocking(move || file.write(&rendered, override_later)).await;
                match written {
                    Ok(Ok(Written::Ours)) => Ok(()),
                    Ok(Ok(Written::Ahead(_))) => {
                        Err(ProxyError::Behind("another server has written later ones".into()))
                    }
                    Ok(Err(error)) => {
                        Err(ProxyError::Behind(format!("DEVSANCTUM_TRAEFIK_FILE cannot be written: {error}")))
                    }
                    Err(error) => Err(ProxyError::Behind(error.to_string())),
                }
            }
        }
    }

    /// Without Traefik's API nobody can tell when a table is in force. Where something was taken back, somebody waits
    /// for that to be so: Traefik is given the time that it takes by itself.
    async fn bring_blind(
        &self,
        table: &Table,
        edition: Edition,
        rendered: &Rendered,
    ) -> Result<(), ProxyError> {
        self.deliver(edition, rendered, false, false).await?;
        if let Delivery::Http(served) = &self.delivery {
            let taken =
                tokio::time::timeout(patience_for(rendered), served.until_taken(&rendered.mark)).await;
            taken.map_err(|_| ProxyError::Behind("Traefik does not ask for them any more".into()))?;
        }
        if self.shape == Shape::PerRoute && !table.told.is_subset(&live(table)) {
            tokio::time::sleep(SETTLES).await;
        }
        Ok(())
    }

    /// Finds what Traefik read but does not serve.
    async fn compare(&self, api: &TraefikApi, rendered: &Rendered) -> Result<(), ApiError> {
        let shown = api.routers().await?;
        let left_out = rendered.left_out.iter().map(|(route, why)| (Some(*route), (*why).to_owned()));
        let mut refused: Vec<_> = left_out.collect();
        for (name, wanted) in &rendered.configuration.http.routers {
            let why = match shown.get(name) {
                None => "Traefik does not show its router".to_owned(),
                Some(there) if there.rule != wanted.rule || there.service != wanted.service => {
                    "Traefik shows another router under its name".to_owned()
                }
                Some(there) if there.status != "enabled" || !there.error.is_empty() => there.error.join("; "),
                Some(_) => continue,
            };
            tracing::warn!(router = name, why, "Traefik does not serve a router");
            refused.push((rendered.routes.get(name).copied(), why));
        }
        let mut seen = self.seen();
        (seen.refused, seen.compared) = (refused, true);
        Ok(())
    }

    /// Whether Traefik has what it should have; an error when it does not answer.
    async fn has_what_it_should(&self, api: &TraefikApi) -> Result<bool, ApiError> {
        let Some(expected) = self.seen().expected.clone() else { return Ok(true) };
        let Some(shown) = api.mark().await? else { return Ok(false) };
        let same_history = shown.installation == expected.installation;
        Ok(shown.is_same_table(&expected) || same_history && shown.revision >= expected.revision)
    }
}

#[async_trait]
impl ProxyProvider for TraefikProxy {
    fn kind(&self) -> &'static str {
        match (self.shape, &self.delivery) {
            (Shape::Wildcard, _) => "traefik-wildcard",
            (Shape::PerRoute, Delivery::Rest) => "traefik-rest",
            (Shape::PerRoute, Delivery::Http(_)) => "traefik-http",
            (Shape::PerRoute, Delivery::File(_)) => "traefik-file",
        }
    }

    async fn publish_all(&self, edition: Edition, routes: Arc<[PublishedRoute]>) -> Result<(), ProxyError> {
        let mut table = self.table.lock().await;
        self.edge.publish_all(edition, routes.clone()).await?;
        table.routes.clear();
        for route in routes.iter() {
            table.routes.entry(route.route.workspace_id).or_default().push(route.clone());
        }
        self.bring(&mut table, edition).await
    }

    async fn publish_changes(&self, edition: Edition, changes: Changes) -> Result<(), ProxyError> {
        let mut table = self.table.lock().await;
        self.edge.publish_changes(edition, changes.clone()).await?;
        for (workspace, routes) in changes {
            if routes.is_empty() {
                table.routes.remove(&workspace);
            } else {
                table.routes.insert(workspace, routes);
            }
        }
        if self.shape == Shape::Wildcard && self.is_known(&table, edition) {
            return Ok(());
        }
        self.bring(&mut table, edition).await
    }

    async fn lost(&self) {
        let Some(api) = &self.api else { return std::future::pending().await };
        let mut pause = WATCH;
        loop {
            tokio::time::sleep(pause).await;
            let before = self.seen().expected.clone();
            // An answer that is missing says nothing; one that comes while somebody publishes, little.
            let has = self.has_what_it_should(api).await;
            pause = if has.is_err() { AWAY } else { WATCH };
            let lost = matches!(has, Ok(false));
            if lost && self.table.try_lock().is_ok() && self.seen().expected == before {
                return;
            }
        }
    }

    fn vouch(&self, until: Instant) {
        self.edge.vouch(until);
    }

    async fn check(&self) -> Result<(), ProxyError> {
        self.edge.check().await?;
        if let Some(api) = &self.api
            && !self
                .has_what_it_should(api)
                .await
                .map_err(|error| ProxyError::Unreachable(error.to_string()))?
        {
            let reason = self.seen().problem.clone().unwrap_or_else(|| "it is being given them".into());
            return Err(ProxyError::Behind(reason));
        }
        let seen = self.seen();
        if let (None, Some(problem)) = (&self.api, &seen.problem) {
            return Err(ProxyError::Unreachable(problem.clone()));
        }
        let Some((_, first)) = seen.refused.first() else { return Ok(()) };
        let count = seen.refused.len();
        Err(ProxyError::Refused(format!("{count} of Traefik's routers do not serve, one because: {first}")))
    }

    fn refusal(&self, route: RouteId) -> Option<String> {
        let seen = self.seen();
        seen.refused.iter().find(|(of, _)| *of == Some(route)).map(|(_, why)| why.clone())
    }

    fn refused(&self) -> usize {
        self.seen().refused.iter().filter_map(|(of, _)| *of).collect::<BTreeSet<_>>().len()
    }
}

impl RouteServer for TraefikProxy {
    fn configuration(&self) -> Option<Bytes> {
        match &self.delivery {
            // Traefik keeps what it has when there is nothing that is known to be right.
            Delivery::Http(served) if !self.edge.is_stale() => served.take(),
            _ => None,
        }
    }
}

fn patience_for(rendered: &Rendered) -> Duration {
    let routes = u32::try_from(rendered.routes.len()).unwrap_or(u32::MAX);
    PATIENCE + PATIENCE_FOR_ONE.saturating_mul(routes)
}

fn behind(error: ApiError) -> ProxyError {
    ProxyError::Behind(error.to_string())
}

/// Which keys lead where.
fn live(table: &Table) -> BTreeSet<(String, SocketAddr)> {
    let routes = table.routes.values().flatten();
    let live = routes.filter_map(|published| Some((published, published.route.target.address()?)));
    live.flat_map(|(published, address)| published.keys().map(move |key| (key.to_owned(), address))).collect()
}
