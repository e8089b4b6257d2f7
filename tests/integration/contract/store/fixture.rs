//! Things to store.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use chrono::{DateTime, Utc};
use devsanctum::{
    domain::{
        deployment::{Deployment, DeploymentKind, DeploymentStatus, Failure, StepName},
        host::{Host, HostFacts, HostState, Unexplained},
        ids::{DeploymentId, OrgId, TemplateId, UserId, WorkspaceId, uuid_v7},
        names::ShortId,
        org::Org,
        route::{Route, RouteTarget, Visibility, route_label},
        secret::Sealed,
        session::{RefreshToken, Session},
        template::{Template, TemplateSource, TemplateVersion, parameter::ParameterValue},
        user::User,
        workspace::{
            ComponentStatus, ComponentView, Desired, Health, State, Volume, Workspace,
            spec::{ComponentKind, Resources},
        },
    },
    ports::repository::{Store, StoreResult, UnitOfWork},
};
use uuid::Uuid;

/// Microseconds, the smallest thing a store keeps, are not zero.
pub fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000 + seconds, 123_456_000).unwrap()
}

/// A later id is greater.
pub fn id<T: From<Uuid>>() -> T {
    static NEXT: AtomicI64 = AtomicI64::new(0);
    let next = NEXT.fetch_add(1, Ordering::Relaxed);
    T::from(uuid_v7(at(next), &[7; 10]))
}

/// One committed unit of work.
pub async fn write<T>(
    store: &Arc<dyn Store>,
    work: impl AsyncFnOnce(&mut dyn UnitOfWork) -> StoreResult<T>,
) -> StoreResult<T> {
    let mut unit = store.begin().await?;
    let result = work(unit.as_mut()).await?;
    unit.commit().await?;
    Ok(result)
}

/// One that only reads; it must succeed.
pub async fn read<T>(
    store: &Arc<dyn Store>,
    work: impl AsyncFnOnce(&mut dyn UnitOfWork) -> StoreResult<T>,
) -> T {
    let mut unit = store.read().await.unwrap();
    work(unit.as_mut()).await.unwrap()
}

/// The same by several, none waiting for another unless the store makes it.
pub async fn at_once<T>(callers: usize, act: impl AsyncFn(usize) -> T) -> Vec<T> {
    futures::future::join_all((0..callers).map(|caller| act(caller))).await
}

pub fn user(name: &str) -> User {
    User {
        id: id(),
        username: name.parse().unwrap(),
        email: format!("{name}@example.org").parse().unwrap(),
        display_name: format!("{name} Ölund 🦀"),
        platform_admin: false,
        suspended_at: None,
        created_at: at(0),
        updated_at: at(1),
    }
}

pub fn org(slug: &str) -> Org {
    Org {
        id: id(),
        slug: slug.parse().unwrap(),
        name: slug.to_uppercase(),
        max_visibility: Visibility::Public,
        deleting_since: None,
        created_at: at(0),
        updated_at: at(1),
    }
}

pub fn session(user: UserId) -> Session {
    Session {
        id: id(),
        user_id: user,
        user_agent: "curl/8".into(),
        address: "192.0.2.1".into(),
        created_at: at(0),
        last_used_at: at(0),
        expires_at: at(1_000),
        revoked_at: None,
    }
}

pub fn token(session: &Session, byte: u8) -> RefreshToken {
    RefreshToken { hash: [byte; 32], session_id: session.id, issued_at: at(0), used_at: None }
}

pub fn host(name: &str) -> Host {
    Host {
        id: id(),
        name: name.into(),
        endpoint: "unix:///var/run/docker.sock".into(),
        state: HostState::New,
        cordoned: false,
        facts: HostFacts::default(),
        unexplained: Unexplained::default(),
        created_at: at(0),
        updated_at: at(1),
    }
}

pub fn template(org: Option<OrgId>, name: &str) -> Template {
    Template {
        id: id(),
        org_id: org,
        name: name.parse().unwrap(),
        display_name: "A shop".into(),
        description: "Front end, API, database".into(),
        icon: "cart".into(),
        tags: vec!["demo".into(), "größer".into()],
        active_version: None,
        created_at: at(0),
        updated_at: at(1),
    }
}

pub fn version(template: TemplateId, number: i32) -> TemplateVersion {
    TemplateVersion {
        template_id: template,
        number,
        source: TemplateSource::Manifest,
        manifest: serde_json::json!({"appName": "shop", "components": [{"name": "web", "port": 80, "cpu": 0.5}]}),
        archive: None,
        readme: Some("# Shop".into()),
        message: "first".into(),
        created_by: None,
        created_at: at(number.into()),
    }
}

/// A store with all that a workspace refers to.
pub struct World {
    pub user: User,
    pub org: Org,
    pub template: Template,
    pub host: Host,
}

pub async fn world(store: &Arc<dyn Store>) -> World {
    let (user, org, host) = (user("ada"), org("acme"), host("local"));
    let template = template(Some(org.id), "shop");
    write(store, async |work| {
        work.users().add(&user, None).await?;
        work.orgs().add(&org).await?;
        work.hosts().add(&host).await?;
        work.templates().add(&template).await?;
        work.templates().add_version(&version(template.id, 1)).await
    })
    .await
    .unwrap();
    World { user, org, template, host }
}

impl World {
    pub fn workspace(&self, name: &str) -> Workspace {
        let id: WorkspaceId = id();
        let pending = State::pending(at(10));
        Workspace {
            id,
            // Ids here differ in their time only, short ids are made of their end.
            short_id: ShortId::of(Uuid::from_u128(id.as_uuid().as_u128() >> 80).into()),
            name: name.parse().unwrap(),
            org_id: self.org.id,
            owner_id: self.user.id,
            template_id: self.template.id,
            template_version: 1,
            host_id: self.host.id,
            parameters: BTreeMap::from([
                ("debug".into(), ParameterValue::Bool(true)),
                ("replicas".into(), ParameterValue::Number(2.5)),
                ("size".into(), ParameterValue::String("small".into())),
                ("zones".into(), ParameterValue::List(vec!["a".into(), "b".into()])),
            ]),
            desired: Desired::Running,
            generation: 1,
            seen_generation: 0,
            restored: false,
            deployment_id: Some(self::id()),
            state: pending,
            components: vec![component("web")],
            resources: Resources { cpu_millis: 500, memory_bytes: 1 << 33, disk_bytes: 1 << 40 },
            revision: 1,
            created_at: at(10),
            updated_at: at(10),
        }
    }

    pub async fn add(&self, store: &Arc<dyn Store>, name: &str) -> Workspace {
        let workspace = self.workspace(name);
        write(store, async |work| work.workspaces().add(&workspace, &sealed(), &[]).await).await.unwrap();
        workspace
    }

    /// With the deployment it names.
    pub async fn deploy(&self, store: &Arc<dyn Store>, name: &str) -> (Workspace, Deployment) {
        let workspace = self.add(store, name).await;
        let deployment = deployment(&workspace);
        write(store, async |work| work.deployments().add(&deployment).await).await.unwrap();
        (workspace, deployment)
    }
}

pub fn sealed() -> Sealed {
    Sealed::from_bytes(vec![0, 1, 2, 255])
}

pub fn component(name: &str) -> ComponentView {
    ComponentView {
        name: name.parse().unwrap(),
        kind: ComponentKind::Frontend,
        image: "nginx:1".into(),
        status: ComponentStatus::Running,
        health: Health::Healthy,
        restarts: 3,
        started_at: Some(at(5)),
        exit_code: None,
        address: Some("172.30.0.2".parse().unwrap()),
    }
}

pub fn volume(workspace: WorkspaceId, name: &str) -> Volume {
    let id: Uuid = id();
    Volume {
        id: id.into(),
        workspace_id: workspace,
        name: name.parse().unwrap(),
        docker_name: format!("ds-{}", id.simple()),
        created_at: at(10),
        kept_at: None,
        made_at: None,
    }
}

pub fn deployment(workspace: &Workspace) -> Deployment {
    Deployment {
        id: workspace.deployment_id.unwrap_or_else(id::<DeploymentId>),
        workspace_id: workspace.id,
        kind: DeploymentKind::Create,
        status: DeploymentStatus::Queued,
        generation: workspace.generation,
        requested_by: Some(workspace.owner_id),
        created_at: at(10),
        started_at: None,
        finished_at: None,
        error: None,
    }
}

pub fn failure() -> Failure {
    Failure {
        code: "image_not_found".into(),
        message: "there is no image \"nginx:0\"".into(),
        component: Some("web".parse().unwrap()),
        step: Some(StepName::Pull),
        remedy: "Name an image that exists.".into(),
        log_tail: vec!["manifest unknown".into(), String::new()],
    }
}

pub fn route(workspace: &Workspace, app: Option<&str>) -> Route {
    let app = app.map(|app| app.parse().unwrap());
    Route {
        id: id(),
        workspace_id: workspace.id,
        label: route_label(app.as_ref(), &workspace.name, &workspace.short_id),
        app,
        component: "web".parse().unwrap(),
        port: 65_535,
        visibility: Visibility::Organization,
        identity: false,
        target: RouteTarget::Pending,
    }
}
