//! The composition root: from a configuration to a running server. The only place that knows adapters by name.
//!
//! Order matters: what can be found out without a side effect comes first, then keys and database, then the port, and
//! only then anything that works. A start that fails leaves nothing half done.

mod backup;
mod console;
mod data_plane;
mod providers;

use std::{fs, net::SocketAddr, os::unix::fs::DirBuilderExt, path::Path, sync::Arc, time::Duration};

use anyhow::Context;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::{
    adapters::{
        argon2::Argon2Hasher,
        catalog::{BundledCatalog, DirectoryCatalog},
        docker::{self, BuildLimits, DockerSettings},
        domain_proofs::NetworkProofs,
        identity_jwt::IdentityJwts,
        jwt::JwtTokens,
        master_key::MasterKey,
        probe::NetworkProber,
        proxy::{EdgeSettings, EmbeddedProxy},
        sealer::XChaChaSealer,
        smtp::{MailFrom, SmtpMailer, SmtpUrl, WrongSetting},
        store,
        system::{SystemClock, SystemRandom},
    },
    app::{
        App, AppError, Settings,
        auth::{self, Identity},
        catalog,
        engines::{Engine, Engines},
        feed::Feed,
        hosts,
        mail::{self, Post},
        nudge::Nudge,
        terminals::Terminals,
    },
    config::{Config, ConfigError, Storage},
    domain::{ids::InstallationId, reach::Reach, secret::Secret},
    http::{
        edge::EdgeGate,
        front::{Front, Hosts, Limits, Workers},
        router,
        state::{ApiState, Options},
    },
    lifecycle::Lifecycle,
    ports::{catalog::Catalog, clock::Clock, random::Random, repository::Store},
    reconcile::{self, Controllers, Stops},
    telemetry::{EdgeNumbers, Metrics},
    testing::faults::Wiring,
};

pub use self::{
    backup::{backup, restore},
    console::console,
};
pub use crate::adapters::store::backup::Summary as Backed;

/// Name of the host that the configuration names.
const LOCAL_HOST: &str = "local";
const DATABASE_FILE: &str = "devsanctum.db";
/// Bytes of the setup token.
const SETUP_TOKEN_BYTES: usize = 16;
/// What a server shows to prove that it has the same master key.
const KEY_CHECK: &str = "check of the master key";
/// How often limits forget those who have not come back.
const TIDY: Duration = Duration::from_secs(60);

/// How long a server that others stand beside still answers after it said that it is not ready.
const NOTICE: Duration = Duration::from_secs(2);

/// What the start found out, for people.
pub struct Started {
    pub address: SocketAddr,
    pub access_url: String,
    /// Only while there is no user.
    pub setup_token: Option<Secret>,
    controllers: Controllers,
    /// Held for as long as the server runs.
    _alone: Option<fs::File>,
}

impl Started {
    /// For how long to say that we end before we do. Alone, nobody could take over what is asked meanwhile.
    pub fn notice(&self) -> Duration {
        if self.controllers.have_company() { NOTICE } else { Duration::ZERO }
    }

    /// Cancelled when the server ended by itself, because its database has become another installation's.
    pub fn replaced(&self) -> CancellationToken {
        self.controllers.replaced()
    }
}

/// Starts everything; it runs on `lifecycle` until that is stopped.
///
/// # Errors
/// A [`ConfigError`] names the wrong setting; every other error names what does not work and what to do.
pub async fn start(config: &Config, lifecycle: &Lifecycle) -> anyhow::Result<Started> {
    let random: Arc<dyn Random> = Arc::new(SystemRandom);
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let host = config.docker.host().map(|host| (host, endpoint(host)));
    let host = host.map(|(text, parsed)| parsed.map(|endpoint| (text, endpoint))).transpose()?;

    let outside = data_plane::outside(config)?;
    let mailer = mailer(config)?;
    prepare_directory(&config.storage.data_dir)?;
    let master_key = master_key(config, &*random)?;
    let faults = faults(config)?;
    let alone = lock_unless_shared(config)?;
    let store = faults.store(open_store(&config.storage).await?);
    let installation = establish(&*store, &master_key, &*random, &*clock).await?;
    tracing::info!(installation.id = %installation, "the Docker objects of this installation are labelled with its id");
    let listener = listen(config.server.listen).await?;
    let address = listener.local_addr().context("the listener has no address")?;
    let access_url = config.server.access_url(address.port());

    let edge = EdgeSettings::new(&access_url, config.server.trusted_proxies());
    let proxy = EmbeddedProxy::start(edge, lifecycle.hard.clone());
    let metrics = Metrics::watching({
        let proxy = proxy.clone();
        move || edge_numbers(&proxy)
    });
    let here = data_plane::Here {
        edge: proxy.clone(),
        installation,
        address,
        access_host: host_of(&access_url),
        master_key: &master_key,
    };
    let plane = data_plane::build(config, outside, here)?;
    let setup_token = setup_token(&master_key, installation);
    let app = Arc::new(App {
        installation,
        store,
        clock,
        sealer: Arc::new(XChaChaSealer::new(&master_key, random.clone())),
        hasher: Arc::new(Argon2Hasher::new(random.clone())?),
        prober: Arc::new(NetworkProber),
        proxy: faults.proxy(plane.provider),
        meter: Arc::new(metrics.clone()),
        catalog: catalog_of(config),
        proofs: Arc::new(proofs(config)?),
        mailer: post(mailer, lifecycle),
        identity: Identity::new(
            Arc::new(JwtTokens::new(installation)),
            Arc::new(IdentityJwts::default()),
            setup_token.clone(),
        )
        .with_providers(providers::of(config, &access_url)?),
        engines: Engines::default(),
        feed: Feed::default(),
        terminals: Terminals::new(lifecycle.tasks.clone(), lifecycle.soft.clone()),
        workspaces_due: Nudge::default(),
        orgs_due: Nudge::default(),
        routes_due: Nudge::default(),
        settings: Settings {
            access_url: access_url.clone(),
            workspace_domain: config.server.workspace_domain.clone(),
            max_concurrent_deployments: config.workspaces.max_concurrent_deployments.into(),
            open_registration: config.people.open_registration(),
            audit_retention: config.people.audit_retention(),
        },
        random,
    });
    set_up_unattended(&app, config).await?;
    sync_catalog(&app).await?;
    if let Some((text, endpoint)) = host {
        let id = hosts::register(&app, LOCAL_HOST, text).await?;
        app.engines.set(id, faults.engine(engine(config, installation, endpoint)?));
    }
    // Events and routes are followed until the last request is answered.
    let served = CancellationToken::new();
    let serving = served.clone().drop_guard();
    let stops = Stops { work: lifecycle.leaving.clone(), serve: served };
    let controllers = reconcile::spawn(app.clone(), &lifecycle.tasks, stops).await?;

    let options = Options { trusted_proxies: config.server.trusted_proxies(), ..Options::default() };
    let mut state = ApiState::new(app.clone(), options, metrics, lifecycle.soft.clone());
    state.leaving = lifecycle.leaving.clone();
    state.routes_for_traefik = plane.routes_for_traefik;
    lifecycle.tasks.spawn(tidy(state.clone(), lifecycle.clone()));
    let gate = EdgeGate::start(
        app.clone(),
        proxy.clone(),
        data_plane::who_asks_about_visits(config),
        &lifecycle.tasks,
        lifecycle.soft.clone(),
    );
    let front = Front {
        control_plane: router::build(state).merge(gate.forward_auth()),
        gate,
        workspaces: proxy.clone(),
        hosts: Hosts::new(&config.server.workspace_domain, host_of(&access_url)),
        workspace_networks: vec![config.docker.network_pool.into()],
        limits: Limits::default(),
        workers: Workers::start().context("the threads that serve connections cannot be started")?,
    };
    let (soft, hard) = (lifecycle.soft.clone(), lifecycle.hard.clone());
    let feed = app.feed.clone();
    lifecycle.tasks.spawn(async move {
        let served = front.serve(listener, soft.clone(), hard);
        tokio::join!(served, async {
            soft.cancelled().await;
            feed.end();
        });
        drop(serving);
    });

    let setup_token = auth::setup_required(&app).await?.then_some(setup_token);
    Ok(Started { address, access_url, setup_token, controllers, _alone: alone })
}

fn catalog_of(config: &Config) -> Arc<dyn Catalog> {
    match &config.workspaces.catalog_dir {
        Some(directory) => Arc::new(DirectoryCatalog::new(directory)),
        None => Arc::new(BundledCatalog),
    }
}

fn proofs(config: &Config) -> anyhow::Result<NetworkProofs> {
    let reach =
        Reach { allowed: config.domains.outbound_networks(), never: vec![config.docker.network_pool.into()] };
    NetworkProofs::new(config.domains.dns_servers(), reach).map_err(|error| {
        let message =
            format!("is missing, and the system does not say which DNS servers there are ({error})");
        ConfigError::new("DEVSANCTUM_DNS_SERVERS", message).into()
    })
}

fn mailer(config: &Config) -> Result<Option<SmtpMailer>, ConfigError> {
    let Some((url, from)) = config.mail.server() else { return Ok(None) };
    let wrong = |variable| move |error: WrongSetting| ConfigError::new(variable, error.to_string());
    let url = SmtpUrl::parse(url).map_err(wrong("DEVSANCTUM_SMTP_URL"))?;
    let from = MailFrom::parse(from).map_err(wrong("DEVSANCTUM_MAIL_FROM"))?;
    SmtpMailer::new(&url, from).map(Some).map_err(wrong("DEVSANCTUM_SMTP_URL"))
}

fn post(mailer: Option<SmtpMailer>, lifecycle: &Lifecycle) -> Post {
    let Some(mailer) = mailer else { return Post::default() };
    let stops = mail::Stops { soft: lifecycle.soft.clone(), hard: lifecycle.hard.clone() };
    Post::new(Arc::new(mailer), lifecycle.tasks.clone(), stops)
}

/// A template that is broken is for people to put right; a catalog that cannot be read at all is a wrong setting.
async fn sync_catalog(app: &App) -> anyhow::Result<()> {
    let report = match catalog::sync(app, None).await {
        Err(AppError::Unavailable { code: "catalog_unreadable", detail, .. }) => {
            return Err(ConfigError::new("DEVSANCTUM_CATALOG_DIR", detail).into());
        }
        report => report?,
    };
    for problem in &report.errors {
        tracing::warn!(path = problem.path, problem = problem.message, "a template of the catalog is wrong");
    }
    let (added, updated, removed) = (report.added.len(), report.updated.len(), report.removed.len());
    tracing::info!(added, updated, removed, unchanged = report.unchanged.len(), "the catalog is synced");
    Ok(())
}

fn endpoint(host: &str) -> Result<docker::Endpoint, ConfigError> {
    host.parse()
        .map_err(|error: docker::EndpointError| ConfigError::new("DEVSANCTUM_DOCKER_HOST", error.to_string()))
}

/// Only for this user: it holds the database and the key to its secrets.
fn prepare_directory(path: &Path) -> anyhow::Result<()> {
    let told = || {
        format!(
            "the data directory {} cannot be used; let this user write there, or choose another with DEVSANCTUM_DATA_DIR",
            path.display()
        )
    };
    fs::DirBuilder::new().recursive(true).mode(0o700).create(path).with_context(told)?;
    let probe = path.join(".writable");
    fs::write(&probe, "").and_then(|()| fs::remove_file(&probe)).with_context(told)
}

fn master_key(config: &Config, random: &dyn Random) -> anyhow::Result<MasterKey> {
    match &config.storage.master_key {
        Some(text) => parsed_master_key(text),
        None => Ok(MasterKey::load_or_make(&config.storage.data_dir, random)?),
    }
}

/// Keeps a second server away from a database that only one can use. The operating system ends it with the process.
fn lock_unless_shared(config: &Config) -> anyhow::Result<Option<fs::File>> {
    let url = config.storage.database_url.as_ref();
    if url.is_some_and(|url| url.expose().starts_with("postgres")) {
        return Ok(None);
    }
    let directory = &config.storage.data_dir;
    let path = directory.join("lock");
    let file = fs::File::create(&path).with_context(|| format!("cannot make {}", path.display()))?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(fs::TryLockError::WouldBlock) => anyhow::bail!(
            "another DevSanctum server runs on the data directory {}; stop it, choose another directory with \
             DEVSANCTUM_DATA_DIR, or use PostgreSQL, which several servers can share",
            directory.display()
        ),
        Err(fs::TryLockError::Error(error)) => {
            Err(error).with_context(|| format!("cannot lock {}", path.display()))
        }
    }
}

#[cfg(debug_assertions)]
fn faults(config: &Config) -> Result<Wiring, ConfigError> {
    let Some(trigger) = &config.faults.fault_trigger else { return Ok(Wiring::default()) };
    Wiring::new(trigger.clone(), config.faults.fault.as_deref())
        .map_err(|error| ConfigError::new("DEVSANCTUM_FAULT", error.to_string()))
}

#[cfg(not(debug_assertions))]
fn faults(_: &Config) -> Result<Wiring, ConfigError> {
    Ok(Wiring::default())
}

fn parsed_master_key(text: &Secret) -> anyhow::Result<MasterKey> {
    MasterKey::parse(text)
        .map_err(|error| ConfigError::new("DEVSANCTUM_MASTER_KEY", error.to_string()).into())
}

async fn open_store(storage: &Storage) -> anyhow::Result<Arc<dyn Store>> {
    let opened = match &storage.database_url {
        Some(url) => store::open(url.expose()).await,
        None => store::open_file(&storage.data_dir.join(DATABASE_FILE)).await,
    };
    Ok(opened?)
}

/// The installation's id, which its Docker objects carry, made at the first start. What is sealed in the database, and
/// who is signed in, only the master key of that start can open: a server with another one must not run beside it.
async fn establish(
    store: &dyn Store,
    master_key: &MasterKey,
    random: &dyn Random,
    clock: &dyn Clock,
) -> anyhow::Result<InstallationId> {
    let now = clock.now();
    let ours = *master_key.derive(KEY_CHECK);
    let mut work = store.begin().await?;
    let installation = work.installation().establish(random.id(now), now).await?;
    let theirs = work.installation().check_key(&ours).await?;
    work.commit().await?;
    if theirs != ours {
        let message = "this is not the master key the database was set up with. Give every server on one database the \
                       same key; that of the first is in DEVSANCTUM_MASTER_KEY or in the file master.key of its data \
                       directory";
        return Err(ConfigError::new("DEVSANCTUM_MASTER_KEY", message.to_owned()).into());
    }
    Ok(installation.id)
}

/// The same on every server of the installation: people may reach another than the one whose log they read.
fn setup_token(master_key: &MasterKey, installation: InstallationId) -> Secret {
    let token = master_key.derive(&format!("setup token of {installation}"));
    Secret::new(hex::encode(&token[..SETUP_TOKEN_BYTES]))
}

async fn listen(address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| {
        format!(
            "cannot listen on {address}; stop the program that has this port, or choose another address with \
             DEVSANCTUM_LISTEN"
        )
    })
}

async fn set_up_unattended(app: &App, config: &Config) -> anyhow::Result<()> {
    let Some((email, password)) = config.admin.credentials() else { return Ok(()) };
    match auth::setup_unattended(app, email, password).await {
        Ok(Some(user)) => {
            tracing::info!(user.id = %user, "made the platform admin that the configuration names")
        }
        Ok(None) => {}
        Err(crate::app::AppError::Invalid(problems)) => {
            let problems: Vec<_> = problems.into_iter().map(|problem| problem.message).collect();
            return Err(ConfigError::new("DEVSANCTUM_ADMIN_PASSWORD", problems.join("; ")).into());
        }
        Err(error) => return Err(error.into()),
    }
    Ok(())
}

fn engine(
    config: &Config,
    installation: InstallationId,
    endpoint: docker::Endpoint,
) -> anyhow::Result<Engine> {
    let settings = DockerSettings {
        endpoint,
        installation,
        network_pool: config.docker.network_pool,
        subnet_prefix: config.docker.network_prefix,
        subnet_rest: DockerSettings::SUBNET_REST,
        builds: BuildLimits { slots: config.docker.build_slots.into(), ..BuildLimits::default() },
    };
    let engine = docker::Engine::connect(settings)
        .map_err(|error| ConfigError::new("DEVSANCTUM_NETWORK_POOL", error.to_string()))?;
    let engine = Arc::new(engine);
    Ok(Engine { provisioner: engine.clone(), images: engine })
}

/// The host name in a URL like `http://localhost:7080`.
fn host_of(url: &str) -> &str {
    let authority = url.split_once("://").map_or(url, |(_, authority)| authority);
    match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    }
}

fn edge_numbers(proxy: &EmbeddedProxy) -> EdgeNumbers {
    let counts = proxy.metrics().read();
    EdgeNumbers {
        routes: proxy.routes().to_vec(),
        requests: counts.requests.to_vec(),
        upgrades: counts.upgrades,
        open_upgrades: counts.open_upgrades,
        connections: counts.upstream_connections,
        retries: counts.retries,
    }
}

async fn tidy(state: ApiState, lifecycle: Lifecycle) {
    while lifecycle.soft.run_until_cancelled(tokio::time::sleep(TIDY)).await.is_some() {
        state.limits.tidy();
    }
}
