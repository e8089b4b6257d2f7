//! A PostgreSQL of a test's own, to be killed, paused and locked. Others share the one that the scripts start.

use std::{
    fs,
    net::TcpListener,
    path::{Path, PathBuf},
    process::Command,
};

use sqlx::{Connection, PgConnection};
use tempfile::TempDir;

pub struct Postgres {
    directory: TempDir,
    port: u16,
}

impl Postgres {
    /// Runs, with an ordinary role `app` and a database that belongs to it.
    pub async fn start() -> Self {
        let directory = TempDir::with_prefix("devsanctum-postgres-").unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let postgres = Self { directory, port };
        if is_root() {
            run(Command::new("chown").arg("postgres").arg(postgres.directory.path()));
        }
        let data = postgres.data();
        let initdb = ["--username", "owner", "--auth", "trust", "--encoding", "UTF8", "--locale", "C.UTF-8"];
        postgres.run("initdb", &[&["--pgdata", data.to_str().unwrap()][..], &initdb].concat());
        postgres.up();
        postgres.ask("CREATE ROLE app LOGIN").await;
        postgres.ask("CREATE DATABASE app OWNER app").await;
        postgres
    }

    pub fn url(&self) -> String {
        format!("postgres://app@127.0.0.1:{}/app", self.port)
    }

    pub fn up(&self) {
        let socket = self.directory.path().to_str().unwrap();
        let options = format!("-p {} -h 127.0.0.1 -k {socket} -c max_connections=60", self.port);
        let log = self.directory.path().join("log");
        self.control(&["start", "--wait", "--log", log.to_str().unwrap(), "--options", &options]);
    }

    /// As when its processes are killed: nothing is written down any more, and the next start recovers.
    pub fn kill(&self) {
        self.control(&["stop", "--wait", "--mode", "immediate"]);
    }

    /// SIGSTOP to all of its processes: connections stay open, and nothing answers.
    pub fn pause(&self) {
        self.signal("-STOP");
    }

    pub fn go_on(&self) {
        self.signal("-CONT");
    }

    /// As the owner, who is never refused.
    pub async fn ask(&self, statement: &'static str) {
        let url = format!("postgres://owner@127.0.0.1:{}/postgres", self.port);
        let mut connection = PgConnection::connect(&url).await.unwrap();
        sqlx::query(statement).execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
    }

    fn signal(&self, signal: &str) {
        let first = fs::read_to_string(self.data().join("postmaster.pid")).unwrap();
        let postmaster = first.lines().next().unwrap().trim();
        // All of its processes are children of the first.
        run(Command::new("kill").args([signal, postmaster]));
        // One that ended meanwhile is no failure.
        let _ = Command::new("pkill").args([signal, "--parent", postmaster]).status().unwrap();
    }

    fn control(&self, arguments: &[&str]) {
        self.run("pg_ctl", &[&["--pgdata", self.data().to_str().unwrap()][..], arguments].concat());
    }

    fn run(&self, program: &str, arguments: &[&str]) {
        let program = bin().join(program);
        let mut command = match is_root() {
            // PostgreSQL refuses to run as root.
            true => {
                let mut command = Command::new("runuser");
                command.args(["-u", "postgres", "--"]).arg(program);
                command
            }
            false => Command::new(program),
        };
        run(command.args(arguments).current_dir("/"));
    }

    fn data(&self) -> PathBuf {
        self.directory.path().join("data")
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        if self.data().join("postmaster.pid").exists() {
            self.go_on();
            self.kill();
        }
    }
}

fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|it| std::os::unix::fs::MetadataExt::uid(&it) == 0)
}

/// Debian keeps the server's programs out of PATH, in a directory for each version.
fn bin() -> PathBuf {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let newest = versions.map(|it| it.path().join("bin")).filter(|it| it.join("initdb").exists()).max();
    newest.unwrap_or_else(|| Path::new("/usr/bin").to_owned())
}

fn run(command: &mut Command) {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}
