use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::{Repository, tables::Tables};
use crate::{
    domain::{
        custom_domain::{CustomHost, RouteDomain, Standing},
        ids::{DomainId, RouteId, WorkspaceId},
        workspace::Status,
    },
    ports::repository::{RouteDomainRepository, StoreResult, text::storable},
};

fn kept(standing: &Standing) -> Standing {
    match standing {
        Standing::Pending { failure: Some(failure) } => {
            Standing::Pending { failure: Some(storable(failure).into_owned()) }
        }
        standing => standing.clone(),
    }
}

impl Tables {
    /// Those of routes that are gone go with them.
    pub(super) fn drop_domains(&mut self) {
        let routes = self.routes.clone();
        self.route_domains.retain(|_, domain| routes.contains_key(&domain.route_id));
    }

    fn is_held(&self, host: &CustomHost, but_by: DomainId) -> bool {
        let mut others =
            self.route_domains.values().filter(|other| other.id != but_by && other.host == *host);
        others.any(RouteDomain::is_verified)
    }

    fn is_of_the_living(&self, domain: &RouteDomain) -> bool {
        let workspace =
            self.routes.get(&domain.route_id).and_then(|route| self.workspaces.get(&route.workspace_id));
        workspace.is_some_and(|row| row.workspace.state.status() != Status::Destroyed)
    }
}

fn by_host(mut domains: Vec<RouteDomain>) -> Vec<RouteDomain> {
    domains.sort_by(|a, b| (a.route_id, &a.host).cmp(&(b.route_id, &b.host)));
    domains
}

#[async_trait]
impl RouteDomainRepository for Repository<'_> {
    async fn add(&mut self, domain: &RouteDomain) -> StoreResult<()> {
        let tables = self.writing()?;
        if tables.route_domains.contains_key(&domain.id) {
            return self.taken("id");
        }
        let same = |other: &RouteDomain| other.route_id == domain.route_id && other.host == domain.host;
        let is_held = domain.is_verified() && tables.is_held(&domain.host, domain.id);
        if is_held || tables.route_domains.values().any(same) {
            return self.taken("domain");
        }
        if !tables.routes.contains_key(&domain.route_id) {
            return self.dangling();
        }
        let token = storable(&domain.token).into_owned();
        let row = RouteDomain { token, standing: kept(&domain.standing), ..domain.clone() };
        tables.route_domains.insert(domain.id, row);
        Ok(())
    }

    async fn find(&mut self, id: DomainId) -> StoreResult<Option<RouteDomain>> {
        Ok(self.reading()?.route_domains.get(&id).cloned())
    }

    async fn list(&mut self, route: RouteId) -> StoreResult<Vec<RouteDomain>> {
        let domains = self.reading()?.route_domains.values().filter(|domain| domain.route_id == route);
        Ok(by_host(domains.cloned().collect()))
    }

    async fn list_many(&mut self, workspaces: &[WorkspaceId]) -> StoreResult<Vec<RouteDomain>> {
        let tables = self.reading()?;
        let of_these = |domain: &&RouteDomain| {
            let route = tables.routes.get(&domain.route_id);
            route.is_some_and(|route| workspaces.contains(&route.workspace_id))
        };
        Ok(by_host(tables.route_domains.values().filter(of_these).cloned().collect()))
    }

    async fn holder(&mut self, host: &CustomHost) -> StoreResult<Option<RouteDomain>> {
        let mut domains = self.reading()?.route_domains.values();
        Ok(domains.find(|domain| domain.is_verified() && domain.host == *host).cloned())
    }

    async fn settle(&mut self, id: DomainId, standing: &Standing, now: DateTime<Utc>) -> StoreResult<()> {
        let stale = self.stale();
        let tables = self.writing()?;
        let host = tables.route_domains.get(&id).ok_or(stale)?.host.clone();
        if matches!(standing, Standing::Verified { .. }) && tables.is_held(&host, id) {
            return self.taken("domain");
        }
        if let Some(domain) = tables.route_domains.get_mut(&id) {
            (domain.standing, domain.checked_at) = (kept(standing), Some(now));
        }
        Ok(())
    }

    async fn take_due(
        &mut self,
        made_after: DateTime<Utc>,
        looked_before: DateTime<Utc>,
        now: DateTime<Utc>,
        limit: u32,
    ) -> StoreResult<Vec<RouteDomain>> {
        let tables = self.writing()?;
        let is_due = |domain: &&RouteDomain| {
            !domain.is_verified()
                && domain.created_at > made_after
                && domain.checked_at.is_none_or(|checked| checked <= looked_before)
                && tables.is_of_the_living(domain)
        };
        let mut due: Vec<_> = tables.route_domains.values().filter(is_due).cloned().collect();
        due.sort_by_key(|domain| (domain.checked_at.unwrap_or(domain.created_at), domain.id));
        due.truncate(limit as usize);
        let taken = due.into_iter().map(|domain| RouteDomain { checked_at: Some(now), ..domain });
        let taken: Vec<_> = taken.collect();
        tables.route_domains.extend(taken.iter().map(|domain| (domain.id, domain.clone())));
        Ok(taken)
    }

    async fn remove(&mut self, id: DomainId) -> StoreResult<()> {
        let stale = self.stale();
        self.writing()?.route_domains.remove(&id).ok_or(stale)?;
        Ok(())
    }
}
