//! Containers: made, started, stopped, removed, each by name and only when the labels say that it is ours.

use std::time::Duration;

use bollard::{
    models::{ContainerInspectResponse, ContainerStateStatusEnum, EndpointSettings, NetworkConnectRequest},
    query_parameters::{
        CreateContainerOptionsBuilder, InspectContainerOptions, RemoveContainerOptionsBuilder,
        StartContainerOptions, StopContainerOptionsBuilder,
    },
};

use super::{
    Engine,
    client::{CHANGE, LOOK},
    error::{CallResult, Failed, check_name},
    host_config::{self, ImageProgram},
    labels::LabelMap,
};
use crate::ports::provisioner::{ContainerIdentity, ContainerRequest, EngineError, EngineResult};

/// What Docker may need beyond the grace it was given: to kill, to unmount, to take down the network.
const STOP_OVERHEAD: Duration = Duration::from_secs(30);

/// Between looks at a name that another call is giving or taking away.
const NAME_POLL: Duration = Duration::from_millis(20);

const CREATING: &str = "creating a container";

impl Engine {
    pub(super) async fn ensure_container(&self, request: &ContainerRequest) -> EngineResult<()> {
        check_name("container", &request.name)?;
        let program = match host_config::needs_image_program(request) {
            true => self.image_program(&request.image).await?,
            false => ImageProgram::default(),
        };
        let made = async {
            while !self.try_create(request, &program).await? {
                tokio::time::sleep(NAME_POLL).await;
            }
            Ok(())
        };
        match tokio::time::timeout(CHANGE, made).await {
            Ok(result) => result,
            Err(_) => Err(EngineError::Timeout { call: CREATING, limit: CHANGE }),
        }
    }

    /// `false`: the name is taken, and there is nothing to look at: a container is being made or removed.
    async fn try_create(&self, request: &ContainerRequest, program: &ImageProgram) -> EngineResult<bool> {
        let host = self.host_traits().await?;
        let Err(failed) = self.create_container(request, &host, program).await else { return Ok(true) };
        if failed.is(409) {
            return match self.look(&request.name).await? {
                Some(found) if self.identity_of(&found).as_ref() == Some(&request.identity) => Ok(true),
                Some(_) => Err(EngineError::Foreign { kind: "container", name: request.name.clone() }),
                None => Ok(false),
            };
        }
        if failed.is_missing() && failed.says("image") {
            let reason = "it was removed from the host".to_owned();
            return Err(EngineError::ImageUnavailable { image: request.image.clone(), reason });
        }
        if host.limits_disk && failed.says("storage-opt") {
            self.forget_disk_limits();
            return Ok(false);
        }
        Err(failed.about("network", &request.network))
    }

    async fn create_container(
        &self,
        request: &ContainerRequest,
        host: &host_config::HostTraits,
        program: &ImageProgram,
    ) -> CallResult<()> {
        let body = host_config::body(request, self.labels, host, program);
        let options = CreateContainerOptionsBuilder::new().name(&request.name).build();
        let call = self.docker().create_container(Some(options), body);
        self.client.call(CREATING, CHANGE, call).await.map(drop)
    }

    pub(super) async fn start_container(&self, name: &str) -> EngineResult<()> {
        let found = self.look_at_ours(name).await?;
        let found =
            found.ok_or_else(|| EngineError::NotFound { kind: "container", name: name.to_owned() })?;
        if let Some(endpoint) = &found.detached {
            self.reattach(&found.id, endpoint).await?;
        }
        let result = match found.status {
            Some(ContainerStateStatusEnum::RUNNING) => return Ok(()),
            Some(ContainerStateStatusEnum::PAUSED) => {
                let call = self.docker().unpause_container(&found.id);
                self.client.call("unpausing a container", CHANGE, call).await
            }
            _ => {
                let call = self.docker().start_container(&found.id, None::<StartContainerOptions>);
                self.client.call("starting a container", CHANGE, call).await
            }
        };
        result.map_err(|failed| explain_start(failed, name))
    }

    /// Puts a container back on the network it was made for. Success when it is there already.
    async fn reattach(&self, id: &str, endpoint: &Endpoint) -> EngineResult<()> {
        let settings =
            EndpointSettings { aliases: Some(vec![endpoint.alias.clone()]), ..EndpointSettings::default() };
        let request = NetworkConnectRequest { container: id.to_owned(), endpoint_config: Some(settings) };
        let call = self.docker().connect_network(&endpoint.network, request);
        match self.client.call("connecting a container to its network", CHANGE, call).await {
            Err(failed) if failed.says("already exists") => Ok(()),
            Err(failed) => Err(failed.about("network", &endpoint.network)),
            Ok(()) => Ok(()),
        }
    }

    pub(super) async fn stop_container(&self, name: &str, grace: Duration) -> EngineResult<()> {
        let Some(found) = self.look_at_ours(name).await? else { return Ok(()) };
        if !found.is_active() {
            return Ok(());
        }
        self.thaw(&found).await?;
        let seconds = i32::try_from(grace.as_secs()).unwrap_or(i32::MAX);
        let options = StopContainerOptionsBuilder::new().t(seconds).build();
        let call = self.docker().stop_container(&found.id, Some(options));
        match self.client.call("stopping a container", grace + STOP_OVERHEAD, call).await {
            Err(failed) if failed.is_missing() => Ok(()),
            result => Ok(result?),
        }
    }

    pub(super) async fn remove_container(&self, name: &str) -> EngineResult<()> {
        let Some(found) = self.look_at_ours(name).await? else { return Ok(()) };
        self.thaw(&found).await?;
        // Anonymous volumes, which images declare, go with it; named ones stay.
        let options = RemoveContainerOptionsBuilder::new().force(true).v(true).build();
        let call = self.docker().remove_container(&found.id, Some(options));
        match self.client.call("removing a container", CHANGE, call).await {
            Err(failed) if failed.is_missing() => Ok(()),
            Err(failed) if failed.is(409) && failed.says("in progress") => {
                self.await_removal(&found.id).await
            }
            result => Ok(result?),
        }
    }

    async fn await_removal(&self, id: &str) -> EngineResult<()> {
        let gone = async {
            while self.look(id).await?.is_some() {
                tokio::time::sleep(NAME_POLL).await;
            }
            Ok(())
        };
        match tokio::time::timeout(CHANGE, gone).await {
            Ok(result) => result,
            Err(_) => Err(EngineError::Timeout { call: "removing a container", limit: CHANGE }),
        }
    }

    /// A frozen process takes no signal, so Docker refuses to stop or kill a paused container.
    async fn thaw(&self, found: &Found) -> EngineResult<()> {
        if found.status != Some(ContainerStateStatusEnum::PAUSED) {
            return Ok(());
        }
        match self
            .client
            .call("unpausing a container", CHANGE, self.docker().unpause_container(&found.id))
            .await
        {
            // Somebody else did it, or it is gone.
            Err(failed) if failed.is_missing() || failed.is(409) => Ok(()),
            result => Ok(result?),
        }
    }

    /// By name or id; `None` when there is none.
    pub(super) async fn look(&self, name: &str) -> EngineResult<Option<ContainerInspectResponse>> {
        let call = self.docker().inspect_container(name, None::<InspectContainerOptions>);
        match self.client.call("inspecting a container", LOOK, call).await {
            Ok(found) => Ok(Some(found)),
            Err(failed) if failed.is_missing() => Ok(None),
            Err(failed) => Err(failed.into()),
        }
    }

    /// `None` when there is none, or one that is not ours.
    pub(super) async fn look_at_ours(&self, name: &str) -> EngineResult<Option<Found>> {
        check_name("container", name)?;
        let found = self.look(name).await?;
        let Some(found) = found else { return Ok(None) };
        let Some(identity) = self.identity_of(&found) else { return Ok(None) };
        let network = found.host_config.and_then(|config| config.network_mode);
        let attached = found.network_settings.and_then(|settings| settings.networks).unwrap_or_default();
        let detached = network.filter(|network| !attached.contains_key(network));
        Ok(Some(Found {
            id: found.id.unwrap_or_else(|| name.to_owned()),
            status: found.state.and_then(|state| state.status),
            detached: detached.map(|network| Endpoint { network, alias: identity.component.to_string() }),
        }))
    }

    pub(super) fn identity_of(&self, found: &ContainerInspectResponse) -> Option<ContainerIdentity> {
        self.labels.identity(labels_of(found))
    }
}

pub(super) fn labels_of(found: &ContainerInspectResponse) -> Option<&LabelMap> {
    found.config.as_ref()?.labels.as_ref()
}

/// A container of ours. Later calls use its id, so that they cannot hit another that took its name meanwhile.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) id: String,
    pub(super) status: Option<ContainerStateStatusEnum>,
    /// Where it should be on the network and is not.
    detached: Option<Endpoint>,
}

#[derive(Debug)]
struct Endpoint {
    network: String,
    /// The name by which the others find it.
    alias: String,
}

impl Found {
    fn is_active(&self) -> bool {
        use ContainerStateStatusEnum::{PAUSED, RESTARTING, RUNNING};
        matches!(self.status, Some(RUNNING | PAUSED | RESTARTING))
    }
}

/// Docker answers 500 to what no retry can cure as well: a program the image lacks, a user it does not know.
fn explain_start(failed: Failed, name: &str) -> EngineError {
    const LASTING: [&str; 4] = [
        "oci runtime create failed",
        "unable to find user",
        "unable to find group",
        "no such file or directory",
    ];
    if LASTING.iter().any(|words| failed.says(words)) {
        return failed.lasting();
    }
    let kind = if failed.says("network") { "network" } else { "container" };
    failed.about(kind, name)
}
