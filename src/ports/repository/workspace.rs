use std::collections::BTreeSet;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::{PageRequest, StoreResult};
use crate::domain::{
    ids::{DeploymentId, HostId, OrgId, ReplicaId, UserId, WorkspaceId},
    names::WorkspaceName,
    secret::Sealed,
    workspace::{ComponentView, State, Status, Volume, Workspace},
};

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WorkspaceFilter {
    pub org: Option<OrgId>,
    pub owner: Option<UserId>,
    pub host: Option<HostId>,
    /// `None`: all but the destroyed ones.
    pub status: Option<Status>,
}

/// Nothing is made due, and no lease is taken, for longer than this. A time further ahead was written before the clock was
/// put back: it counts as come.
pub const HORIZON: chrono::Duration = chrono::Duration::seconds(60);

/// The right to work on a workspace. Every write of a worker shows it; a worker that lost it writes nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lease {
    pub workspace: WorkspaceId,
    /// Grows with every claim: a fencing token.
    pub token: i64,
}

/// What the holder of a lease has seen on the workspace's host.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Seen {
    /// The newest generation of its containers; 0 when there is none.
    pub generation: i64,
    /// Docker names of its volumes.
    pub volumes: Vec<String>,
}

/// Intent (`add`, `record_intent`) is written by use-cases, progress (`claim_due` … `settle`) by the reconciler that
/// holds the lease. Neither overwrites the other's unseen.
#[async_trait]
pub trait WorkspaceRepository: Send {
    /// The workspace is due at once. `Taken("name")` when the owner has one of that name in the organization that is
    /// not destroyed.
    async fn add(&mut self, workspace: &Workspace, spec: &Sealed, volumes: &[Volume]) -> StoreResult<()>;

    async fn find(&mut self, id: WorkspaceId) -> StoreResult<Option<Workspace>>;

    async fn list(&mut self, filter: &WorkspaceFilter, page: &PageRequest) -> StoreResult<Vec<Workspace>>;

    /// The resolved specification, sealed.
    async fn spec(&mut self, id: WorkspaceId) -> StoreResult<Option<Sealed>>;

    /// Those that still belong to it, and those kept after it went.
    async fn volumes(&mut self, id: WorkspaceId) -> StoreResult<Vec<Volume>>;

    /// Writes desired, generation, template version, parameters, resources, deployment, state and `updated_at`, raises
    /// the revision, and makes the workspace due. `Stale("workspace")` unless the stored revision is
    /// `workspace.revision`, which the caller has read.
    async fn record_intent(&mut self, workspace: &Workspace) -> StoreResult<()>;

    /// Writes the name and `updated_at`, and raises the revision. `Stale("workspace")` unless the stored revision is this;
    /// `Taken("name")` as in [`Self::add`].
    async fn rename(
        &mut self,
        id: WorkspaceId,
        revision: i64,
        name: &WorkspaceName,
        now: DateTime<Utc>,
    ) -> StoreResult<()>;

    /// Gives the workspace to somebody else, under a name that is free there, and raises the revision. `Stale("workspace")`
    /// unless the stored revision is this; `Taken("name")` as in [`Self::add`].
    async fn transfer(
        &mut self,
        id: WorkspaceId,
        revision: i64,
        owner: UserId,
        name: &WorkspaceName,
        now: DateTime<Utc>,
    ) -> StoreResult<()>;

    /// How many each member has in the organization that are not destroyed, in no order; who has none is left out.
    async fn count_by_owner(&mut self, org: OrgId) -> StoreResult<Vec<(UserId, u64)>>;

    /// Puts destroyed workspaces of a user who goes into somebody else's name. Their rows stay: by them what turns up late
    /// on a host is known.
    async fn bequeath_destroyed(&mut self, from: UserId, to: UserId) -> StoreResult<u64>;

    /// Replaces the specification and adds volumes it newly names; together with [`Self::record_intent`].
    async fn respecify(&mut self, id: WorkspaceId, spec: &Sealed, new_volumes: &[Volume]) -> StoreResult<()>;

    /// Leases up to `limit` workspaces: those longest due, or held by somebody whose time ran out, or beyond
    /// [`HORIZON`] in either; in no order. Two
    /// callers never get the same one. From here on it is due again only when somebody asks, or when time runs out.
    async fn claim_due(
        &mut self,
        holder: ReplicaId,
        now: DateTime<Utc>,
        until: DateTime<Utc>,
        limit: u32,
    ) -> StoreResult<Vec<Lease>>;

    /// A lease that ran out and that nobody took is still held. `Stale("lease")` when it was lost.
    async fn renew(&mut self, lease: Lease, until: DateTime<Utc>) -> StoreResult<()>;

    /// Gives the lease back. The workspace is due again at `due` (`None`: when somebody asks), or earlier if somebody
    /// asked meanwhile. `Stale("lease")` when it was lost.
    async fn release(&mut self, lease: Lease, due: Option<DateTime<Utc>>) -> StoreResult<()>;

    /// Holds the lease to the end of the unit of work: what else is written in it is written by the holder or not at all.
    /// `Stale("lease")` when it was lost.
    async fn guard(&mut self, lease: Lease) -> StoreResult<()>;

    /// Writes what the holder of the lease knows of components while it works on this deployment; when the workspace works
    /// on another one by now, nothing. Neither raises the revision nor sets `updated_at`. `Stale("lease")` when it was lost.
    async fn record_components(
        &mut self,
        lease: Lease,
        deployment: DeploymentId,
        components: &[ComponentView],
    ) -> StoreResult<()>;

    /// Ends every lease and makes what was leased due: whoever held one is known to be gone. Returns how many.
    async fn free_leases(&mut self, now: DateTime<Utc>) -> StoreResult<u64>;

    /// Writes state, components and `updated_at`, and raises the revision, if the lease holds and the workspace still
    /// works on this deployment. `Stale("lease")` or `Stale("deployment")` otherwise.
    async fn record_progress(
        &mut self,
        lease: Lease,
        deployment: Option<DeploymentId>,
        state: &State,
        components: &[ComponentView],
        now: DateTime<Utc>,
    ) -> StoreResult<()>;

    /// Writes what was seen of components, without a lease, unless somebody works on the workspace or its revision is
    /// no longer `revision`. Returns whether it was written. Neither raises the revision nor sets `updated_at`.
    async fn record_sighting(
        &mut self,
        id: WorkspaceId,
        revision: i64,
        components: &[ComponentView],
        now: DateTime<Utc>,
    ) -> StoreResult<bool>;

    /// Keeps what a host has shown: the generation, if it is newer than what was seen before; that volumes exist, since
    /// `now` unless that was known; and that somebody has looked (`restored`). Neither raises the revision nor sets
    /// `updated_at`. `Stale("lease")` when the lease was lost.
    async fn record_seen(&mut self, lease: Lease, seen: &Seen, now: DateTime<Utc>) -> StoreResult<()>;

    /// A person gives up what volumes held: from here on they count as never made, until they are seen again.
    async fn give_up_volumes(&mut self, id: WorkspaceId) -> StoreResult<()>;

    /// Docker names of all volumes of all workspaces, kept ones too.
    async fn volume_names(&mut self) -> StoreResult<BTreeSet<String>>;

    /// Makes these due at this time, at most [`HORIZON`] ahead, unless they are due before; unknown ids are left out.
    async fn wake(&mut self, ids: &[WorkspaceId], due: DateTime<Utc>) -> StoreResult<()>;

    /// Marks volumes as kept after their workspace went.
    async fn keep_volumes(&mut self, id: WorkspaceId, now: DateTime<Utc>) -> StoreResult<()>;

    /// Forgets volumes that are gone from the host.
    async fn forget_volumes(&mut self, id: WorkspaceId) -> StoreResult<()>;

    /// How many there are in each status.
    async fn count_by_status(&mut self) -> StoreResult<Vec<(Status, u64)>>;

    /// Removes destroyed workspaces with all that belongs to them, except kept volumes' rows. Returns how many.
    async fn purge(&mut self, destroyed_before: DateTime<Utc>) -> StoreResult<u64>;
}
