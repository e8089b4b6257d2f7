use std::time::Duration;

use async_trait::async_trait;
use futures::{StreamExt, stream, stream::BoxStream};
use tokio::sync::broadcast::error::RecvError;

use super::{Call, Command, FakeEngine, objects::Container};
use crate::{
    domain::{
        deployment::LogStream,
        host::HostFacts,
        ids::WorkspaceId,
        terminal::TerminalSize,
        workspace::{
            ContainerState, Observed, ObservedContainer,
            observed::Inventory,
            spec::{ComponentSpec, ImageSource},
        },
    },
    ports::provisioner::{
        ContainerLogLine, ContainerRequest, ContainerStats, EngineError, EngineEvent, EngineResult,
        ExecOutput, ListeningPort, LogRange, NetworkRequest, Provisioner, Terminal, VolumeRequest,
    },
};

/// What a container gets for the code of a program that SIGKILL ended.
const KILLED: i64 = 137;

#[async_trait]
impl Provisioner for FakeEngine {
    async fn facts(&self) -> EngineResult<HostFacts> {
        let facts = HostFacts {
            engine_version: "0.0.0-fake".into(),
            api_version: "1.41".into(),
            operating_system: "none".into(),
            architecture: std::env::consts::ARCH.into(),
            cpus: 4,
            memory_bytes: 8 << 30,
            storage_driver: "memory".into(),
            cgroup_version: "2".into(),
        };
        self.call(Call::Facts, "", async || Ok(facts)).await
    }

    async fn observe(&self, workspace: WorkspaceId) -> EngineResult<Observed> {
        self.call(Call::Observe, workspace, async || Ok(self.lock().objects.observe(workspace))).await
    }

    async fn find_container(&self, name: &str) -> EngineResult<Option<ObservedContainer>> {
        self.call(Call::FindContainer, name, async || Ok(self.lock().objects.find(name))).await
    }

    async fn inventory(&self) -> EngineResult<Inventory> {
        let look = async || Ok(Inventory { workspaces: self.lock().objects.inventory() });
        self.call(Call::Inventory, "", look).await
    }

    async fn ensure_network(&self, request: &NetworkRequest) -> EngineResult<()> {
        let effect = async || self.lock().objects.ensure_network(&request.name, request.workspace);
        self.call(Call::EnsureNetwork, &request.name, effect).await
    }

    async fn remove_network(&self, name: &str) -> EngineResult<()> {
        let effect = async || {
            self.lock().objects.remove_network(name);
            Ok(())
        };
        self.call(Call::RemoveNetwork, name, effect).await
    }

    async fn ensure_volume(&self, request: &VolumeRequest) -> EngineResult<()> {
        let effect = async || self.lock().objects.ensure_volume(&request.docker_name, request.workspace);
        self.call(Call::EnsureVolume, &request.docker_name, effect).await
    }

    async fn remove_volume(&self, docker_name: &str) -> EngineResult<()> {
        let effect = async || self.lock().objects.remove_volume(docker_name);
        self.call(Call::RemoveVolume, docker_name, effect).await
    }

    async fn ensure_container(&self, request: &ContainerRequest) -> EngineResult<()> {
        self.call(Call::EnsureContainer, &request.name, async || self.make(request)).await
    }

    async fn start_container(&self, name: &str) -> EngineResult<()> {
        self.call(Call::StartContainer, name, async || self.start(name)).await
    }

    async fn stop_container(&self, name: &str, grace: Duration) -> EngineResult<()> {
        self.call(Call::StopContainer, name, async || self.stop(name, grace).await).await
    }

    async fn remove_container(&self, name: &str) -> EngineResult<()> {
        let effect = async || {
            let workspace = self.lock().objects.remove_container(name);
            self.announce(workspace);
            Ok(())
        };
        self.call(Call::RemoveContainer, name, effect).await
    }

    async fn exec(&self, container: &str, command: &[String], limit: Duration) -> EngineResult<ExecOutput> {
        let effect = async || {
            let answer = {
                let state = self.lock();
                let found = running(&state.objects, container)?;
                state.behaviour(&found.identity.component).commands.get(command).cloned()
            };
            match answer {
                None => Ok(ExecOutput { exit_code: 0, output: Vec::new() }),
                Some(Command::Ends(output)) => Ok(output),
                Some(Command::Hangs) => {
                    tokio::time::sleep(limit).await;
                    Err(EngineError::Timeout { call: "running a command", limit })
                }
            }
        };
        self.call(Call::Exec, container, effect).await
    }

    async fn open_terminal(&self, container: &str, size: TerminalSize) -> EngineResult<Terminal> {
        let effect = async || {
            running(&self.lock().objects, container)?;
            Ok(super::terminal::open(size))
        };
        self.call(Call::OpenTerminal, container, effect).await
    }

    async fn listening_ports(&self, container: &str) -> EngineResult<Vec<ListeningPort>> {
        let effect = async || {
            let state = self.lock();
            let port = running(&state.objects, container)?.port;
            Ok(port.into_iter().map(|port| ListeningPort { port, loopback: false }).collect())
        };
        self.call(Call::ListeningPorts, container, effect).await
    }

    async fn logs(
        &self,
        container: &str,
        range: LogRange,
    ) -> EngineResult<BoxStream<'static, EngineResult<ContainerLogLine>>> {
        let effect = async || {
            let state = self.lock();
            let found = state.objects.container(container).ok_or_else(|| missing(container))?;
            let lines: Vec<_> = found
                .logs
                .iter()
                .filter(|line| range.since.is_none() || line.at >= range.since)
                .cloned()
                .collect();
            let skipped = range.tail.map_or(0, |tail| lines.len().saturating_sub(tail as usize));
            let written = stream::iter(lines.into_iter().skip(skipped).map(Ok));
            // Nothing more is written to a log that is followed; what follows it waits.
            Ok(if range.follow { written.chain(stream::pending()).boxed() } else { written.boxed() })
        };
        self.call(Call::Logs, container, effect).await
    }

    async fn stats(&self, container: &str) -> EngineResult<ContainerStats> {
        let effect = async || {
            let state = self.lock();
            let found = state.objects.container(container).ok_or_else(|| missing(container))?;
            if found.state != ContainerState::Running {
                return Ok(ContainerStats::default());
            }
            Ok(ContainerStats {
                cpu_millis: 10,
                memory_bytes: found.memory_limit / 4,
                memory_limit: found.memory_limit,
                network_rx: 1_000,
                network_tx: 2_000,
                disk_bytes: None,
                pids: 1,
            })
        };
        self.call(Call::Stats, container, effect).await
    }

    fn events(&self) -> BoxStream<'static, EngineEvent> {
        let receiver = self.events.subscribe();
        let changes = stream::unfold(receiver, |mut receiver| async move {
            match receiver.recv().await {
                Ok(event) => Some((event, receiver)),
                Err(RecvError::Lagged(_)) => Some((EngineEvent::Resync, receiver)),
                Err(RecvError::Closed) => None,
            }
        });
        stream::iter([EngineEvent::Resync]).chain(changes).boxed()
    }
}

impl FakeEngine {
    fn make(&self, request: &ContainerRequest) -> EngineResult<()> {
        let mut state = self.lock();
        if !state.images.contains(&request.image) {
            let reason = "it was removed from the host".to_owned();
            return Err(EngineError::ImageUnavailable { image: request.image.clone(), reason });
        }
        let spec = &request.spec;
        let container = Container {
            identity: request.identity.clone(),
            network: request.network.clone(),
            image: request.image.clone(),
            volumes: request.mounts().map(|(docker_name, _)| docker_name.to_owned()).collect(),
            restart: spec.restart,
            memory_limit: spec.limits.memory_bytes,
            port: listens_on(spec),
            state: ContainerState::Created,
            address: None,
            restarts: 0,
            started_at: None,
            logs: Vec::new(),
        };
        state.objects.ensure_container(&request.name, container)?;
        drop(state);
        self.announce(Some(request.identity.workspace));
        Ok(())
    }

    fn start(&self, name: &str) -> EngineResult<()> {
        let now = self.clock.now();
        let mut state = self.lock();
        let found = state.objects.container(name).ok_or_else(|| missing(name))?;
        if found.state == ContainerState::Running {
            return Ok(());
        }
        let workspace = found.identity.workspace;
        let behaviour = state.behaviour(&found.identity.component);
        let address = state.objects.free_address(name)?;
        if let Some(reason) = behaviour.cannot_start {
            return Err(EngineError::Refused(reason));
        }
        if let Some(twice) = state.objects.runs_beside(name) {
            state.violations.push(twice);
        }
        if let Some(container) = state.objects.container_mut(name) {
            container.state = ContainerState::Running;
            container.address = Some(address);
            container.started_at = Some(now);
            container.restarts = 0;
            if let Some(port) = container.port {
                let text = format!("listens on port {port}");
                container.logs.push(ContainerLogLine { at: Some(now), stream: LogStream::Stdout, text });
            }
            if let Some(code) = behaviour.exits_with {
                container.end(code, false, now);
            }
        }
        drop(state);
        self.announce(Some(workspace));
        Ok(())
    }

    async fn stop(&self, name: &str, grace: Duration) -> EngineResult<()> {
        let ignores = {
            let state = self.lock();
            let Some(found) = state.objects.container(name).filter(|found| found.state.is_active()) else {
                return Ok(());
            };
            state.behaviour(&found.identity.component).ignores_terminate
        };
        if ignores {
            tokio::time::sleep(grace).await;
        }
        let mut state = self.lock();
        let workspace =
            state.objects.container_mut(name).filter(|found| found.state.is_active()).map(|container| {
                let code = if ignores { KILLED } else { 0 };
                container.state = ContainerState::Exited { code, out_of_memory: false };
                container.address = None;
                container.identity.workspace
            });
        drop(state);
        self.announce(workspace);
        Ok(())
    }
}

/// As the real placeholder does; other programs listen on the port their component names.
fn listens_on(spec: &ComponentSpec) -> Option<u16> {
    spec.port.or_else(|| (spec.image == ImageSource::Placeholder).then_some(8080))
}

fn running<'a>(objects: &'a super::Objects, name: &str) -> EngineResult<&'a Container> {
    let found = objects.container(name).ok_or_else(|| missing(name))?;
    match found.state {
        ContainerState::Running => Ok(found),
        _ => Err(EngineError::Refused(format!("Container {name} is not running"))),
    }
}

fn missing(name: &str) -> EngineError {
    EngineError::NotFound { kind: "container", name: name.to_owned() }
}
