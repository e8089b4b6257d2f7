use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::Repository;
use crate::{
    domain::{
        ids::OrgId,
        quota::{Quota, Usage},
        workspace::{Desired, Status},
    },
    ports::repository::{QuotaRepository, StoreResult},
};

#[async_trait]
impl QuotaRepository for Repository<'_> {
    async fn find(&mut self, org: OrgId) -> StoreResult<Quota> {
        Ok(self.reading()?.quotas.get(&org).copied().unwrap_or_default())
    }

    async fn set(&mut self, org: OrgId, quota: &Quota, _now: DateTime<Utc>) -> StoreResult<()> {
        let tables = self.writing()?;
        if !tables.orgs.contains_key(&org) {
            return self.dangling();
        }
        tables.quotas.insert(org, *quota);
        Ok(())
    }

    async fn usage(&mut self, org: OrgId) -> StoreResult<Usage> {
        let workspaces = self.reading()?.workspaces.values().map(|row| &row.workspace);
        let mut usage = Usage::default();
        for workspace in workspaces {
            if workspace.org_id != org || workspace.state.status() == Status::Destroyed {
                continue;
            }
            usage.workspaces += 1;
            usage.disk_bytes += workspace.resources.disk_bytes;
            if workspace.desired == Desired::Running {
                usage.running_workspaces += 1;
                usage.cpu_millis += workspace.resources.cpu_millis;
                usage.memory_bytes += workspace.resources.memory_bytes;
            }
        }
        Ok(usage)
    }
}
