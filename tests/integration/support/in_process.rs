//! A whole server in this process, on a socket of its own: real SQLite, real listener and proxy, an engine in memory.

use std::{net::SocketAddr, path::PathBuf, sync::Arc};

use devsanctum::{
    adapters::{
        argon2::Argon2Hasher,
        catalog::DirectoryCatalog,
        identity_jwt::IdentityJwts,
        jwt::JwtTokens,
        master_key::MasterKey,
        proxy::{EdgeSettings, EmbeddedProxy},
        sealer::XChaChaSealer,
        store,
        system::SystemRandom,
    },
    app::{
        App, Settings,
        auth::Identity,
        engines::{Engine, Engines},
        feed::Feed,
        hosts,
        mail::{self, Post},
        nudge::Nudge,
        terminals::Terminals,
    },
    domain::{
        ids::{InstallationId, OrgId},
        role::Role,
        secret::Secret,
        user::User,
    },
    http::{
        edge::EdgeGate,
        front::{Front, Hosts, Limits, Workers},
        middleware::rate_limit::{Rate, Rates},
        router,
        state::{ApiState, Options},
        traefik::RoutesForTraefik,
    },
    lifecycle::Lifecycle,
    ports::{
        clock::Clock, identity_provider::IdentityProvider, proxy::ProxyProvider, random::Random,
        repository::Store,
    },
    reconcile,
    telemetry::Metrics,
    testing::{clock::TestClock, docker::FakeEngine, mailer::RecordingMailer, proofs::FakeProofs},
};
use futures::future::BoxFuture;
use serde_json::json;
use tempfile::TempDir;
use tokio::net::TcpListener;

use super::client::{Anonymous, Person};

pub const SETUP_TOKEN: &str = "the-setup-token";
pub const PASSWORD: &str = "correct horse battery";

pub struct TestServer {
    pub app: Arc<App>,
    pub clock: Arc<TestClock>,
    pub engine: Arc<FakeEngine>,
    /// What DNS and pages show of custom domains.
    pub proofs: Arc<FakeProofs>,
    /// What was mailed.
    pub mails: Arc<RecordingMailer>,
    pub address: SocketAddr,
    /// The catalog's directory, empty at first.
    pub catalog: PathBuf,
    lifecycle: Lifecycle,
    _directory: TempDir,
}

/// Puts a proxy in front of the server's own, which listens at the address: what the routes are given to then, and who
/// hands them out.
pub type InFront = Box<
    dyn FnOnce(
            Arc<EmbeddedProxy>,
            InstallationId,
            SocketAddr,
        ) -> BoxFuture<'static, (Arc<dyn ProxyProvider>, RoutesForTraefik)>
        + Send,
>;

/// What a server stands on.
struct Ground {
    directory: TempDir,
    store: Arc<dyn Store>,
    master_key: MasterKey,
    clock: Arc<TestClock>,
    in_front: Option<InFront>,
}

/// Far beyond what a test does.
fn generous() -> Rates {
    let rate = Rate { burst: 100_000.try_into().unwrap(), every: std::time::Duration::from_micros(1) };
    Rates {
        sign_in_by_network: rate,
        sign_in_by_account: rate,
        refresh_by_network: rate,
        mail_by_network: rate,
        mail_by_address: rate,
    }
}

impl TestServer {
    /// Without any user.
    pub async fn empty() -> Self {
        Self::with(Options { rates: generous(), ..Options::default() }).await
    }

    /// With a platform admin `ada`, signed in, and her organization.
    pub async fn start() -> (Self, Person) {
        let server = Self::empty().await;
        let ada = server.set_up().await;
        (server, ada)
    }

    /// The same behind proxies of these networks: tests say where they come from.
    pub async fn start_with_proxies(trusted_proxies: Vec<ipnet::IpNet>) -> (Self, Person) {
        let server = Self::with(Options { rates: generous(), trusted_proxies }).await;
        let ada = server.set_up().await;
        (server, ada)
    }

    pub async fn with(options: Options) -> Self {
        Self::of(options, |_| Vec::new()).await
    }

    /// With these buttons; they know under which address people reach us.
    pub async fn with_providers(providers: impl FnOnce(&str) -> Vec<Arc<dyn IdentityProvider>>) -> Self {
        Self::of(Options { rates: generous(), ..Options::default() }, providers).await
    }

    /// The same behind a proxy on this machine.
    pub async fn start_behind(in_front: InFront) -> (Self, Person) {
        let trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
        let ground = Ground { in_front: Some(in_front), ..Self::ground().await };
        let server = Self::on(ground, Options { rates: generous(), trusted_proxies }, |_| Vec::new()).await;
        let ada = server.set_up().await;
        (server, ada)
    }

    async fn of(options: Options, providers: impl FnOnce(&str) -> Vec<Arc<dyn IdentityProvider>>) -> Self {
        Self::on(Self::ground().await, options, providers).await
    }

    async fn ground() -> Ground {
        let directory = TempDir::new().unwrap();
        let store = store::open_file(&directory.path().join("test.db")).await.unwrap();
        let random: Arc<dyn Random> = Arc::new(SystemRandom);
        let master_key = MasterKey::load_or_make(directory.path(), random.as_ref()).unwrap();
        Ground { directory, store, master_key, clock: Arc::default(), in_front: None }
    }

    /// Two of one installation: one PostgreSQL database, one master key and one clock.
    pub async fn pair(database_url: &str) -> [Self; 2] {
        let clock = Arc::new(TestClock::default());
        let master_key = Secret::new("07".repeat(32));
        let one = async || {
            let ground = Ground {
                directory: TempDir::new().unwrap(),
                store: store::open(database_url).await.unwrap(),
                master_key: MasterKey::parse(&master_key).unwrap(),
                clock: clock.clone(),
                in_front: None,
            };
            let options = Options { rates: generous(), ..Options::default() };
            Self::on(ground, options, |_| Vec::new()).await
        };
        [one().await, one().await]
    }

    async fn on(
        ground: Ground,
        options: Options,
        providers: impl FnOnce(&str) -> Vec<Arc<dyn IdentityProvider>>,
    ) -> Self {
        let Ground { directory, store, master_key, clock, in_front } = ground;
        let catalog = directory.path().join("catalog");
        std::fs::create_dir(&catalog).unwrap();
        let engine = Arc::new(FakeEngine::new(clock.clone()));
        let random: Arc<dyn Random> = Arc::new(SystemRandom);
        let now = clock.now();
        let mut work = store.begin().await.unwrap();
        let installation = work.installation().establish(random.id(now), now).await.unwrap().id;
        work.commit().await.unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let access_url = format!("http://localhost:{}", address.port());
        let lifecycle = Lifecycle::default();
        let metrics = Metrics::default();
        let edge = EdgeSettings::new(&access_url, options.trusted_proxies.clone());
        let proxy = EmbeddedProxy::start(edge, lifecycle.hard.clone());
        let (data_plane, routes_for_traefik): (Arc<dyn ProxyProvider>, _) = match in_front {
            Some(in_front) => {
                let (provider, routes) = in_front(proxy.clone(), installation, address).await;
                (provider, Some(routes))
            }
            None => (proxy.clone(), None),
        };
        let tokens = Arc::new(JwtTokens::new(installation));
        let proofs = Arc::new(FakeProofs::default());
        let mails = Arc::new(RecordingMailer::default());
        let stops = mail::Stops { soft: lifecycle.soft.clone(), hard: lifecycle.hard.clone() };
        let mailer = Post::new(mails.clone(), lifecycle.tasks.clone(), stops);
        let app = Arc::new(App {
            installation,
            store,
            clock: clock.clone(),
            sealer: Arc::new(XChaChaSealer::new(&master_key, random.clone())),
            hasher: Arc::new(Argon2Hasher::cheap(random.clone()).unwrap()),
            prober: engine.clone(),
            proxy: data_plane,
            meter: Arc::new(metrics.clone()),
            identity: Identity::new(tokens, Arc::new(IdentityJwts::default()), Secret::new(SETUP_TOKEN))
                .with_providers(providers(&access_url)),
            mailer,
            proofs: proofs.clone(),
            catalog: Arc::new(DirectoryCatalog::new(&catalog)),
            random,
            engines: Engines::default(),
            feed: Feed::default(),
            terminals: Terminals::new(lifecycle.tasks.clone(), lifecycle.soft.clone()),
            workspaces_due: Nudge::default(),
            orgs_due: Nudge::default(),
            routes_due: Nudge::default(),
            settings: Settings {
                access_url,
                workspace_domain: "localhost".into(),
                max_concurrent_deployments: 16,
                open_registration: false,
                audit_retention: None,
            },
        });
        let host = hosts::register(&app, "local", "unix:///nowhere").await.unwrap();
        app.engines.set(host, Engine { provisioner: engine.clone(), images: engine.clone() });
        reconcile::spawn(app.clone(), &lifecycle.tasks, lifecycle.soft.clone()).await.unwrap();
        let gate = EdgeGate::start(
            app.clone(),
            proxy.clone(),
            options.trusted_proxies.clone(),
            &lifecycle.tasks,
            lifecycle.soft.clone(),
        );
        let mut state = ApiState::new(app.clone(), options, metrics, lifecycle.soft.clone());
        state.routes_for_traefik = routes_for_traefik;
        let front = Front {
            control_plane: router::build(state).merge(gate.forward_auth()),
            gate: gate.clone(),
            workspaces: proxy,
            hosts: Hosts::new("localhost", "localhost"),
            workspace_networks: vec!["10.201.0.0/16".parse().unwrap()],
            limits: Limits::default(),
            workers: Workers::start().unwrap(),
        };
        lifecycle.tasks.spawn(front.serve(listener, lifecycle.soft.clone(), lifecycle.hard.clone()));
        Self { app, clock, engine, proofs, mails, address, catalog, lifecycle, _directory: directory }
    }

    pub fn anonymous(&self) -> Anonymous {
        Anonymous::of(self.address)
    }

    /// Makes `ada` the first platform admin.
    pub async fn set_up(&self) -> Person {
        let body = json!({
            "setup_token": SETUP_TOKEN, "email": "ada@example.org", "username": "ada", "password": PASSWORD,
        });
        let anonymous = self.anonymous();
        let answer = anonymous.post("/api/v1/auth/setup").json(&body).send().await;
        anonymous.signed_in(answer.expect(201))
    }

    /// Somebody else, with the usual password, signed in; a member of the organization where a role is given.
    pub async fn person(&self, username: &str, membership: Option<(OrgId, Role)>) -> Person {
        let now = self.clock.now();
        let user = User {
            id: self.app.random.id(now),
            username: username.parse().unwrap(),
            email: format!("{username}@example.org").parse().unwrap(),
            display_name: String::new(),
            platform_admin: false,
            suspended_at: None,
            created_at: now,
            updated_at: now,
        };
        let hash = self.app.hasher.hash(Secret::new(PASSWORD)).await.unwrap();
        let mut work = self.app.store.begin().await.unwrap();
        work.users().add(&user, Some(&hash)).await.unwrap();
        if let Some((org, role)) = membership {
            work.orgs().set_member(org, user.id, role, now).await.unwrap();
        }
        work.commit().await.unwrap();
        self.sign_in(username).await
    }

    pub async fn sign_in(&self, login: &str) -> Person {
        let anonymous = self.anonymous();
        let body = json!({ "login": login, "password": PASSWORD });
        let answer = anonymous.post("/api/v1/auth/login").json(&body).send().await;
        anonymous.signed_in(answer.expect(200))
    }

    /// Ends the server and everything it runs, in time.
    pub async fn stop(self) {
        self.lifecycle.stop(std::future::pending()).await;
        assert!(self.lifecycle.tasks.is_empty(), "tasks are left");
    }
}
