mod row;

use std::collections::BTreeSet;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sqlx::QueryBuilder;
use uuid::Uuid;

use self::row::{CountRow, LeaseRow, OwnerRow, VolumeNameRow, VolumeRow, WorkspaceRow};
use super::{
    column::{Document, amount},
    dialect::Dialect,
    page::{BATCH, push_ids, push_page},
    repository::Repository,
};
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

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, short_id, name, org_id, owner_id, template_id, template_version, host_id, parameters,
                    desired, generation, seen_generation, restored, deployment_id, state, components, cpu_millis,
                    memory_bytes, disk_bytes, revision, created_at, updated_at
             FROM workspaces ",
            $rest
        )
    };
}

/// Due at this time, if it is not due before.
macro_rules! due_by {
    ($time:literal) => {
        concat!("due_at = CASE WHEN due_at < ", $time, " THEN due_at ELSE ", $time, " END ")
    };
}

macro_rules! implement {
    ($Db:ty) => {
        impl Repository<'_, $Db> {
            async fn add_volumes(&mut self, volumes: &[Volume]) -> StoreResult<()> {
                for batch in volumes.chunks(BATCH) {
                    let mut query = QueryBuilder::new(
                        "INSERT INTO volumes (id, workspace_id, name, docker_name, created_at, kept_at, made_at) ",
                    );
                    query.push_values(batch, |mut row, volume| {
                        row.push_bind(volume.id.as_uuid())
                            .push_bind(volume.workspace_id.as_uuid())
                            .push_bind(volume.name.as_str())
                            .push_bind(volume.docker_name.as_str())
                            .push_bind(volume.created_at)
                            .push_bind(volume.kept_at)
                            .push_bind(volume.made_at);
                    });
                    self.execute(query.build()).await?;
                }
                Ok(())
            }

            /// Whether the lease is the last one given out, and was not given back.
            async fn holds(&mut self, lease: Lease) -> StoreResult<bool> {
                let query = sqlx::query(
                    "SELECT lease_token FROM workspaces
                     WHERE id = $1 AND lease_token = $2 AND lease_holder IS NOT NULL",
                );
                let query = query.bind(lease.workspace.as_uuid()).bind(lease.token);
                Ok(self.value::<i64>(query).await?.is_some())
            }
        }

        #[async_trait]
        impl WorkspaceRepository for Repository<'_, $Db> {
            async fn add(
                &mut self,
                workspace: &Workspace,
                spec: &Sealed,
                volumes: &[Volume],
            ) -> StoreResult<()> {
                let query = sqlx::query(
                    "INSERT INTO workspaces (id, short_id, name, org_id, owner_id, template_id, template_version,
                         host_id, parameters, desired, generation, deployment_id, status, status_since, state,
                         components, cpu_millis, memory_bytes, disk_bytes, revision, created_at, updated_at, due_at,
                         lease_token)
                     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19,
                             $20, $21, $22, $22, 0)",
                )
                .bind(workspace.id.as_uuid())
                .bind(workspace.short_id.as_str())
                .bind(workspace.name.as_str())
                .bind(workspace.org_id.as_uuid())
                .bind(workspace.owner_id.as_uuid())
                .bind(workspace.template_id.as_uuid())
                .bind(workspace.template_version)
                .bind(workspace.host_id.as_uuid())
                .bind(Document(&workspace.parameters))
                .bind(Document(&workspace.desired))
                .bind(workspace.generation)
                .bind(workspace.deployment_id.map(Uuid::from))
                .bind(workspace.state.status().as_str())
                .bind(workspace.state.since())
                .bind(Document(&workspace.state))
                .bind(Document(&workspace.components))
                .bind(amount(workspace.resources.cpu_millis))
                .bind(amount(workspace.resources.memory_bytes))
                .bind(amount(workspace.resources.disk_bytes))
                .bind(workspace.revision)
                .bind(workspace.created_at)
                .bind(workspace.updated_at);
                self.execute(query).await?;
                let query = sqlx::query("INSERT INTO workspace_specs (workspace_id, sealed) VALUES ($1, $2)");
                self.execute(query.bind(workspace.id.as_uuid()).bind(spec.as_bytes())).await?;
                self.tell(Hint::Workspaces);
                self.add_volumes(volumes).await
            }

            async fn find(&mut self, id: WorkspaceId) -> StoreResult<Option<Workspace>> {
                let query = sqlx::query(select!("WHERE id = $1")).bind(id.as_uuid());
                Ok(self.row::<WorkspaceRow>(query).await?.map(Into::into))
            }

            async fn list(
                &mut self,
                filter: &WorkspaceFilter,
                page: &PageRequest,
            ) -> StoreResult<Vec<Workspace>> {
                let mut query = QueryBuilder::new(select!("WHERE status "));
                match filter.status {
                    Some(status) => query.push("= ").push_bind(status.as_str()),
                    None => query.push("<> 'destroyed'"),
                };
                if let Some(org) = filter.org {
                    query.push(" AND org_id = ").push_bind(org.as_uuid());
                }
                if let Some(owner) = filter.owner {
                    query.push(" AND owner_id = ").push_bind(owner.as_uuid());
                }
                if let Some(host) = filter.host {
                    query.push(" AND host_id = ").push_bind(host.as_uuid());
                }
                push_page(&mut query, page, "name");
                let rows = self.rows::<WorkspaceRow>(query.build()).await?;
                Ok(rows.into_iter().map(Into::into).collect())
            }

            async fn spec(&mut self, id: WorkspaceId) -> StoreResult<Option<Sealed>> {
                let query = sqlx::query("SELECT sealed FROM workspace_specs WHERE workspace_id = $1");
                Ok(self.value::<Vec<u8>>(query.bind(id.as_uuid())).await?.map(Sealed::from_bytes))
            }

            async fn volumes(&mut self, id: WorkspaceId) -> StoreResult<Vec<Volume>> {
                let query = sqlx::query(
                    "SELECT id, workspace_id, name, docker_name, created_at, kept_at, made_at FROM volumes
                     WHERE workspace_id = $1 ORDER BY name",
                );
                let rows = self.rows::<VolumeRow>(query.bind(id.as_uuid())).await?;
                Ok(rows.into_iter().map(Into::into).collect())
            }

            async fn record_intent(&mut self, workspace: &Workspace) -> StoreResult<()> {
                let query = sqlx::query(concat!(
                    "UPDATE workspaces
                     SET desired = $3, generation = $4, template_version = $5, parameters = $6, cpu_millis = $7,
                         memory_bytes = $8, deployment_id = $9, status = $10, status_since = $11, state = $12,
                         updated_at = $13, disk_bytes = $14, revision = revision + 1, ",
                    due_by!("$13"),
                    "WHERE id = $1 AND revision = $2"
                ))
                .bind(workspace.id.as_uuid())
                .bind(workspace.revision)
                .bind(Document(&workspace.desired))
                .bind(workspace.generation)
                .bind(workspace.template_version)
                .bind(Document(&workspace.parameters))
                .bind(amount(workspace.resources.cpu_millis))
                .bind(amount(workspace.resources.memory_bytes))
                .bind(workspace.deployment_id.map(Uuid::from))
                .bind(workspace.state.status().as_str())
                .bind(workspace.state.since())
                .bind(Document(&workspace.state))
                .bind(workspace.updated_at)
                .bind(amount(workspace.resources.disk_bytes));
                self.touch(query).await?;
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
                let query = sqlx::query(
                    "UPDATE workspaces SET name = $3, updated_at = $4, revision = revision + 1
                     WHERE id = $1 AND revision = $2",
                );
                let query = query.bind(id.as_uuid()).bind(revision).bind(name.as_str()).bind(now);
                self.touch(query).await
            }

            async fn transfer(
                &mut self,
                id: WorkspaceId,
                revision: i64,
                owner: UserId,
                name: &WorkspaceName,
                now: DateTime<Utc>,
            ) -> StoreResult<()> {
                let query = sqlx::query(
                    "UPDATE workspaces
                     SET owner_id = $3, name = $4, updated_at = $5, revision = revision + 1
                     WHERE id = $1 AND revision = $2",
                )
                .bind(id.as_uuid())
                .bind(revision)
                .bind(owner.as_uuid())
                .bind(name.as_str())
                .bind(now);
                self.touch(query).await
            }

            async fn count_by_owner(&mut self, org: OrgId) -> StoreResult<Vec<(UserId, u64)>> {
                let query = sqlx::query(
                    "SELECT owner_id, COUNT(*) AS count FROM workspaces
                     WHERE org_id = $1 AND status <> 'destroyed' GROUP BY owner_id",
                );
                let rows = self.rows::<OwnerRow>(query.bind(org.as_uuid())).await?;
                Ok(rows.into_iter().map(|row| (row.owner_id.into(), row.count)).collect())
            }

            async fn bequeath_destroyed(&mut self, from: UserId, to: UserId) -> StoreResult<u64> {
                let query = sqlx::query(
                    "UPDATE workspaces SET owner_id = $2 WHERE owner_id = $1 AND status = 'destroyed'",
                );
                self.execute(query.bind(from.as_uuid()).bind(to.as_uuid())).await
            }

            async fn respecify(
                &mut self,
                id: WorkspaceId,
                spec: &Sealed,
                new_volumes: &[Volume],
            ) -> StoreResult<()> {
                let query = sqlx::query("UPDATE workspace_specs SET sealed = $2 WHERE workspace_id = $1");
                self.touch(query.bind(id.as_uuid()).bind(spec.as_bytes())).await?;
                self.add_volumes(new_volumes).await
            }

            async fn claim_due(
                &mut self,
                holder: ReplicaId,
                now: DateTime<Utc>,
                until: DateTime<Utc>,
                limit: u32,
            ) -> StoreResult<Vec<Lease>> {
                let query = sqlx::query(<$Db>::CLAIM_DUE)
                    .bind(holder.as_uuid())
                    .bind(until)
                    .bind(now)
                    .bind(i64::from(limit))
                    .bind(now + HORIZON);
                let rows = self.rows::<LeaseRow>(query).await?;
                Ok(rows
                    .into_iter()
                    .map(|row| Lease { workspace: row.id.into(), token: row.lease_token })
                    .collect())
            }

            async fn renew(&mut self, lease: Lease, until: DateTime<Utc>) -> StoreResult<()> {
                let query = sqlx::query(
                    "UPDATE workspaces SET lease_until = $3
                     WHERE id = $1 AND lease_token = $2 AND lease_holder IS NOT NULL",
                );
                let query = query.bind(lease.workspace.as_uuid()).bind(lease.token).bind(until);
                held(self.execute(query).await?)
            }

            async fn release(&mut self, lease: Lease, due: Option<DateTime<Utc>>) -> StoreResult<()> {
                // A request that came meanwhile stays. Without `due` the comparison is with NULL, and so never true.
                let query = sqlx::query(
                    "UPDATE workspaces
                     SET lease_holder = NULL, lease_until = NULL,
                         due_at = CASE WHEN due_at IS NULL OR $3 < due_at THEN $3 ELSE due_at END
                     WHERE id = $1 AND lease_token = $2 AND lease_holder IS NOT NULL",
                );
                let query = query.bind(lease.workspace.as_uuid()).bind(lease.token).bind(due);
                held(self.execute(query).await?)?;
                if due.is_some() {
                    self.tell(Hint::Workspaces);
                }
                Ok(())
            }

            async fn guard(&mut self, lease: Lease) -> StoreResult<()> {
                // A write, because only writes keep another claim out until the commit.
                let query = sqlx::query(
                    "UPDATE workspaces SET lease_token = lease_token
                     WHERE id = $1 AND lease_token = $2 AND lease_holder IS NOT NULL",
                );
                held(self.execute(query.bind(lease.workspace.as_uuid()).bind(lease.token)).await?)
            }

            async fn record_components(
                &mut self,
                lease: Lease,
                deployment: DeploymentId,
                components: &[ComponentView],
            ) -> StoreResult<()> {
                let query = sqlx::query(
                    "UPDATE workspaces
                     SET components = CASE WHEN deployment_id = $3 THEN $4 ELSE components END
                     WHERE id = $1 AND lease_token = $2 AND lease_holder IS NOT NULL",
                )
                .bind(lease.workspace.as_uuid())
                .bind(lease.token)
                .bind(deployment.as_uuid())
                .bind(Document(&components));
                held(self.execute(query).await?)
            }

            async fn free_leases(&mut self, now: DateTime<Utc>) -> StoreResult<u64> {
                let query = sqlx::query(concat!(
                    "UPDATE workspaces SET lease_holder = NULL, lease_until = NULL, ",
                    due_by!("$1"),
                    "WHERE lease_holder IS NOT NULL"
                ));
                self.execute(query.bind(now)).await
            }

            async fn record_progress(
                &mut self,
                lease: Lease,
                deployment: Option<DeploymentId>,
                state: &State,
                components: &[ComponentView],
                now: DateTime<Utc>,
            ) -> StoreResult<()> {
                let query = sqlx::query(
                    "UPDATE workspaces
                     SET status = $4, status_since = $5, state = $6, components = $7, updated_at = $8,
                         revision = revision + 1
                     WHERE id = $1 AND lease_token = $2 AND lease_holder IS NOT NULL
                       AND deployment_id IS NOT DISTINCT FROM $3",
                )
                .bind(lease.workspace.as_uuid())
                .bind(lease.token)
                .bind(deployment.map(Uuid::from))
                .bind(state.status().as_str())
                .bind(state.since())
                .bind(Document(state))
                .bind(Document(&components))
                .bind(now);
                if self.execute(query).await? == 0 {
                    let holds = self.holds(lease).await?;
                    return Err(StoreError::Stale(if holds { "deployment" } else { "lease" }));
                }
                Ok(())
            }

            async fn record_sighting(
                &mut self,
                id: WorkspaceId,
                revision: i64,
                components: &[ComponentView],
                now: DateTime<Utc>,
            ) -> StoreResult<bool> {
                let query = sqlx::query(
                    "UPDATE workspaces SET components = $3
                     WHERE id = $1 AND revision = $2 AND (lease_holder IS NULL OR lease_until <= $4)",
                )
                .bind(id.as_uuid())
                .bind(revision)
                .bind(Document(&components))
                .bind(now);
                Ok(self.execute(query).await? > 0)
            }

            async fn record_seen(
                &mut self,
                lease: Lease,
                seen: &Seen,
                now: DateTime<Utc>,
            ) -> StoreResult<()> {
                let query = sqlx::query(
                    "UPDATE workspaces
                     SET seen_generation = CASE WHEN seen_generation < $3 THEN $3 ELSE seen_generation END,
                         restored = $4
                     WHERE id = $1 AND lease_token = $2 AND lease_holder IS NOT NULL",
                )
                .bind(lease.workspace.as_uuid())
                .bind(lease.token)
                .bind(seen.generation)
                .bind(false);
                held(self.execute(query).await?)?;
                for batch in seen.volumes.chunks(BATCH) {
                    let mut query = QueryBuilder::new("UPDATE volumes SET made_at = ");
                    query.push_bind(now).push(" WHERE made_at IS NULL AND workspace_id = ");
                    query.push_bind(lease.workspace.as_uuid()).push(" AND docker_name IN (");
                    let mut names = query.separated(", ");
                    for name in batch {
                        names.push_bind(name.as_str());
                    }
                    names.push_unseparated(")");
                    self.execute(query.build()).await?;
                }
                Ok(())
            }

            async fn give_up_volumes(&mut self, id: WorkspaceId) -> StoreResult<()> {
                let query = sqlx::query("UPDATE volumes SET made_at = NULL WHERE workspace_id = $1");
                self.execute(query.bind(id.as_uuid())).await.map(drop)
            }

            async fn volume_names(&mut self) -> StoreResult<BTreeSet<String>> {
                let rows = self.rows::<VolumeNameRow>(sqlx::query("SELECT docker_name FROM volumes")).await?;
                Ok(rows.into_iter().map(|row| row.docker_name).collect())
            }

            async fn wake(&mut self, ids: &[WorkspaceId], due: DateTime<Utc>) -> StoreResult<()> {
                for batch in ids.chunks(BATCH) {
                    let mut query = QueryBuilder::new("UPDATE workspaces SET due_at = CASE WHEN due_at < ");
                    query.push_bind(due).push(" THEN due_at ELSE ").push_bind(due).push(" END WHERE id IN (");
                    push_ids(&mut query, batch);
                    self.execute(query.build()).await?;
                }
                Ok(())
            }

            async fn keep_volumes(&mut self, id: WorkspaceId, now: DateTime<Utc>) -> StoreResult<()> {
                let query = sqlx::query(
                    "UPDATE volumes SET kept_at = $2 WHERE workspace_id = $1 AND kept_at IS NULL",
                );
                self.execute(query.bind(id.as_uuid()).bind(now)).await.map(drop)
            }

            async fn forget_volumes(&mut self, id: WorkspaceId) -> StoreResult<()> {
                let query = sqlx::query("DELETE FROM volumes WHERE workspace_id = $1 AND kept_at IS NULL");
                self.execute(query.bind(id.as_uuid())).await.map(drop)
            }

            async fn count_by_status(&mut self) -> StoreResult<Vec<(Status, u64)>> {
                let query = sqlx::query("SELECT status, COUNT(*) AS count FROM workspaces GROUP BY status");
                let rows = self.rows::<CountRow>(query).await?;
                let mut counts: Vec<_> = rows.into_iter().map(|row| (row.status.0, row.count)).collect();
                counts.sort_unstable();
                Ok(counts)
            }

            async fn purge(&mut self, destroyed_before: DateTime<Utc>) -> StoreResult<u64> {
                let query = sqlx::query(
                    "DELETE FROM workspaces WHERE status = 'destroyed' AND status_since < $1",
                );
                self.execute(query.bind(destroyed_before)).await
            }
        }
    };
}

for_each_engine!(implement);

fn held(rows: u64) -> StoreResult<()> {
    if rows == 0 { Err(StoreError::Stale("lease")) } else { Ok(()) }
}
