use std::time::Duration;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::domain::{
    names::ComponentName,
    template::{check, document::Format, parameter},
    workspace::spec::{Mount, Probe, RouteSpec},
};

fn context() -> WorkspaceContext {
    WorkspaceContext {
        id: uuid::Uuid::from_u128(7).into(),
        name: "demo".parse().unwrap(),
        owner: "ada".parse().unwrap(),
        url: "http://demo-abcdefgh.localhost:7080".into(),
    }
}

struct Case {
    manifest: Manifest,
    files: Files,
    variables: BTreeMap<String, Secret>,
    given: BTreeMap<String, Value>,
}

impl Case {
    fn new(components: Value) -> Self {
        let text = json!({
            "parameters": [
                {"name": "size", "default": "small"},
                {"name": "tag", "default": "3"},
                {"name": "optional", "required": false},
            ],
            "components": components
        })
        .to_string();
        let manifest = check::check(&text, Format::Json, &Files::default()).unwrap().manifest;
        Self { manifest, files: Files::default(), variables: BTreeMap::new(), given: BTreeMap::new() }
    }

    fn compile(&self) -> Result<Compiled, Vec<Problem>> {
        self.compile_again(BTreeMap::new())
    }

    fn compile_again(&self, generated: BTreeMap<String, Secret>) -> Result<Compiled, Vec<Problem>> {
        let parameters = parameter::resolve(&self.manifest.parameters, &self.given)?;
        let workspace = context();
        let recipe = Recipe {
            manifest: &self.manifest,
            files: &self.files,
            parameters: &parameters,
            variables: &self.variables,
            workspace: &workspace,
        };
        let mut made = 0;
        compile(&recipe, generated, &mut || {
            made += 1;
            Secret::new(format!("secret{made}"))
        })
    }

    fn spec(&self) -> WorkspaceSpec {
        self.compile().unwrap().spec
    }
}

fn env<'a>(spec: &'a WorkspaceSpec, component: usize, name: &str) -> Option<&'a str> {
    spec.components[component].env.get(name).map(Secret::expose)
}

fn routes(spec: &WorkspaceSpec) -> Vec<(Option<&str>, &str, u16)> {
    fn row(route: &RouteSpec) -> (Option<&str>, &str, u16) {
        (route.app.as_ref().map(ComponentName::as_str), route.component.as_str(), route.port)
    }
    spec.routes.iter().map(row).collect()
}

#[test]
fn a_database_without_an_image_comes_with_credentials_for_the_others() {
    let case = Case::new(json!([
        {"name": "api", "type": "backend", "image": "api", "port": 8080, "depends_on": ["db"]},
        {"name": "db", "type": "database"},
        {"name": "own", "type": "worker", "image": "own", "env": {"DATABASE_URL": "mine"}},
    ]));
    let compiled = case.compile().unwrap();
    let spec = &compiled.spec;
    assert_eq!(spec.components[1].image, ImageSource::Registry { reference: "postgres:15-alpine".into() });
    assert_eq!(spec.components[1].port, Some(5432));
    assert_eq!(env(spec, 1, "POSTGRES_PASSWORD"), Some("secret1"));
    assert_eq!(env(spec, 0, "DATABASE_URL"), Some("postgres://app:secret1@db:5432/app"));
    assert_eq!(env(spec, 2, "DATABASE_URL"), Some("mine"));
    assert_eq!(env(spec, 1, "DATABASE_URL"), None);
    assert_eq!(
        spec.components[1].mounts,
        [Mount { volume: "db-data".parse().unwrap(), path: "/var/lib/postgresql/data".into() }]
    );
    assert_eq!(spec.components[1].readiness.as_ref().unwrap().probe, Probe::Tcp { port: 5432 });

    // An update keeps the secret that the data was made with.
    let again = case.compile_again([("db.password".to_owned(), Secret::new("kept"))].into()).unwrap();
    assert_eq!(env(&again.spec, 0, "DATABASE_URL"), Some("postgres://app:kept@db:5432/app"));
    assert_eq!(again.generated["db.password"].expose(), "kept");
}

#[test]
fn a_database_may_choose_its_own_credentials_and_port() {
    let spec = Case::new(json!([
        {"name": "db", "type": "database", "port": 6000,
         "env": {"POSTGRES_USER": "u@x", "POSTGRES_PASSWORD": "p/w", "POSTGRES_DB": "${param.size}"}},
        {"name": "api", "type": "worker", "image": "x", "env": {"URL": "${component.db.url}", "PORT": "${component.db.port}"}},
    ]))
    .spec();
    assert_eq!(env(&spec, 1, "URL"), Some("postgres://u%40x:p%2Fw@db:6000/small"));
    assert_eq!(env(&spec, 1, "PORT"), Some("6000"));
    assert_eq!(env(&spec, 0, "PGPORT"), Some("6000"));
    assert_eq!(env(&spec, 0, "POSTGRES_DB"), Some("small"));
}

#[test]
fn of_several_databases_the_one_waited_for_counts() {
    let spec = Case::new(json!([
        {"name": "one", "type": "database"},
        {"name": "two", "type": "database"},
        {"name": "a", "type": "worker", "image": "x", "depends_on": ["two"]},
        {"name": "b", "type": "worker", "image": "x"},
    ]))
    .spec();
    assert_eq!(env(&spec, 2, "DATABASE_URL"), Some("postgres://app:secret2@two:5432/app"));
    assert_eq!(env(&spec, 3, "DATABASE_URL"), Some("postgres://app:secret1@one:5432/app"));
}

#[test]
fn references_are_replaced_once() {
    let mut case = Case::new(json!([
        {"name": "web", "type": "frontend", "image": "web:${param.tag}", "port": 80, "env": {
            "A": "${param.size}/${param.optional}/$${param.size}/$HOME",
            "B": "${workspace.name} ${workspace.id} ${workspace.owner} ${workspace.url}",
            "C": "${component.api.host}:${component.api.port} ${component.api.url} ${component.cache.url}",
            "D": "${var.TOKEN}", "E": 8, "F": true
        }},
        {"name": "api", "type": "backend", "image": "api", "port": 8080},
        {"name": "cache", "type": "database", "image": "redis:7", "port": 6379},
    ]));
    case.given.insert("size".into(), json!("${var.TOKEN}"));
    case.variables =
        [("TOKEN", "t0p"), ("E", "weak"), ("PLAIN", "p")].map(|(k, v)| (k.to_owned(), Secret::new(v))).into();
    let spec = case.spec();
    let found: Vec<_> =
        ["A", "B", "C", "D", "E", "F", "PLAIN"].map(|name| env(&spec, 0, name).unwrap()).into();
    assert_eq!(
        found,
        [
            "${var.TOKEN}//${param.size}/$HOME",
            "demo 00000000-0000-0000-0000-000000000007 ada http://demo-abcdefgh.localhost:7080",
            "api:8080 http://api:8080 tcp://cache:6379",
            "t0p",
            "8",
            "true",
            "p",
        ]
    );
    assert_eq!(spec.components[0].image, ImageSource::Registry { reference: "web:3".into() });
}

#[test]
fn what_cannot_be_resolved_is_told_with_its_place() {
    let mut case = Case::new(json!([
        {"name": "a", "type": "worker", "image": "x:${param.tag}", "env": {"A": "${var.NOPE}", "B": "${var.NO2}"}},
    ]));
    case.given.insert("tag".into(), json!("not a tag"));
    let problems: Vec<_> = case.compile().unwrap_err().into_iter().map(|p| (p.pointer, p.code)).collect();
    assert_eq!(
        problems,
        [
            ("/components/0/image".to_owned(), "invalid_image"),
            ("/components/0/env/A".to_owned(), "unknown_variable"),
            ("/components/0/env/B".to_owned(), "unknown_variable"),
        ]
    );
}

#[test]
fn values_cannot_grow_without_end() {
    let mut case = Case::new(json!([
        {"name": "a", "type": "worker", "image": "x", "env": {"A": "${param.size}".repeat(2_000)}},
    ]));
    case.given.insert("size".into(), json!("x".repeat(4096)));
    assert_eq!(case.compile().unwrap_err()[0].code, "too_long");
}

#[test]
fn the_placeholder_takes_the_place_of_what_is_missing() {
    let mut case = Case::new(json!([
        {"name": "web", "type": "frontend"},
        {"name": "api", "type": "backend", "path": "./api", "port": 9000, "command": "serve", "user": "node",
         "health": {"command": "check"}},
    ]));
    let spec = case.spec();
    for (index, port) in [(0, 8080), (1, 9000)] {
        let component = &spec.components[index];
        assert_eq!(component.image, ImageSource::Placeholder);
        assert_eq!(env(&spec, index, "PORT"), Some(&*port.to_string()));
        assert_eq!((&component.command, &component.user), (&None, &None));
        assert_eq!(component.readiness.as_ref().unwrap().probe, Probe::Tcp { port });
    }
    assert_eq!(case.compile().unwrap().warnings[0].code, "no_dockerfile");

    case.files = Files { digest: "d1".into(), paths: ["api/Dockerfile".to_owned()].into() };
    let compiled = case.compile().unwrap();
    assert_eq!(compiled.warnings, []);
    let api = &compiled.spec.components[1];
    assert_eq!(
        api.image,
        ImageSource::Build(BuildSource {
            archive: "d1".into(),
            context: "api".into(),
            dockerfile: "Dockerfile".into(),
            target: None,
            args: BTreeMap::new(),
        })
    );
    assert_eq!(api.command.as_deref(), Some(&["serve".to_owned()][..]));
    assert_eq!(env(&compiled.spec, 1, "PORT"), None);
}

#[test]
fn the_first_front_end_is_the_main_route() {
    let spec = Case::new(json!([
        {"name": "api", "type": "backend", "image": "x", "port": 8080,
         "ports": [{"name": "admin", "port": 9000, "visibility": "organization"}, {"name": "raw", "port": 9001, "protocol": "tcp"}]},
        {"name": "ide", "type": "workspace", "image": "x", "port": 8443},
        {"name": "web", "type": "frontend", "image": "x", "port": 3000},
        {"name": "docs", "type": "frontend", "image": "x", "port": 3001},
    ]))
    .spec();
    assert_eq!(
        routes(&spec),
        [
            (None, "web", 3000),
            (Some("admin"), "api", 9000),
            (Some("ide"), "ide", 8443),
            (Some("docs"), "docs", 3001),
        ]
    );
}

#[test]
fn without_a_front_end_a_workspace_then_a_backend_is_main() {
    let api = json!({"name": "api", "type": "backend", "image": "x", "port": 8080});
    let ide = json!({"name": "ide", "type": "workspace", "image": "x", "port": 8443});
    let job = json!({"name": "job", "type": "worker", "image": "x", "port": 1});
    assert_eq!(routes(&Case::new(json!([api, ide])).spec()), [(None, "ide", 8443)]);
    assert_eq!(routes(&Case::new(json!([job, api])).spec()), [(None, "api", 8080)]);
    assert_eq!(routes(&Case::new(json!([job])).spec()), []);
}

#[test]
fn a_place_to_work_in_keeps_its_home() {
    for (rest, mounts) in [
        (json!({}), vec![("home", "/root")]),
        (json!({"user": "root"}), vec![("home", "/root")]),
        (json!({"user": "coder:coder"}), vec![("home", "/home/coder")]),
        (json!({"user": 1000}), vec![]),
        (json!({"user": 1000, "env": {"HOME": "/home/dev/"}}), vec![("home", "/home/dev")]),
        (json!({"volumes": [{"name": "mine", "mount": "/root/"}]}), vec![("mine", "/root/")]),
    ] {
        let mut component = json!({"name": "ide", "type": "workspace", "image": "x"});
        component.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
        let spec = Case::new(json!([component])).spec();
        let found: Vec<_> = spec.components[0]
            .mounts
            .iter()
            .map(|mount| (mount.volume.as_str(), mount.path.as_str()))
            .collect();
        assert_eq!(found, mounts, "{rest}");
    }
}

#[test]
fn two_places_to_work_in_have_two_homes() {
    let long = "a".repeat(40);
    let spec = Case::new(json!([
        {"name": "one", "type": "workspace", "image": "x"},
        {"name": "two", "type": "workspace", "image": "x"},
        {"name": long, "type": "workspace", "image": "x"},
    ]))
    .spec();
    let homes: Vec<_> = spec.components.iter().map(|c| c.mounts[0].volume.as_str()).collect();
    assert_eq!(homes[..2], ["home", "home-two"]);
    assert_eq!(homes[2].len(), 40);
}

#[test]
fn readiness_is_asked_of_what_serves() {
    let spec = Case::new(json!([
        {"name": "a", "type": "backend", "image": "x", "port": 80},
        {"name": "b", "type": "backend", "image": "x"},
        {"name": "c", "type": "worker", "image": "x", "port": 80},
        {"name": "d", "type": "workspace", "image": "x", "port": 80, "health": {"path": "/ok", "interval_seconds": 2}},
        {"name": "e", "type": "worker", "image": "x", "health": {"command": ["ok"], "retries": 7}},
    ]))
    .spec();
    let readiness: Vec<_> = spec.components.iter().map(|component| component.readiness.as_ref()).collect();
    assert_eq!(readiness[0].unwrap().probe, Probe::Tcp { port: 80 });
    assert_eq!(readiness[0].unwrap().interval, Duration::from_millis(100));
    assert_eq!((readiness[1], readiness[2]), (None, None));
    assert_eq!(readiness[3].unwrap().probe, Probe::Http { port: 80, path: "/ok".into() });
    assert_eq!((readiness[3].unwrap().interval, readiness[3].unwrap().retries), (Duration::from_secs(2), 3));
    assert_eq!((readiness[4].unwrap().interval, readiness[4].unwrap().retries), (Duration::from_secs(1), 7));
}

#[test]
fn limits_are_always_set() {
    let spec = Case::new(json!([
        {"name": "a", "type": "worker", "image": "x"},
        {"name": "b", "type": "worker", "image": "x", "resources": {"cpu": 0.5, "memory": "512Mi", "pids": 64, "disk": "1Gi"}},
    ]))
    .spec();
    let limits: Vec<_> = spec
        .components
        .iter()
        .map(|c| (c.limits.cpu_millis, c.limits.memory_bytes, c.limits.pids, c.limits.disk_bytes))
        .collect();
    assert_eq!(limits, [(1000, 1 << 30, 512, None), (500, 512 << 20, 64, Some(1 << 30))]);
}

#[test]
fn secrets_stay_out_of_debug_output() {
    let case =
        Case::new(json!([{"name": "db", "type": "database"}, {"name": "a", "type": "worker", "image": "x"}]));
    let compiled = case.compile().unwrap();
    assert!(!format!("{compiled:?}").contains("secret1"));
    let sealed = compiled.into_stored();
    let stored = serde_json::to_string(&sealed).unwrap();
    assert_eq!(serde_json::from_str::<SealedSpec>(&stored).unwrap(), sealed);
}

fn component_strategy() -> impl Strategy<Value = Value> {
    let kind = prop::sample::select(vec!["frontend", "backend", "worker", "database", "workspace"]);
    let value = prop::sample::select(vec![
        "plain",
        "${param.size}",
        "${var.V}",
        "${workspace.url}",
        "${component.c0.host}",
        "a$b",
        "${param.optional}",
    ]);
    (
        kind,
        prop::option::of(1u16..),
        any::<bool>(),
        any::<bool>(),
        prop::collection::btree_map("[A-Z]{1,3}", value, 0..4),
    )
        .prop_map(|(kind, port, image, path, env)| {
            let mut component = json!({"type": kind, "env": env});
            let map = component.as_object_mut().unwrap();
            if let Some(port) = port {
                map.insert("port".into(), port.into());
            }
            if image {
                map.insert("image".into(), "x:${param.tag}".into());
            } else if path {
                map.insert("path".into(), "./x".into());
            }
            component
        })
}

proptest! {
    #[test]
    fn whatever_passes_the_check_compiles(
        components in prop::collection::vec(component_strategy(), 1..8),
        edges in prop::collection::vec((0usize..8, 0usize..8), 0..12),
    ) {
        let count = components.len();
        let mut components: Vec<Value> = components;
        for (index, component) in components.iter_mut().enumerate() {
            let below: std::collections::BTreeSet<_> =
                edges.iter().filter(|(from, to)| *from == index && to < from && *to < count).map(|(_, to)| format!("c{to}")).collect();
            component["name"] = format!("c{index}").into();
            component["depends_on"] = json!(below);
        }
        let mut case = Case::new(json!(components));
        case.variables.insert("V".into(), Secret::new("v"));
        let spec = case.compile().unwrap().spec;
        prop_assert_eq!(spec.components.len(), count);
        let mut started = std::collections::BTreeSet::new();
        for component in &spec.components {
            prop_assert!(component.depends_on.iter().all(|dependency| started.contains(&dependency.name)));
            started.insert(component.name.clone());
            let left_over = component.env.values().any(|value| value.expose().contains("${"));
            prop_assert!(!left_over);
            prop_assert!(component.limits.cpu_millis > 0 && component.limits.memory_bytes > 0 && component.limits.pids > 0);
        }
        prop_assert!(spec.routes.iter().filter(|route| route.app.is_none()).count() <= 1);
        let labels: std::collections::BTreeSet<_> = spec.routes.iter().map(|route| route.app.clone()).collect();
        prop_assert_eq!(labels.len(), spec.routes.len());
        // The same input gives the same specification.
        prop_assert_eq!(case.compile().unwrap().spec, spec);
    }
}
