//! Many workspaces that move, go and come back. Addresses pass from one to another, so an old way leads to a stranger.

use std::{
    sync::{Mutex, MutexGuard},
    time::{Duration, Instant},
};

use devsanctum::domain::{
    route::{PublishedRoute, RouteTarget},
    workspace::Status,
};
use futures::future::join_all;
use http::StatusCode;

use super::{
    backends::Backend,
    world::{Tenant, World},
};

/// Longer than any request takes.
const REMEMBERED: Duration = Duration::from_secs(60);

/// Where a workspace is: at the component with this number, stopped, or nowhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    At(usize),
    Stopped,
    Nowhere,
}

#[derive(Debug)]
struct Stay {
    place: Place,
    /// When what came after it was in force: whoever asks later does not find the workspace here.
    until: Option<Instant>,
}

pub struct Estate {
    pub tenants: Vec<Tenant>,
    pub backends: Vec<Backend>,
    stays: Vec<Mutex<Vec<Stay>>>,
}

/// What an answer says about the proxy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    Right,
    /// No component's, from a workspace that was there all the time.
    Missing,
}

impl Estate {
    /// All of them live, each somewhere.
    pub async fn build(world: &World, tenants: usize, backends: usize) -> Self {
        let backends =
            join_all((0..backends).map(|i| async move { Backend::web(&i.to_string()).await })).await;
        let home = |i: usize| Stay { place: Place::At((i * 7 + i / 8) % backends.len()), until: None };
        Self {
            tenants: (0..tenants).map(|i| world.tenant(&format!("t{i}"))).collect(),
            stays: (0..tenants).map(|i| Mutex::new(vec![home(i)])).collect(),
            backends,
        }
    }

    fn stays(&self, i: usize) -> MutexGuard<'_, Vec<Stay>> {
        self.stays[i].lock().unwrap()
    }

    pub fn place(&self, i: usize) -> Place {
        self.stays(i).last().unwrap().place
    }

    fn route(&self, i: usize) -> Option<PublishedRoute> {
        match self.place(i) {
            Place::At(backend) => Some(self.tenants[i].live(self.backends[backend].address)),
            Place::Stopped => Some(self.tenants[i].route(RouteTarget::Withdrawn, Status::Stopped)),
            Place::Nowhere => None,
        }
    }

    /// The whole table as it should be.
    pub fn routes(&self) -> Vec<PublishedRoute> {
        (0..self.tenants.len()).filter_map(|i| self.route(i)).collect()
    }

    /// From now on both places are right, until the new one is in force.
    pub fn move_to(&self, i: usize, place: Place) -> Vec<PublishedRoute> {
        let mut stays = self.stays(i);
        let now = Instant::now();
        stays.retain(|stay| stay.until.is_none_or(|until| now < until + REMEMBERED));
        stays.push(Stay { place, until: None });
        drop(stays);
        self.route(i).into_iter().collect()
    }

    /// Where it is now is in force.
    pub fn arrived(&self, i: usize) {
        let now = Instant::now();
        let mut stays = self.stays(i);
        let (_, earlier) = stays.split_last_mut().unwrap();
        for stay in earlier {
            stay.until.get_or_insert(now);
        }
    }

    pub fn all_arrived(&self) {
        (0..self.tenants.len()).for_each(|i| self.arrived(i));
    }

    /// Panics when the answer is from another workspace's component.
    pub fn judge(&self, i: usize, asked: Instant, status: StatusCode, body: &[u8]) -> Verdict {
        let stays = self.stays(i);
        let since = || stays.iter().filter(|stay| stay.until.is_none_or(|until| asked <= until));
        let was_at = |place: Place| since().any(|stay| stay.place == place);
        let moved = since().count() > 1;
        match status {
            StatusCode::OK => {
                let backend = std::str::from_utf8(body).unwrap().parse().unwrap();
                assert!(
                    was_at(Place::At(backend)),
                    "{}, asked {:?} ago, was answered by {backend}: {stays:?}",
                    self.tenants[i].label,
                    asked.elapsed()
                );
                Verdict::Right
            }
            // Whoever asks in the moment of a move is told to ask again.
            StatusCode::SERVICE_UNAVAILABLE if was_at(Place::Stopped) || moved => Verdict::Right,
            StatusCode::NOT_FOUND if was_at(Place::Nowhere) => Verdict::Right,
            _ => Verdict::Missing,
        }
    }
}
