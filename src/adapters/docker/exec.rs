//! Commands inside containers. They run below our own program, which kills them when their time is over: the engine
//! has no way to end an exec.

use std::{
    pin::Pin,
    time::{Duration, Instant},
};

use bollard::{
    container::LogOutput,
    errors::Error,
    exec::{CreateExecOptions, StartExecOptions, StartExecResults},
};
use futures::{Stream, StreamExt};
use serde::Deserialize;
use tokio::io::AsyncWrite;

use super::{
    Engine,
    client::{CHANGE, Client, LOOK},
    error::Failed,
    host_config::HELPER,
};
use crate::ports::provisioner::{EngineError, EngineResult, ExecOutput, ListeningPort};

const MAX_OUTPUT: usize = 64 * 1024;

const CALL: &str = "running a command";

/// For the engine to start the command and to report its end.
const OVERHEAD: Duration = Duration::from_secs(5);

const PORTS_LIMIT: Duration = Duration::from_secs(5);

/// The helper's exit code for a command whose time was over.
const TIMED_OUT: i64 = 124;

/// Between looks at an exec whose output has ended and whose exit code is not known yet.
const EXIT_POLL: Duration = Duration::from_millis(5);

impl Engine {
    pub(super) async fn exec(
        &self,
        container: &str,
        command: &[String],
        limit: Duration,
    ) -> EngineResult<ExecOutput> {
        let millis = limit.as_millis().to_string();
        let prefix = [HELPER, "limit", &millis].map(str::to_owned);
        let command = prefix.into_iter().chain(command.iter().cloned()).collect();
        let started = Instant::now();
        let output = match tokio::time::timeout(limit + OVERHEAD, self.run(container, command)).await {
            Ok(output) => output?,
            Err(_) => return Err(EngineError::Timeout { call: CALL, limit }),
        };
        match output.exit_code {
            TIMED_OUT if started.elapsed() >= limit => Err(EngineError::Timeout { call: CALL, limit }),
            _ => Ok(output),
        }
    }

    pub(super) async fn listening_ports(&self, container: &str) -> EngineResult<Vec<ListeningPort>> {
        let command = [HELPER, "ports"].map(str::to_owned).into();
        let output = match tokio::time::timeout(PORTS_LIMIT, self.run(container, command)).await {
            Ok(output) => output?,
            Err(_) => return Err(EngineError::Timeout { call: CALL, limit: PORTS_LIMIT }),
        };
        read_ports(&output.output).ok_or_else(|| {
            let text = String::from_utf8_lossy(&output.output).trim().to_owned();
            EngineError::Engine(format!("the list of ports cannot be read: {text}"))
        })
    }

    async fn run(&self, container: &str, command: Vec<String>) -> EngineResult<ExecOutput> {
        let started = self.start_exec(container, command, false).await?;
        let mut kept = Vec::new();
        let mut output = started.output;
        while let Some(piece) = output.next().await {
            keep(&mut kept, piece.map_err(Failed::from)?);
        }
        Ok(ExecOutput { exit_code: exit_code(&self.client, &started.id).await?, output: kept })
    }

    /// Starts a command in a container that is ours and runs.
    pub(super) async fn start_exec(
        &self,
        container: &str,
        command: Vec<String>,
        attach_stdin: bool,
    ) -> EngineResult<Started> {
        let found = self.look_at_ours(container).await?;
        let missing = || EngineError::NotFound { kind: "container", name: container.to_owned() };
        let found = found.ok_or_else(missing)?;
        let options = CreateExecOptions {
            attach_stdin: Some(attach_stdin),
            attach_stdout: Some(true),
            attach_stderr: Some(true),
            cmd: Some(command),
            ..CreateExecOptions::default()
        };
        let call = self.docker().create_exec(&found.id, options);
        let created = self
            .client
            .call(CALL, LOOK, call)
            .await
            .map_err(|failed| failed.about("container", container))?;
        let start = self.docker().start_exec(&created.id, None::<StartExecOptions>);
        let started = self.client.call(CALL, CHANGE, start).await;
        match started.map_err(|failed| failed.about("container", container))? {
            StartExecResults::Attached { output, input } => Ok(Started { id: created.id, output, input }),
            StartExecResults::Detached => {
                Err(EngineError::Engine("it did not attach us to the command".into()))
            }
        }
    }
}

/// A command that runs, and the connection to it.
pub(super) struct Started {
    pub(super) id: String,
    pub(super) output: Pin<Box<dyn Stream<Item = Result<LogOutput, Error>> + Send>>,
    pub(super) input: Pin<Box<dyn AsyncWrite + Send>>,
}

/// Of a command whose output has ended.
pub(super) async fn exit_code(client: &Client, exec: &str) -> EngineResult<i64> {
    loop {
        let call = client.docker().inspect_exec(exec);
        let found = client.call(CALL, LOOK, call).await.map_err(|failed| failed.about("exec", exec))?;
        match found.exit_code.filter(|_| found.running != Some(true)) {
            Some(code) => return Ok(code),
            None => tokio::time::sleep(EXIT_POLL).await,
        }
    }
}

/// The rest is read all the same: a command that cannot write its output waits.
fn keep(kept: &mut Vec<u8>, piece: LogOutput) {
    let bytes = piece.into_bytes();
    let room = MAX_OUTPUT.saturating_sub(kept.len());
    kept.extend_from_slice(&bytes[..bytes.len().min(room)]);
}

fn read_ports(output: &[u8]) -> Option<Vec<ListeningPort>> {
    #[derive(Deserialize)]
    struct Port {
        port: u16,
        loopback: bool,
    }
    let ports: Vec<Port> = serde_json::from_slice(output).ok()?;
    Some(ports.into_iter().map(|Port { port, loopback }| ListeningPort { port, loopback }).collect())
}
