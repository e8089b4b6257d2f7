//! The whole core on a real SQLite, with an engine and a proxy in memory.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use devsanctum::{
    adapters::{
        argon2::Argon2Hasher,
        catalog::BundledCatalog,
        identity_jwt::IdentityJwts,
        jwt::JwtTokens,
        master_key::MasterKey,
        sealer::XChaChaSealer,
        store::{
            self,
            backup::{self, BackupKey, Place, Restore},
        },
        system::SystemRandom,
    },
    app::{
        App, Caller, Settings,
        auth::Identity,
        engines::{Engine, Engines},
        feed::Feed,
        nudge::Nudge,
        workspaces::{self, NewWorkspace, TemplateChoice, WorkspaceDetail},
    },
    domain::{
        deployment::{Deployment, Step},
        host::{Host, HostFacts, HostState, Unexplained},
        ids::{HostId, OrgId, TemplateId, WorkspaceId},
        org::Org,
        policy::{Actor, Credential},
        role::Role,
        route::Visibility,
        secret::Secret,
        template::{Template, TemplateSource, TemplateVersion},
        user::{Membership, User},
        workspace::{Status, state::Request},
    },
    ports::{
        clock::Clock,
        random::Random,
        repository::{PageRequest, Store},
    },
    reconcile,
    testing::{clock::TestClock, docker::FakeEngine, proofs::FakeProofs, proxy::RecordingProxy},
};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// How long a condition may take to come true; much longer than it ever takes.
const PATIENCE: Duration = Duration::from_secs(30);

pub struct World {
    pub app: Arc<App>,
    pub engine: Arc<FakeEngine>,
    pub proxy: Arc<RecordingProxy>,
    pub clock: Arc<TestClock>,
    pub caller: Caller,
    pub org: OrgId,
    pub host: HostId,
    /// Cancelled when the server has ended because its database is another installation's.
    pub replaced: CancellationToken,
    pub stop: CancellationToken,
    tracker: TaskTracker,
    directory: TempDir,
}

/// Another server.
pub struct Beside {
    pub app: Arc<App>,
    pub proxy: Arc<RecordingProxy>,
    stop: CancellationToken,
    tracker: TaskTracker,
}

impl Beside {
    pub async fn shut_down(self) {
        self.stop.cancel();
        self.tracker.close();
        self.tracker.wait().await;
    }
}

impl World {
    pub async fn new() -> Self {
        Self::on(|store| store).await
    }

    /// With a store of the test's own around the real one.
    pub async fn on(wrap: impl FnOnce(Arc<dyn Store>) -> Arc<dyn Store>) -> Self {
        let directory = TempDir::new().unwrap();
        let clock = Arc::new(TestClock::default());
        let engine = Arc::new(FakeEngine::new(clock.clone()));
        let proxy = Arc::new(RecordingProxy::default());
        let host = HostId::from(uuid::Uuid::from_u128(1));
        let app = assemble(&directory, &clock, &engine, &proxy, host, wrap).await;
        let (caller, org) = settle_in(&app).await;
        let mut world = Self {
            app,
            engine,
            proxy,
            clock,
            caller,
            org,
            host,
            replaced: CancellationToken::new(),
            stop: CancellationToken::new(),
            tracker: TaskTracker::new(),
            directory,
        };
        world.start().await;
        world
    }

    async fn start(&mut self) {
        self.stop = CancellationToken::new();
        self.tracker = TaskTracker::new();
        self.replaced =
            reconcile::spawn(self.app.clone(), &self.tracker, self.stop.clone()).await.unwrap().replaced();
    }

    /// Ends the controllers in the middle of whatever they do, and starts new ones that know only the database.
    pub async fn crash_and_restart(&mut self) {
        self.end().await;
        self.begin_again().await;
    }

    async fn end(&self) {
        self.stop.cancel();
        self.tracker.close();
        self.tracker.wait().await;
    }

    async fn begin_again(&mut self) {
        // A process that was killed gives no lease back.
        self.clock.advance(chrono::Duration::seconds(15));
        self.app =
            assemble(&self.directory, &self.clock, &self.engine, &self.proxy, self.host, |store| store).await;
        self.proxy.forget();
        self.start().await;
    }

    /// Another server on this store, with a proxy of its own.
    pub async fn beside(&self, store: Arc<dyn Store>) -> Beside {
        let proxy = Arc::new(RecordingProxy::default());
        let app = assemble(&self.directory, &self.clock, &self.engine, &proxy, self.host, |_| store).await;
        let beside = Beside { app, proxy, stop: CancellationToken::new(), tracker: TaskTracker::new() };
        reconcile::spawn(beside.app.clone(), &beside.tracker, beside.stop.clone()).await.unwrap();
        beside
    }

    /// What the database holds now.
    pub async fn backup(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        backup::dump(&self.place(), &self.key(), self.clock.now(), &mut bytes).await.unwrap();
        bytes
    }

    /// The database as it was, under a server that runs. Whoever signs in again is not the business of these tests.
    pub async fn restore(&self, backup: &[u8]) {
        let now = self.clock.now();
        let request =
            Restore { replace: true, now, id: self.app.random.id(now), audit: self.app.random.id(now) };
        backup::restore(&self.place(), &self.key(), backup, request).await.unwrap();
    }

    /// The same, while no server runs.
    pub async fn restore_at_rest(&mut self, backup: &[u8]) {
        self.end().await;
        self.restore(backup).await;
        self.begin_again().await;
    }

    pub fn place(&self) -> Place {
        Place::File(self.directory.path().join("test.db"))
    }

    fn key(&self) -> BackupKey {
        BackupKey::of(&MasterKey::load(self.directory.path()).unwrap().unwrap())
    }

    /// A template with these components, ready for use.
    pub async fn template(&self, name: &str, components: Value) -> TemplateId {
        let id = self.app.random.id(self.clock.now());
        let now = self.clock.now();
        let template = Template {
            id,
            org_id: Some(self.org),
            name: name.parse().unwrap(),
            display_name: name.into(),
            description: String::new(),
            icon: String::new(),
            tags: vec![],
            active_version: None,
            created_at: now,
            updated_at: now,
        };
        let mut work = self.app.store.begin().await.unwrap();
        work.templates().add(&template).await.unwrap();
        work.commit().await.unwrap();
        self.version(id, 1, components).await;
        id
    }

    /// A further version, active at once.
    pub async fn version(&self, id: TemplateId, number: i32, components: Value) {
        let now = self.clock.now();
        let version = TemplateVersion {
            template_id: id,
            number,
            source: TemplateSource::Manifest,
            manifest: json!({ "components": components }),
            archive: None,
            readme: None,
            message: String::new(),
            created_by: None,
            created_at: now,
        };
        let mut work = self.app.store.begin().await.unwrap();
        work.templates().add_version(&version).await.unwrap();
        work.templates().activate(id, number, now).await.unwrap();
        work.commit().await.unwrap();
    }

    pub async fn create(&self, name: &str, template: TemplateId) -> WorkspaceId {
        let new = NewWorkspace {
            name: name.parse().unwrap(),
            template: TemplateChoice::Id(template),
            version: None,
            parameters: BTreeMap::new(),
            variables: BTreeMap::new(),
            host: None,
            start: true,
        };
        workspaces::create(&self.app, &self.caller, self.org, new, None).await.unwrap().workspace.id
    }

    pub async fn running(&self, name: &str, components: Value) -> WorkspaceId {
        let template = self.template(name, components).await;
        let id = self.create(name, template).await;
        self.until_status(id, Status::Running).await;
        id
    }

    pub async fn request(&self, id: WorkspaceId, request: Request) -> WorkspaceDetail {
        workspaces::request(&self.app, &self.caller, id, request, |_| Ok(())).await.unwrap()
    }

    pub async fn get(&self, id: WorkspaceId) -> WorkspaceDetail {
        workspaces::get(&self.app, &self.caller, id).await.unwrap()
    }

    pub async fn until_status(&self, id: WorkspaceId, status: Status) -> WorkspaceDetail {
        self.until(id, &format!("{status:?}"), |detail| detail.status == status).await
    }

    pub async fn until(
        &self,
        id: WorkspaceId,
        what: &str,
        condition: impl Fn(&WorkspaceDetail) -> bool,
    ) -> WorkspaceDetail {
        let begun = tokio::time::Instant::now();
        loop {
            let detail = self.get(id).await;
            if condition(&detail) {
                return detail;
            }
            assert!(
                begun.elapsed() < PATIENCE,
                "never became {what}: {detail:#?}\n{:#?}",
                self.steps(id).await
            );
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Newest first.
    pub async fn deployments(&self, id: WorkspaceId) -> Vec<Deployment> {
        let page = PageRequest { limit: 50, ..PageRequest::default() };
        self.app.store.read().await.unwrap().deployments().list(id, &page).await.unwrap()
    }

    /// Of the latest deployment.
    pub async fn steps(&self, id: WorkspaceId) -> Vec<Step> {
        let deployment = self.get(id).await.workspace.deployment_id.unwrap();
        self.app.store.read().await.unwrap().deployments().steps(deployment).await.unwrap()
    }

    /// Ends everything; what is left on the engine is for the test to judge.
    pub async fn shut_down(self) {
        self.stop.cancel();
        self.tracker.close();
        self.tracker.wait().await;
    }
}

async fn assemble(
    directory: &TempDir,
    clock: &Arc<TestClock>,
    engine: &Arc<FakeEngine>,
    proxy: &Arc<RecordingProxy>,
    host: HostId,
    wrap: impl FnOnce(Arc<dyn Store>) -> Arc<dyn Store>,
) -> Arc<App> {
    let store = wrap(store::open_file(&directory.path().join("test.db")).await.unwrap());
    let random: Arc<dyn Random> = Arc::new(SystemRandom);
    let master = MasterKey::load_or_make(directory.path(), random.as_ref()).unwrap();
    let now = clock.now();
    let mut work = store.begin().await.unwrap();
    let installation = work.installation().establish(random.id(now), now).await.unwrap().id;
    if work.hosts().find(host).await.unwrap().is_none() {
        let row = Host {
            id: host,
            name: "local".into(),
            endpoint: "unix:///nowhere".into(),
            state: HostState::New,
            cordoned: false,
            facts: HostFacts::default(),
            unexplained: Unexplained::default(),
            created_at: now,
            updated_at: now,
        };
        work.hosts().add(&row).await.unwrap();
    }
    work.commit().await.unwrap();
    let engines = Engines::default();
    engines.set(host, Engine { provisioner: engine.clone(), images: engine.clone() });
    Arc::new(App {
        installation,
        store,
        clock: clock.clone(),
        sealer: Arc::new(XChaChaSealer::new(&master, random.clone())),
        hasher: Arc::new(Argon2Hasher::cheap(random.clone()).unwrap()),
        prober: engine.clone(),
        proxy: proxy.clone(),
        meter: Arc::new(devsanctum::telemetry::Metrics::default()),
        proofs: Arc::<FakeProofs>::default(),
        catalog: Arc::new(BundledCatalog),
        identity: Identity::new(
            Arc::new(JwtTokens::new(installation)),
            Arc::new(IdentityJwts::default()),
            Secret::new("setup"),
        ),
        mailer: devsanctum::app::mail::Post::default(),
        random,
        engines,
        feed: Feed::default(),
        terminals: devsanctum::app::terminals::Terminals::default(),
        workspaces_due: Nudge::default(),
        orgs_due: Nudge::default(),
        routes_due: Nudge::default(),
        settings: Settings {
            access_url: "http://localhost:7080".into(),
            workspace_domain: "localhost".into(),
            max_concurrent_deployments: 16,
            open_registration: false,
            audit_retention: None,
        },
    })
}

/// A user with an organization of their own.
async fn settle_in(app: &App) -> (Caller, OrgId) {
    let now = app.clock.now();
    let user = User {
        id: app.random.id(now),
        username: "ada".parse().unwrap(),
        email: "ada@example.org".parse().unwrap(),
        display_name: "Ada".into(),
        platform_admin: false,
        suspended_at: None,
        created_at: now,
        updated_at: now,
    };
    let org = Org {
        id: app.random.id(now),
        slug: "acme".parse().unwrap(),
        name: "Acme".into(),
        max_visibility: Visibility::Public,
        deleting_since: None,
        created_at: now,
        updated_at: now,
    };
    let mut work = app.store.begin().await.unwrap();
    work.users().add(&user, None).await.unwrap();
    work.orgs().add(&org).await.unwrap();
    work.orgs().set_member(org.id, user.id, Role::Owner, now).await.unwrap();
    work.commit().await.unwrap();
    let membership =
        Membership { org_id: org.id, slug: org.slug.clone(), name: org.name.clone(), role: Role::Owner };
    let actor = Actor {
        user_id: user.id,
        username: user.username,
        credential: Credential::Session(app.random.id(now)),
        platform_admin: false,
        memberships: vec![membership],
    };
    (Caller { actor, address: None }, org.id)
}
