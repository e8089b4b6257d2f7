//! What must be true of one component by itself.

use std::{
    collections::{HashMap, hash_map::Entry},
    sync::LazyLock,
};

use regex::Regex;

use super::{Place, Problem};
use crate::domain::template::{
    document::Tree,
    manifest::{ByteSize, CommandLine, Cpu},
    path,
    problem::quoted,
    value::QuantityError,
};

type Fault = (&'static str, String);

pub(super) fn problems(component: &Place<'_>) -> Vec<Problem> {
    let mut problems = source(component);
    problems.extend(paths(component));
    problems.extend(environment(component));
    problems.extend(ports(component));
    problems.extend(health(component));
    problems.extend(mounts(component));
    problems.extend(resources(component));
    problems.extend(commands(component));
    problems
}

/// The value of a key that is there and has one.
fn given<'a>(place: &Place<'a>, key: &str) -> Option<Place<'a>> {
    place.get(key).filter(|value| value.node.tree != Tree::Null)
}

/// What a rule has against the text of a key.
fn judge(place: &Place<'_>, key: &str, rule: impl Fn(&str) -> Result<(), Fault>) -> Option<Problem> {
    let place = given(place, key)?;
    let (code, message) = rule(place.node.text()?).err()?;
    Some(place.problem(code, message))
}

fn source(component: &Place<'_>) -> Vec<Problem> {
    let mut problems = Vec::new();
    let path = given(component, "path");
    if let (Some(image), Some(_)) = (given(component, "image"), &path) {
        problems.push(
            image.problem("conflicting_keys", "a component has an image or a path to build from, not both"),
        );
    }
    if path.is_none() {
        for key in ["dockerfile", "target", "args"] {
            if let Some(place) = given(component, key) {
                let message = format!(
                    "{key:?} needs a \"path\" to build from; for the template's own directory, \"path\" is \".\""
                );
                problems.push(place.problem("needs_path", message));
            }
        }
    }
    problems
}

fn paths(component: &Place<'_>) -> impl Iterator<Item = Problem> {
    static USER: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"\A[A-Za-z0-9_][A-Za-z0-9_.-]{0,31}(:[A-Za-z0-9_][A-Za-z0-9_.-]{0,31})?\z")
            .expect("the pattern is a literal and the tests compile it")
    });
    let inside = |text: &str| match path::relative(text) {
        Ok(_) => Ok(()),
        Err(reason) => Err(("path_escapes", format!("the path {} {reason}", quoted(text)))),
    };
    let absolute = |text: &str| {
        path::check_absolute(text)
            .map_err(|reason| ("invalid_path", format!("the path {} {reason}", quoted(text))))
    };
    let user = |text: &str| {
        let message = || {
            format!(
                "{} is not a user; write a name or number, with an optional group, like \"1000:1000\"",
                quoted(text)
            )
        };
        if USER.is_match(text) { Ok(()) } else { Err(("invalid_user", message())) }
    };
    [
        judge(component, "path", inside),
        judge(component, "dockerfile", inside),
        judge(component, "workdir", absolute),
        judge(component, "user", user),
    ]
    .into_iter()
    .flatten()
}

fn environment(component: &Place<'_>) -> Vec<Problem> {
    let mut problems = Vec::new();
    for key in ["env", "args"] {
        for (name, value) in component.get(key).iter().flat_map(Place::entries) {
            if name.is_empty()
                || name.len() > 255
                || name.chars().any(|c| c == '=' || c.is_whitespace() || c.is_control())
            {
                problems.push(
                    value.problem(
                        "invalid_name",
                        format!("{} cannot be the name of a variable", quoted(name)),
                    ),
                );
            } else if value.node.tree == Tree::Null {
                problems.push(value.problem(
                    "missing_value",
                    format!("{} has no value; write \"\" for an empty one", quoted(name)),
                ));
            }
        }
    }
    problems
}

fn ports(component: &Place<'_>) -> Vec<Problem> {
    let further = component.get("ports");
    let places = component
        .get("port")
        .into_iter()
        .chain(further.iter().flat_map(Place::items).filter_map(|entry| entry.get("port")));
    let mut first: HashMap<u64, u32> = HashMap::new();
    let mut problems = Vec::new();
    for place in places {
        let Tree::Number(number) = &place.node.tree else { continue };
        let Some(port) = number.as_u64() else { continue };
        match first.entry(port) {
            Entry::Vacant(vacant) => {
                vacant.insert(place.line);
            }
            Entry::Occupied(first) => {
                let message = format!("the port {port} is listed already, on line {}", first.get());
                problems.push(place.problem("duplicate_port", message));
            }
        }
    }
    problems
}

fn health(component: &Place<'_>) -> Vec<Problem> {
    let Some(health) = given(component, "health").filter(|place| matches!(place.node.tree, Tree::Map(_)))
    else {
        return Vec::new();
    };
    let ways: Vec<_> = ["path", "tcp", "command"].into_iter().filter_map(|key| given(&health, key)).collect();
    let mut problems = Vec::new();
    if ways.len() != 1 {
        let message = format!(
            "health has {} of \"path\", \"tcp\" and \"command\"; it must have exactly one",
            ways.len()
        );
        problems.push(health.problem("conflicting_keys", message));
    }
    if let Some(path) = given(&health, "path") {
        if given(component, "port").is_none() {
            problems.push(
                path.problem("no_port", "a health path is asked on the component's port, but it has none"),
            );
        }
        if path.node.text().is_some_and(|text| text.chars().any(|c| c.is_whitespace() || c.is_control())) {
            problems
                .push(path.problem("invalid_path", "a health path must not hold spaces; write them as %20"));
        }
    }
    problems
}

fn mounts(component: &Place<'_>) -> Vec<Problem> {
    let mut first: HashMap<&str, u32> = HashMap::new();
    let mut problems = Vec::new();
    for volume in component.get("volumes").iter().flat_map(Place::items) {
        let Some(place) = volume.get("mount") else { continue };
        let Some(text) = place.node.text() else { continue };
        if let Err(reason) = path::check_mount(text) {
            problems.push(place.problem("invalid_mount", format!("the mount {} {reason}", quoted(text))));
        }
        match first.entry(path::without_trailing_slash(text)) {
            Entry::Vacant(vacant) => {
                vacant.insert(place.line);
            }
            Entry::Occupied(first) => {
                let message =
                    format!("something is mounted at {} already, on line {}", quoted(text), first.get());
                problems.push(place.problem("duplicate_mount", message));
            }
        }
    }
    problems
}

fn resources(component: &Place<'_>) -> Vec<Problem> {
    let Some(resources) = component.get("resources") else { return Vec::new() };
    let judge = |key: &str, parse: &dyn Fn(&str) -> Result<(), QuantityError>| {
        let place = given(&resources, key)?;
        let text = match &place.node.tree {
            Tree::Text(text) => text.clone(),
            Tree::Number(number) => number.to_string(),
            _ => return None,
        };
        let error = parse(&text).err()?;
        Some(place.problem("invalid_quantity", format!("{key} is {}; it {error}", quoted(&text))))
    };
    let size = |text: &str| ByteSize::parse(text).map(drop);
    [judge("cpu", &|text| Cpu::parse(text).map(drop)), judge("memory", &size), judge("disk", &size)]
        .into_iter()
        .flatten()
        .collect()
}

fn commands(component: &Place<'_>) -> impl Iterator<Item = Problem> {
    let closed = |text: &str| match CommandLine::split(text) {
        Some(CommandLine(words)) if !words.is_empty() => Ok(()),
        Some(_) => Err(("empty", "the command has no words".to_owned())),
        None => Err(("invalid_command", "a quote of the command is not closed".to_owned())),
    };
    let health = component.get("health");
    [
        judge(component, "command", closed),
        judge(component, "entrypoint", closed),
        health.and_then(|health| judge(&health, "command", closed)),
    ]
    .into_iter()
    .flatten()
}
