//! A world that outlives the process: the process runs in a runtime of its own whose time is virtual, and a crash takes
//! the runtime away with everything in it. A seed decides how long calls take and what chance brings.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use chrono::{DateTime, Utc};
use devsanctum::{
    adapters::{
        argon2::Argon2Hasher, catalog::BundledCatalog, identity_jwt::IdentityJwts, jwt::JwtTokens,
        master_key::MasterKey, sealer::XChaChaSealer,
    },
    app::{
        App, AppResult, Caller, Settings,
        auth::Identity,
        engines::{Engine, Engines},
        feed::Feed,
        nudge::Nudge,
        workspaces::{self, NewWorkspace, TemplateChoice, WorkspaceDetail},
    },
    domain::{
        host::{Host, HostFacts, HostState},
        ids::{HostId, InstallationId, OrgId, UserId, WorkspaceId},
        org::Org,
        policy::{Actor, Credential},
        role::Role,
        route::Visibility,
        secret::Secret,
        template::{Template, TemplateSource, TemplateVersion},
        user::{Membership, User},
        variable::Content,
        workspace::Workspace,
    },
    ports::{
        clock::Clock,
        random::Random,
        repository::{PageRequest, Store},
    },
    reconcile,
    testing::{
        docker::FakeEngine,
        faults::{FaultyClock, FaultyEngine, FaultyProxy, FaultyStore, Injector},
        proofs::FakeProofs,
        proxy::RecordingProxy,
        store::MemoryStore,
    },
};
use serde_json::{Value, json};
use tokio::time::Instant;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// In every secret of the templates; must turn up nowhere.
pub const CANARY: &str = "canary-4f1d9c";
/// How long a condition may take to come true, in virtual time; longer than every deadline.
const PATIENCE: Duration = Duration::from_secs(2 * 3600);
/// Between a crash and the next start.
const DOWNTIME: chrono::Duration = chrono::Duration::seconds(2);

/// Wall-clock time that goes on where the last life ended.
pub struct SimClock(Mutex<(DateTime<Utc>, Instant)>);

impl SimClock {
    fn begin(&self) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *state = (state.0 + DOWNTIME, Instant::now());
    }

    fn end(&self) {
        let now = self.now();
        self.0.lock().unwrap_or_else(PoisonError::into_inner).0 = now;
    }
}

impl Clock for SimClock {
    fn now(&self) -> DateTime<Utc> {
        let (base, origin) = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let passed = Instant::now().saturating_duration_since(origin);
        base + chrono::Duration::microseconds(i64::try_from(passed.as_micros()).unwrap())
    }
}

struct SeededRandom(Mutex<fastrand::Rng>);

impl Random for SeededRandom {
    fn fill(&self, buffer: &mut [u8]) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).fill(buffer);
    }
}

pub struct Sim {
    pub store: Arc<MemoryStore>,
    pub engine: Arc<FakeEngine>,
    pub proxy: Arc<RecordingProxy>,
    pub injector: Arc<Injector>,
    pub clock: Arc<FaultyClock>,
    pub caller: Caller,
    pub org: OrgId,
    pub host: HostId,
    installation: InstallationId,
    time: Arc<SimClock>,
    random: Arc<dyn Random>,
}

/// One life of the process.
pub struct Life<'a> {
    pub sim: &'a Sim,
    pub app: Arc<App>,
    pub tracker: TaskTracker,
    stop: CancellationToken,
}

/// How a life ended.
#[derive(Debug, PartialEq, Eq)]
pub enum Lived<T> {
    Out(T),
    Crashed,
    /// It could not even start.
    NeverBegan,
}

impl<T> Lived<T> {
    pub fn expect(self, what: &str) -> T {
        match self {
            Lived::Out(value) => value,
            Lived::Crashed | Lived::NeverBegan => panic!("{what}: the process ended"),
        }
    }
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap()
}

impl Sim {
    pub fn new(seed: u64) -> Self {
        let mut rng = fastrand::Rng::with_seed(seed);
        let injector = Injector::watched();
        injector.shuffle(rng.u64(..));
        let random: Arc<dyn Random> = Arc::new(SeededRandom(Mutex::new(rng)));
        let runtime = runtime();
        runtime.block_on(async {
            let start = DateTime::parse_from_rfc3339("2026-01-01T00:00:00Z").unwrap().to_utc();
            let time = Arc::new(SimClock(Mutex::new((start, Instant::now()))));
            let clock = Arc::new(FaultyClock::new(time.clone()));
            let store = Arc::new(MemoryStore::default());
            let (caller, org, host, installation) = settle_in(store.as_ref(), clock.as_ref(), &*random).await;
            let engine = Arc::new(FakeEngine::new(clock.clone()));
            engine.publish_image("acme/db:1");
            engine.plant_container("somebody-elses");
            engine.plant_volume("somebody-elses");
            let proxy = Arc::new(RecordingProxy::default());
            time.end();
            Self { store, engine, proxy, injector, clock, caller, org, host, installation, time, random }
        })
    }

    /// One life, until the script ends or the process is made to crash.
    pub fn live<T>(&self, script: impl AsyncFnOnce(&Life<'_>) -> T) -> Lived<T> {
        let runtime = runtime();
        let lived = runtime.block_on(async {
            self.time.begin();
            // The embedded proxy dies with the process.
            self.proxy.forget();
            let life = Life {
                sim: self,
                app: self.assemble(),
                tracker: TaskTracker::new(),
                stop: CancellationToken::new(),
            };
            let living = async {
                if reconcile::spawn(life.app.clone(), &life.tracker, life.stop.clone()).await.is_err() {
                    return Lived::NeverBegan;
                }
                Lived::Out(script(&life).await)
            };
            let lived = tokio::select! {
                biased;
                () = self.injector.crashed() => Lived::Crashed,
                lived = living => lived,
            };
            self.time.end();
            lived
        });
        // Everything the process was doing is gone here and now.
        drop(runtime);
        lived
    }

    fn assemble(&self) -> Arc<App> {
        let key = MasterKey::parse(&Secret::new("11".repeat(32))).unwrap();
        let engines = Engines::default();
        let engine = Engine { provisioner: self.engine.clone(), images: self.engine.clone() };
        engines.set(self.host, FaultyEngine::around(engine, self.injector.clone()));
        Arc::new(App {
            installation: self.installation,
            store: Arc::new(FaultyStore { inner: self.store.clone(), injector: self.injector.clone() }),
            clock: self.clock.clone(),
            sealer: Arc::new(XChaChaSealer::new(&key, self.random.clone())),
            hasher: Arc::new(Argon2Hasher::cheap(self.random.clone()).unwrap()),
            prober: self.engine.clone(),
            proxy: Arc::new(FaultyProxy { inner: self.proxy.clone(), injector: self.injector.clone() }),
            meter: Arc::new(devsanctum::telemetry::Metrics::default()),
            proofs: Arc::<FakeProofs>::default(),
            catalog: Arc::new(BundledCatalog),
            identity: Identity::new(
                Arc::new(JwtTokens::new(self.installation)),
                Arc::new(IdentityJwts::default()),
                Secret::new("setup"),
            ),
            mailer: devsanctum::app::mail::Post::default(),
            random: self.random.clone(),
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

    /// All that are not destroyed.
    pub async fn workspaces(&self) -> Vec<Workspace> {
        let page = PageRequest { limit: 200, ..PageRequest::default() };
        self.store.read().await.unwrap().workspaces().list(&Default::default(), &page).await.unwrap()
    }

    pub async fn row(&self, id: WorkspaceId) -> Workspace {
        self.store.read().await.unwrap().workspaces().find(id).await.unwrap().unwrap()
    }

    /// A template that waits, pulls, builds, keeps data and holds secrets.
    pub async fn template(&self, name: &str) {
        let now = self.clock.now();
        let id = self.random.id(now);
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
        let mut work = self.store.begin().await.unwrap();
        work.templates().add(&template).await.unwrap();
        let archive = crate::support::images::archive(&[("api/Dockerfile", b"FROM scratch\n".to_vec())]);
        work.templates().put_archive("files", archive, now).await.unwrap();
        for number in [1, 2] {
            let version = TemplateVersion {
                template_id: id,
                number,
                source: TemplateSource::Manifest,
                manifest: json!({ "components": components(number) }),
                archive: Some("files".into()),
                readme: None,
                message: String::new(),
                created_by: None,
                created_at: now,
            };
            work.templates().add_version(&version).await.unwrap();
        }
        work.templates().activate(id, 1, now).await.unwrap();
        work.commit().await.unwrap();
    }
}

fn components(version: i32) -> Value {
    json!([
        { "name": "web", "type": "frontend", "port": 80, "depends_on": ["api", "db"],
          "env": { "SECRET": CANARY, "VERSION": version.to_string() } },
        { "name": "api", "type": "backend", "path": "./api", "port": 8080,
          "volumes": [{ "name": "files", "mount": "/files" }] },
        { "name": "db", "type": "backend", "image": "acme/db:1", "port": 5432,
          "env": { "PASSWORD": CANARY }, "volumes": [{ "name": "rows", "mount": "/rows" }],
          "health": { "command": ["ready"] } }
    ])
}

impl<'a> Life<'a> {
    /// A second process on the same database and engine, for as long as this one lives.
    pub async fn twin(&self) -> Life<'a> {
        let life = Life {
            sim: self.sim,
            app: self.sim.assemble(),
            tracker: TaskTracker::new(),
            stop: CancellationToken::new(),
        };
        reconcile::spawn(life.app.clone(), &life.tracker, life.stop.clone()).await.unwrap();
        life
    }

    /// Stops in order.
    pub async fn end(self) {
        self.stop.cancel();
        self.tracker.close();
        self.tracker.wait().await;
    }

    /// From the template of the same name.
    pub async fn create(&self, name: &str) -> AppResult<WorkspaceDetail> {
        let new = NewWorkspace {
            name: name.parse().unwrap(),
            template: TemplateChoice::Name(name.parse().unwrap()),
            version: None,
            parameters: BTreeMap::new(),
            variables: BTreeMap::from([(
                "TOKEN".parse().unwrap(),
                Content::new(Secret::new(CANARY), true).unwrap(),
            )]),
            host: None,
            start: true,
        };
        workspaces::create(&self.app, &self.sim.caller, self.sim.org, new, None).await
    }

    /// Until nothing is under way any more.
    pub async fn settled(&self, id: WorkspaceId) -> Workspace {
        let begun = Instant::now();
        loop {
            let row = self.sim.row(id).await;
            if row.state.status().is_settled() && !self.is_under_way(&row).await {
                return row;
            }
            assert!(begun.elapsed() < PATIENCE, "does not settle: {row:#?}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    async fn is_under_way(&self, row: &Workspace) -> bool {
        let mut reader = self.sim.store.read().await.unwrap();
        match row.deployment_id {
            Some(id) => {
                reader.deployments().find(id).await.unwrap().is_some_and(|it| !it.status.is_finished())
            }
            None => false,
        }
    }
}

/// A user with an organization, and the host.
async fn settle_in(
    store: &dyn Store,
    clock: &dyn Clock,
    random: &dyn Random,
) -> (Caller, OrgId, HostId, InstallationId) {
    let now = clock.now();
    let user = User {
        id: random.id::<UserId>(now),
        username: "ada".parse().unwrap(),
        email: "ada@example.org".parse().unwrap(),
        display_name: "Ada".into(),
        platform_admin: false,
        suspended_at: None,
        created_at: now,
        updated_at: now,
    };
    let org = Org {
        id: random.id(now),
        slug: "acme".parse().unwrap(),
        name: "Acme".into(),
        max_visibility: Visibility::Public,
        deleting_since: None,
        created_at: now,
        updated_at: now,
    };
    let host = Host {
        id: random.id(now),
        name: "local".into(),
        endpoint: "unix:///nowhere".into(),
        state: HostState::New,
        cordoned: false,
        facts: HostFacts::default(),
        unexplained: Default::default(),
        created_at: now,
        updated_at: now,
    };
    let mut work = store.begin().await.unwrap();
    let installation = work.installation().establish(random.id(now), now).await.unwrap().id;
    work.users().add(&user, None).await.unwrap();
    work.orgs().add(&org).await.unwrap();
    work.orgs().set_member(org.id, user.id, Role::Owner, now).await.unwrap();
    work.hosts().add(&host).await.unwrap();
    work.commit().await.unwrap();
    let membership =
        Membership { org_id: org.id, slug: org.slug.clone(), name: org.name.clone(), role: Role::Owner };
    let actor = Actor {
        user_id: user.id,
        username: user.username,
        credential: Credential::Session(random.id(now)),
        platform_admin: false,
        memberships: vec![membership],
    };
    (Caller { actor, address: None }, org.id, host.id, installation)
}
