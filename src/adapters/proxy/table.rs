//! Which key leads where: the label of a route, or a whole custom domain. Readers never wait: each shard is an immutable
//! map behind an atomic pointer, and a writer replaces the shards it touches.

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

/// Longest host name (RFC 1035, 2.3.4).
const MAX_KEY: usize = 253;

/// What is known of a published key. Each has connections of its own, which end when it is taken back.
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
    /// Serializes writers, and tells them which keys a workspace has.
    keys: Mutex<HashMap<WorkspaceId, Vec<Box<str>>>>,
}

impl RouteTable {
    pub fn new() -> Self {
        Self { shards: (0..SHARDS).map(|_| ArcSwap::default()).collect(), keys: Mutex::default() }
    }

    /// Host names are compared without regard to case (RFC 9110, 4.2.3); published keys are lower-case.
    pub fn find(&self, key: &str) -> Option<Arc<Entry>> {
        if !key.bytes().any(|byte| byte.is_ascii_uppercase()) {
            return self.shard(key).load().get(key).cloned();
        }
        if key.len() > MAX_KEY {
            return None;
        }
        let lower = key.to_ascii_lowercase();
        self.shard(&lower).load().get(lower.as_str()).cloned()
    }

    /// Makes `routes` the only routes of `workspace`.
    pub fn replace_workspace(&self, workspace: WorkspaceId, routes: &[PublishedRoute]) {
        let mut keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        let new: Vec<Box<str>> = routes.iter().flat_map(PublishedRoute::keys).map(Into::into).collect();
        let old = if new.is_empty() { keys.remove(&workspace) } else { keys.insert(workspace, new) };
        let routes: HashMap<&str, &PublishedRoute> =
            routes.iter().flat_map(|route| route.keys().map(move |key| (key, route))).collect();
        let mut changed: BTreeSet<&str> = routes.keys().copied().collect();
        let owned = |key: &&str| self.find(key).is_some_and(|entry| entry.place.workspace == workspace);
        changed.extend(old.iter().flatten().map(|key| &**key).filter(owned));
        for key in changed {
            self.replace(&[(key, routes.get(key).copied())]);
        }
    }

    /// Makes `routes` the only routes.
    pub fn replace_all(&self, routes: &[PublishedRoute]) {
        let mut keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        keys.clear();
        let mut wanted: Vec<Vec<(&str, &PublishedRoute)>> = vec![Vec::new(); SHARDS];
        for (key, route) in routes.iter().flat_map(|route| route.keys().map(move |key| (key, route))) {
            keys.entry(route.route.workspace_id).or_default().push(key.into());
            wanted[shard_of(key)].push((key, route));
        }
        for (shard, wanted) in self.shards.iter().zip(wanted) {
            let kept: HashSet<&str> = wanted.iter().map(|(key, _)| *key).collect();
            let current = shard.load_full();
            let changes: Vec<_> = current
                .keys()
                .filter(|key| !kept.contains(&***key))
                .map(|key| (&**key, None))
                .chain(wanted.iter().map(|(key, route)| (*key, Some(*route))))
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

    /// Routes by where they lead; one with custom domains is still one.
    pub fn count(&self) -> [(&'static str, u64); 3] {
        let (mut live, mut pending, mut withdrawn) = (0, 0, 0);
        let is_label = |key: &str| !key.contains('.');
        for shard in &self.shards {
            for (_, entry) in shard.load().iter().filter(|(key, _)| is_label(key)) {
                match entry.target {
                    Target::Live(_) => live += 1,
                    Target::Pending => pending += 1,
                    Target::Withdrawn => withdrawn += 1,
                }
            }
        }
        [("live", live), ("pending", pending), ("withdrawn", withdrawn)]
    }

    fn shard(&self, key: &str) -> &ArcSwap<Shard> {
        &self.shards[shard_of(key)]
    }

    /// Changes keys of one shard: to the route, or to nothing.
    fn replace(&self, changes: &[(&str, Option<&PublishedRoute>)]) {
        let Some((first, _)) = changes.first() else { return };
        let shard = self.shard(first);
        let mut next = Shard::clone(&shard.load());
        let mut retired = Vec::new();
        for (key, route) in changes {
            let before = next.get(*key).cloned();
            let after = route.map(|route| entry(route, before.as_deref()));
            if let Some(Entry { target: Target::Live(backend), .. }) = before.as_deref() {
                let stays = matches!(&after, Some(Entry { target: Target::Live(kept), .. }) if Arc::ptr_eq(kept, backend));
                if !stays {
                    retired.push(backend.clone());
                }
            }
            match after {
                Some(after) => next.insert((*key).into(), Arc::new(after)),
                None => next.remove(*key),
            };
        }
        shard.store(Arc::new(next));
        // After the table no longer leads there: who found the backend before sees that it is retired.
        for backend in retired {
            backend.retire();
        }
    }
}

/// Labels end in the random short id of their workspace, so their last characters alone spread them evenly; domains end
/// alike, and begin differently.
fn shard_of(key: &str) -> usize {
    let mix = |hash: usize, byte: u8| hash.wrapping_mul(31) ^ usize::from(byte);
    let last = key.bytes().rev().take(4).fold(0, mix);
    let hash = if key.contains('.') { key.bytes().take(16).fold(last, mix) } else { last };
    hash % SHARDS
}

/// Goes on with the connections of `before` only when nothing about the way to the component changed.
fn entry(published: &PublishedRoute, before: Option<&Entry>) -> Entry {
    let route = &published.route;
    let target = match route.target {
        RouteTarget::Pending => Target::Pending,
        RouteTarget::Withdrawn => Target::Withdrawn,
        RouteTarget::Live { address, .. } => match before {
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

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::domain::route::{PublishedDomain, Route, Visibility};

    #[test]
    fn a_route_with_custom_domains_is_counted_once() {
        let id = Uuid::from_u128(1);
        let domain = |host: &str| PublishedDomain { id: id.into(), host: host.parse().unwrap() };
        let route = PublishedRoute {
            route: Route {
                id: id.into(),
                workspace_id: id.into(),
                app: None,
                label: "shop-abcdefgh".into(),
                component: "web".parse().unwrap(),
                port: 80,
                visibility: Visibility::Public,
                identity: false,
                target: RouteTarget::Live { address: "10.201.0.2:80".parse().unwrap(), health: None },
            },
            org_id: id.into(),
            owner_id: id.into(),
            workspace_name: "shop".parse().unwrap(),
            workspace_status: Status::Running,
            domains: ["shop.example.com", "shop.example.net"].map(domain).into(),
        };
        let table = RouteTable::new();
        table.replace_all(&[route]);
        assert!(table.find("shop.example.net").is_some());
        assert_eq!(table.count(), [("live", 1), ("pending", 0), ("withdrawn", 0)]);
    }
}
