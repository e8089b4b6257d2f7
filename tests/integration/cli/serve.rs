use std::{
    io::{BufRead, BufReader},
    net::TcpListener,
    path::Path,
    process::{Child, Command, Output, Stdio},
    time::{Duration, Instant},
};

use tempfile::TempDir;

/// How long a start or a stop may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// A command that knows nothing of the environment of the tests.
pub(super) fn serve(data: &Path) -> Command {
    let mut command = devsanctum(data);
    command.arg("serve");
    command
}

pub(super) fn devsanctum(data: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_devsanctum"));
    command
        .env_clear()
        .env("DEVSANCTUM_DATA_DIR", data)
        .env("DEVSANCTUM_LISTEN", "127.0.0.1:0")
        .env("DEVSANCTUM_DOCKER_HOST", "")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

#[track_caller]
pub(super) fn refused(command: &mut Command, code: i32, named: &[&str]) {
    let Output { status, stderr, .. } = ended(command);
    let told = String::from_utf8_lossy(&stderr);
    assert_eq!(status.code(), Some(code), "{told}");
    for name in named {
        assert!(told.contains(name), "{name} in: {told}");
    }
    assert!(!told.contains("panicked"), "{told}");
}

/// The output of a command that ends by itself; one that does not is killed, and fails the test.
pub(super) fn ended(command: &mut Command) -> Output {
    let mut child = command.spawn().unwrap();
    let began = Instant::now();
    while child.try_wait().unwrap().is_none() {
        if began.elapsed() > PATIENCE {
            child.kill().unwrap();
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    child.wait_with_output().unwrap()
}

/// A server that runs; killed when dropped.
pub(super) struct Server(pub(super) Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Server {
    pub(super) fn start(command: &mut Command) -> (Self, Vec<String>) {
        let mut child = command.spawn().unwrap();
        // The last line of the banner that is always there, and what follows it.
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        let mut banner: Vec<_> = lines.by_ref().take_while(|line| !line.contains("/docs")).collect();
        banner.extend(lines.next());
        (Self(child), banner)
    }

    pub(super) fn end(self, signal: &str) -> Option<i32> {
        let pid = self.0.id().to_string();
        assert!(Command::new("kill").args([signal, &pid]).status().unwrap().success());
        self.ended()
    }

    pub(super) fn ended(mut self) -> Option<i32> {
        let began = Instant::now();
        loop {
            if let Some(status) = self.0.try_wait().unwrap() {
                return status.code();
            }
            assert!(began.elapsed() < PATIENCE, "it does not end");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

#[test]
fn wrong_settings_stop_the_start_by_name() {
    let data = TempDir::new().unwrap();
    let missing = data.path().join("missing");
    for (variable, value) in [
        ("DEVSANCTUM_LISTEN", "7080"),
        ("DEVSANCTUM_ACCESS_URL", "localhost"),
        ("DEVSANCTUM_WORKSPACE_DOMAIN", "*.example.org"),
        ("DEVSANCTUM_DOCKER_HOST", "tcp://192.0.2.1:2375"),
        ("DEVSANCTUM_DOCKER_HOST", "/var/run/docker.sock"),
        ("DEVSANCTUM_DATABASE_URL", "mysql://localhost/x"),
        ("DEVSANCTUM_MASTER_KEY", "too short"),
        ("DEVSANCTUM_NETWORK_PREFIX", "33"),
        ("DEVSANCTUM_BUILD_SLOTS", "0"),
        ("DEVSANCTUM_PROXY", "nginx"),
        ("DEVSANCTUM_TRAEFIK_ENTRYPOINTS", "web,`"),
        ("DEVSANCTUM_TRAEFIK_CERT_RESOLVER", "le`) || Host(`x"),
        ("DEVSANCTUM_INTERNAL_URL", "devsanctum:7080"),
        ("DEVSANCTUM_TRUSTED_PROXIES", "everybody"),
        ("DEVSANCTUM_ADMIN_EMAIL", "nobody"),
        ("DEVSANCTUM_LOG_FORMAT", "xml"),
    ] {
        refused(serve(&missing).env(variable, value), 64, &[variable]);
    }
    for (mode, variable, value) in [
        ("traefik-rest", "DEVSANCTUM_TRAEFIK_URL", ""),
        ("traefik-rest", "DEVSANCTUM_TRAEFIK_URL", "traefik:8080"),
        ("traefik-http", "DEVSANCTUM_TRAEFIK_URL", "ftp://ada:hunter2@traefik"),
        ("traefik-file", "DEVSANCTUM_TRAEFIK_FILE", ""),
        ("traefik-file", "DEVSANCTUM_TRAEFIK_FILE", "/nowhere/at/all/routes.yml"),
        ("traefik-wildcard", "DEVSANCTUM_TRAEFIK_FILE", "/tmp/routes.json"),
    ] {
        refused(serve(&missing).env("DEVSANCTUM_PROXY", mode).env(variable, value), 64, &[variable]);
    }
    refused(serve(&missing).arg("--unknown"), 2, &["--unknown"]);
}

#[test]
fn a_secret_that_is_wrong_is_not_repeated() {
    let data = TempDir::new().unwrap();
    let Output { stderr, .. } = ended(serve(data.path()).env("DEVSANCTUM_MASTER_KEY", "hunter2"));
    assert!(!String::from_utf8_lossy(&stderr).contains("hunter2"));
    let weak = [("DEVSANCTUM_ADMIN_EMAIL", "ada@example.org"), ("DEVSANCTUM_ADMIN_PASSWORD", "hunter2")];
    refused(serve(data.path()).envs(weak), 64, &["DEVSANCTUM_ADMIN_PASSWORD", "at least 10"]);
}

#[test]
fn what_does_not_work_is_named_with_a_remedy() {
    let data = TempDir::new().unwrap();
    let file = data.path().join("file");
    std::fs::write(&file, "").unwrap();
    refused(&mut serve(&file), 1, &[file.to_str().unwrap(), "DEVSANCTUM_DATA_DIR"]);

    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    refused(serve(data.path()).env("DEVSANCTUM_LISTEN", &address), 1, &[&address, "DEVSANCTUM_LISTEN"]);

    let foreign = TempDir::new().unwrap();
    std::fs::write(foreign.path().join("devsanctum.db"), "not a database; ".repeat(512)).unwrap();
    refused(&mut serve(foreign.path()), 1, &["devsanctum.db"]);

    let damaged = TempDir::new().unwrap();
    std::fs::write(damaged.path().join("master.key"), "half a k").unwrap();
    refused(&mut serve(damaged.path()), 1, &["master.key"]);
}

#[test]
fn a_second_server_does_not_start_on_the_same_files() {
    let data = TempDir::new().unwrap();
    let (server, _) = Server::start(&mut serve(data.path()));
    let named = [data.path().to_str().unwrap(), "another DevSanctum server", "DEVSANCTUM_DATA_DIR"];
    refused(&mut serve(data.path()), 1, &named);
    assert_eq!(server.end("-TERM"), Some(0));
    let (server, _) = Server::start(&mut serve(data.path()));
    assert_eq!(server.end("-TERM"), Some(0));
}

#[test]
fn it_tells_where_it_is_and_ends_when_asked() {
    let data = TempDir::new().unwrap();
    let (server, banner) = Server::start(&mut serve(data.path()));
    let banner = banner.join("\n");
    assert!(banner.contains("http://localhost:") && banner.contains("Setup token"), "{banner}");
    assert_eq!(server.end("-TERM"), Some(0));

    let admin = [
        ("DEVSANCTUM_ADMIN_EMAIL", "ada@example.org"),
        ("DEVSANCTUM_ADMIN_PASSWORD", "correct horse battery"),
    ];
    let (server, banner) = Server::start(serve(data.path()).envs(admin));
    assert!(!banner.join("\n").contains("Setup token"), "the setup is done: {banner:?}");
    assert_eq!(server.end("-INT"), Some(0));
}
