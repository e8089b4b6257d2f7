use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

/// The example every reader of the documentation meets first.
pub(crate) const SHOP: &str = r#"{
  "appName": "E-Commerce Platform",
  "slug": "ecommerce",
  "description": "Shop front, API and database",
  "icon": "shopping-cart",
  "tags": ["demo"],
  "parameters": [
    {"name": "size", "type": "string", "default": "small", "options": ["small", "large"], "mutable": true}
  ],
  "components": [
    {"name": "web-ui", "type": "frontend", "path": "./frontend", "port": 3000, "env": {"API_URL": "http://api-server:8080"},
     "health": {"path": "/", "interval_seconds": 2}, "depends_on": ["api-server"]},
    {"name": "api-server", "type": "backend", "path": "./api-server", "port": 8080, "depends_on": ["database"]},
    {"name": "database", "type": "database", "port": 5432}
  ]
}"#;

fn wrong(text: &str) -> Vec<(u32, String, &'static str)> {
    let format = if text.starts_with('{') { Format::Json } else { Format::Yaml };
    check(text, format, &Files::default())
        .unwrap_err()
        .into_iter()
        .map(|problem| (problem.line.unwrap_or(0), problem.pointer, problem.code))
        .collect()
}

/// The problems of one component, written as YAML flow next to a name and a type.
fn wrong_component(rest: &str) -> Vec<(String, &'static str)> {
    wrong(&format!("components: [{{name: a, type: backend, {rest}}}]"))
        .into_iter()
        .map(|(_, pointer, code)| (pointer.trim_start_matches("/components/0").to_owned(), code))
        .collect()
}

#[test]
fn the_example_is_a_manifest_and_says_what_is_missing() {
    let checked = check(SHOP, Format::Json, &Files::default()).unwrap();
    assert_eq!(checked.manifest.components.len(), 3);
    let warnings: Vec<_> = checked.warnings.iter().map(|w| (w.line, w.pointer.as_str(), w.code)).collect();
    assert_eq!(
        warnings,
        [
            (Some(11), "/components/0/path", "no_dockerfile"),
            (Some(13), "/components/1/path", "no_dockerfile")
        ]
    );
    let files = Files {
        digest: "d".into(),
        paths: ["frontend/Dockerfile", "api-server/Dockerfile"].map(str::to_owned).into(),
    };
    assert_eq!(check(SHOP, Format::Json, &files).unwrap().warnings, []);
}

#[test]
fn a_manifest_survives_being_stored() {
    let manifest = check(SHOP, Format::Json, &Files::default()).unwrap().manifest;
    let stored = serde_json::to_value(&manifest).unwrap();
    assert_eq!(serde_json::from_value::<Manifest>(stored).unwrap(), manifest);
}

#[test]
fn every_problem_is_told_at_once_and_in_words() {
    let text = "\
appName: 7
colour: red
parameters:
  - {name: size, type: strin, default: x}
  - {name: count, type: number, min: 5, max: 1}
  - {name: count, type: bool}
components:
  - name: Web
    type: frontned
    port: 80000
    path: ../outside
    depends_on: [api, ap]
  - name: api
    type: backend
    port: \"8080\"
    image: Not An Image
    privileged: true
    env:
      A: ${param.siz}
      B: ${HOME}
    depends_on: [db]
  - name: db
    type: database
    depends_on: [{name: api, condition: ready}]
    volumes: ['/var/run/docker.sock:/var/run/docker.sock']
  - name: db
    comand: [sleep]
    resources: {memory: lots}
";
    let problems: Vec<String> = check(text, Format::Yaml, &Files::default())
        .unwrap_err()
        .iter()
        .map(|problem| format!("{} [{}] {problem}", problem.pointer, problem.code))
        .collect();
    insta::assert_snapshot!(problems.join("\n"));
}

#[test]
fn problems_of_one_line_are_told_apart() {
    let text = r#"{"components":[{"name":"a","type":"backend"},{"name":"a","type":"backend"},{"name":"a","type":"worker"}]}"#;
    assert_eq!(
        wrong(text),
        [
            (1, "/components/1/name".into(), "duplicate_name"),
            (1, "/components/2/name".into(), "duplicate_name")
        ]
    );
}

#[test]
fn names_are_dns_labels() {
    for name in ["Web", "a_b", "-a", "a-", "a--b", "1a", "näh", "🦀", "../etc", "a.b", &"a".repeat(41)] {
        let text = json!({"components": [{"name": name, "type": "worker"}]}).to_string();
        let codes: Vec<_> = wrong(&text).into_iter().map(|(_, _, code)| code).collect();
        assert!(codes == ["invalid_text"] || codes == ["too_long"], "{name}: {codes:?}");
    }
}

#[test]
fn each_rule_of_a_component_has_its_code() {
    for (rest, pointer, code) in [
        ("port: 0", "/port", "out_of_range"),
        ("port: 65536", "/port", "out_of_range"),
        ("port: 1.5", "/port", "wrong_type"),
        ("port: 80, ports: [{name: x, port: 80}]", "/ports/0/port", "duplicate_port"),
        ("ports: [{name: x, port: 1}, {name: x, port: 2}]", "/ports/1/name", "duplicate_name"),
        ("ports: [{name: a, port: 1}]", "/ports/0/name", "duplicate_name"),
        ("ports: [{name: x, port: 1, protocol: udp}]", "/ports/0/protocol", "not_an_option"),
        ("path: /etc", "/path", "path_escapes"),
        ("path: a/../../b", "/path", "path_escapes"),
        ("path: ., dockerfile: ../D", "/dockerfile", "path_escapes"),
        ("path: ., image: x", "/image", "conflicting_keys"),
        ("target: x", "/target", "needs_path"),
        ("image: 'a b'", "/image", "invalid_image"),
        ("image: 'a:${var.X}'", "/image", "reference_not_allowed"),
        ("path: ., args: {A: '${var.TOKEN}'}", "/args/A", "reference_not_allowed"),
        ("workdir: app", "/workdir", "invalid_path"),
        ("user: 'a b'", "/user", "invalid_user"),
        ("env: {'A=B': 1}", "/env/A=B", "invalid_name"),
        ("env: {A: }", "/env/A", "missing_value"),
        ("env: {A: [1]}", "/env/A", "wrong_type"),
        ("env: {A: '${component.b.host}'}", "/env/A", "unknown_reference"),
        ("env: {A: '${component.a.url}'}", "/env/A", "no_port"),
        ("env: {A: '${workspace.nam}'}", "/env/A", "unknown_reference"),
        ("env: {A: '${var.a-b}'}", "/env/A", "unknown_reference"),
        ("health: {}", "/health", "conflicting_keys"),
        ("health: {tcp: 1, command: x}", "/health", "conflicting_keys"),
        ("health: {path: /}", "/health/path", "no_port"),
        ("port: 1, health: {path: x}", "/health/path", "invalid_text"),
        ("health: {tcp: 1, retries: 0}", "/health/retries", "out_of_range"),
        ("volumes: [{name: d, mount: data}]", "/volumes/0/mount", "invalid_mount"),
        ("volumes: [{name: d, mount: /d}, {name: e, mount: /d/}]", "/volumes/1/mount", "duplicate_mount"),
        ("volumes: [{name: d, mount: /d, read_only: true}]", "/volumes/0/read_only", "unknown_key"),
        ("resources: {cpu: lots}", "/resources/cpu", "invalid_quantity"),
        ("resources: {cpu: -1}", "/resources/cpu", "invalid_quantity"),
        ("resources: {memory: 1Ki}", "/resources/memory", "invalid_quantity"),
        ("resources: {pids: 1}", "/resources/pids", "out_of_range"),
        ("depends_on: [a]", "/depends_on", "dependency_cycle"),
        ("depends_on: [b]", "/depends_on/0", "unknown_component"),
        ("depends_on: b", "/depends_on", "wrong_type"),
        ("depends_on: [{name: b, when: x}]", "/depends_on/0/when", "unknown_key"),
        ("command: \"sh -c 'x\"", "/command", "invalid_command"),
        ("command: []", "/command", "too_few"),
        ("restart: never", "/restart", "not_an_option"),
        ("visibility: everyone", "/visibility", "not_an_option"),
    ] {
        let problems = wrong_component(rest);
        assert!(problems.contains(&(pointer.to_owned(), code)), "{rest}: {problems:?}");
    }
}

#[test]
fn forbidden_settings_are_named_wherever_they_stand() {
    for rest in [
        "privileged: true",
        "cap_add: [SYS_ADMIN]",
        "CapAdd: [ALL]",
        "devices: [/dev/kvm]",
        "network_mode: host",
        "pid: host",
        "ipc: host",
        "security_opt: ['seccomp=unconfined']",
        "sysctls: {net.ipv4.ip_forward: 1}",
        "userns_mode: host",
        "runtime: runsc",
        "gpus: all",
        "cgroup_parent: x",
        "volumes_from: [b]",
        "extra_hosts: ['a:1.2.3.4']",
        "labels: {dev.devsanctum.workspace: x}",
        "volumes: ['/:/host']",
        "volumes: ['/var/run/docker.sock:/var/run/docker.sock']",
        "volumes: [{type: bind, source: /etc, target: /etc}]",
        "volumes: [{name: ../x, mount: /x}]",
        "host_config: {Privileged: true}",
        "resources: {oom_score_adj: -1000}",
    ] {
        let problems = wrong_component(rest);
        assert!(problems.iter().any(|(_, code)| *code == "forbidden_setting"), "{rest}: {problems:?}");
        assert!(!problems.iter().any(|(_, code)| *code == "unknown_key"), "told twice: {problems:?}");
    }
    // The same words as names of variables mean nothing to Docker.
    let text = "components: [{name: a, type: worker, image: x, env: {privileged: 1, PID: x}}]";
    assert!(check(text, Format::Yaml, &Files::default()).is_ok());
}

#[test]
fn a_flood_of_problems_is_cut() {
    let text = json!({"components": vec![json!({"x": 1}); 500]}).to_string();
    let problems = check(&text, Format::Json, &Files::default()).unwrap_err();
    assert_eq!(problems.len(), MAX_PROBLEMS + 1);
    assert_eq!(problems[MAX_PROBLEMS].code, "too_many_problems");

    // A flood costs no more than its reading: what is beyond the schema's limits is not looked at one by one.
    let tangle: Vec<Value> = (0..3000)
        .map(|n| json!({"name": format!("a{n}"), "type": "worker", "depends_on": [format!("b{n}")]}))
        .collect();
    let text = json!({"components": tangle, "x": vec![json!({"privileged": false}); 100]}).to_string();
    assert!(check(&text, Format::Json, &Files::default()).is_err());
}

/// Valid manifests with one random value put at one random place.
fn mutated() -> impl Strategy<Value = Value> {
    let value = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,20}".prop_map(Value::from),
        "(\\$\\{|\\}|\\$|param|component|\\.|size|api-server|/){0,8}".prop_map(Value::from),
        Just(json!([])),
        Just(json!({})),
        Just(json!([{"name": "x"}])),
    ];
    (value, any::<prop::sample::Index>(), "[a-z_]{1,12}").prop_map(|(value, index, key)| {
        let mut manifest: Value = serde_json::from_str(SHOP).unwrap();
        let mut pointers = Vec::new();
        collect(&manifest, String::new(), &mut pointers);
        let target = manifest.pointer_mut(index.get::<String>(&pointers)).unwrap();
        match target {
            Value::Object(map) => {
                map.insert(key, value);
            }
            Value::Array(items) => items.push(value),
            other => *other = value,
        }
        manifest
    })
}

fn collect(value: &Value, pointer: String, into: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            map.iter().for_each(|(key, value)| collect(value, format!("{pointer}/{key}"), into))
        }
        Value::Array(items) => {
            items
                .iter()
                .enumerate()
                .for_each(|(index, value)| collect(value, format!("{pointer}/{index}"), into));
        }
        _ => {}
    }
    into.push(pointer);
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "(?s).{0,300}") {
        for format in [Format::Yaml, Format::Json, Format::Jsonc] {
            if let Err(problems) = check(&text, format, &Files::default()) {
                prop_assert!(!problems.is_empty() && problems.len() <= MAX_PROBLEMS + 1);
            }
        }
    }

    #[test]
    fn a_mutated_manifest_is_read_or_refused_with_reasons(manifest in mutated()) {
        match check(&manifest.to_string(), Format::Json, &Files::default()) {
            // The schema is as strict as the types: nothing is left for serde to refuse.
            Err(problems) => prop_assert!(problems.iter().all(|p| p.code != "invalid" && p.line.is_some()), "{problems:?}"),
            Ok(checked) => {
                let stored = serde_json::to_value(&checked.manifest).unwrap();
                prop_assert_eq!(serde_json::from_value::<Manifest>(stored).unwrap(), checked.manifest);
            }
        }
    }
}
