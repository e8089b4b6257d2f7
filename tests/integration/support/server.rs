//! The real binary as a child process: its own data directory, its own port, the real Docker engine.

use std::{
    fs,
    net::TcpListener,
    path::Path,
    process::{Child, Command, Output, Stdio},
    time::Duration,
};

use bollard::{
    Docker,
    query_parameters::{
        ListContainersOptionsBuilder, ListNetworksOptionsBuilder, ListVolumesOptionsBuilder,
        RemoveContainerOptionsBuilder, RemoveVolumeOptions, RemoveVolumeOptionsBuilder,
    },
};
use devsanctum::{adapters::store, domain::ids::InstallationId};
use futures::FutureExt;
use reqwest::{Client, Method, Response, StatusCode};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::docker::{bare, endpoint};

const PASSWORD: &str = "a long pass phrase for tests";
const BINARY: &str = env!("CARGO_BIN_EXE_devsanctum");
const EMAIL: &str = "admin@example.org";
/// How long a start may take on a machine that is busy compiling.
const PATIENCE: Duration = Duration::from_secs(60);

pub struct Server {
    child: Child,
    pub port: u16,
    pub token: String,
    pub client: Client,
    pub docker: Docker,
    directory: TempDir,
    shared: Option<Shared>,
    /// Settings beyond the usual ones.
    settings: Vec<(String, String)>,
    small_disk: bool,
}

/// What servers of one installation have in common.
#[derive(Clone)]
pub struct Shared {
    pub database_url: String,
    /// In hexadecimal.
    pub master_key: String,
}

/// Runs the test against a fresh server; whatever it made on Docker is removed afterwards, and what the test should
/// have removed itself is a failure.
pub async fn with_server(test: impl AsyncFnOnce(&mut Server)) {
    guarded(Server::start().await, test).await;
}

/// The same for a server that was started in another way.
pub async fn guarded(mut server: Server, test: impl AsyncFnOnce(&mut Server)) {
    let outcome = std::panic::AssertUnwindSafe(test(&mut server)).catch_unwind().await;
    // A disk of its own goes with the server.
    let installation = if server.small_disk { Some(server.installation().await) } else { None };
    server.kill();
    let left = match installation {
        Some(installation) => server.clean_up_of(installation).await,
        None => server.clean_up().await,
    };
    if let Err(panic) = outcome {
        std::panic::resume_unwind(panic);
    }
    assert_eq!(left, Vec::<String>::new(), "objects of workspaces are left on the engine");
}

/// A test that ends early leaves no process behind.
impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Server {
    async fn start() -> Self {
        let mut server = Self::spawn(None);
        server.until_up().await;
        server
    }

    /// Without waiting for it.
    pub fn spawn(shared: Option<Shared>) -> Self {
        let directory = TempDir::new().unwrap();
        let port = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
        Self {
            child: spawn(directory.path(), port, shared.as_ref(), &[]),
            port,
            token: String::new(),
            client: Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap(),
            docker: bare(),
            directory,
            shared,
            settings: Vec::new(),
            small_disk: false,
        }
    }

    /// With a data directory of a few megabytes that only it sees.
    pub fn spawn_on_small_disk() -> Self {
        let mut server = Self::spawn(None);
        server.kill();
        let mount = "mount -t tmpfs -o size=8m tmpfs \"$0\" && exec \"$@\"";
        let root = fs::metadata("/proc/self").is_ok_and(|it| std::os::unix::fs::MetadataExt::uid(&it) == 0);
        let mut command = Command::new("unshare");
        command.args(if root { &["--mount"][..] } else { &["--mount", "--map-root-user"] });
        command.args(["sh", "-c", mount]).arg(server.directory.path()).arg(BINARY).arg("serve");
        server.child = run(command, server.directory.path(), server.port, &[]);
        server.small_disk = true;
        server
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Until the API says so.
    pub async fn until_status(&self, id: &str, status: &str) -> Value {
        let begun = std::time::Instant::now();
        loop {
            let workspace = self.get(&format!("/workspaces/{id}")).await;
            if workspace["status"] == status {
                return workspace;
            }
            assert!(begun.elapsed() < PATIENCE * 2, "never {status}: {workspace:#}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    pub async fn until_up(&mut self) {
        self.until_ready().await;
        self.sign_in().await;
    }

    pub fn ask_to_end(&self) {
        self.signal("-TERM");
    }

    pub fn signal(&self, signal: &str) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args([signal, &pid]).status().unwrap().success());
    }

    /// The exit code of a server that ends by itself.
    pub async fn ended(&mut self) -> Option<i32> {
        let begun = std::time::Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code();
            }
            assert!(begun.elapsed() < PATIENCE, "the server does not end");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Another command of the program, with the server's settings.
    pub fn run(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_devsanctum"))
            .args(arguments)
            .env("DEVSANCTUM_DATA_DIR", self.directory.path())
            .stdin(Stdio::null())
            .output()
            .unwrap()
    }

    pub fn path(&self, name: &str) -> String {
        self.directory.path().join(name).to_str().unwrap().to_owned()
    }

    /// Removes a workspace's objects by hand.
    pub async fn remove_objects(&self, workspace: &str) {
        for name in self.objects(workspace).await {
            let force = RemoveContainerOptionsBuilder::new().force(true).build();
            let _ = self.docker.remove_container(&name, Some(force)).await;
        }
        for name in self.objects(workspace).await {
            let _ = self.docker.remove_network(&name).await;
            let _ = self.docker.remove_volume(&name, None::<RemoveVolumeOptions>).await;
        }
    }

    /// SIGKILL: nothing is tidied up.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    pub async fn start_again(&mut self) {
        self.child = spawn(self.directory.path(), self.port, self.shared.as_ref(), &self.settings);
        self.until_up().await;
    }

    /// Ends it if it runs, and starts it with these settings instead of those before.
    pub async fn restart_with(&mut self, settings: &[(&str, &str)]) {
        self.kill();
        self.settings =
            settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        self.start_again().await;
    }

    pub fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// Whether it ends by itself within this time.
    pub async fn ends_within(&mut self, limit: Duration) -> bool {
        let begun = std::time::Instant::now();
        while begun.elapsed() < limit {
            if self.child.try_wait().unwrap().is_some() {
                return true;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        false
    }

    /// The workspace, once nothing is under way.
    pub async fn settled(&self, id: &str) -> Value {
        let begun = std::time::Instant::now();
        loop {
            let workspace = self.get(&format!("/workspaces/{id}")).await;
            if ["running", "stopped", "failed", "destroyed"].contains(&workspace["status"].as_str().unwrap())
            {
                return workspace;
            }
            assert!(begun.elapsed() < PATIENCE * 2, "does not settle: {workspace:#}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// The status of an answer that does not wait; `None` when the server ended before it.
    pub async fn try_send(&self, method: Method, path: &str, body: &Option<Value>) -> Option<StatusCode> {
        let url = format!("http://127.0.0.1:{}/api/v1{path}", self.port);
        let request = self.client.request(method, url).bearer_auth(&self.token);
        let request = match body {
            Some(body) => request.json(body),
            None => request,
        };
        request.send().await.ok().map(|answer| answer.status())
    }

    async fn until_ready(&mut self) {
        let begun = std::time::Instant::now();
        let url = format!("http://127.0.0.1:{}/readyz", self.port);
        loop {
            if self.client.get(&url).send().await.is_ok_and(|answer| answer.status() == StatusCode::OK) {
                return;
            }
            if let Some(status) = self.child.try_wait().unwrap() {
                panic!("the server ended: {status}");
            }
            assert!(begun.elapsed() < PATIENCE, "the server is not ready");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    pub async fn sign_in(&mut self) {
        let body = json!({ "login": EMAIL, "password": PASSWORD });
        let answer = self.call(Method::POST, "/auth/login", Some(body)).await;
        self.token = answer["access_token"].as_str().unwrap().to_owned();
    }

    /// Answered before it has settled.
    pub async fn post_at_once(&self, path: &str, body: Value) -> Value {
        let url = format!("http://127.0.0.1:{}/api/v1{path}", self.port);
        let answer = self.client.post(url).bearer_auth(&self.token).json(&body).send().await.unwrap();
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
        answer.json().await.unwrap()
    }

    pub async fn send(&self, method: Method, path: &str, body: Option<Value>) -> Response {
        let url = format!("http://127.0.0.1:{}/api/v1{path}", self.port);
        let request = self.client.request(method, url).bearer_auth(&self.token).header("prefer", "wait=60");
        let request = match &body {
            Some(body) => request.json(body),
            None => request,
        };
        request.send().await.unwrap()
    }

    /// The answer's body; anything but success is a failure of the test.
    pub async fn call(&self, method: Method, path: &str, body: Option<Value>) -> Value {
        let answer = self.send(method, path, body).await;
        let status = answer.status();
        let text = answer.text().await.unwrap();
        assert!(status.is_success(), "{path}: {status}: {text}");
        serde_json::from_str(&text).unwrap_or(Value::Null)
    }

    pub async fn get(&self, path: &str) -> Value {
        self.call(Method::GET, path, None).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Value {
        self.call(Method::POST, path, Some(body)).await
    }

    /// Makes a template of these components and a workspace from it; waits until it has settled.
    pub async fn create(&self, name: &str, components: Value) -> Value {
        let manifest = json!({ "appName": name, "components": components });
        let body = json!({ "name": name, "source": { "kind": "manifest", "manifest": manifest } });
        self.post("/orgs/admin/templates", body).await;
        self.post("/orgs/admin/workspaces", json!({ "name": name, "template": name })).await
    }

    pub async fn destroy(&self, workspace: &Value) -> Value {
        let id = workspace["id"].as_str().unwrap();
        self.call(Method::DELETE, &format!("/workspaces/{id}"), None).await
    }

    /// What the route with this host name answers.
    pub async fn visit(&self, host: &str) -> (StatusCode, String) {
        let request = self.client.get(format!("http://127.0.0.1:{}/", self.port)).header("host", host);
        let answer = request.send().await.unwrap();
        (answer.status(), answer.text().await.unwrap())
    }

    /// Names of the containers, networks and volumes of one workspace.
    pub async fn objects(&self, workspace: &str) -> Vec<String> {
        objects(&self.docker, workspace).await
    }

    /// As the database knows it.
    async fn installation(&self) -> InstallationId {
        let store = match &self.shared {
            Some(shared) => store::open(&shared.database_url).await.unwrap(),
            None => {
                if self.small_disk {
                    // A copy where we can see it.
                    let there = self.directory.path().strip_prefix("/").unwrap();
                    let seen = Path::new(&format!("/proc/{}/root", self.pid())).join(there);
                    for file in ["devsanctum.db", "devsanctum.db-wal"] {
                        fs::copy(seen.join(file), self.directory.path().join(file)).unwrap();
                    }
                }
                store::open_file(&self.directory.path().join("devsanctum.db")).await.unwrap()
            }
        };
        let mut work = store.begin().await.unwrap();
        let never_used = InstallationId::from(uuid::Uuid::from_u128(1));
        work.installation().establish(never_used, chrono::DateTime::UNIX_EPOCH).await.unwrap().id
    }

    /// Removes every object of the installation; returns those of workspaces, which the test should have removed.
    pub async fn clean_up(&self) -> Vec<String> {
        self.clean_up_of(self.installation().await).await
    }

    async fn clean_up_of(&self, installation: InstallationId) -> Vec<String> {
        let all =
            objects_labelled(&self.docker, &format!("dev.devsanctum.installation={installation}")).await;
        for name in &all {
            let force = RemoveContainerOptionsBuilder::new().force(true).build();
            let _ = self.docker.remove_container(name, Some(force)).await;
        }
        for name in &all {
            let _ = self.docker.remove_network(name).await;
            let _ = self
                .docker
                .remove_volume(name, Some(RemoveVolumeOptionsBuilder::new().force(true).build()))
                .await;
        }
        let helpers = objects_labelled(&self.docker, &format!("dev.devsanctum.helper={installation}")).await;
        for name in &helpers {
            self.docker.remove_volume(name, None::<RemoveVolumeOptions>).await.unwrap();
        }
        all
    }
}

/// Names of the containers, networks and volumes of one workspace.
pub async fn objects(docker: &Docker, workspace: &str) -> Vec<String> {
    objects_labelled(docker, &format!("dev.devsanctum.workspace={workspace}")).await
}

async fn objects_labelled(docker: &Docker, label: &str) -> Vec<String> {
    let filters = std::collections::HashMap::from([("label", vec![label])]);
    let containers = ListContainersOptionsBuilder::new().all(true).filters(&filters).build();
    let networks = ListNetworksOptionsBuilder::new().filters(&filters).build();
    let volumes = ListVolumesOptionsBuilder::new().filters(&filters).build();
    let containers = docker.list_containers(Some(containers)).await.unwrap();
    let networks = docker.list_networks(Some(networks)).await.unwrap();
    let volumes = docker.list_volumes(Some(volumes)).await.unwrap().volumes.unwrap_or_default();
    let containers = containers.into_iter().filter_map(|it| it.names?.into_iter().next());
    let networks = networks.into_iter().filter_map(|it| it.name);
    let volumes = volumes.into_iter().map(|it| it.name);
    containers.map(|name| name.trim_start_matches('/').to_owned()).chain(networks).chain(volumes).collect()
}

fn spawn(data: &Path, port: u16, shared: Option<&Shared>, settings: &[(String, String)]) -> Child {
    let mut command = Command::new(BINARY);
    command.arg("serve");
    if let Some(shared) = shared {
        command
            .env("DEVSANCTUM_DATABASE_URL", &shared.database_url)
            .env("DEVSANCTUM_MASTER_KEY", &shared.master_key);
    }
    run(command, data, port, settings)
}

fn run(mut command: Command, data: &Path, port: u16, settings: &[(String, String)]) -> Child {
    command
        .env("DEVSANCTUM_DATA_DIR", data)
        .env("DEVSANCTUM_LISTEN", format!("127.0.0.1:{port}"))
        .env("DEVSANCTUM_DOCKER_HOST", endpoint())
        .env("DEVSANCTUM_ADMIN_EMAIL", EMAIL)
        .env("DEVSANCTUM_ADMIN_PASSWORD", PASSWORD)
        .envs(settings.iter().map(|(name, value)| (name, value)))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::inherit())
        .spawn()
        .unwrap()
}
