//! The store fails where it touches the world: when a unit of work begins, and when it commits. What a statement
//! between them finds out is rolled back with the rest.

use std::sync::Arc;

use async_trait::async_trait;
use futures::stream::BoxStream;

use super::{Injector, Kind};
use crate::ports::repository::{
    AccountTokenRepository, ApiTokenRepository, AttemptRepository, AuditRepository, DeploymentRepository,
    DeviceGrantRepository, EventRepository, HandshakeRepository, Hint, HostRepository, IdempotencyRepository,
    IdentityRepository, InstallationRepository, InvitationRepository, OrgRepository, QuotaRepository,
    ReplicaRepository, RouteDomainRepository, RouteRepository, SecondFactorRepository, SessionRepository,
    SigningKeyRepository, SshKeyRepository, Store, StoreError, StoreResult, TemplateRepository, UnitOfWork,
    UserRepository, VariableRepository, WorkspaceRepository,
};

pub struct FaultyStore {
    pub inner: Arc<dyn Store>,
    pub injector: Arc<Injector>,
}

fn error(kind: Kind) -> Option<StoreError> {
    match kind {
        Kind::Timeout | Kind::Internal | Kind::Garbage => Some(StoreError::Unavailable("injected".into())),
        // Of statements, which say which row.
        Kind::NotFound | Kind::Conflict => None,
    }
}

#[async_trait]
impl Store for FaultyStore {
    async fn begin(&self) -> StoreResult<Box<dyn UnitOfWork>> {
        let inner = self.injector.call("store.begin", error, async || self.inner.begin().await).await?;
        Ok(Box::new(FaultyWork { inner, injector: self.injector.clone() }))
    }

    async fn read(&self) -> StoreResult<Box<dyn UnitOfWork>> {
        let inner = self.injector.call("store.read", error, async || self.inner.read().await).await?;
        Ok(Box::new(FaultyWork { inner, injector: self.injector.clone() }))
    }

    async fn check(&self) -> StoreResult<()> {
        self.injector.call("store.check", error, async || self.inner.check().await).await
    }

    fn changes(&self) -> BoxStream<'static, Hint> {
        self.inner.changes()
    }

    fn is_shared(&self) -> bool {
        self.inner.is_shared()
    }
}

struct FaultyWork {
    inner: Box<dyn UnitOfWork>,
    injector: Arc<Injector>,
}

#[async_trait]
impl UnitOfWork for FaultyWork {
    fn installation(&mut self) -> Box<dyn InstallationRepository + '_> {
        self.inner.installation()
    }

    fn users(&mut self) -> Box<dyn UserRepository + '_> {
        self.inner.users()
    }

    fn orgs(&mut self) -> Box<dyn OrgRepository + '_> {
        self.inner.orgs()
    }

    fn invitations(&mut self) -> Box<dyn InvitationRepository + '_> {
        self.inner.invitations()
    }

    fn quotas(&mut self) -> Box<dyn QuotaRepository + '_> {
        self.inner.quotas()
    }

    fn sessions(&mut self) -> Box<dyn SessionRepository + '_> {
        self.inner.sessions()
    }

    fn identities(&mut self) -> Box<dyn IdentityRepository + '_> {
        self.inner.identities()
    }

    fn handshakes(&mut self) -> Box<dyn HandshakeRepository + '_> {
        self.inner.handshakes()
    }

    fn device_grants(&mut self) -> Box<dyn DeviceGrantRepository + '_> {
        self.inner.device_grants()
    }

    fn account_tokens(&mut self) -> Box<dyn AccountTokenRepository + '_> {
        self.inner.account_tokens()
    }

    fn second_factors(&mut self) -> Box<dyn SecondFactorRepository + '_> {
        self.inner.second_factors()
    }

    fn api_tokens(&mut self) -> Box<dyn ApiTokenRepository + '_> {
        self.inner.api_tokens()
    }

    fn ssh_keys(&mut self) -> Box<dyn SshKeyRepository + '_> {
        self.inner.ssh_keys()
    }

    fn signing_keys(&mut self) -> Box<dyn SigningKeyRepository + '_> {
        self.inner.signing_keys()
    }

    fn templates(&mut self) -> Box<dyn TemplateRepository + '_> {
        self.inner.templates()
    }

    fn variables(&mut self) -> Box<dyn VariableRepository + '_> {
        self.inner.variables()
    }

    fn workspaces(&mut self) -> Box<dyn WorkspaceRepository + '_> {
        self.inner.workspaces()
    }

    fn deployments(&mut self) -> Box<dyn DeploymentRepository + '_> {
        self.inner.deployments()
    }

    fn routes(&mut self) -> Box<dyn RouteRepository + '_> {
        self.inner.routes()
    }

    fn route_domains(&mut self) -> Box<dyn RouteDomainRepository + '_> {
        self.inner.route_domains()
    }

    fn hosts(&mut self) -> Box<dyn HostRepository + '_> {
        self.inner.hosts()
    }

    fn events(&mut self) -> Box<dyn EventRepository + '_> {
        self.inner.events()
    }

    fn audit(&mut self) -> Box<dyn AuditRepository + '_> {
        self.inner.audit()
    }

    fn idempotency(&mut self) -> Box<dyn IdempotencyRepository + '_> {
        self.inner.idempotency()
    }

    fn attempts(&mut self) -> Box<dyn AttemptRepository + '_> {
        self.inner.attempts()
    }

    fn replicas(&mut self) -> Box<dyn ReplicaRepository + '_> {
        self.inner.replicas()
    }

    async fn commit(self: Box<Self>) -> StoreResult<()> {
        let Self { inner, injector } = *self;
        injector.call("store.commit", error, async || inner.commit().await).await
    }
}
