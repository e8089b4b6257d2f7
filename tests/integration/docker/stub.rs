//! A server that answers as no healthy engine would, to see what becomes of each answer.

use std::{
    path::PathBuf,
    sync::{Arc, Mutex},
};

use devsanctum::{
    adapters::docker::{DockerSettings, Endpoint, Engine},
    domain::ids::InstallationId,
};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{UnixListener, UnixStream},
    task::JoinHandle,
};

use crate::support::docker::{fresh_uuid, settings};

/// What the server sends back.
#[derive(Debug, Clone)]
pub enum Reply {
    Json(u16, String),
    /// These bytes, whatever they are, and then the end of the connection.
    Raw(&'static str),
    /// Nothing, while the connection stays open.
    Silence,
}

impl Reply {
    pub fn error(status: u16, message: &str) -> Self {
        Reply::Json(status, serde_json::json!({"message": message}).to_string())
    }

    pub fn empty(status: u16) -> Self {
        Reply::Json(status, String::new())
    }
}

pub struct Stub {
    pub engine: Engine,
    pub installation: InstallationId,
    requests: Arc<Mutex<Vec<String>>>,
    directory: TempDir,
    server: Option<JoinHandle<()>>,
}

impl Drop for Stub {
    fn drop(&mut self) {
        self.shut_down();
    }
}

impl Stub {
    /// Nothing listens yet.
    pub fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let installation = InstallationId::from(fresh_uuid());
        let endpoint = Endpoint::Unix(directory.path().join("docker.sock"));
        let engine = Engine::connect(DockerSettings { endpoint, ..settings(installation) }).unwrap();
        Self { engine, installation, requests: Arc::default(), directory, server: None }
    }

    /// An engine that speaks API version 1.44 and answers each request with what `reply` makes of `GET /path?query`.
    pub fn answering(reply: impl Fn(&str) -> Reply + Send + Sync + 'static) -> Self {
        let mut stub = Self::new();
        stub.listen(Some("1.44"), reply);
        stub
    }

    pub fn listen(
        &mut self,
        version: Option<&'static str>,
        reply: impl Fn(&str) -> Reply + Send + Sync + 'static,
    ) {
        self.shut_down();
        let listener = UnixListener::bind(self.socket()).unwrap();
        let (reply, requests) = (Arc::new(reply), self.requests.clone());
        self.server = Some(tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, version, reply.clone(), requests.clone()));
            }
        }));
    }

    /// The socket's file stays, as after a crash.
    pub fn crash(&mut self) {
        if let Some(server) = self.server.take() {
            server.abort();
        }
    }

    fn shut_down(&mut self) {
        self.crash();
        // The first time there is no file.
        let _ = std::fs::remove_file(self.socket());
    }

    pub fn socket(&self) -> PathBuf {
        self.directory.path().join("docker.sock")
    }

    /// Every request so far, as `METHOD /path?query`.
    pub fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }

    /// What an engine says of a container of ours.
    pub fn container(&self, status: &str) -> String {
        serde_json::json!({
            "Id": "c0ffee",
            "Name": "/ds-aaaaaaaa-web-g1",
            "State": {"Status": status, "ExitCode": 0},
            "Config": {"Image": "example/web:1", "Labels": {
                "dev.devsanctum.installation": self.installation.to_string(),
                "dev.devsanctum.workspace": fresh_uuid().to_string(),
                "dev.devsanctum.component": "web",
                "dev.devsanctum.generation": "1",
            }},
        })
        .to_string()
    }
}

/// One request for each connection.
async fn serve(
    mut stream: UnixStream,
    version: Option<&str>,
    reply: Arc<dyn Fn(&str) -> Reply + Send + Sync>,
    requests: Arc<Mutex<Vec<String>>>,
) {
    let mut head = Vec::new();
    while !head.windows(4).any(|window| window == b"\r\n\r\n") {
        match stream.read_buf(&mut head).await {
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
    }
    let head = String::from_utf8_lossy(&head);
    let request = head.lines().next().unwrap_or_default().trim_end_matches(" HTTP/1.1").to_owned();
    if request == "GET /_ping" {
        let header = version.map(|version| format!("api-version: {version}\r\n")).unwrap_or_default();
        send(
            &mut stream,
            &format!("HTTP/1.1 200 OK\r\n{header}content-length: 2\r\nconnection: close\r\n\r\nOK"),
        )
        .await;
        return;
    }
    requests.lock().unwrap().push(request.clone());
    match reply(&request) {
        Reply::Json(status, body) => {
            let length = body.len();
            let head =
                format!("HTTP/1.1 {status} X\r\ncontent-type: application/json\r\nconnection: close\r\n");
            let length = if status == 304 { String::new() } else { format!("content-length: {length}\r\n") };
            send(&mut stream, &format!("{head}{length}\r\n{body}")).await;
        }
        Reply::Raw(bytes) => send(&mut stream, bytes).await,
        Reply::Silence => std::future::pending().await,
    }
}

async fn send(stream: &mut UnixStream, bytes: &str) {
    // The client may be gone; that is its test's business.
    let _ = stream.write_all(bytes.as_bytes()).await;
    let _ = stream.shutdown().await;
}
