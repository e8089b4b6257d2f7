//! Two servers on one database, without the controllers: only what use-cases decide.

use std::{collections::BTreeMap, sync::Arc};

use devsanctum::{
    adapters::{
        argon2::Argon2Hasher, catalog::BundledCatalog, identity_jwt::IdentityJwts, jwt::JwtTokens,
        master_key::MasterKey, sealer::XChaChaSealer, store, system::SystemRandom,
    },
    app::{
        App, AppResult, Caller, Settings,
        auth::{Identity, actors},
        engines::Engines,
        feed::Feed,
        nudge::Nudge,
        terminals::Terminals,
        workspaces::{self, NewWorkspace, TemplateChoice},
    },
    domain::{
        ids::{OrgId, TemplateId, UserId},
        policy::Actor,
        role::Role,
        secret::Secret,
        user::User,
    },
    ports::{clock::Clock, random::Random, repository::Store},
    testing::{
        clock::TestClock, docker::FakeEngine, proofs::FakeProofs, proxy::RecordingProxy, store::MemoryStore,
    },
};
use serde_json::json;
use tempfile::TempDir;

use crate::contract::store::{engine::with_database, fixture};

pub struct World {
    pub servers: [Arc<App>; 2],
    pub clock: Arc<TestClock>,
    pub org: OrgId,
    pub template: TemplateId,
    _directory: TempDir,
}

/// The same test on every engine.
pub async fn everywhere(test: impl AsyncFn(World)) {
    let memory: Arc<dyn Store> = Arc::new(MemoryStore::default());
    test(World::on([memory.clone(), memory]).await).await;

    let directory = TempDir::new().unwrap();
    let sqlite = store::open_file(&directory.path().join("test.db")).await.unwrap();
    test(World::on([sqlite.clone(), sqlite]).await).await;

    with_database(async |url| {
        let stores = [store::open(&url).await.unwrap(), store::open(&url).await.unwrap()];
        test(World::on(stores).await).await;
    })
    .await;
}

impl World {
    pub async fn on(stores: [Arc<dyn Store>; 2]) -> Self {
        let directory = TempDir::new().unwrap();
        let clock = Arc::new(TestClock::default());
        let random: Arc<dyn Random> = Arc::new(SystemRandom);
        let master = MasterKey::load_or_make(directory.path(), random.as_ref()).unwrap();
        let now = clock.now();
        let mut work = stores[0].begin().await.unwrap();
        let installation = work.installation().establish(random.id(now), now).await.unwrap().id;
        let (org, host) = (fixture::org("acme"), fixture::host("local"));
        let template = fixture::template(Some(org.id), "shop");
        let mut version = fixture::version(template.id, 1);
        version.manifest = json!({ "components": [{
            "name": "web", "type": "frontend", "port": 80, "image": "nginx:1",
            "resources": { "cpu": 0.5, "memory": "256Mi", "disk": "1Gi" },
        }] });
        work.orgs().add(&org).await.unwrap();
        work.hosts().add(&host).await.unwrap();
        work.templates().add(&template).await.unwrap();
        work.templates().add_version(&version).await.unwrap();
        work.templates().activate(template.id, 1, now).await.unwrap();
        work.commit().await.unwrap();
        let server = |store: Arc<dyn Store>| {
            let engine = Arc::new(FakeEngine::new(clock.clone()));
            Arc::new(App {
                installation,
                store,
                clock: clock.clone(),
                sealer: Arc::new(XChaChaSealer::new(&master, random.clone())),
                hasher: Arc::new(Argon2Hasher::cheap(random.clone()).unwrap()),
                prober: engine,
                proxy: Arc::new(RecordingProxy::default()),
                meter: Arc::new(devsanctum::telemetry::Metrics::default()),
                proofs: Arc::<FakeProofs>::default(),
                catalog: Arc::new(BundledCatalog),
                identity: Identity::new(
                    Arc::new(JwtTokens::new(installation)),
                    Arc::new(IdentityJwts::default()),
                    Secret::new("setup"),
                ),
                mailer: devsanctum::app::mail::Post::default(),
                random: random.clone(),
                engines: Engines::default(),
                feed: Feed::default(),
                terminals: Terminals::default(),
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
        };
        let servers = stores.map(server);
        Self { servers, clock, org: org.id, template: template.id, _directory: directory }
    }

    pub fn app(&self) -> &App {
        &self.servers[0]
    }

    /// Somebody, a member where a role is given.
    pub async fn person(&self, name: &str, role: Option<Role>) -> Caller {
        self.user(User { ..fixture::user(name) }, role).await
    }

    pub async fn user(&self, user: User, role: Option<Role>) -> Caller {
        let now = self.clock.now();
        let mut work = self.app().store.begin().await.unwrap();
        work.users().add(&user, None).await.unwrap();
        if let Some(role) = role {
            work.orgs().set_member(self.org, user.id, role, now).await.unwrap();
        }
        work.commit().await.unwrap();
        self.caller(&user).await
    }

    /// With the rights of this moment.
    pub async fn caller(&self, user: &User) -> Caller {
        let actor = Actor {
            user_id: user.id,
            username: user.username.clone(),
            credential: devsanctum::domain::policy::Credential::Session(uuid::Uuid::nil().into()),
            platform_admin: user.platform_admin,
            memberships: vec![],
        };
        let known = Caller { actor, address: None };
        let mut reader = self.app().store.read().await.unwrap();
        match actors::afresh(reader.as_mut(), &known).await {
            Ok(actor) => Caller { actor, ..known },
            Err(_) => known,
        }
    }

    pub async fn create(
        &self,
        app: &App,
        caller: &Caller,
        name: &str,
        start: bool,
    ) -> AppResult<workspaces::WorkspaceDetail> {
        let new = NewWorkspace {
            name: name.parse().unwrap(),
            template: TemplateChoice::Id(self.template),
            version: None,
            parameters: BTreeMap::new(),
            variables: BTreeMap::new(),
            host: None,
            start,
        };
        workspaces::create(app, caller, self.org, new, None).await
    }

    /// Everybody and what they are.
    pub async fn roles(&self) -> BTreeMap<UserId, Role> {
        let mut reader = self.app().store.read().await.unwrap();
        let members = reader.orgs().members(self.org).await.unwrap();
        members.into_iter().map(|member| (member.user_id, member.role)).collect()
    }
}
