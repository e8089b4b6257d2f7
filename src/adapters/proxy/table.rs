//! Which label leads where. Readers never wait: each shard is an immutable map behind an atomic pointer, and a writer
//! replaces the shards it touches.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    sync::{Arc, Mutex, PoisonError},
};

use arc_swap::ArcSwap;

use super::pool::Backend;
use crate::domain::{
    access::Place,
    ids::WorkspaceId,
    names::WorkspaceName,
    route::{PublishedRoute, RouteTarget},
    workspace::Status,
};

/// One change copies one shard: with 10,000 routes about 40 entries.
const SHARDS: usize = 256;

/// Longest label of a host name (RFC 1035, 2.3.4).
const MAX_LABEL: usize = 63;

/// What is known of a published label.
#[derive(Debug)]
pub(super) struct Entry {
    pub place: Place,
    pub name: WorkspaceName,
    pub status: Status,
    pub target: Target,
}

#[derive(Debug, Clone)]
pub(super) enum Target {
    Live(Arc<Backend>),
    Pending,
    Withdrawn,
}

type Shard = HashMap<Box<str>, Arc<Entry>>;

pub(super) struct RouteTable {
    shards: Box<[ArcSwap<Shard>]>,
    /// Serializes writers, and tells them which labels a workspace has.
    labels: Mutex<HashMap<WorkspaceId, Vec<Box<str>>>>,
}

impl RouteTable {
    pub fn new() -> Self {
        Self { shards: (0..SHARDS).map(|_| ArcSwap::default()).collect(), labels: Mutex::default() }
    }

    /// Host names are compared without regard to case (RFC 9110, 4.2.3); published labels are lower-case.
    pub fn find(&self, label: &str) -> Option<Arc<Entry>> {
        if !label.bytes().any(|byte| byte.is_ascii_uppercase()) {
            return self.shard(label).load().get(label).cloned();
        }
        if label.len() > MAX_LABEL {
            return None;
        }
        let lower = label.to_ascii_lowercase();
        self.shard(&lower).load().get(lower.as_str()).cloned()
    }

    /// Makes `routes` the only routes of `workspace`.
    pub fn replace_workspace(&self, workspace: WorkspaceId, routes: &[PublishedRoute]) {
        let mut labels = self.labels.lock().unwrap_or_else(PoisonError::into_inner);
        let new: Vec<Box<str>> = routes.iter().map(|route| route.route.label.as_str().into()).collect();
        let old = if new.is_empty() { labels.remove(&workspace) } else { labels.insert(workspace, new) };
        let routes: HashMap<&str, &PublishedRoute> =
            routes.iter().map(|route| (route.route.label.as_str(), route)).collect();
        let mut changed: BTreeSet<&str> = routes.keys().copied().collect();
        let owned = |label: &&str| self.find(label).is_some_and(|entry| entry.place.workspace == workspace);
        changed.extend(old.iter().flatten().map(|label| &**label).filter(owned));
        for label in changed {
            self.replace(&[(label, routes.get(label).copied())]);
        }
    }

    /// Makes `routes` the only routes.
    pub fn replace_all(&self, routes: &[PublishedRoute]) {
        let mut labels = self.labels.lock().unwrap_or_else(PoisonError::into_inner);
        labels.clear();
        let mut wanted: Vec<Vec<&PublishedRoute>> = vec![Vec::new(); SHARDS];
        for route in routes {
            let label = route.route.label.as_str();
            labels.entry(route.route.workspace_id).or_default().push(label.into());
            wanted[shard_of(label)].push(route);
        }
        for (shard, wanted) in self.shards.iter().zip(wanted) {
            let kept: HashSet<&str> = wanted.iter().map(|route| route.route.label.as_str()).collect();
            let current = shard.load_full();
            let changes: Vec<_> = current
                .keys()
                .filter(|label| !kept.contains(&***label))
                .map(|label| (&**label, None))
                .chain(wanted.iter().map(|route| (route.route.label.as_str(), Some(*route))))
                .collect();
            self.replace(&changes);
        }
    }

    /// Every live backend at this moment.
    pub fn backends(&self) -> Vec<Arc<Backend>> {
        let live = |entry: &Arc<Entry>| match &entry.target {
            Target::Live(backend) => Some(backend.clone()),
            Target::Pending | Target::Withdrawn => None,
        };
        self.shards
            .iter()
            .flat_map(|shard| shard.load().values().filter_map(live).collect::<Vec<_>>())
            .collect()
    }

    /// By where they lead.
    pub fn count(&self) -> [(&'static str, u64); 3] {
        let (mut live, mut pending, mut withdrawn) = (0, 0, 0);
        for shard in &self.shards {
            for entry in shard.load().values() {
                match entry.target {
                    Target::Live(_) => live += 1,
                    Target::Pending => pending += 1,
                    Target::Withdrawn => withdrawn += 1,
                }
            }
        }
        [("live", live), ("pending", pending), ("withdrawn", withdrawn)]
    }

    fn shard(&self, label: &str) -> &ArcSwap<Shard> {
        &self.shards[shard_of(label)]
    }

    /// Changes labels of one shard: to the route, or to nothing.
    fn replace(&self, changes: &[(&str, Option<&PublishedRoute>)]) {
        let Some((first, _)) = changes.first() else { return };
        let shard = self.shard(first);
        let mut next = Shard::clone(&shard.load());
        let mut retired = Vec::new();
        for (label, route) in changes {
            let before = next.get(*label).cloned();
            let after = route.map(|route| entry(route, before.as_deref()));
            if let Some(Entry { target: Target::Live(backend), .. }) = before.as_deref() {
                let stays = matches!(&after, Some(Entry { target: Target::Live(kept), .. }) if Arc::ptr_eq(kept, backend));
                if !stays {
                    retired.push(backend.clone());
                }
            }
            match after {
                Some(after) => next.insert((*label).into(), Arc::new(after)),
                None => next.remove(*label),
            };
        }
        shard.store(Arc::new(next));
        // After the table no longer leads there: who found the backend before sees that it is retired.
        for backend in retired {
            backend.retire();
        }
    }
}

/// Labels end in the random short id of their workspace, so their last characters alone spread them evenly.
fn shard_of(label: &str) -> usize {
    let tail =
        label.bytes().rev().take(4).fold(0_usize, |hash, byte| hash.wrapping_mul(31) ^ usize::from(byte));
    tail % SHARDS
}

/// Goes on with the connections of `before` only when nothing about the way to the component changed.
fn entry(published: &PublishedRoute, before: Option<&Entry>) -> Entry {
    let route = &published.route;
    let target = match route.target {
        RouteTarget::Pending => Target::Pending,
        RouteTarget::Withdrawn => Target::Withdrawn,
        RouteTarget::Live { address } => match before {
            Some(Entry { place, target: Target::Live(backend), .. })
                if place.workspace == route.workspace_id && backend.address() == address =>
            {
                Target::Live(backend.clone())
            }
            _ => Target::Live(Arc::new(Backend::new(address))),
        },
    };
    Entry {
        place: published.place(),
        name: published.workspace_name.clone(),
        status: published.workspace_status,
        target,
    }
}
