//! An engine for one case of the suite, and what the case needs of the world around it.

use std::{collections::BTreeMap, future::Future, sync::Arc, time::Duration};

use bollard::{
    models::{ContainerCreateBody, VolumeCreateRequest},
    query_parameters::{
        CreateContainerOptionsBuilder, RemoveContainerOptionsBuilder, RemoveImageOptionsBuilder,
        RemoveVolumeOptions,
    },
};
use chrono::{DateTime, Utc};
use devsanctum::{
    domain::{
        deployment::LogStream,
        ids::WorkspaceId,
        names::{ComponentName, ShortId, VolumeName},
        workspace::{
            ObservedContainer, container_name, network_name,
            spec::{ComponentKind, ComponentSpec, ImageSource, Limits, Mount, Restart},
        },
    },
    ports::{
        clock::Clock,
        image_builder::ImageBuilder,
        provisioner::{
            ContainerIdentity, ContainerRequest, EngineResult, ExecOutput, NetworkRequest, Provisioner,
            VolumeRequest,
        },
    },
    testing::docker::{Behaviour, Command, FakeEngine},
};

use crate::support::docker::{TestDocker, fresh_uuid, with_docker};

/// Our program in every container: what real containers run in these cases.
pub const HELPER: &str = "/.devsanctum/helper";

/// What the helper ends with when it is used wrongly.
pub const EXIT_CODE: i64 = 64;

pub struct World {
    pub engine: Arc<dyn Provisioner>,
    pub images: Arc<dyn ImageBuilder>,
    backdoor: Backdoor,
}

enum Backdoor {
    Fake(Arc<FakeEngine>),
    Docker(Arc<TestDocker>),
}

struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the cases compare the engine's times with the real time")]
    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }
}

pub fn now() -> DateTime<Utc> {
    SystemClock.now()
}

pub async fn on_fake<F: Future<Output = ()>>(case: impl FnOnce(World) -> F) {
    on_fake_engine(|world, _| case(world)).await;
}

pub async fn on_fake_engine<F: Future<Output = ()>>(case: impl FnOnce(World, Arc<FakeEngine>) -> F) {
    let fake = Arc::new(FakeEngine::new(Arc::new(SystemClock)));
    case(World { engine: fake.clone(), images: fake.clone(), backdoor: Backdoor::Fake(fake.clone()) }, fake)
        .await;
}

pub async fn on_docker<F: Future<Output = ()>>(case: impl FnOnce(World) -> F) {
    with_docker(async |docker| case(World::on(docker)).await).await;
}

/// What a component's program does.
pub enum Program {
    /// Serves on port 8080 until it is stopped.
    Serves,
    /// Ends with [`EXIT_CODE`].
    Exits,
}

impl World {
    pub fn on(docker: Arc<TestDocker>) -> Self {
        let engine = docker.engine.clone();
        Self { engine: engine.clone(), images: engine, backdoor: Backdoor::Docker(docker) }
    }

    pub fn workspace(&self) -> TestWorkspace {
        let id = WorkspaceId::from(fresh_uuid());
        TestWorkspace { id, short: ShortId::of(id) }
    }

    /// A request for a container of the first generation.
    pub async fn request(
        &self,
        workspace: &TestWorkspace,
        component: &str,
        program: Program,
    ) -> ContainerRequest {
        let image = self.images.placeholder().await.unwrap();
        let mut spec = component_spec(component);
        if let Program::Exits = program {
            spec.image = ImageSource::Registry { reference: image.clone() };
            spec.entrypoint = Some(vec![HELPER.into()]);
            spec.command = Some(vec!["nonsense".into()]);
            if let Backdoor::Fake(fake) = &self.backdoor {
                fake.behave(&spec.name, Behaviour { exits_with: Some(EXIT_CODE), ..Behaviour::default() });
            }
        }
        workspace.request(spec, image)
    }

    /// A network and a container that was started.
    pub async fn started(&self, workspace: &TestWorkspace, component: &str) -> ContainerRequest {
        let request = self.request(workspace, component, Program::Serves).await;
        self.engine.ensure_network(&workspace.network()).await.unwrap();
        self.engine.ensure_container(&request).await.unwrap();
        self.engine.start_container(&request.name).await.unwrap();
        request
    }

    /// Looks until it finds what it waits for.
    pub async fn until(&self, name: &str, found: impl Fn(&ObservedContainer) -> bool) -> ObservedContainer {
        let mut last = None;
        for _ in 0..500 {
            last = self.engine.find_container(name).await.unwrap();
            match last {
                Some(container) if found(&container) => return container,
                _ => tokio::time::sleep(Duration::from_millis(20)).await,
            }
        }
        panic!("waited in vain; last seen: {last:?}");
    }

    /// Makes `command` answer this; a real program answers it by itself.
    pub fn expect_command(&self, component: &ComponentName, command: &[String], answer: Answer) {
        let Backdoor::Fake(fake) = &self.backdoor else { return };
        let answer = match answer {
            Answer::Code(exit_code, output) => Command::Ends(ExecOutput { exit_code, output: output.into() }),
            Answer::Nothing => Command::Hangs,
        };
        let commands = [(command.to_vec(), answer)].into();
        fake.behave(component, Behaviour { commands, ..Behaviour::default() });
    }

    /// Removes an image that a case has made.
    pub async fn forget_image(&self, image: &str) {
        if let Backdoor::Docker(docker) = &self.backdoor {
            let options = RemoveImageOptionsBuilder::new().force(true).build();
            docker.bare.remove_image(image, Some(options), None).await.unwrap();
        }
    }

    pub async fn plant_volume(&self, name: &str) {
        match &self.backdoor {
            Backdoor::Fake(fake) => fake.plant_volume(name),
            Backdoor::Docker(docker) => {
                let body = VolumeCreateRequest { name: Some(name.into()), ..VolumeCreateRequest::default() };
                docker.bare.create_volume(body).await.unwrap();
            }
        }
    }

    /// Removes what was planted; it must still be there.
    pub async fn unplant_volume(&self, name: &str) {
        if let Backdoor::Docker(docker) = &self.backdoor {
            docker.bare.remove_volume(name, None::<RemoveVolumeOptions>).await.unwrap();
        }
    }

    pub async fn plant_container(&self, name: &str) {
        match &self.backdoor {
            Backdoor::Fake(fake) => fake.plant_container(name),
            Backdoor::Docker(docker) => {
                let image = Some(self.images.placeholder().await.unwrap());
                let options = CreateContainerOptionsBuilder::new().name(name).build();
                let body = ContainerCreateBody { image, ..ContainerCreateBody::default() };
                docker.bare.create_container(Some(options), body).await.unwrap();
            }
        }
    }

    pub async fn unplant_container(&self, name: &str) {
        if let Backdoor::Docker(docker) = &self.backdoor {
            let options = RemoveContainerOptionsBuilder::new().force(true).build();
            docker.bare.remove_container(name, Some(options)).await.unwrap();
        }
    }
}

pub enum Answer {
    Code(i64, &'static str),
    Nothing,
}

pub struct TestWorkspace {
    pub id: WorkspaceId,
    pub short: ShortId,
}

impl TestWorkspace {
    pub fn network(&self) -> NetworkRequest {
        NetworkRequest { name: network_name(&self.short), workspace: self.id }
    }

    pub fn volume(&self, docker_name: &str) -> VolumeRequest {
        VolumeRequest { docker_name: docker_name.to_owned(), workspace: self.id }
    }

    pub fn request(&self, spec: ComponentSpec, image: String) -> ContainerRequest {
        let generation = 1;
        ContainerRequest {
            name: container_name(&self.short, &spec.name, generation),
            identity: ContainerIdentity { workspace: self.id, component: spec.name.clone(), generation },
            network: network_name(&self.short),
            image,
            spec,
            volumes: BTreeMap::new(),
        }
    }
}

/// A fresh name as volumes have it.
pub fn volume_name() -> String {
    format!("ds-{}", fresh_uuid().simple())
}

pub fn component_spec(name: &str) -> ComponentSpec {
    ComponentSpec {
        name: name.parse().unwrap(),
        kind: ComponentKind::Backend,
        image: ImageSource::Placeholder,
        entrypoint: None,
        command: None,
        workdir: None,
        user: None,
        env: BTreeMap::new(),
        mounts: Vec::new(),
        port: Some(8080),
        readiness: None,
        limits: Limits { cpu_millis: 500, memory_bytes: 64 << 20, pids: 64, disk_bytes: None },
        depends_on: Vec::new(),
        restart: Restart::No,
    }
}

/// Mounts a volume into the container.
pub fn mount(request: &mut ContainerRequest, docker_name: &str, path: &str) {
    let volume: VolumeName = "data".parse().unwrap();
    request.spec.mounts.push(Mount { volume: volume.clone(), path: path.into() });
    request.volumes.insert(volume, docker_name.to_owned());
}

pub fn words(command: &[&str]) -> Vec<String> {
    command.iter().map(|word| (*word).to_owned()).collect()
}

/// The texts of all lines.
pub async fn log_texts(engine: &dyn Provisioner, container: &str) -> EngineResult<Vec<(LogStream, String)>> {
    use futures::TryStreamExt;
    let lines = engine.logs(container, Default::default()).await?;
    lines.map_ok(|line| (line.stream, line.text)).try_collect().await
}
