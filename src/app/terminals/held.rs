//! The terminals this server keeps, by name.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::mpsc;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::session::Visit;
use crate::{
    app::{AppError, AppResult},
    domain::{
        ids::{UserId, WorkspaceId},
        names::ComponentName,
        policy::CredentialId,
        terminal::{PER_PERSON, PER_WORKSPACE},
    },
};

#[derive(Clone, Default)]
pub struct Terminals(Arc<Inner>);

#[derive(Default)]
struct Inner {
    held: Mutex<HashMap<String, Held>>,
    tasks: TaskTracker,
    stop: CancellationToken,
}

#[derive(Clone)]
pub(super) struct Held {
    pub(super) owner: UserId,
    pub(super) workspace: WorkspaceId,
    pub(super) component: ComponentName,
    /// Of whoever came last.
    pub(super) credential: CredentialId,
    pub(super) visits: mpsc::Sender<Visit>,
}

impl Terminals {
    /// They end when `stop` is cancelled, and `tasks` knows when they have.
    pub fn new(tasks: TaskTracker, stop: CancellationToken) -> Self {
        Self(Arc::new(Inner { held: Mutex::default(), tasks, stop }))
    }

    /// How many shells there are, whether or not somebody looks at them.
    pub fn count(&self) -> usize {
        self.lock().len()
    }

    pub(super) fn find(&self, id: &str, owner: UserId, workspace: WorkspaceId) -> Option<Held> {
        let held = self.lock();
        held.get(id).filter(|held| held.owner == owner && held.workspace == workspace).cloned()
    }

    /// Before the shell is started, so that nobody has more of them than they may by being quick.
    pub(super) fn take_place(&self, id: &str, new: Held) -> AppResult<Place> {
        let mut held = self.lock();
        let theirs = || held.values().filter(|held| held.owner == new.owner);
        let (here, all) = (theirs().filter(|held| held.workspace == new.workspace).count(), theirs().count());
        if here >= PER_WORKSPACE || all >= PER_PERSON {
            return Err(AppError::Conflict {
                code: "too_many_terminals",
                detail: format!(
                    "you have {here} terminals in this workspace and {all} in all; the most are {PER_WORKSPACE} and \
                     {PER_PERSON}: end one with `exit`"
                ),
            });
        }
        held.insert(id.to_owned(), new);
        Ok(Place { id: id.to_owned(), of: self.clone() })
    }

    pub(super) fn note_credential(&self, id: &str, credential: CredentialId) {
        if let Some(held) = self.lock().get_mut(id) {
            held.credential = credential;
        }
    }

    pub(super) fn spawn(&self, session: impl Future<Output = ()> + Send + 'static) {
        self.0.tasks.spawn(session);
    }

    pub(super) fn stop(&self) -> CancellationToken {
        self.0.stop.clone()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Held>> {
        // A map is whole after any panic.
        self.0.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Given back when it is dropped.
pub(super) struct Place {
    id: String,
    of: Terminals,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.of.lock().remove(&self.id);
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn held(owner: u128, workspace: u128) -> Held {
        Held {
            owner: Uuid::from_u128(owner).into(),
            workspace: Uuid::from_u128(workspace).into(),
            component: "web".parse().unwrap(),
            credential: CredentialId::Session(Uuid::nil().into()),
            visits: mpsc::channel(1).0,
        }
    }

    #[test]
    fn nobody_has_more_than_they_may() {
        let terminals = Terminals::default();
        let mut places = Vec::new();
        for number in 0..PER_WORKSPACE {
            places.push(terminals.take_place(&format!("a{number}"), held(1, 1)).unwrap());
        }
        assert!(terminals.take_place("more", held(1, 1)).is_err());
        assert!(terminals.take_place("hers", held(2, 1)).is_ok(), "it is each person's own limit");
        for number in 0..PER_PERSON - PER_WORKSPACE {
            places.push(terminals.take_place(&format!("b{number}"), held(1, 2 + number as u128)).unwrap());
        }
        assert!(terminals.take_place("more", held(1, 99)).is_err());
        places.pop();
        assert!(terminals.take_place("more", held(1, 99)).is_ok(), "an end makes room");
        drop(places);
        assert_eq!(terminals.count(), 0);
    }

    #[test]
    fn a_terminal_is_found_by_its_person_in_its_workspace_only() {
        let terminals = Terminals::default();
        let _place = terminals.take_place("a", held(1, 2)).unwrap();
        let find = |id, owner, workspace| {
            terminals.find(id, Uuid::from_u128(owner).into(), Uuid::from_u128(workspace).into()).is_some()
        };
        assert!(find("a", 1, 2));
        assert!(!find("a", 3, 2) && !find("a", 1, 3) && !find("b", 1, 2));
    }
}
