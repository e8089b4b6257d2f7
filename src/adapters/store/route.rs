use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use sqlx::{FromRow, QueryBuilder, types::Json};
use uuid::Uuid;

use super::{
    column::{Document, Word},
    page::{BATCH, push_ids},
    repository::{Record, Repository},
};
use crate::{
    domain::{
        custom_domain::CustomHost,
        ids::{OrgId, RouteId, WorkspaceId},
        names::{ComponentName, WorkspaceName},
        route::{PublishedDomain, PublishedRoute, Route, RouteTarget, Visibility},
        workspace::Status,
    },
    ports::repository::{Hint, RouteRepository, StoreError, StoreResult},
};

#[derive(FromRow)]
struct RouteRow {
    id: Uuid,
    workspace_id: Uuid,
    app: Option<Word<ComponentName>>,
    label: String,
    component: Word<ComponentName>,
    #[sqlx(try_from = "i32")]
    port: u16,
    visibility: Word<Visibility>,
    identity: bool,
    target: Json<RouteTarget>,
}

impl Record for RouteRow {
    const TABLE: &'static str = "routes";
}

impl From<RouteRow> for Route {
    fn from(row: RouteRow) -> Self {
        Self {
            id: row.id.into(),
            workspace_id: row.workspace_id.into(),
            app: row.app.map(|app| app.0),
            label: row.label,
            component: row.component.0,
            port: row.port,
            visibility: row.visibility.0,
            identity: row.identity,
            target: row.target.0,
        }
    }
}

#[derive(FromRow)]
struct PublishedRow {
    #[sqlx(flatten)]
    route: RouteRow,
    org_id: Uuid,
    owner_id: Uuid,
    workspace_name: Word<WorkspaceName>,
    workspace_status: Word<Status>,
}

impl Record for PublishedRow {
    const TABLE: &'static str = "routes";
}

#[derive(FromRow)]
struct PublishedDomainRow {
    id: Uuid,
    route_id: Uuid,
    host: Word<CustomHost>,
}

impl Record for PublishedDomainRow {
    const TABLE: &'static str = "route_domains";
}

/// Each route with its domains, which are in order.
fn with_domains(routes: Vec<PublishedRow>, domains: Vec<PublishedDomainRow>) -> Vec<PublishedRoute> {
    let mut of_routes: BTreeMap<Uuid, Vec<PublishedDomain>> = BTreeMap::new();
    for row in domains {
        let domain = PublishedDomain { id: row.id.into(), host: row.host.0 };
        of_routes.entry(row.route_id).or_default().push(domain);
    }
    let published = |row: PublishedRow| {
        let domains = of_routes.remove(&row.route.id).unwrap_or_default();
        PublishedRoute { domains, ..row.into() }
    };
    routes.into_iter().map(published).collect()
}

impl From<PublishedRow> for PublishedRoute {
    fn from(row: PublishedRow) -> Self {
        Self {
            domains: Vec::new(),
            route: row.route.into(),
            org_id: row.org_id.into(),
            owner_id: row.owner_id.into(),
            workspace_name: row.workspace_name.0,
            workspace_status: row.workspace_status.0,
        }
    }
}

#[derive(FromRow)]
struct RevisionRow {
    revision: i64,
    workspace_id: Uuid,
}

impl Record for RevisionRow {
    const TABLE: &'static str = "route_revisions";
    const KEY: &'static str = "revision";
}

#[derive(FromRow)]
struct NarrowedRow {
    workspace_id: Uuid,
}

impl Record for NarrowedRow {
    const TABLE: &'static str = "routes";
    const KEY: &'static str = "workspace_id";
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, workspace_id, app, label, component, port, visibility, identity, target FROM routes ",
            $rest
        )
    };
}

macro_rules! published {
    ($rest:literal) => {
        concat!(
            "SELECT r.id, r.workspace_id, r.app, r.label, r.component, r.port, r.visibility, r.identity, r.target,
                    w.org_id, w.owner_id, w.name AS workspace_name, w.status AS workspace_status
             FROM routes r JOIN workspaces w ON w.id = r.workspace_id
             WHERE w.status <> 'destroyed' ",
            $rest,
            " ORDER BY r.label"
        )
    };
}

macro_rules! published_domains {
    ($rest:literal) => {
        concat!(
            "SELECT d.id, d.route_id, d.host FROM route_domains d JOIN routes r ON r.id = d.route_id
             WHERE d.verified_at IS NOT NULL ",
            $rest,
            " ORDER BY d.host"
        )
    };
}

macro_rules! implement {
    ($Db:ty) => {
        #[async_trait]
        impl RouteRepository for Repository<'_, $Db> {
            async fn add(&mut self, route: &Route) -> StoreResult<()> {
                let query = sqlx::query(
                    "INSERT INTO routes
                         (id, workspace_id, app, label, component, port, visibility, identity, target)
                     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
                )
                .bind(route.id.as_uuid())
                .bind(route.workspace_id.as_uuid())
                .bind(route.app.as_ref().map(ComponentName::as_str))
                .bind(route.label.as_str())
                .bind(route.component.as_str())
                .bind(i32::from(route.port))
                .bind(route.visibility.as_str())
                .bind(route.identity)
                .bind(Document(&route.target));
                self.execute(query).await.map(drop)
            }

            async fn find(&mut self, id: RouteId) -> StoreResult<Option<Route>> {
                let query = sqlx::query(select!("WHERE id = $1")).bind(id.as_uuid());
                Ok(self.row::<RouteRow>(query).await?.map(Into::into))
            }

            async fn list(&mut self, workspace: WorkspaceId) -> StoreResult<Vec<Route>> {
                self.list_many(&[workspace]).await
            }

            async fn list_many(&mut self, workspaces: &[WorkspaceId]) -> StoreResult<Vec<Route>> {
                let mut routes = Vec::new();
                for batch in workspaces.chunks(BATCH) {
                    let mut query = QueryBuilder::new(select!("WHERE workspace_id IN ("));
                    push_ids(&mut query, batch);
                    query.push(" ORDER BY workspace_id, app IS NOT NULL, app");
                    routes.extend(self.rows::<RouteRow>(query.build()).await?);
                }
                Ok(routes.into_iter().map(Into::into).collect())
            }

            async fn set_visibility(&mut self, id: RouteId, visibility: Visibility) -> StoreResult<()> {
                let query = sqlx::query("UPDATE routes SET visibility = $2 WHERE id = $1")
                    .bind(id.as_uuid())
                    .bind(visibility.as_str());
                self.touch(query).await
            }

            async fn set_identity(&mut self, id: RouteId, identity: bool) -> StoreResult<()> {
                let query = sqlx::query("UPDATE routes SET identity = $2 WHERE id = $1")
                    .bind(id.as_uuid())
                    .bind(identity);
                self.touch(query).await
            }

            async fn narrow(&mut self, org: OrgId, widest: Visibility) -> StoreResult<Vec<WorkspaceId>> {
                let query = sqlx::query(
                    "UPDATE routes SET visibility = $2
                     WHERE workspace_id IN (SELECT id FROM workspaces WHERE org_id = $1)
                       AND CASE visibility WHEN 'private' THEN 0 WHEN 'organization' THEN 1
                                           WHEN 'authenticated' THEN 2 ELSE 3 END > $3
                     RETURNING workspace_id",
                )
                .bind(org.as_uuid())
                .bind(widest.as_str())
                .bind(widest as i32);
                let rows = self.rows::<NarrowedRow>(query).await?;
                let workspaces: BTreeSet<_> = rows.into_iter().map(|row| row.workspace_id.into()).collect();
                Ok(workspaces.into_iter().collect())
            }

            async fn retarget(&mut self, id: RouteId, target: RouteTarget) -> StoreResult<()> {
                let query = sqlx::query("UPDATE routes SET target = $2 WHERE id = $1")
                    .bind(id.as_uuid())
                    .bind(Document(&target));
                self.touch(query).await
            }

            async fn remove(&mut self, id: RouteId) -> StoreResult<()> {
                self.touch(sqlx::query("DELETE FROM routes WHERE id = $1").bind(id.as_uuid())).await
            }

            async fn published(&mut self) -> StoreResult<Vec<PublishedRoute>> {
                let routes = self.rows::<PublishedRow>(sqlx::query(published!(""))).await?;
                let domains = self.rows::<PublishedDomainRow>(sqlx::query(published_domains!(""))).await?;
                Ok(with_domains(routes, domains))
            }

            async fn published_of(&mut self, workspace: WorkspaceId) -> StoreResult<Vec<PublishedRoute>> {
                let query = sqlx::query(published!("AND r.workspace_id = $1")).bind(workspace.as_uuid());
                let routes = self.rows::<PublishedRow>(query).await?;
                let query =
                    sqlx::query(published_domains!("AND r.workspace_id = $1")).bind(workspace.as_uuid());
                let domains = self.rows::<PublishedDomainRow>(query).await?;
                Ok(with_domains(routes, domains))
            }

            async fn published_at(&mut self, key: &str) -> StoreResult<Option<PublishedRoute>> {
                let query = sqlx::query(published!(
                    "AND (r.label = $1 OR r.id = (SELECT route_id FROM route_domains
                                                  WHERE host = $1 AND verified_at IS NOT NULL))"
                ))
                .bind(key);
                let Some(route) = self.row::<PublishedRow>(query).await? else { return Ok(None) };
                let query = sqlx::query(published_domains!("AND r.id = $1")).bind(route.route.id);
                let domains = self.rows::<PublishedDomainRow>(query).await?;
                Ok(with_domains(vec![route], domains).pop())
            }

            async fn revise(&mut self, workspace: WorkspaceId) -> StoreResult<i64> {
                // Holds the row until the commit, as events do.
                let query = sqlx::query("UPDATE route_counter SET last = last + 1 RETURNING last");
                let revision = self.value::<i64>(query).await?.ok_or_else(no_counter)?;
                let query =
                    sqlx::query("INSERT INTO route_revisions (revision, workspace_id) VALUES ($1, $2)");
                self.execute(query.bind(revision).bind(workspace.as_uuid())).await?;
                self.tell(Hint::Routes);
                Ok(revision)
            }

            async fn revision(&mut self) -> StoreResult<i64> {
                let query = sqlx::query("SELECT last FROM route_counter");
                self.value::<i64>(query).await?.ok_or_else(no_counter)
            }

            async fn revised(&mut self, after: i64, limit: u32) -> StoreResult<Vec<(i64, WorkspaceId)>> {
                let query = sqlx::query(
                    "SELECT revision, workspace_id FROM route_revisions
                     WHERE revision > $1 ORDER BY revision LIMIT $2",
                )
                .bind(after)
                .bind(i64::from(limit));
                let rows = self.rows::<RevisionRow>(query).await?;
                Ok(rows.into_iter().map(|row| (row.revision, row.workspace_id.into())).collect())
            }

            async fn forget_revisions(&mut self, up_to: i64) -> StoreResult<u64> {
                let query = sqlx::query("DELETE FROM route_revisions WHERE revision <= $1");
                self.execute(query.bind(up_to)).await
            }
        }
    };
}

for_each_engine!(implement);

fn no_counter() -> StoreError {
    StoreError::Corrupt { table: "route_counter", id: "1".into(), reason: "the row is missing".into() }
}
