//! From a container request to the JSON that Docker gets. This is the only place that fills it in, and it fills in
//! nothing that could give a container more than it was asked to have: no binds, no devices, no namespaces of the
//! host, no privileges. What a template may ask for is in the type it comes as.

use std::collections::HashMap;

use bollard::models::{
    ContainerCreateBody, EndpointSettings, HealthConfig, HostConfig, HostConfigLogConfig, Mount, MountType,
    MountVolumeOptions, NetworkingConfig, RestartPolicy, RestartPolicyNameEnum,
};

use super::labels::{LabelMap, Labels};
use crate::{
    domain::workspace::spec::{ComponentKind, ImageSource, Restart},
    ports::provisioner::ContainerRequest,
};

/// What is left of the capabilities that Docker gives by default. Packages are installed with the first four;
/// databases and web servers change to their own user with `SETGID` and `SETUID`, some into a root directory of their
/// own with `SYS_CHROOT`; supervisors stop children of other users with `KILL`; servers bind ports below 1024.
/// Left out: `NET_RAW` (forged packets to neighbours), `MKNOD` (devices), `SETFCAP` and `SETPCAP` (more capabilities),
/// `AUDIT_WRITE` (the host's audit log).
const CAPABILITIES: [&str; 9] = [
    "CHOWN",
    "DAC_OVERRIDE",
    "FOWNER",
    "FSETID",
    "KILL",
    "NET_BIND_SERVICE",
    "SETGID",
    "SETUID",
    "SYS_CHROOT",
];

const LOG_FILE_SIZE: &str = "10m";
const LOG_FILES: &str = "3";

/// Docker waits 0.1 s before the first restart and twice as long before each further one: ten take under two minutes.
const FAILED_RESTARTS: i64 = 10;

/// Where the placeholder listens when the component names no port.
const PLACEHOLDER_PORT: u16 = 8080;

/// Directory in every container that holds our program.
pub(super) const HELPER_DIRECTORY: &str = "/.devsanctum";
pub(super) const HELPER: &str = "/.devsanctum/helper";

/// The variable in which a component is told its workspace's name; the placeholder shows it.
const WORKSPACE_NAME: &str = "DEVSANCTUM_WORKSPACE_NAME";

/// What the request does not say, since it depends on the host.
#[derive(Debug, Clone)]
pub(super) struct HostTraits {
    /// More cores than this Docker refuses to give.
    pub(super) cpus: u32,
    pub(super) helper_volume: String,
    /// Whether the storage driver can limit the size of the writable layer.
    pub(super) limits_disk: bool,
}

/// The image's own program, as far as it matters.
#[derive(Debug, Clone, Default)]
pub(super) struct ImageProgram {
    pub(super) entrypoint: Vec<String>,
    pub(super) command: Vec<String>,
}

/// Whether the body depends on what the image runs by itself.
pub(super) fn needs_image_program(request: &ContainerRequest) -> bool {
    let spec = &request.spec;
    spec.kind == ComponentKind::Workspace
        && spec.image != ImageSource::Placeholder
        && spec.entrypoint.is_none()
        && spec.command.is_none()
}

pub(super) fn body(
    request: &ContainerRequest,
    labels: Labels,
    host: &HostTraits,
    image: &ImageProgram,
) -> ContainerCreateBody {
    let spec = &request.spec;
    let component = spec.name.to_string();
    let (entrypoint, cmd) = program(request, image);
    ContainerCreateBody {
        hostname: Some(component.clone()),
        image: Some(request.image.clone()),
        entrypoint,
        cmd,
        working_dir: spec.workdir.clone(),
        user: spec.user.clone(),
        env: Some(spec.env.iter().map(|(name, value)| format!("{name}={}", value.expose())).collect()),
        labels: Some(labels.container(&request.identity)),
        // Whether a component is ready is for its template to say; an image's own check would only cost.
        healthcheck: Some(HealthConfig { test: Some(vec!["NONE".into()]), ..HealthConfig::default() }),
        host_config: Some(host_config(request, labels, host)),
        networking_config: Some(NetworkingConfig {
            endpoints_config: Some(HashMap::from([(
                request.network.clone(),
                EndpointSettings { aliases: Some(vec![component]), ..EndpointSettings::default() },
            )])),
        }),
        ..ContainerCreateBody::default()
    }
}

/// For the container that only exists to have Docker fill the helper's volume. It is never started.
pub(super) fn filler_body(image: &str, volume_name: &str, labels: Labels) -> ContainerCreateBody {
    ContainerCreateBody {
        image: Some(image.to_owned()),
        labels: Some(labels.helper()),
        host_config: Some(HostConfig {
            network_mode: Some("none".into()),
            mounts: Some(vec![volume(volume_name, HELPER_DIRECTORY, labels.helper())]),
            ..HostConfig::default()
        }),
        ..ContainerCreateBody::default()
    }
}

fn host_config(request: &ContainerRequest, labels: Labels, host: &HostTraits) -> HostConfig {
    let limits = &request.spec.limits;
    let memory = i64::try_from(limits.memory_bytes).unwrap_or(i64::MAX);
    let nano_cpus = limits.cpu_millis.min(u64::from(host.cpus) * 1_000) * 1_000_000;
    let disk = limits.disk_bytes.filter(|_| host.limits_disk);
    HostConfig {
        network_mode: Some(request.network.clone()),
        mounts: Some(mounts(request, labels, host)),
        memory: Some(memory),
        // Memory and swap together: no swap.
        memory_swap: Some(memory),
        nano_cpus: i64::try_from(nano_cpus).ok(),
        pids_limit: Some(limits.pids.into()),
        storage_opt: disk.map(|bytes| HashMap::from([("size".to_owned(), bytes.to_string())])),
        cap_drop: Some(vec!["ALL".into()]),
        cap_add: Some(CAPABILITIES.map(str::to_owned).into()),
        security_opt: Some(vec!["no-new-privileges".into()]),
        init: Some(true),
        log_config: Some(HostConfigLogConfig {
            typ: Some("json-file".into()),
            config: Some(HashMap::from([
                ("max-size".to_owned(), LOG_FILE_SIZE.to_owned()),
                ("max-file".to_owned(), LOG_FILES.to_owned()),
            ])),
        }),
        restart_policy: Some(restart_policy(request.spec.restart)),
        ..HostConfig::default()
    }
}

fn mounts(request: &ContainerRequest, labels: Labels, host: &HostTraits) -> Vec<Mount> {
    let workspace = request.identity.workspace;
    let own = request.mounts().map(|(name, mount)| Mount {
        read_only: Some(false),
        ..volume(name, &mount.path, labels.volume(workspace, name))
    });
    let helper =
        Mount { read_only: Some(true), ..volume(&host.helper_volume, HELPER_DIRECTORY, labels.helper()) };
    own.chain([helper]).collect()
}

/// The labels are for a volume that was removed meanwhile: Docker makes it again by itself, and it must not be nobody's.
fn volume(name: &str, target: &str, labels: LabelMap) -> Mount {
    Mount {
        typ: Some(MountType::VOLUME),
        source: Some(name.to_owned()),
        target: Some(target.to_owned()),
        volume_options: Some(MountVolumeOptions { labels: Some(labels), ..MountVolumeOptions::default() }),
        ..Mount::default()
    }
}

fn restart_policy(restart: Restart) -> RestartPolicy {
    let (name, maximum_retry_count) = match restart {
        Restart::No => (RestartPolicyNameEnum::NO, None),
        Restart::OnFailure => (RestartPolicyNameEnum::ON_FAILURE, Some(FAILED_RESTARTS)),
        // "always" would bring back, after Docker's own restart, what a user has stopped.
        Restart::Always => (RestartPolicyNameEnum::UNLESS_STOPPED, None),
    };
    RestartPolicy { name: Some(name), maximum_retry_count }
}

type Words = Option<Vec<String>>;

/// Entrypoint and command.
fn program(request: &ContainerRequest, image: &ImageProgram) -> (Words, Words) {
    let spec = &request.spec;
    if spec.image == ImageSource::Placeholder {
        return (Some(vec![HELPER.into()]), Some(placeholder_arguments(request)));
    }
    if needs_image_program(request) {
        // A shell without a terminal ends at once, and the place to work in with it: the helper stays.
        let words =
            ["keep".to_owned()].into_iter().chain(image.entrypoint.clone()).chain(image.command.clone());
        return (Some(vec![HELPER.into()]), Some(words.collect()));
    }
    (spec.entrypoint.clone(), spec.command.clone())
}

fn placeholder_arguments(request: &ContainerRequest) -> Vec<String> {
    let spec = &request.spec;
    let workspace = spec.env.get(WORKSPACE_NAME).map_or(request.network.as_str(), |name| name.expose());
    [
        "placeholder",
        "--port",
        &spec.port.unwrap_or(PLACEHOLDER_PORT).to_string(),
        "--component",
        spec.name.as_str(),
        "--workspace",
        workspace,
    ]
    .map(str::to_owned)
    .into()
}

#[cfg(test)]
mod tests;
