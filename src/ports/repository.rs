//! Durable state. One unit of work: `begin → … → commit`; dropping it rolls back.
//!
//! Rules for every implementation: a lookup returns `Option`; a write checks the rows it touched; times are stored to
//! the microsecond; texts are kept as [`text::storable`] says; lists are in a stable order. Never await Docker or the
//! network between `begin` and `commit`.
//!
//! `Taken` and `Reference` (unless a method says that it looked itself) come from the database and end the unit of work:
//! whatever follows fails, the commit too. Begin another one. After `Stale` it may go on.

pub mod account_token;
pub mod api_token;
pub mod attempt;
pub mod audit;
pub mod deployment;
pub mod device_grant;
pub mod event;
pub mod handshake;
pub mod host;
pub mod idempotency;
pub mod identity;
pub mod installation;
pub mod invitation;
pub mod org;
pub mod quota;
pub mod replica;
pub mod route;
pub mod route_domain;
pub mod second_factor;
pub mod session;
pub mod signing_key;
pub mod ssh_key;
pub mod template;
pub mod text;
pub mod user;
pub mod variable;
pub mod workspace;

use async_trait::async_trait;
use futures::stream::BoxStream;
use uuid::Uuid;

pub use self::{
    account_token::AccountTokenRepository, api_token::ApiTokenRepository, attempt::AttemptRepository,
    audit::AuditRepository, deployment::DeploymentRepository, device_grant::DeviceGrantRepository,
    event::EventRepository, handshake::HandshakeRepository, host::HostRepository,
    idempotency::IdempotencyRepository, identity::IdentityRepository, installation::InstallationRepository,
    invitation::InvitationRepository, org::OrgRepository, quota::QuotaRepository, replica::ReplicaRepository,
    route::RouteRepository, route_domain::RouteDomainRepository, second_factor::SecondFactorRepository,
    session::SessionRepository, signing_key::SigningKeyRepository, ssh_key::SshKeyRepository,
    template::TemplateRepository, user::UserRepository, variable::VariableRepository,
    workspace::WorkspaceRepository,
};
use crate::domain::ids::{ApiTokenId, SessionId, UserId};

#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A unique name or id is taken.
    #[error("{0} is taken")]
    Taken(&'static str),
    /// Something else still refers to it, or what it refers to is gone.
    #[error("{0} is still referred to, or refers to something that is gone")]
    Reference(&'static str),
    /// The row is not as the writer believed: somebody else wrote it, took over its lease, or removed it.
    #[error("{0} changed meanwhile")]
    Stale(&'static str),
    /// A row that this version cannot read.
    #[error("row {id} of table {table} cannot be read: {reason}")]
    Corrupt { table: &'static str, id: String, reason: String },
    /// Written by a newer version of this program.
    #[error("the database has migration {found}, this program knows up to {known}: run the newer version")]
    Newer { found: i64, known: i64 },
    #[error("the database cannot be used: {0}")]
    Unavailable(String),
}

pub type StoreResult<T> = Result<T, StoreError>;

#[async_trait]
pub trait Store: Send + Sync {
    /// A unit of work that may write.
    async fn begin(&self) -> StoreResult<Box<dyn UnitOfWork>>;

    /// One that only reads; committing it is not needed. Writing through it is an error.
    async fn read(&self) -> StoreResult<Box<dyn UnitOfWork>>;

    /// Whether the database answers, for readiness.
    async fn check(&self) -> StoreResult<()>;

    /// Word of what others commit, and of what we commit ourselves. Begins with [`Hint::Resync`], and says it again
    /// each time word may have been missed. Never ends; nothing may depend on it but speed.
    fn changes(&self) -> BoxStream<'static, Hint>;

    /// Whether servers elsewhere may use the same database. Then one that cannot reach it does not know what they did.
    fn is_shared(&self) -> bool;
}

/// Where it is worth looking now. A hint, never a fact: whoever gets one reads the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Hint {
    /// Everywhere: word may have been missed.
    Resync,
    /// There are new events.
    Events,
    /// Workspaces are due.
    Workspaces,
    /// What is published changed.
    Routes,
    /// Somebody waits for a sign of life of every replica.
    RollCall,
    /// A replica gave a sign of life, or left.
    Replicas,
    /// This session was revoked.
    Session(SessionId),
    /// This API token was revoked.
    ApiToken(ApiTokenId),
    /// The keys that access tokens are signed with changed.
    SigningKeys,
    /// The user's roles or rights changed.
    User(UserId),
}

#[async_trait]
pub trait UnitOfWork: Send {
    fn installation(&mut self) -> Box<dyn InstallationRepository + '_>;
    fn users(&mut self) -> Box<dyn UserRepository + '_>;
    fn orgs(&mut self) -> Box<dyn OrgRepository + '_>;
    fn invitations(&mut self) -> Box<dyn InvitationRepository + '_>;
    fn quotas(&mut self) -> Box<dyn QuotaRepository + '_>;
    fn sessions(&mut self) -> Box<dyn SessionRepository + '_>;
    fn identities(&mut self) -> Box<dyn IdentityRepository + '_>;
    fn handshakes(&mut self) -> Box<dyn HandshakeRepository + '_>;
    fn device_grants(&mut self) -> Box<dyn DeviceGrantRepository + '_>;
    fn account_tokens(&mut self) -> Box<dyn AccountTokenRepository + '_>;
    fn second_factors(&mut self) -> Box<dyn SecondFactorRepository + '_>;
    fn api_tokens(&mut self) -> Box<dyn ApiTokenRepository + '_>;
    fn ssh_keys(&mut self) -> Box<dyn SshKeyRepository + '_>;
    fn signing_keys(&mut self) -> Box<dyn SigningKeyRepository + '_>;
    fn templates(&mut self) -> Box<dyn TemplateRepository + '_>;
    fn variables(&mut self) -> Box<dyn VariableRepository + '_>;
    fn workspaces(&mut self) -> Box<dyn WorkspaceRepository + '_>;
    fn deployments(&mut self) -> Box<dyn DeploymentRepository + '_>;
    fn routes(&mut self) -> Box<dyn RouteRepository + '_>;
    fn route_domains(&mut self) -> Box<dyn RouteDomainRepository + '_>;
    fn hosts(&mut self) -> Box<dyn HostRepository + '_>;
    fn events(&mut self) -> Box<dyn EventRepository + '_>;
    fn audit(&mut self) -> Box<dyn AuditRepository + '_>;
    fn idempotency(&mut self) -> Box<dyn IdempotencyRepository + '_>;
    fn attempts(&mut self) -> Box<dyn AttemptRepository + '_>;
    fn replicas(&mut self) -> Box<dyn ReplicaRepository + '_>;

    async fn commit(self: Box<Self>) -> StoreResult<()>;
}

/// Orders of lists. Ids grow with time, so ordering by id is ordering by creation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sort {
    #[default]
    Newest,
    Oldest,
    Name,
    NameDescending,
}

/// Where the next page begins: after this row in the chosen order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Position {
    pub name: String,
    pub id: Uuid,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PageRequest {
    /// Rows wanted; a result holds at most one more, which says that there are more.
    pub limit: u32,
    pub after: Option<Position>,
    pub sort: Sort,
    /// Only names that contain this text, without regard to case.
    pub search: Option<String>,
}
