//! The one-way law, read off the `use` lines: `cli, http, ssh, reconcile → app → ports + domain ← adapters`.

use std::{collections::BTreeMap, fs, path::Path};

/// What each room may name. `testing` is for tests and may name everything.
const MAY_NAME: &[(&str, &[&str])] = &[
    ("domain", &["domain"]),
    ("ports", &["ports", "domain"]),
    ("app", &["app", "ports", "domain"]),
    ("adapters", &["adapters", "ports", "domain"]),
    ("reconcile", &["reconcile", "app", "ports", "domain"]),
    ("http", &["http", "app", "ports", "domain", "telemetry"]),
    ("telemetry", &["config", "ports", "domain"]),
    ("config", &["config", "domain"]),
    ("lifecycle", &[]),
    ("cli", &["cli", "app", "ports", "domain", "http", "config", "bootstrap", "lifecycle", "telemetry"]),
];

/// Where a vendor's crate may be named, besides `bootstrap`.
const VENDORS: &[(&str, &[&str])] = &[
    ("bollard", &["adapters/docker"]),
    ("sqlx", &["adapters/store"]),
    ("axum", &["http", "telemetry", "config"]),
    // The edge hands over live requests, whose bodies only hyper can carry.
    ("hyper", &["http/front", "adapters", "ports/proxy"]),
    ("argon2", &["adapters"]),
    ("jsonwebtoken", &["adapters"]),
    ("p256", &["adapters"]),
    ("chacha20poly1305", &["adapters"]),
    ("lettre", &["adapters"]),
    ("reqwest", &["adapters", "cli"]),
    ("clap", &["cli", "config"]),
    ("utoipa", &["http"]),
];

struct Source {
    /// Below `src`, without the extension.
    room: String,
    /// Code only: no comments, nothing that is compiled for tests alone.
    code: String,
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    let mut left = vec![root.clone()];
    while let Some(directory) = left.pop() {
        for entry in fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                left.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") && !is_test(&path) {
                let room = path.strip_prefix(&root).unwrap().with_extension("").display().to_string();
                found.push(Source { room, code: code(&fs::read_to_string(&path).unwrap()) });
            }
        }
    }
    found
}

fn is_test(path: &Path) -> bool {
    path.components().any(|part| part.as_os_str() == "testing")
        || path.file_stem().is_some_and(|stem| stem.to_string_lossy().ends_with("tests"))
}

fn code(text: &str) -> String {
    let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
    text.lines().map(|line| line.split("//").next().unwrap()).collect::<Vec<_>>().join("\n")
}

/// The first segment of every path that begins with `crate::`, those in braces as well.
fn named_rooms(code: &str) -> Vec<String> {
    let mut rooms = Vec::new();
    for (at, prefix) in code.match_indices("crate::") {
        let rest = &code[at + prefix.len()..];
        match rest.strip_prefix('{') {
            None => rooms.push(identifier(rest)),
            Some(group) => {
                let mut depth = 0;
                let mut begins = true;
                for (at, c) in group.char_indices() {
                    match c {
                        '{' => depth += 1,
                        '}' if depth == 0 => break,
                        '}' => depth -= 1,
                        ',' if depth == 0 => begins = true,
                        c if begins && depth == 0 && !c.is_whitespace() => {
                            rooms.push(identifier(&group[at..]));
                            begins = false;
                        }
                        _ => {}
                    }
                }
            }
        }
    }
    rooms
}

fn identifier(text: &str) -> String {
    text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

/// Whether the code names a crate: as a path of its own, not as a segment or a part of a word.
fn names_crate(code: &str, name: &str) -> bool {
    let path = format!("{name}::");
    code.match_indices(&path).any(|(at, _)| {
        let before = code[..at].chars().next_back();
        before.is_none_or(|c| !(c.is_alphanumeric() || c == '_' || c == ':'))
    }) || code.contains(&format!("use {name};"))
}

#[test]
fn data_flows_one_way() {
    let allowed: BTreeMap<_, _> = MAY_NAME.iter().copied().collect();
    let free = ["lib", "main", "bootstrap"];
    let mut wrong = Vec::new();
    let sources = sources();
    assert!(sources.len() > 100, "the sources were found");
    for source in &sources {
        let room = source.room.split('/').next().unwrap();
        if free.contains(&room) {
            continue;
        }
        let may = allowed.get(room).unwrap_or_else(|| panic!("src/{room} is a room the law does not know"));
        for named in named_rooms(&source.code) {
            if !may.contains(&named.as_str()) {
                wrong.push(format!("src/{}.rs names {named}", source.room));
            }
        }
    }
    assert!(wrong.is_empty(), "arrows that run the other way:\n{}", wrong.join("\n"));
}

#[test]
fn vendors_stay_in_their_rooms() {
    let mut wrong = Vec::new();
    for source in sources() {
        for (vendor, rooms) in VENDORS {
            let inside = rooms.iter().any(|room| source.room.starts_with(room)) || source.room == "bootstrap";
            if !inside && names_crate(&source.code, vendor) {
                wrong.push(format!("src/{}.rs names {vendor}", source.room));
            }
        }
    }
    assert!(wrong.is_empty(), "vendors outside their rooms:\n{}", wrong.join("\n"));
}

#[test]
fn no_room_is_a_drawer() {
    for source in sources() {
        for drawer in ["utils", "util", "helpers", "common", "misc"] {
            assert!(source.room.split('/').all(|part| part != drawer), "src/{}.rs", source.room);
        }
    }
}

#[test]
fn the_law_sees_what_it_must_see() {
    let code = "use crate::{\n    adapters::store,\n    domain::{ids::OrgId, user::User},\n};\nlet x = crate::http::error();";
    assert_eq!(named_rooms(code), ["adapters", "domain", "http"]);
    assert!(names_crate("use sqlx::Row;", "sqlx") && names_crate("fn f() -> sqlx::Result", "sqlx"));
    assert!(!names_crate("crate::adapters::argon2::Argon2Hasher", "argon2"));
}
