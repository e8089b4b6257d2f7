use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::{Repository, kept, page::page, tables::WorkspaceRow};
use crate::{
    domain::{
        ids::{DeploymentId, OrgId, ReplicaId, UserId, WorkspaceId},
        names::WorkspaceName,
        secret::Sealed,
        workspace::{ComponentView, State, Status, Volume, Workspace},
    },
    ports::repository::{
        Hint, PageRequest, StoreError, StoreResult, WorkspaceRepository,
        workspace::{HORIZON, Lease, Seen, WorkspaceFilter},
    },
};

impl WorkspaceRow {
    /// Due at this time, if it is not due before.
    fn due_by(&mut self, time: DateTime<Utc>) {
        self.due = Some(self.due.map_or(time, |due| due.min(time)));
    }

    /// Since when it has been waiting for somebody to work on it.
    fn waits_since(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let has_come = |time: DateTime<Utc>| time <= now || time > now + HORIZON;
        match self.leased_until {
            Some(until) if has_come(until) => Some(self.due.unwrap_or(until)),
            Some(_) => None,
            None => self.due.filter(|due| has_come(*due)),
        }
    }
}

fn stored(workspace: &Workspace) -> StoreResult<Workspace> {
    Ok(Workspace {
        parameters: kept(&workspace.parameters)?,
        state: kept(&workspace.state)?,
        components: kept(&workspace.components)?,
        ..workspace.clone()
    })
}

fn is_live(workspace: &Workspace) -> bool {
    workspace.state.status() != Status::Destroyed
}

/// Whether both live under the same name.
fn same_place(one: &Workspace, other: &Workspace) -> bool {
    let place = |it: &Workspace| (it.org_id, it.owner_id, it.name.clone());
    is_live(one) && is_live(other) && place(one) == place(other)
}

impl Repository<'_> {
    fn leased(&mut self, lease: Lease) -> StoreResult<&mut WorkspaceRow> {
        let row = self.writing()?.workspaces.get_mut(&lease.workspace);
        row.filter(|row| row.token == lease.token && row.leased_until.is_some())
            .ok_or(StoreError::Stale("lease"))
    }

    /// With everything that goes with them.
    fn forget(&mut self, gone: &BTreeSet<WorkspaceId>) -> StoreResult<()> {
        let tables = self.writing()?;
        tables.workspaces.retain(|id, _| !gone.contains(id));
        tables.routes.retain(|_, route| !gone.contains(&route.workspace_id));
        tables.drop_domains();
        tables.deployments.retain(|_, deployment| !gone.contains(&deployment.workspace_id));
        tables.volumes.retain(|_, volume| volume.kept_at.is_some() || !gone.contains(&volume.workspace_id));
        let deployments = &tables.deployments;
        tables.steps.retain(|(deployment, _), _| deployments.contains_key(deployment));
        tables.logs.retain(|(deployment, _), _| deployments.contains_key(deployment));
        tables.drop_variables();
        Ok(())
    }

    fn add_volumes(&mut self, volumes: &[Volume]) -> StoreResult<()> {
        for volume in volumes {
            let tables = self.writing()?;
            let mut others = tables.volumes.values();
            if others.any(|other| other.workspace_id == volume.workspace_id && other.name == volume.name) {
                return self.taken("name");
            }
            let mut others = tables.volumes.values();
            if others.any(|other| other.id == volume.id || other.docker_name == volume.docker_name) {
                return self.taken("id");
            }
            if !tables.workspaces.contains_key(&volume.workspace_id) {
                return self.dangling();
            }
            tables.volumes.insert(volume.id, volume.clone());
        }
        Ok(())
    }
}

#[async_trait]
impl WorkspaceRepository for Repository<'_> {
    async fn add(&mut self, workspace: &Workspace, spec: &Sealed, volumes: &[Volume]) -> StoreResult<()> {
        let tables = self.writing()?;
        let others = || tables.workspaces.values().map(|row| &row.workspace);
        if others().any(|other| other.id == workspace.id || other.short_id == workspace.short_id) {
            return self.taken("id");
        }
        if others().any(|other| same_place(other, workspace)) {
            return self.taken("name");
        }
        let known = tables.orgs.contains_key(&workspace.org_id)
            && tables.users.contains_key(&workspace.owner_id)
            && tables.hosts.contains_key(&workspace.host_id)
            && (!is_live(workspace) || tables.templates.contains_key(&workspace.template_id));
        if !known {
            return self.dangling();
        }
        let row = WorkspaceRow {
            workspace: stored(workspace)?,
            spec: spec.clone(),
            due: Some(workspace.updated_at),
            leased_until: None,
            token: 0,
        };
        tables.workspaces.insert(workspace.id, row);
        self.tell(Hint::Workspaces);
        self.add_volumes(volumes)
    }

    async fn find(&mut self, id: WorkspaceId) -> StoreResult<Option<Workspace>> {
        Ok(self.reading()?.workspaces.get(&id).map(|row| row.workspace.clone()))
    }

    async fn list(&mut self, filter: &WorkspaceFilter, request: &PageRequest) -> StoreResult<Vec<Workspace>> {
        let workspaces = self.reading()?.workspaces.values().map(|row| &row.workspace).filter(|it| {
            let status = it.state.status();
            filter.status.map_or(status != Status::Destroyed, |wanted| wanted == status)
                && filter.org.is_none_or(|org| it.org_id == org)
                && filter.owner.is_none_or(|owner| it.owner_id == owner)
                && filter.host.is_none_or(|host| it.host_id == host)
        });
        Ok(page(workspaces, request, |it| (it.name.as_str(), it.id.as_uuid())))
    }

    async fn spec(&mut self, id: WorkspaceId) -> StoreResult<Option<Sealed>> {
        Ok(self.reading()?.workspaces.get(&id).map(|row| row.spec.clone()))
    }

    async fn volumes(&mut self, id: WorkspaceId) -> StoreResult<Vec<Volume>> {
        let volumes = self.reading()?.volumes.values();
        let mut volumes: Vec<_> = volumes.filter(|volume| volume.workspace_id == id).cloned().collect();
        volumes.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(volumes)
    }

    async fn record_intent(&mut self, workspace: &Workspace) -> StoreResult<()> {
        let stale = self.stale();
        let row = self.writing()?.workspaces.get_mut(&workspace.id);
        let row = row.filter(|row| row.workspace.revision == workspace.revision).ok_or(stale)?;
        let new = stored(workspace)?;
        row.workspace = Workspace {
            desired: new.desired,
            generation: new.generation,
            template_version: new.template_version,
            parameters: new.parameters,
            resources: new.resources,
            deployment_id: new.deployment_id,
            state: new.state,
            updated_at: new.updated_at,
            revision: new.revision + 1,
            ..row.workspace.clone()
        };
        row.due_by(workspace.updated_at);
        self.tell(Hint::Workspaces);
        Ok(())
    }

    async fn rename(
        &mut self,
        id: WorkspaceId,
        revision: i64,
        name: &WorkspaceName,
        now: DateTime<Utc>,
    ) -> StoreResult<()> {
        let stale = self.stale();
        let tables = self.writing()?;
        let found = tables.workspaces.get(&id).filter(|row| row.workspace.revision == revision);
        let renamed = Workspace { name: name.clone(), ..found.ok_or(stale)?.workspace.clone() };
        let others = tables.workspaces.values().map(|row| &row.workspace).filter(|it| it.id != id);
        if others.clone().any(|other| same_place(other, &renamed)) {
            return self.taken("name");
        }
        if let Some(row) = tables.workspaces.get_mut(&id) {
            row.workspace = Workspace { updated_at: now, revision: revision + 1, ..renamed };
        }
        Ok(())
    }

    async fn transfer(
        &mut self,
        id: WorkspaceId,
        revision: i64,
        owner: UserId,
        name: &WorkspaceName,
        now: DateTime<Utc>,
    ) -> StoreResult<()> {
        let stale = self.stale();
        let tables = self.writing()?;
        let found = tables.workspaces.get(&id).filter(|row| row.workspace.revision == revision);
        let given =
            Workspace { name: name.clone(), owner_id: owner, ..found.ok_or(stale)?.workspace.clone() };
        if !tables.users.contains_key(&owner) {
            return self.dangling();
        }
        let others = tables.workspaces.values().map(|row| &row.workspace).filter(|it| it.id != id);
        if others.clone().any(|other| same_place(other, &given)) {
            return self.taken("name");
        }
        if let Some(row) = tables.workspaces.get_mut(&id) {
            row.workspace = Workspace { updated_at: now, revision: revision + 1, ..given };
        }
        Ok(())
    }

    async fn count_by_owner(&mut self, org: OrgId) -> StoreResult<Vec<(UserId, u64)>> {
        let mut counts = BTreeMap::new();
        let workspaces = self.reading()?.workspaces.values().map(|row| &row.workspace);
        for workspace in workspaces.filter(|it| it.org_id == org && is_live(it)) {
            *counts.entry(workspace.owner_id).or_default() += 1;
        }
        Ok(counts.into_iter().collect())
    }

    async fn bequeath_destroyed(&mut self, from: UserId, to: UserId) -> StoreResult<u64> {
        let tables = self.writing()?;
        if !tables.users.contains_key(&to) {
            return self.dangling();
        }
        let mut count = 0;
        for row in tables.workspaces.values_mut() {
            if row.workspace.owner_id == from && !is_live(&row.workspace) {
                row.workspace.owner_id = to;
                count += 1;
            }
        }
        Ok(count)
    }

    async fn respecify(&mut self, id: WorkspaceId, spec: &Sealed, new_volumes: &[Volume]) -> StoreResult<()> {
        let stale = self.stale();
        self.writing()?.workspaces.get_mut(&id).ok_or(stale)?.spec = spec.clone();
        self.add_volumes(new_volumes)
    }

    async fn claim_due(
        &mut self,
        _holder: ReplicaId,
        now: DateTime<Utc>,
        until: DateTime<Utc>,
        limit: u32,
    ) -> StoreResult<Vec<Lease>> {
        let workspaces = &mut self.writing()?.workspaces;
        let waiting = workspaces.iter().filter_map(|(id, row)| Some((row.waits_since(now)?, *id)));
        let mut waiting: Vec<_> = waiting.collect();
        waiting.sort_unstable();
        let mut leases = vec![];
        for (_, id) in waiting.into_iter().take(limit as usize) {
            let Some(row) = workspaces.get_mut(&id) else { continue };
            row.due = None;
            row.leased_until = Some(until);
            row.token += 1;
            leases.push(Lease { workspace: id, token: row.token });
        }
        Ok(leases)
    }

    async fn renew(&mut self, lease: Lease, until: DateTime<Utc>) -> StoreResult<()> {
        self.leased(lease)?.leased_until = Some(until);
        Ok(())
    }

    async fn release(&mut self, lease: Lease, due: Option<DateTime<Utc>>) -> StoreResult<()> {
        let row = self.leased(lease)?;
        row.leased_until = None;
        if let Some(due) = due {
            row.due_by(due);
            self.tell(Hint::Workspaces);
        }
        Ok(())
    }

    async fn guard(&mut self, lease: Lease) -> StoreResult<()> {
        self.leased(lease).map(drop)
    }

    async fn record_components(
        &mut self,
        lease: Lease,
        deployment: DeploymentId,
        components: &[ComponentView],
    ) -> StoreResult<()> {
        let workspace = &mut self.leased(lease)?.workspace;
        if workspace.deployment_id == Some(deployment) {
            workspace.components = kept(&components.to_vec())?;
        }
        Ok(())
    }

    async fn free_leases(&mut self, now: DateTime<Utc>) -> StoreResult<u64> {
        let rows = self.writing()?.workspaces.values_mut();
        let mut count = 0;
        for row in rows.filter(|row| row.leased_until.is_some()) {
            row.leased_until = None;
            row.due_by(now);
            count += 1;
        }
        Ok(count)
    }

    async fn record_progress(
        &mut self,
        lease: Lease,
        deployment: Option<DeploymentId>,
        state: &State,
        components: &[ComponentView],
        now: DateTime<Utc>,
    ) -> StoreResult<()> {
        let workspace = &mut self.leased(lease)?.workspace;
        if workspace.deployment_id != deployment {
            return Err(StoreError::Stale("deployment"));
        }
        workspace.state = kept(state)?;
        workspace.components = kept(&components.to_vec())?;
        workspace.updated_at = now;
        workspace.revision += 1;
        Ok(())
    }

    async fn record_sighting(
        &mut self,
        id: WorkspaceId,
        revision: i64,
        components: &[ComponentView],
        now: DateTime<Utc>,
    ) -> StoreResult<bool> {
        let row = self.writing()?.workspaces.get_mut(&id).filter(|row| {
            row.workspace.revision == revision && row.leased_until.is_none_or(|until| until <= now)
        });
        let Some(row) = row else { return Ok(false) };
        row.workspace.components = kept(&components.to_vec())?;
        Ok(true)
    }

    async fn record_seen(&mut self, lease: Lease, seen: &Seen, now: DateTime<Utc>) -> StoreResult<()> {
        let workspace = &mut self.leased(lease)?.workspace;
        workspace.seen_generation = workspace.seen_generation.max(seen.generation);
        workspace.restored = false;
        for volume in self.writing()?.volumes.values_mut() {
            if volume.workspace_id == lease.workspace && seen.volumes.contains(&volume.docker_name) {
                volume.made_at.get_or_insert(now);
            }
        }
        Ok(())
    }

    async fn give_up_volumes(&mut self, id: WorkspaceId) -> StoreResult<()> {
        for volume in self.writing()?.volumes.values_mut().filter(|volume| volume.workspace_id == id) {
            volume.made_at = None;
        }
        Ok(())
    }

    async fn volume_names(&mut self) -> StoreResult<BTreeSet<String>> {
        Ok(self.reading()?.volumes.values().map(|volume| volume.docker_name.clone()).collect())
    }

    async fn wake(&mut self, ids: &[WorkspaceId], due: DateTime<Utc>) -> StoreResult<()> {
        if ids.is_empty() {
            return Ok(());
        }
        let workspaces = &mut self.writing()?.workspaces;
        for id in ids {
            if let Some(row) = workspaces.get_mut(id) {
                row.due_by(due);
            }
        }
        Ok(())
    }

    async fn keep_volumes(&mut self, id: WorkspaceId, now: DateTime<Utc>) -> StoreResult<()> {
        let volumes = self.writing()?.volumes.values_mut();
        for volume in volumes.filter(|volume| volume.workspace_id == id) {
            volume.kept_at.get_or_insert(now);
        }
        Ok(())
    }

    async fn forget_volumes(&mut self, id: WorkspaceId) -> StoreResult<()> {
        self.writing()?.volumes.retain(|_, volume| volume.workspace_id != id || volume.kept_at.is_some());
        Ok(())
    }

    async fn count_by_status(&mut self) -> StoreResult<Vec<(Status, u64)>> {
        let mut counts = BTreeMap::new();
        for row in self.reading()?.workspaces.values() {
            *counts.entry(row.workspace.state.status()).or_default() += 1;
        }
        Ok(counts.into_iter().collect())
    }

    async fn purge(&mut self, destroyed_before: DateTime<Utc>) -> StoreResult<u64> {
        let workspaces = self.reading()?.workspaces.values().map(|row| &row.workspace);
        let gone: BTreeSet<_> = workspaces
            .filter(|it| matches!(it.state, State::Destroyed { since } if since < destroyed_before))
            .map(|it| it.id)
            .collect();
        self.forget(&gone)?;
        Ok(gone.len() as u64)
    }
}
