//! From a text to a manifest, or to everything that is wrong with it.
//!
//! The rules work on the tree of the document, not on the typed manifest: a wrong type in one place must not hide a
//! cycle in another. Each takes what it finds in the right shape and leaves the rest to the schema.

mod component;
mod order;
mod policy;
mod references;
mod warnings;

use std::collections::{HashMap, HashSet, hash_map::Entry};

use serde::Deserialize;

use self::references::Names;
pub use self::warnings::warnings;
use super::{
    document::{self, Format, Node, Place},
    files::Files,
    manifest::Manifest,
    parameter::Parameter,
    problem::{Problem, quoted},
    schema,
};

#[derive(Debug, Clone, PartialEq)]
pub struct Checked {
    pub manifest: Manifest,
    /// What works, but perhaps not as meant.
    pub warnings: Vec<Problem>,
}

/// Most problems that are told at once; who has more has one cause.
const MAX_PROBLEMS: usize = 100;

/// Components and parameters that the rules look at; the schema allows fewer, and says so.
const MAX_ITEMS: usize = 100;

pub fn check(text: &str, format: Format, files: &Files) -> Result<Checked, Vec<Problem>> {
    let document = document::parse(text, format).map_err(|problem| vec![problem])?;
    let problems = problems(&document);
    if !problems.is_empty() {
        return Err(problems);
    }
    let manifest = Manifest::deserialize(document.to_json()).map_err(|error| {
        vec![
            Problem::at("", "invalid", format!("the manifest cannot be read: {error}"))
                .on_line(document.line),
        ]
    })?;
    let mut warnings = warnings(&manifest, files);
    for warning in &mut warnings {
        warning.line = Some(document.line_of(&warning.pointer));
    }
    Ok(Checked { manifest, warnings })
}

fn problems(document: &Node) -> Vec<Problem> {
    let root = Place::root(document);
    let mut problems = policy::problems(&root);
    let forbidden: Vec<String> = problems.iter().map(|problem| problem.pointer.clone()).collect();
    let is_forbidden = |pointer: &str| {
        forbidden.iter().any(|above| {
            pointer.strip_prefix(above.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        })
    };
    // What is forbidden is not also unknown.
    problems.extend(
        schema::problems(document, MAX_PROBLEMS + 1)
            .into_iter()
            .filter(|problem| !is_forbidden(&problem.pointer)),
    );
    problems.extend(rules(&root).into_iter().filter(|problem| !is_forbidden(&problem.pointer)));

    let mut seen = HashSet::new();
    problems.retain(|problem| seen.insert((problem.pointer.clone(), problem.code, problem.message.clone())));
    problems.sort_by(|one, other| (one.line, &one.pointer).cmp(&(other.line, &other.pointer)));
    if problems.len() > MAX_PROBLEMS {
        problems.truncate(MAX_PROBLEMS);
        problems.push(Problem::at("", "too_many_problems", "and more; put these right first"));
    }
    problems
}

/// What the schema cannot say.
fn rules(root: &Place<'_>) -> Vec<Problem> {
    let list = |key: &str| root.get(key).iter().flat_map(Place::items).take(MAX_ITEMS).collect::<Vec<_>>();
    let (components, parameters) = (list("components"), list("parameters"));
    let names = Names::collect(&parameters, &components);

    let mut problems = unique(&parameters, "parameter");
    problems.extend(parameters.iter().flat_map(parameter));
    problems.extend(unique(&components, "component"));
    problems.extend(unique_routes(&components));
    problems.extend(order::problems(&components));
    for place in &components {
        problems.extend(component::problems(place));
        problems.extend(references::problems(place, &names));
    }
    problems
}

fn name_of<'a>(place: &Place<'a>) -> Option<&'a str> {
    place.node.get("name")?.text()
}

fn unique(places: &[Place<'_>], noun: &str) -> Vec<Problem> {
    let mut first = HashMap::new();
    let mut problems = Vec::new();
    for name in places.iter().filter_map(|place| place.get("name")) {
        let Some(text) = name.node.text() else { continue };
        match first.entry(text) {
            Entry::Vacant(vacant) => {
                vacant.insert(name.line);
            }
            Entry::Occupied(first) => {
                let message = format!("the {noun} {} exists already, on line {}", quoted(text), first.get());
                problems.push(name.problem("duplicate_name", message));
            }
        }
    }
    problems
}

/// The names of further ports and those of components share the host names of the workspace.
fn unique_routes(components: &[Place<'_>]) -> Vec<Problem> {
    let mut taken: HashMap<&str, u32> =
        components.iter().filter_map(|place| Some((name_of(place)?, place.line))).collect();
    let mut problems = Vec::new();
    for port in components
        .iter()
        .flat_map(|place| place.get("ports"))
        .flat_map(|ports| ports.items().collect::<Vec<_>>())
    {
        let Some(name) = port.get("name") else { continue };
        let Some(text) = name.node.text() else { continue };
        if let Some(first) = taken.insert(text, name.line) {
            let message = format!(
                "the port name {} is taken on line {first}: names of ports and components become host names of one workspace",
                quoted(text)
            );
            problems.push(name.problem("duplicate_name", message));
        }
    }
    problems
}

fn parameter(place: &Place<'_>) -> Vec<Problem> {
    // One that has not the right shape is the schema's to refuse.
    let Ok(parameter) = Parameter::deserialize(place.node.to_json()) else { return Vec::new() };
    let name = quoted(&parameter.name);
    parameter
        .faults()
        .into_iter()
        .map(|(field, (code, message))| {
            place
                .get(field)
                .as_ref()
                .unwrap_or(place)
                .problem(code, format!("the parameter {name}: {message}"))
        })
        .collect()
}

#[cfg(test)]
mod tests;
