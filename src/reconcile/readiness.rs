//! Waiting for a component to be ready: tries follow each other within milliseconds at first, so that readiness is
//! noticed about when it happens, and never more seldom than the template asks.

use std::{net::SocketAddr, time::Duration};

use tokio::time::{Instant, sleep};

use super::steps::{Fault, Worker};
use crate::domain::{
    deployment::{Failure, StepName},
    names::ComponentName,
    workspace::{
        ContainerState, ObservedContainer,
        spec::{Probe, Readiness},
    },
};

const FIRST_PAUSE: Duration = Duration::from_millis(4);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);
/// How often the container itself is looked at while its probe fails.
const LOOK_AGAIN: Duration = Duration::from_millis(300);
/// A container that Docker had to start again so often is not going to make it.
const MAX_RESTARTS: u32 = 3;
const LOG_TAIL: u32 = 20;

impl Worker<'_> {
    pub(super) async fn await_ready(&self, component: &ComponentName) -> Result<String, Fault> {
        let Some(readiness) = self.spec.component(component).and_then(|it| it.readiness.clone()) else {
            return Ok("has no health check".into());
        };
        let patience = readiness.patience();
        let begun = Instant::now();
        let mut pause = FIRST_PAUSE;
        loop {
            let container = self.running(component).await?;
            let until = Instant::now() + LOOK_AGAIN;
            loop {
                let error = match self.probe(&readiness, &container).await? {
                    Ok(()) => return Ok(format!("ready after {}", human(begun.elapsed()))),
                    Err(error) => error,
                };
                if begun.elapsed() > patience {
                    return Err(self.never_ready(component, patience, &error).await);
                }
                sleep(pause).await;
                pause = (pause * 3 / 2).min(readiness.interval).min(LONGEST_PAUSE);
                if Instant::now() >= until {
                    break;
                }
            }
        }
    }

    pub(super) async fn await_completion(&self, component: &ComponentName) -> Result<String, Fault> {
        let mut pause = FIRST_PAUSE;
        loop {
            let container = self.container(component).await?;
            match container.state {
                ContainerState::Exited { code: 0, .. } => return Ok("completed".into()),
                ContainerState::Exited { .. } | ContainerState::Dead => {
                    return Err(self.broken(component, &container).await);
                }
                _ if container.restarts >= MAX_RESTARTS => {
                    return Err(self.broken(component, &container).await);
                }
                _ => {}
            }
            sleep(pause).await;
            pause = (pause * 3 / 2).min(LONGEST_PAUSE);
        }
    }

    /// The component's container, if it still runs.
    async fn running(&self, component: &ComponentName) -> Result<ObservedContainer, Fault> {
        let container = self.container(component).await?;
        let hopeless = match container.state {
            ContainerState::Exited { .. } | ContainerState::Dead => true,
            _ => container.restarts >= MAX_RESTARTS,
        };
        if hopeless { Err(self.broken(component, &container).await) } else { Ok(container) }
    }

    async fn probe(
        &self,
        readiness: &Readiness,
        container: &ObservedContainer,
    ) -> Result<Result<(), String>, Fault> {
        let at = |port: u16| container.address.map(|ip| SocketAddr::new(ip, port));
        // Somebody took it off its network: waiting does not help, the next plan puts it back.
        if container.state == ContainerState::Running && container.address.is_none() {
            return Err(Fault::Transient(format!("container {} is not on its network", container.name)));
        }
        let no_address = || Err("it has no address on its network".to_owned());
        let prober = &self.context.app.prober;
        Ok(match &readiness.probe {
            Probe::Tcp { port } => match at(*port) {
                Some(address) => prober.tcp(address, readiness.timeout).await,
                None => no_address(),
            },
            Probe::Http { port, path } => match at(*port) {
                Some(address) => prober.http(address, path, readiness.timeout).await,
                None => no_address(),
            },
            Probe::Command { command } => {
                match self.engine.provisioner.exec(&container.name, command, readiness.timeout).await {
                    Ok(output) if output.exit_code == 0 => Ok(()),
                    Ok(output) => Err(format!(
                        "the command exited with {}: {}",
                        output.exit_code,
                        String::from_utf8_lossy(&output.output).trim()
                    )),
                    Err(error) => Err(error.to_string()),
                }
            }
        })
    }

    async fn never_ready(&self, component: &ComponentName, patience: Duration, error: &str) -> Fault {
        Fault::Failed(Box::new(Failure {
            code: "component_not_ready".into(),
            message: format!("component {component} was not ready within {}: {error}", human(patience)),
            component: Some(component.clone()),
            step: Some(StepName::Health),
            remedy:
                "Check that the program listens on the declared port on 0.0.0.0, or give it more time with \
                     health.start_period_seconds, then retry."
                    .into(),
            log_tail: self.log_tail(component).await,
        }))
    }

    async fn broken(&self, component: &ComponentName, container: &ObservedContainer) -> Fault {
        let what = match container.state {
            ContainerState::Exited { out_of_memory: true, .. } => "ran out of memory".to_owned(),
            ContainerState::Exited { code, .. } => format!("exited with code {code}"),
            ContainerState::Restarting | ContainerState::Running => {
                format!("keeps ending and was restarted {} times", container.restarts)
            }
            _ => "is dead".to_owned(),
        };
        Fault::Failed(Box::new(Failure {
            code: "component_exited".into(),
            message: format!("component {component} {what}"),
            component: Some(component.clone()),
            step: Some(StepName::Health),
            remedy: "Look at the component's log below, mend its command or image in the template, or \
                     its variables, then update the workspace."
                .into(),
            log_tail: self.log_tail(component).await,
        }))
    }

    /// The last lines the component wrote; empty when they cannot be had, since the failure itself matters more.
    pub(super) async fn log_tail(&self, component: &ComponentName) -> Vec<String> {
        use futures::TryStreamExt;

        use crate::ports::provisioner::LogRange;
        let range = LogRange { tail: Some(LOG_TAIL), ..LogRange::default() };
        let lines = async {
            let stream = self.engine.provisioner.logs(&self.container_name(component), range).await?;
            stream.map_ok(|line| line.text).try_collect::<Vec<_>>().await
        };
        match tokio::time::timeout(Duration::from_secs(3), lines).await {
            Ok(Ok(lines)) => lines,
            Ok(Err(error)) => vec![format!("(the log cannot be read: {error})")],
            Err(_) => vec!["(the log cannot be read in time)".into()],
        }
    }
}

/// A duration as people say it.
fn human(duration: Duration) -> String {
    match duration.as_millis() {
        millis @ 0..1000 => format!("{millis} ms"),
        _ => format!("{:.1} s", duration.as_secs_f64()),
    }
}
