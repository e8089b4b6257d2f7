use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::*;
use crate::{
    domain::{
        secret::Secret,
        workspace::spec::{ComponentSpec, Limits, Mount as SpecMount},
    },
    ports::provisioner::ContainerIdentity,
};

fn request() -> ContainerRequest {
    let name: crate::domain::names::ComponentName = "api".parse().unwrap();
    ContainerRequest {
        name: "ds-aaaaaaaa-api-g1".into(),
        identity: ContainerIdentity {
            workspace: uuid::Uuid::nil().into(),
            component: name.clone(),
            generation: 1,
        },
        network: "ds-aaaaaaaa".into(),
        image: "example/api:1".into(),
        volumes: BTreeMap::from([("data".parse().unwrap(), "ds-0123".to_owned())]),
        spec: ComponentSpec {
            name,
            kind: ComponentKind::Backend,
            image: ImageSource::Registry { reference: "example/api:1".into() },
            entrypoint: Some(vec!["/entry".into()]),
            command: Some(vec!["serve".into(), "--all".into()]),
            workdir: Some("/srv".into()),
            user: Some("1000:1000".into()),
            env: BTreeMap::from([
                ("TOKEN".to_owned(), Secret::new("s3cret")),
                ("DEVSANCTUM_WORKSPACE_NAME".to_owned(), Secret::new("shop")),
            ]),
            mounts: vec![
                SpecMount { volume: "data".parse().unwrap(), path: "/data".into() },
                SpecMount { volume: "unknown".parse().unwrap(), path: "/nothing".into() },
            ],
            port: Some(3000),
            readiness: None,
            limits: Limits {
                cpu_millis: 1_500,
                memory_bytes: 512 << 20,
                pids: 256,
                disk_bytes: Some(1 << 30),
            },
            depends_on: Vec::new(),
            restart: Restart::OnFailure,
        },
    }
}

fn host() -> HostTraits {
    HostTraits { cpus: 4, helper_volume: "ds-helper-1".into(), limits_disk: true }
}

fn labels() -> Labels {
    Labels::of(uuid::Uuid::from_u128(1).into())
}

fn json(request: &ContainerRequest, host: &HostTraits, image: &ImageProgram) -> Value {
    sorted(serde_json::to_value(body(request, labels(), host, image)).unwrap())
}

/// Hash maps come in any order.
fn sorted(value: Value) -> Value {
    match value {
        Value::Object(map) => {
            let map: BTreeMap<_, _> = map.into_iter().map(|(key, value)| (key, sorted(value))).collect();
            map.into_iter().collect()
        }
        Value::Array(items) => items.into_iter().map(sorted).collect(),
        other => other,
    }
}

#[test]
fn a_container_is_asked_for_in_these_words() {
    let body = json(&request(), &host(), &ImageProgram::default());
    insta::assert_snapshot!(serde_json::to_string_pretty(&body).unwrap());
}

/// Every key that may ever reach the engine. What a template says can change values, never add a key.
#[test]
fn only_these_keys_leave_the_process() {
    const ALLOWED: [&str; 50] = [
        "Cmd",
        "Entrypoint",
        "Env",
        "Healthcheck",
        "Healthcheck.Test",
        "HostConfig",
        "HostConfig.CapAdd",
        "HostConfig.CapDrop",
        "HostConfig.Init",
        "HostConfig.LogConfig",
        "HostConfig.LogConfig.Config",
        "HostConfig.LogConfig.Config.max-file",
        "HostConfig.LogConfig.Config.max-size",
        "HostConfig.LogConfig.Type",
        "HostConfig.Memory",
        "HostConfig.MemorySwap",
        "HostConfig.Mounts",
        "HostConfig.Mounts.ReadOnly",
        "HostConfig.Mounts.Source",
        "HostConfig.Mounts.Target",
        "HostConfig.Mounts.Type",
        "HostConfig.Mounts.VolumeOptions",
        "HostConfig.Mounts.VolumeOptions.Labels",
        "HostConfig.Mounts.VolumeOptions.Labels.dev.devsanctum.helper",
        "HostConfig.Mounts.VolumeOptions.Labels.dev.devsanctum.installation",
        "HostConfig.Mounts.VolumeOptions.Labels.dev.devsanctum.volume",
        "HostConfig.Mounts.VolumeOptions.Labels.dev.devsanctum.workspace",
        "HostConfig.NanoCpus",
        "HostConfig.NetworkMode",
        "HostConfig.PidsLimit",
        "HostConfig.RestartPolicy",
        "HostConfig.RestartPolicy.MaximumRetryCount",
        "HostConfig.RestartPolicy.Name",
        "HostConfig.SecurityOpt",
        "HostConfig.StorageOpt",
        "HostConfig.StorageOpt.size",
        "Hostname",
        "Image",
        "Labels",
        "Labels.dev.devsanctum.component",
        "Labels.dev.devsanctum.generation",
        "Labels.dev.devsanctum.helper",
        "Labels.dev.devsanctum.installation",
        "Labels.dev.devsanctum.workspace",
        "NetworkingConfig",
        "NetworkingConfig.EndpointsConfig",
        "NetworkingConfig.EndpointsConfig.ds-aaaaaaaa",
        "NetworkingConfig.EndpointsConfig.ds-aaaaaaaa.Aliases",
        "User",
        "WorkingDir",
    ];
    let mut seen = BTreeSet::new();
    for restart in [Restart::No, Restart::OnFailure, Restart::Always] {
        for kind in [ComponentKind::Backend, ComponentKind::Workspace] {
            for placeholder in [true, false] {
                let mut request = request();
                request.spec.restart = restart;
                request.spec.kind = kind;
                if placeholder {
                    request.spec.image = ImageSource::Placeholder;
                }
                collect_keys("", &json(&request, &host(), &ImageProgram::default()), &mut seen);
            }
        }
    }
    collect_keys("", &serde_json::to_value(filler_body("image", "volume", labels())).unwrap(), &mut seen);
    let unknown: Vec<_> = seen.iter().filter(|key| !ALLOWED.contains(&key.as_str())).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
}

fn collect_keys(path: &str, value: &Value, seen: &mut BTreeSet<String>) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                collect_keys(&path, value, seen);
                seen.insert(path);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect_keys(path, item, seen)),
        _ => {}
    }
}

#[test]
fn limits_are_those_of_the_host_at_most() {
    let body =
        json(&request(), &HostTraits { cpus: 1, limits_disk: false, ..host() }, &ImageProgram::default());
    assert_eq!(body["HostConfig"]["NanoCpus"], 1_000_000_000);
    assert_eq!(body["HostConfig"]["StorageOpt"], Value::Null);
}

#[test]
fn a_placeholder_says_what_it_stands_for() {
    let mut request = request();
    request.spec.image = ImageSource::Placeholder;
    let body = json(&request, &host(), &ImageProgram::default());
    assert_eq!(body["Entrypoint"], serde_json::json!([HELPER]));
    let words = ["placeholder", "--port", "3000", "--component", "api", "--workspace", "shop"];
    assert_eq!(body["Cmd"], serde_json::json!(words));
}

#[test]
fn a_place_to_work_in_stays_when_its_shell_ends() {
    let mut request = request();
    request.spec.kind = ComponentKind::Workspace;
    let image = ImageProgram { entrypoint: vec!["/entry".into()], command: vec!["bash".into()] };

    let given = json(&request, &host(), &image);
    assert_eq!(
        (&given["Entrypoint"][0], &given["Cmd"][0]),
        (&"/entry".into(), &"serve".into()),
        "as the template says"
    );

    (request.spec.entrypoint, request.spec.command) = (None, None);
    let kept = json(&request, &host(), &image);
    assert_eq!(kept["Entrypoint"], serde_json::json!([HELPER]));
    assert_eq!(kept["Cmd"], serde_json::json!(["keep", "/entry", "bash"]));

    request.spec.kind = ComponentKind::Backend;
    let other = json(&request, &host(), &image);
    assert_eq!((&other["Entrypoint"], &other["Cmd"]), (&Value::Null, &Value::Null), "the image's own");
}
