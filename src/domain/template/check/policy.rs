//! Settings that no template may ask for.

use super::{Place, Problem};
use crate::domain::template::{
    container_policy::{forbidden, forbidden_source, is_off},
    document::Node,
    problem::quoted,
};

/// Maps whose keys are names that people choose.
const FREE: [&str; 2] = ["env", "args"];

pub(super) fn problems(root: &Place<'_>) -> Vec<Problem> {
    let mut problems = Vec::new();
    forbidden_keys(root, &mut problems);
    for component in root.get("components").iter().flat_map(Place::items) {
        for volume in component.get("volumes").iter().flat_map(Place::items) {
            problems.extend(host_bind(&volume));
        }
    }
    problems
}

fn forbidden_keys(place: &Place<'_>, problems: &mut Vec<Problem>) {
    for (key, value) in place.entries() {
        match forbidden(key) {
            Some(reason) if !is_off(&value.node.to_json()) => {
                let message = format!("the setting {} is forbidden: {reason}; remove it", quoted(key));
                problems.push(value.problem("forbidden_setting", message));
            }
            _ if FREE.contains(&key) => {}
            _ => forbidden_keys(&value, problems),
        }
    }
    for item in place.items() {
        forbidden_keys(&item, problems);
    }
}

/// A volume that is a place on the host, in any of the notations people bring along.
fn host_bind(volume: &Place<'_>) -> Option<Problem> {
    let written = |key| volume.node.get(key).and_then(Node::text);
    let source = ["name", "source", "src", "host"].into_iter().filter_map(written);
    for source in volume.node.text().into_iter().chain(source) {
        if let Some(reason) = forbidden_source(source) {
            let message = format!("the setting \"volumes\" with {} is forbidden: {reason}", quoted(source));
            return Some(volume.problem("forbidden_setting", message));
        }
    }
    let kind = written("type").filter(|kind| *kind != "volume")?;
    let message = format!(
        "the setting \"volumes\" of type {} is forbidden: only named volumes are mounted, written {{name, mount}}",
        quoted(kind)
    );
    Some(volume.problem("forbidden_setting", message))
}
