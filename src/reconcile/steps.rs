//! How each action of a plan is done. Every one is idempotent: done already is done.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use super::{
    Context,
    hold::Hold,
    journal::{Journal, StepKey},
};
use crate::{
    app::{AppError, engines::Engine},
    domain::{
        deployment::{Failure, LogStream, StepName},
        names::ComponentName,
        route::RouteTarget,
        workspace::{
            Observed, ObservedContainer, Volume, Workspace, WorkspaceSpec, container_name, network_name,
            plan::{Action, Progress},
            spec::{BuildSource, ComponentSpec, ImageSource},
        },
    },
    ports::{
        image_builder::BuildRequest,
        provisioner::{ContainerIdentity, ContainerRequest, EngineError, NetworkRequest, VolumeRequest},
        repository::StoreError,
    },
};

/// Between SIGTERM and SIGKILL; Docker's own default.
const STOP_GRACE: Duration = Duration::from_secs(10);

/// Why an attempt does not go on.
#[derive(Debug, thiserror::Error)]
pub(super) enum Fault {
    /// Somebody must change something first.
    #[error("{}", .0.message)]
    Failed(Box<Failure>),
    /// The world did not answer as it should; look and try again soon.
    #[error("{0}")]
    Transient(String),
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        Fault::Transient(error.to_string())
    }
}

impl From<AppError> for Fault {
    fn from(error: AppError) -> Self {
        Fault::Transient(error.chain())
    }
}

/// Brings one workspace nearer to what is wanted.
pub(super) struct Worker<'a> {
    pub context: &'a Context,
    pub hold: &'a Hold,
    pub engine: &'a Engine,
    /// What the plan was made from.
    pub observed: &'a Observed,
    pub workspace: &'a Workspace,
    pub spec: &'a WorkspaceSpec,
    pub volumes: &'a [Volume],
    pub journal: &'a Arc<Journal>,
    pub progress: &'a Mutex<Progress>,
}

impl Worker<'_> {
    pub(super) fn announce(&self, action: &Action) -> StepKey {
        let subject = match action {
            Action::WithdrawRoutes => "withdraw",
            Action::PublishRoutes => "publish",
            Action::EnsureVolume { name, .. } => name.as_str(),
            Action::StopContainer { container, .. } | Action::RemoveContainer { container, .. } => container,
            Action::RemoveNetwork => "network",
            Action::RemoveVolume { docker_name, .. } => docker_name,
            _ => "",
        };
        self.journal.announce(self.step_of(action), action.component().cloned(), subject)
    }

    fn step_of(&self, action: &Action) -> StepName {
        match action {
            Action::WithdrawRoutes | Action::PublishRoutes => StepName::Route,
            Action::EnsureNetwork => StepName::Network,
            Action::EnsureVolume { .. } => StepName::Volume,
            Action::ProvideImage { component } => match self.spec.component(component).map(|it| &it.image) {
                Some(ImageSource::Build(_)) => StepName::Build,
                _ => StepName::Pull,
            },
            Action::CreateContainer { .. } => StepName::Create,
            Action::StartContainer { .. } => StepName::Start,
            Action::AwaitReady { .. } | Action::AwaitCompletion { .. } => StepName::Health,
            Action::StopContainer { .. } => StepName::Stop,
            Action::RemoveContainer { .. } => StepName::Remove,
            Action::RemoveNetwork | Action::RemoveVolume { .. } => StepName::Cleanup,
        }
    }

    /// Returns a line for people about what was done; may be empty.
    pub(super) async fn perform(&self, action: &Action, key: StepKey) -> Result<String, Fault> {
        if !self.hold.is_valid() {
            return Err(Fault::Transient("the lease ran out; another process may go on".into()));
        }
        let provisioner = &self.engine.provisioner;
        let done = match action {
            Action::WithdrawRoutes => return self.withdraw_routes().await,
            Action::PublishRoutes => return self.publish_routes().await,
            Action::ProvideImage { component } => return self.provide_image(component, key).await,
            Action::AwaitReady { component } => {
                let detail = self.await_ready(component).await?;
                self.progress(|progress| progress.ready.insert(component.clone()));
                return Ok(detail);
            }
            Action::AwaitCompletion { component } => {
                let detail = self.await_completion(component).await?;
                self.progress(|progress| progress.ready.insert(component.clone()));
                return Ok(detail);
            }
            Action::CreateContainer { component } => return self.create_container(component).await,
            Action::StartContainer { component } => {
                let result = provisioner.start_container(&self.container_name(component)).await;
                if result.is_ok() {
                    self.progress(|progress| progress.started.insert(component.clone()));
                }
                result
            }
            Action::EnsureNetwork => {
                let request = NetworkRequest {
                    name: network_name(&self.workspace.short_id),
                    workspace: self.workspace.id,
                };
                provisioner.ensure_network(&request).await
            }
            Action::EnsureVolume { docker_name, .. } => {
                let request =
                    VolumeRequest { docker_name: docker_name.clone(), workspace: self.workspace.id };
                provisioner.ensure_volume(&request).await
            }
            Action::StopContainer { container, .. } => {
                provisioner.stop_container(container, STOP_GRACE).await
            }
            Action::RemoveContainer { container, .. } => provisioner.remove_container(container).await,
            Action::RemoveNetwork => {
                provisioner.remove_network(&network_name(&self.workspace.short_id)).await
            }
            Action::RemoveVolume { docker_name, .. } => provisioner.remove_volume(docker_name).await,
        };
        done.map_err(|error| self.fault(error, action.component(), self.step_of(action)))?;
        Ok(match action {
            Action::EnsureVolume { name, .. } => format!("volume {name}"),
            Action::RemoveVolume { name, .. } => format!("volume {name}"),
            Action::RemoveNetwork => "network".into(),
            _ => String::new(),
        })
    }

    pub(super) fn progress<T>(&self, act: impl FnOnce(&mut Progress) -> T) -> T {
        act(&mut self.progress.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The name of the component's container: its labels say whose it is, whatever somebody calls it by now.
    pub(super) fn container_name(&self, component: &ComponentName) -> String {
        let there = self.observed.container(component, self.workspace.generation);
        there.map_or_else(|| self.own_name(component), |container| container.name.clone())
    }

    fn own_name(&self, component: &ComponentName) -> String {
        container_name(&self.workspace.short_id, component, self.workspace.generation)
    }

    /// The component's container as it is now.
    pub(super) async fn container(&self, component: &ComponentName) -> Result<ObservedContainer, Fault> {
        let name = self.container_name(component);
        let found = self
            .engine
            .provisioner
            .find_container(&name)
            .await
            .map_err(|error| self.fault(error, Some(component), StepName::Health))?;
        found.ok_or_else(|| Fault::Transient(format!("container {name} has gone")))
    }

    async fn create_container(&self, component: &ComponentName) -> Result<String, Fault> {
        let fault = |error| self.fault(error, Some(component), StepName::Create);
        let Some(spec) = self.spec.component(component) else {
            return Err(Fault::Transient(format!("there is no component {component} any more")));
        };
        let image = match &spec.image {
            ImageSource::Registry { reference } => reference.clone(),
            ImageSource::Build(source) => source.image(),
            ImageSource::Placeholder => self.engine.images.placeholder().await.map_err(fault)?,
        };
        let request = ContainerRequest {
            name: self.own_name(component),
            identity: ContainerIdentity {
                workspace: self.workspace.id,
                component: component.clone(),
                generation: self.workspace.generation,
            },
            network: network_name(&self.workspace.short_id),
            image,
            spec: spec.clone(),
            volumes: self.volume_names(spec),
        };
        self.engine.provisioner.ensure_container(&request).await.map_err(fault)?;
        Ok(String::new())
    }

    fn volume_names(&self, spec: &ComponentSpec) -> BTreeMap<crate::domain::names::VolumeName, String> {
        let used = |volume: &&Volume| spec.mounts.iter().any(|mount| mount.volume == volume.name);
        self.volumes.iter().filter(used).map(|it| (it.name.clone(), it.docker_name.clone())).collect()
    }

    async fn provide_image(&self, component: &ComponentName, key: StepKey) -> Result<String, Fault> {
        let Some(spec) = self.spec.component(component) else { return Ok(String::new()) };
        let images = &self.engine.images;
        match &spec.image {
            ImageSource::Placeholder => {
                let fault = |error| self.fault(error, Some(component), StepName::Pull);
                images.placeholder().await.map_err(fault)?;
                Ok("built-in placeholder: the template gives this component no image".into())
            }
            ImageSource::Registry { reference } => {
                let fault = |error| self.fault(error, Some(component), StepName::Pull);
                if images.has_image(reference).await.map_err(fault)? {
                    return Ok(format!("{reference} is on the host"));
                }
                self.journal.detail(key, format!("pulling {reference}"));
                images.pull(reference, self.journal.progress(key)).await.map_err(fault)?;
                Ok(format!("pulled {reference}"))
            }
            ImageSource::Build(source) => self.build_image(component, source, key).await,
        }
    }

    async fn build_image(
        &self,
        component: &ComponentName,
        source: &BuildSource,
        key: StepKey,
    ) -> Result<String, Fault> {
        let fault = |error| self.fault(error, Some(component), StepName::Build);
        let image = source.image();
        if self.engine.images.has_image(&image).await.map_err(fault)? {
            return Ok("built before from the same files".into());
        }
        let archive = self.context.app.store.read().await?.templates().archive(&source.archive).await?;
        let Some(archive) = archive else {
            return Err(Fault::Failed(Box::new(Failure {
                code: "template_files_missing".into(),
                message: format!(
                    "the files of the template version ({}) are not in the database",
                    source.archive
                ),
                component: Some(component.clone()),
                step: Some(StepName::Build),
                remedy: "Upload the template again as a new version, then update the workspace.".into(),
                log_tail: vec![],
            })));
        };
        self.journal.line(key, LogStream::System, &format!("building {image} from {}", source.context));
        let request = BuildRequest {
            image,
            archive,
            context: source.context.clone(),
            dockerfile: source.dockerfile.clone(),
            target: source.target.clone(),
            args: source.args.clone(),
        };
        self.engine.images.build(request, self.journal.progress(key)).await.map_err(fault)?;
        Ok(format!("built from {}", source.context))
    }

    async fn withdraw_routes(&self) -> Result<String, Fault> {
        let revision = self.retarget(|_| Some(RouteTarget::Withdrawn)).await?;
        self.context.routes.withdraw(revision).await?;
        Ok("withdrawn".into())
    }

    async fn publish_routes(&self) -> Result<String, Fault> {
        let seen = self.engine.provisioner.observe(self.workspace.id).await;
        let observed = seen.map_err(|error| self.fault(error, None, StepName::Route))?;
        let generation = self.workspace.generation;
        let address_of = |component: &ComponentName| observed.container(component, generation)?.address;
        let live = self.retarget(|route| {
            let address = SocketAddr::new(address_of(&route.component)?, route.port);
            let spec = self.spec.component(&route.component);
            Some(RouteTarget::Live { address, health: spec.and_then(|spec| spec.health_check(route.port)) })
        });
        self.context.routes.publish(live.await?).await?;
        // The server's own edge answers in its place.
        let routes = self.context.app.store.read().await?.routes().list(self.workspace.id).await?;
        let refusal = routes.iter().find_map(|route| self.context.app.proxy.refusal(route.id));
        Ok(refusal.map_or_else(|| "published".into(), |why| format!("published through this server: {why}")))
    }

    /// Writes where the routes lead; returns the revision with which they do.
    async fn retarget(
        &self,
        target: impl Fn(&crate::domain::route::Route) -> Option<RouteTarget>,
    ) -> Result<i64, Fault> {
        let mut work = self.context.app.store.begin().await?;
        work.workspaces().guard(self.hold.lease).await?;
        let routes = work.routes().list(self.workspace.id).await?;
        for route in routes {
            match target(&route) {
                Some(target) if target != route.target => work.routes().retarget(route.id, target).await?,
                _ => {}
            }
        }
        let revision = work.routes().revise(self.workspace.id).await?;
        work.replicas().call().await?;
        work.commit().await?;
        Ok(revision)
    }

    pub(super) fn fault(
        &self,
        error: EngineError,
        component: Option<&ComponentName>,
        step: StepName,
    ) -> Fault {
        if error.is_transient() {
            return Fault::Transient(error.to_string());
        }
        let (code, remedy) = match &error {
            EngineError::ImageUnavailable { .. } => (
                "image_unavailable",
                "Check the image's name and that the host can reach its registry, or load the image onto the host; then retry.",
            ),
            EngineError::Build(_) => {
                ("build_failed", "Mend the Dockerfile or its files in a new template version, then update.")
            }
            EngineError::NoSubnet(_) => {
                ("no_subnet", "Ask an administrator to widen DEVSANCTUM_NETWORK_POOL, or destroy workspaces.")
            }
            EngineError::Foreign { .. } => {
                ("name_taken_on_host", "Ask an administrator to remove or rename the object, then retry.")
            }
            // Somebody removed what the plan had just seen: look again.
            EngineError::NotFound { .. } => return Fault::Transient(error.to_string()),
            _ => ("engine_refused", "Look at what the engine says, mend the template, then retry."),
        };
        let log_tail = match component {
            Some(_) => self.journal.tail(component, 20),
            None => vec![],
        };
        Fault::Failed(Box::new(Failure {
            code: code.into(),
            message: error.to_string(),
            component: component.cloned(),
            step: Some(step),
            remedy: remedy.into(),
            log_tail,
        }))
    }
}
