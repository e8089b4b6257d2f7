//! What a component gets that does not say.

use std::time::Duration;

use sha2::{Digest, Sha256};

use crate::domain::{
    names::VolumeName,
    template::{
        manifest::{Component, Health, Manifest, ResourceLimits},
        path,
    },
    workspace::spec::{ComponentKind, Limits, Mount, Probe, Readiness},
};

/// Of a `database` that names no image.
pub const DATABASE_IMAGE: &str = "postgres:15-alpine";
/// Where that image keeps its data.
const DATABASE_DATA: &str = "/var/lib/postgresql/data";

pub const CPU_MILLIS: u64 = 1000;
pub const MEMORY_BYTES: u64 = 1 << 30;
pub const PIDS: u32 = 512;

/// Ports and paths are asked often: asking is cheap, and a workspace is ready the sooner.
const INTERVAL: Duration = Duration::from_millis(100);
/// A command is a process of its own.
const COMMAND_INTERVAL: Duration = Duration::from_secs(1);
const TIMEOUT: Duration = Duration::from_secs(2);
/// Failing tries must last this long, and be [`MIN_RETRIES`], before a component is called unhealthy.
const UNHEALTHY_AFTER: Duration = Duration::from_secs(5);
const MIN_RETRIES: u32 = 3;
/// First starts install, migrate and compile.
const START_PERIOD: Duration = Duration::from_secs(60);

pub(super) fn limits(resources: &ResourceLimits) -> Limits {
    Limits {
        cpu_millis: resources.cpu.map_or(CPU_MILLIS, |cpu| cpu.0),
        memory_bytes: resources.memory.map_or(MEMORY_BYTES, |size| size.0),
        pids: resources.pids.unwrap_or(PIDS),
        disk_bytes: resources.disk.map(|size| size.0),
    }
}

/// A component that serves is ready when its main port accepts; one that only works, or is worked in, when it runs.
pub(super) fn readiness(component: &Component, placeholder: bool) -> Option<Readiness> {
    let serves =
        matches!(component.kind, ComponentKind::Frontend | ComponentKind::Backend | ComponentKind::Database);
    let main_port = component.main_port();
    let health = component.health.clone().unwrap_or_default();
    // The placeholder listens on the main port and knows no commands.
    let probe = match (&health, main_port) {
        (Health { path: Some(path), .. }, Some(port)) => Probe::Http { port, path: path.clone() },
        (Health { tcp: Some(port), .. }, _) if !placeholder => Probe::Tcp { port: *port },
        (Health { command: Some(command), .. }, _) if !placeholder => {
            Probe::Command { command: command.0.clone() }
        }
        (_, Some(port)) if serves => Probe::Tcp { port },
        _ => return None,
    };
    let usual = if matches!(probe, Probe::Command { .. }) { COMMAND_INTERVAL } else { INTERVAL };
    let interval = seconds(health.interval_seconds).unwrap_or(usual);
    Some(Readiness {
        probe,
        interval,
        timeout: seconds(health.timeout_seconds).unwrap_or(TIMEOUT),
        retries: health.retries.unwrap_or_else(|| usual_retries(interval)),
        start_period: seconds(health.start_period_seconds).unwrap_or(START_PERIOD),
    })
}

fn seconds(value: Option<f64>) -> Option<Duration> {
    value.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
}

fn usual_retries(interval: Duration) -> u32 {
    let tries = UNHEALTHY_AFTER.as_millis().div_ceil(interval.as_millis().max(1));
    u32::try_from(tries).unwrap_or(u32::MAX).max(MIN_RETRIES)
}

/// The volumes it names, and one for what it must not lose: the home of a workspace, the data of the default database.
pub(super) fn mounts(component: &Component, manifest: &Manifest) -> Vec<Mount> {
    let mut mounts: Vec<Mount> = component
        .volumes
        .iter()
        .map(|volume| Mount { volume: volume.name.clone(), path: volume.mount.clone() })
        .collect();
    let kept = if component.is_default_database() {
        Some((volume_name(format!("{}-data", component.name)), DATABASE_DATA.to_owned()))
    } else if component.kind == ComponentKind::Workspace {
        home(component).map(|home| (home_volume(component, manifest), home))
    } else {
        None
    };
    if let Some((volume, path)) = kept
        && !mounts.iter().any(|mount| path::without_trailing_slash(&mount.path) == path)
    {
        mounts.push(Mount { volume, path });
    }
    mounts
}

/// `HOME` where it is set, else what Linux distributions do: `/root`, or the user's name below `/home`.
fn home(component: &Component) -> Option<String> {
    if let Some(home) = component.env.get("HOME") {
        let home = path::without_trailing_slash(home.as_str());
        return path::check_mount(home).is_ok().then(|| home.to_owned());
    }
    let user = component.user.as_ref().map_or("root", |user| user.as_str());
    match user.split(':').next().unwrap_or_default() {
        "" | "root" | "0" => Some("/root".to_owned()),
        // A number has no name to go by: its home is where HOME says, and HOME says nothing.
        number if number.bytes().all(|byte| byte.is_ascii_digit()) => None,
        name => Some(format!("/home/{name}")),
    }
}

fn home_volume(component: &Component, manifest: &Manifest) -> VolumeName {
    let first = manifest.components.iter().find(|other| other.kind == ComponentKind::Workspace);
    if first.is_some_and(|first| first.name == component.name) {
        volume_name("home".to_owned())
    } else {
        volume_name(format!("home-{}", component.name))
    }
}

/// A long name is cut and ends in a digest of the whole, so that two long names stay different.
fn volume_name(name: String) -> VolumeName {
    const DIGEST_LEN: usize = 6;
    let name = if name.len() <= VolumeName::MAX {
        name
    } else {
        let digest = hex::encode(Sha256::digest(&name));
        let kept = name[..VolumeName::MAX - DIGEST_LEN - 1].trim_end_matches('-');
        format!("{kept}-{}", &digest[..DIGEST_LEN])
    };
    name.parse().expect("DNS labels joined by single hyphens are a DNS label, and it was cut to fit")
}
