//! A store in memory. It keeps to the same contract as the databases, unique names, references and rollback included:
//! one writer at a time works on a copy and puts it in place when it commits. Tables share their rows until they are
//! written, so a copy costs nothing.

mod account_token;
mod api_token;
mod attempt;
mod audit;
mod deployment;
mod device_grant;
mod event;
mod handshake;
mod host;
mod idempotency;
mod identity;
mod installation;
mod invitation;
mod org;
mod page;
mod quota;
mod replica;
mod route;
mod route_domain;
mod second_factor;
mod session;
mod signing_key;
mod ssh_key;
mod tables;
mod template;
mod user;
mod variable;
mod workspace;

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use futures::{
    StreamExt,
    stream::{self, BoxStream},
};
use serde::{Serialize, de::DeserializeOwned};
use tokio::sync::{Mutex as AsyncMutex, OwnedMutexGuard, broadcast};
use tokio_stream::wrappers::BroadcastStream;

use self::tables::Tables;
use crate::domain::ids::WorkspaceId;
use crate::ports::repository::{
    AccountTokenRepository, ApiTokenRepository, AttemptRepository, AuditRepository, DeploymentRepository,
    DeviceGrantRepository, EventRepository, HandshakeRepository, Hint, HostRepository, IdempotencyRepository,
    IdentityRepository, InstallationRepository, InvitationRepository, OrgRepository, QuotaRepository,
    ReplicaRepository, RouteDomainRepository, RouteRepository, SecondFactorRepository, SessionRepository,
    SigningKeyRepository, SshKeyRepository, Store, StoreError, StoreResult, TemplateRepository, UnitOfWork,
    UserRepository, VariableRepository, WorkspaceRepository, text::make_storable,
};

/// Hints that may wait for a slow listener.
const BACKLOG: usize = 1_024;

pub struct MemoryStore {
    committed: Arc<Mutex<Tables>>,
    turn: Arc<AsyncMutex<()>>,
    changes: broadcast::Sender<Hint>,
}

impl Default for MemoryStore {
    fn default() -> Self {
        let changes = broadcast::Sender::new(BACKLOG);
        Self { committed: Arc::default(), turn: Arc::default(), changes }
    }
}

impl MemoryStore {
    /// Workspaces that somebody holds a lease of.
    pub fn leases(&self) -> Vec<WorkspaceId> {
        let tables = lock(&self.committed);
        let held = tables.workspaces.iter().filter(|(_, row)| row.leased_until.is_some());
        held.map(|(id, _)| *id).collect()
    }
}

fn lock(tables: &Mutex<Tables>) -> MutexGuard<'_, Tables> {
    tables.lock().unwrap_or_else(PoisonError::into_inner)
}

#[async_trait]
impl Store for MemoryStore {
    async fn begin(&self) -> StoreResult<Box<dyn UnitOfWork>> {
        let turn = self.turn.clone().lock_owned().await;
        let tables = lock(&self.committed).clone();
        let (committed, changes) = (self.committed.clone(), self.changes.clone());
        let writes = Some(Writes { committed, changes, _turn: turn });
        Ok(Box::new(Work { tables, writes, broken: false, hints: BTreeSet::new() }))
    }

    async fn read(&self) -> StoreResult<Box<dyn UnitOfWork>> {
        let tables = lock(&self.committed).clone();
        Ok(Box::new(Work { tables, writes: None, broken: false, hints: BTreeSet::new() }))
    }

    async fn check(&self) -> StoreResult<()> {
        Ok(())
    }

    fn changes(&self) -> BoxStream<'static, Hint> {
        let live = BroadcastStream::new(self.changes.subscribe()).map(|hint| hint.unwrap_or(Hint::Resync));
        stream::iter([Hint::Resync]).chain(live).chain(stream::pending()).boxed()
    }

    /// Several servers of one test.
    fn is_shared(&self) -> bool {
        true
    }
}

struct Work {
    tables: Tables,
    /// `None`: it only reads.
    writes: Option<Writes>,
    broken: bool,
    /// Told with the commit.
    hints: BTreeSet<Hint>,
}

/// Where the result goes, and the turn of whoever writes.
struct Writes {
    committed: Arc<Mutex<Tables>>,
    changes: broadcast::Sender<Hint>,
    _turn: OwnedMutexGuard<()>,
}

/// One noun of a unit of work.
struct Repository<'w> {
    tables: &'w mut Tables,
    writable: bool,
    broken: &'w mut bool,
    hints: &'w mut BTreeSet<Hint>,
    noun: &'static str,
}

impl Work {
    fn repository(&mut self, noun: &'static str) -> Repository<'_> {
        Repository {
            tables: &mut self.tables,
            writable: self.writes.is_some(),
            broken: &mut self.broken,
            hints: &mut self.hints,
            noun,
        }
    }
}

impl Repository<'_> {
    fn reading(&mut self) -> StoreResult<&Tables> {
        if *self.broken { Err(broken()) } else { Ok(self.tables) }
    }

    fn writing(&mut self) -> StoreResult<&mut Tables> {
        if *self.broken {
            return Err(broken());
        }
        if !self.writable {
            return self.refuse(StoreError::Unavailable("this unit of work only reads".into()));
        }
        Ok(self.tables)
    }

    fn tell(&mut self, hint: Hint) {
        self.hints.insert(hint);
    }

    /// What a database refuses ends the unit of work.
    fn refuse<T>(&mut self, error: StoreError) -> StoreResult<T> {
        *self.broken = true;
        Err(error)
    }

    fn taken<T>(&mut self, what: &'static str) -> StoreResult<T> {
        self.refuse(StoreError::Taken(what))
    }

    fn dangling<T>(&mut self) -> StoreResult<T> {
        self.refuse(StoreError::Reference(self.noun))
    }

    fn stale(&self) -> StoreError {
        StoreError::Stale(self.noun)
    }
}

fn broken() -> StoreError {
    StoreError::Unavailable("a statement of this unit of work failed before, it can only be dropped".into())
}

/// A document as it comes back from a JSON column.
fn kept<T: Serialize + DeserializeOwned>(document: &T) -> StoreResult<T> {
    let unfit = |error: serde_json::Error| StoreError::Unavailable(error.to_string());
    let mut value = serde_json::to_value(document).map_err(unfit)?;
    make_storable(&mut value);
    serde_json::from_value(value).map_err(unfit)
}

#[async_trait]
impl UnitOfWork for Work {
    fn installation(&mut self) -> Box<dyn InstallationRepository + '_> {
        Box::new(self.repository("installation"))
    }

    fn users(&mut self) -> Box<dyn UserRepository + '_> {
        Box::new(self.repository("user"))
    }

    fn orgs(&mut self) -> Box<dyn OrgRepository + '_> {
        Box::new(self.repository("organization"))
    }

    fn invitations(&mut self) -> Box<dyn InvitationRepository + '_> {
        Box::new(self.repository("invitation"))
    }

    fn quotas(&mut self) -> Box<dyn QuotaRepository + '_> {
        Box::new(self.repository("quota"))
    }

    fn sessions(&mut self) -> Box<dyn SessionRepository + '_> {
        Box::new(self.repository("session"))
    }

    fn identities(&mut self) -> Box<dyn IdentityRepository + '_> {
        Box::new(self.repository("identity"))
    }

    fn handshakes(&mut self) -> Box<dyn HandshakeRepository + '_> {
        Box::new(self.repository("handshake"))
    }

    fn device_grants(&mut self) -> Box<dyn DeviceGrantRepository + '_> {
        Box::new(self.repository("device grant"))
    }

    fn account_tokens(&mut self) -> Box<dyn AccountTokenRepository + '_> {
        Box::new(self.repository("account token"))
    }

    fn second_factors(&mut self) -> Box<dyn SecondFactorRepository + '_> {
        Box::new(self.repository("second factor"))
    }

    fn api_tokens(&mut self) -> Box<dyn ApiTokenRepository + '_> {
        Box::new(self.repository("API token"))
    }

    fn ssh_keys(&mut self) -> Box<dyn SshKeyRepository + '_> {
        Box::new(self.repository("SSH key"))
    }

    fn signing_keys(&mut self) -> Box<dyn SigningKeyRepository + '_> {
        Box::new(self.repository("signing key"))
    }

    fn templates(&mut self) -> Box<dyn TemplateRepository + '_> {
        Box::new(self.repository("template"))
    }

    fn variables(&mut self) -> Box<dyn VariableRepository + '_> {
        Box::new(self.repository("variable"))
    }

    fn workspaces(&mut self) -> Box<dyn WorkspaceRepository + '_> {
        Box::new(self.repository("workspace"))
    }

    fn deployments(&mut self) -> Box<dyn DeploymentRepository + '_> {
        Box::new(self.repository("deployment"))
    }

    fn routes(&mut self) -> Box<dyn RouteRepository + '_> {
        Box::new(self.repository("route"))
    }

    fn route_domains(&mut self) -> Box<dyn RouteDomainRepository + '_> {
        Box::new(self.repository("domain"))
    }

    fn hosts(&mut self) -> Box<dyn HostRepository + '_> {
        Box::new(self.repository("host"))
    }

    fn events(&mut self) -> Box<dyn EventRepository + '_> {
        Box::new(self.repository("event"))
    }

    fn audit(&mut self) -> Box<dyn AuditRepository + '_> {
        Box::new(self.repository("audit entry"))
    }

    fn idempotency(&mut self) -> Box<dyn IdempotencyRepository + '_> {
        Box::new(self.repository("idempotency key"))
    }

    fn attempts(&mut self) -> Box<dyn AttemptRepository + '_> {
        Box::new(self.repository("attempt"))
    }

    fn replicas(&mut self) -> Box<dyn ReplicaRepository + '_> {
        Box::new(self.repository("replica"))
    }

    async fn commit(self: Box<Self>) -> StoreResult<()> {
        if self.broken {
            return Err(broken());
        }
        if let Some(writes) = self.writes {
            *lock(&writes.committed) = self.tables;
            for hint in self.hints {
                // Nobody listening is fine.
                let _ = writes.changes.send(hint);
            }
        }
        Ok(())
    }
}
