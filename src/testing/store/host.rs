use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::{Repository, kept};
use crate::{
    domain::{
        host::{Host, HostFacts, HostState, Unexplained},
        ids::HostId,
    },
    ports::repository::{HostRepository, StoreResult, text::storable},
};

impl Repository<'_> {
    fn host(&mut self, id: HostId) -> StoreResult<&mut Host> {
        let stale = self.stale();
        self.writing()?.hosts.get_mut(&id).ok_or(stale)
    }
}

#[async_trait]
impl HostRepository for Repository<'_> {
    async fn add(&mut self, host: &Host) -> StoreResult<()> {
        let hosts = &mut self.writing()?.hosts;
        if hosts.contains_key(&host.id) {
            return self.taken("id");
        }
        if hosts.values().any(|other| other.name == host.name) {
            return self.taken("name");
        }
        let row = Host {
            name: storable(&host.name).into_owned(),
            endpoint: storable(&host.endpoint).into_owned(),
            state: kept(&host.state)?,
            facts: kept(&host.facts)?,
            ..host.clone()
        };
        hosts.insert(host.id, row);
        Ok(())
    }

    async fn find(&mut self, id: HostId) -> StoreResult<Option<Host>> {
        Ok(self.reading()?.hosts.get(&id).cloned())
    }

    async fn find_by_name(&mut self, name: &str) -> StoreResult<Option<Host>> {
        Ok(self.reading()?.hosts.values().find(|host| host.name == name).cloned())
    }

    async fn list(&mut self) -> StoreResult<Vec<Host>> {
        let mut hosts: Vec<_> = self.reading()?.hosts.values().cloned().collect();
        hosts.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(hosts)
    }

    async fn move_to(&mut self, id: HostId, endpoint: &str, now: DateTime<Utc>) -> StoreResult<()> {
        let host = self.host(id)?;
        host.endpoint = storable(endpoint).into_owned();
        host.updated_at = now;
        Ok(())
    }

    async fn record_state(
        &mut self,
        id: HostId,
        state: &HostState,
        facts: &HostFacts,
        now: DateTime<Utc>,
    ) -> StoreResult<()> {
        let host = self.host(id)?;
        host.state = kept(state)?;
        host.facts = kept(facts)?;
        host.updated_at = now;
        Ok(())
    }

    async fn record_unexplained(
        &mut self,
        id: HostId,
        unexplained: &Unexplained,
        now: DateTime<Utc>,
    ) -> StoreResult<()> {
        let host = self.host(id)?;
        host.unexplained = unexplained.clone();
        host.updated_at = now;
        Ok(())
    }
}
