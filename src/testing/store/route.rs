use std::collections::BTreeSet;

use async_trait::async_trait;

use super::{Repository, tables::Tables};
use crate::{
    domain::{
        ids::{OrgId, RouteId, WorkspaceId},
        route::{PublishedDomain, PublishedRoute, Route, RouteTarget, Visibility},
        workspace::Status,
    },
    ports::repository::{Hint, RouteRepository, StoreResult},
};

impl Repository<'_> {
    fn route(&mut self, id: RouteId) -> StoreResult<&mut Route> {
        let stale = self.stale();
        self.writing()?.routes.get_mut(&id).ok_or(stale)
    }
}

fn published(tables: &Tables, of: impl Fn(&Route) -> bool) -> Vec<PublishedRoute> {
    let routes = tables.routes.values().filter(|route| of(route)).filter_map(|route| {
        let workspace = &tables.workspaces.get(&route.workspace_id)?.workspace;
        let published = PublishedRoute {
            route: route.clone(),
            org_id: workspace.org_id,
            owner_id: workspace.owner_id,
            workspace_name: workspace.name.clone(),
            workspace_status: workspace.state.status(),
            domains: domains(tables, route.id),
        };
        (published.workspace_status != Status::Destroyed).then_some(published)
    });
    let mut routes: Vec<_> = routes.collect();
    routes.sort_by(|a, b| a.route.label.cmp(&b.route.label));
    routes
}

/// Those that are verified, by host.
fn domains(tables: &Tables, route: RouteId) -> Vec<PublishedDomain> {
    let verified =
        tables.route_domains.values().filter(|domain| domain.route_id == route && domain.is_verified());
    let mut domains: Vec<_> =
        verified.map(|domain| PublishedDomain { id: domain.id, host: domain.host.clone() }).collect();
    domains.sort_by(|a, b| a.host.cmp(&b.host));
    domains
}

#[async_trait]
impl RouteRepository for Repository<'_> {
    async fn add(&mut self, route: &Route) -> StoreResult<()> {
        let tables = self.writing()?;
        if tables.routes.contains_key(&route.id) {
            return self.taken("id");
        }
        if tables.routes.values().any(|other| other.label == route.label) {
            return self.taken("label");
        }
        if !tables.workspaces.contains_key(&route.workspace_id) {
            return self.dangling();
        }
        tables.routes.insert(route.id, route.clone());
        Ok(())
    }

    async fn find(&mut self, id: RouteId) -> StoreResult<Option<Route>> {
        Ok(self.reading()?.routes.get(&id).cloned())
    }

    async fn list(&mut self, workspace: WorkspaceId) -> StoreResult<Vec<Route>> {
        self.list_many(&[workspace]).await
    }

    async fn list_many(&mut self, workspaces: &[WorkspaceId]) -> StoreResult<Vec<Route>> {
        let routes = self.reading()?.routes.values();
        let mut routes: Vec<_> =
            routes.filter(|route| workspaces.contains(&route.workspace_id)).cloned().collect();
        // `None`, the main route, is less than any application.
        routes.sort_by(|a, b| (a.workspace_id, &a.app).cmp(&(b.workspace_id, &b.app)));
        Ok(routes)
    }

    async fn set_visibility(&mut self, id: RouteId, visibility: Visibility) -> StoreResult<()> {
        self.route(id)?.visibility = visibility;
        Ok(())
    }

    async fn set_identity(&mut self, id: RouteId, identity: bool) -> StoreResult<()> {
        self.route(id)?.identity = identity;
        Ok(())
    }

    async fn narrow(&mut self, org: OrgId, widest: Visibility) -> StoreResult<Vec<WorkspaceId>> {
        let tables = self.writing()?;
        let in_org =
            |id: &WorkspaceId| tables.workspaces.get(id).is_some_and(|row| row.workspace.org_id == org);
        let routes = tables.routes.values_mut();
        let wider = routes.filter(|route| route.visibility > widest && in_org(&route.workspace_id));
        let narrowed = wider.map(|route| {
            route.visibility = widest;
            route.workspace_id
        });
        let narrowed: BTreeSet<_> = narrowed.collect();
        Ok(narrowed.into_iter().collect())
    }

    async fn retarget(&mut self, id: RouteId, target: RouteTarget) -> StoreResult<()> {
        self.route(id)?.target = target;
        Ok(())
    }

    async fn remove(&mut self, id: RouteId) -> StoreResult<()> {
        self.route(id)?;
        let tables = self.writing()?;
        tables.routes.remove(&id);
        tables.drop_domains();
        Ok(())
    }

    async fn published(&mut self) -> StoreResult<Vec<PublishedRoute>> {
        Ok(published(self.reading()?, |_| true))
    }

    async fn published_of(&mut self, workspace: WorkspaceId) -> StoreResult<Vec<PublishedRoute>> {
        Ok(published(self.reading()?, |route| route.workspace_id == workspace))
    }

    async fn published_at(&mut self, key: &str) -> StoreResult<Option<PublishedRoute>> {
        let tables = self.reading()?;
        let claims =
            |route: &Route| domains(tables, route.id).iter().any(|domain| domain.host.as_str() == key);
        Ok(published(tables, |route| route.label == key || claims(route)).pop())
    }

    async fn revise(&mut self, workspace: WorkspaceId) -> StoreResult<i64> {
        let tables = self.writing()?;
        tables.last_route_revision += 1;
        let revision = tables.last_route_revision;
        tables.route_revisions.insert(revision, workspace);
        self.tell(Hint::Routes);
        Ok(revision)
    }

    async fn revision(&mut self) -> StoreResult<i64> {
        Ok(self.reading()?.last_route_revision)
    }

    async fn revised(&mut self, after: i64, limit: u32) -> StoreResult<Vec<(i64, WorkspaceId)>> {
        let later = self.reading()?.route_revisions.range(after.saturating_add(1)..).take(limit as usize);
        Ok(later.map(|(revision, workspace)| (*revision, *workspace)).collect())
    }

    async fn forget_revisions(&mut self, up_to: i64) -> StoreResult<u64> {
        let revisions = &mut self.writing()?.route_revisions;
        let count = revisions.len();
        revisions.retain(|revision, _| *revision > up_to);
        Ok((count - revisions.len()) as u64)
    }
}
