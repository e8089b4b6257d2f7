//! What no template may ask of Docker, whatever file it comes in. Containers are made from an allow-list, so a setting
//! that is not ours never reaches Docker anyway; this list exists so that asking for it is an error that names the key
//! and the reason, not a silence.

use std::{collections::HashMap, sync::LazyLock};

use serde_json::Value;

const ROOT: &str = "it would give the container rights over the whole host";
const NAMESPACE: &str =
    "it would let the container share what isolates it from the host and from other workspaces";
const DEVICES: &str = "devices belong to the host";
const BINDS: &str = "a directory of the host, or of another container, is never mounted; use named volumes";
const KERNEL: &str = "it would change how the host's kernel treats the container";
const NETWORK: &str = "each workspace has one private network, on which components find each other by name; use \"ports\" for routes";
const LIMITS: &str = "limits are set by the platform; use \"resources\"";
const IDENTITY: &str = "names and labels are how the platform knows its own containers";
const DAEMON: &str = "it reaches beyond the container";

/// Keys, in snake_case, and why they are refused. Docker's own names, those of compose, and those of `docker run`.
const FORBIDDEN: &[(&[&str], &str)] = &[
    (&["privileged", "cap_add", "credential_spec", "use_api_socket", "group_add"], ROOT),
    (
        &[
            "network_mode",
            "network",
            "net",
            "pid",
            "pid_mode",
            "ipc",
            "ipc_mode",
            "uts",
            "uts_mode",
            "userns",
            "userns_mode",
            "cgroup",
            "cgroupns",
            "cgroupns_mode",
            "cgroup_parent",
        ],
        NAMESPACE,
    ),
    (&["devices", "device", "device_cgroup_rules", "device_cgroup_rule", "device_requests", "gpus"], DEVICES),
    (&["binds", "bind", "mounts", "volumes_from", "volume_driver", "host_path", "tmpfs"], BINDS),
    (
        &[
            "security_opt",
            "apparmor",
            "seccomp",
            "sysctls",
            "sysctl",
            "runtime",
            "isolation",
            "masked_paths",
            "readonly_paths",
        ],
        KERNEL,
    ),
    (
        &[
            "dns",
            "dns_opt",
            "dns_search",
            "extra_hosts",
            "add_host",
            "links",
            "link",
            "external_links",
            "mac_address",
            "ipv4_address",
            "ipv6_address",
            "port_bindings",
            "publish",
            "publish_all_ports",
            "host_ip",
            "domainname",
            "hostname",
        ],
        NETWORK,
    ),
    (
        &[
            "oom_kill_disable",
            "oom_score_adj",
            "mem_swappiness",
            "memswap_limit",
            "ulimits",
            "ulimit",
            "shm_size",
            "cpu_rt_runtime",
            "cpu_rt_period",
            "cpuset",
            "blkio_config",
            "kernel_memory",
            "pids_limit",
        ],
        LIMITS,
    ),
    (&["container_name", "labels", "label", "label_file"], IDENTITY),
    (&["logging", "log_driver", "log_opt", "storage_opt", "provider", "host_config", "run_args"], DAEMON),
];

static REASONS: LazyLock<HashMap<String, &str>> = LazyLock::new(|| {
    FORBIDDEN.iter().flat_map(|(keys, reason)| keys.iter().map(|key| (folded(key), *reason))).collect()
});

/// Why the setting is refused; `None` when it is not on the list.
pub fn forbidden(key: &str) -> Option<&'static str> {
    /// Longer than any key there is, in any spelling.
    const MAX_KEY: usize = 64;
    if key.len() > MAX_KEY { None } else { REASONS.get(&folded(key)).copied() }
}

/// Whether the source of a volume is a place on the host and not a volume's name.
pub fn forbidden_source(source: &str) -> Option<&'static str> {
    if source.contains("docker.sock") {
        return Some("Docker's socket is root on the host");
    }
    let path = source.starts_with(['/', '.', '~', '\\', '$']) || source.get(1..3) == Some(":\\");
    path.then_some(BINDS)
}

/// Whether a setting is there but switched off: then it asks for nothing.
pub fn is_off(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(entries) => entries.is_empty(),
        Value::Bool(true) | Value::Number(_) => false,
    }
}

/// `CapAdd`, `cap-add`, `--cap-add` and `cap_add` are one key.
fn folded(key: &str) -> String {
    key.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_spelling_of_a_key_is_known() {
        for key in ["cap_add", "CapAdd", "capAdd", "cap-add", "--cap-add"] {
            assert!(forbidden(key).is_some(), "{key}");
        }
        for key in ["image", "ports", "env", "volumes", "user", "cap_drop", "restart", "init"] {
            assert!(forbidden(key).is_none(), "{key}");
        }
    }

    #[test]
    fn a_switch_that_is_off_asks_for_nothing() {
        for off in [json!(false), json!(null), json!([]), json!({}), json!("")] {
            assert!(is_off(&off), "{off}");
        }
        for on in [json!(true), json!(0), json!("host"), json!(["x"])] {
            assert!(!is_off(&on), "{on}");
        }
    }

    #[test]
    fn sources_on_the_host_are_told_from_names() {
        for source in
            ["/var/run/docker.sock", "/", "./data", "../x", "~/.ssh", "C:\\x", "$HOME", "x/docker.sock"]
        {
            assert!(forbidden_source(source).is_some(), "{source}");
        }
        for name in ["data", "home", "pg-data"] {
            assert!(forbidden_source(name).is_none(), "{name}");
        }
    }
}
