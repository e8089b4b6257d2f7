//! Who waits for whom.

use std::collections::{BTreeMap, BTreeSet};

use super::{MAX_ITEMS, Place, Problem, name_of};
use crate::domain::template::problem::{did_you_mean, quoted};

pub(super) fn problems(components: &[Place<'_>]) -> Vec<Problem> {
    let names: BTreeSet<&str> = components.iter().filter_map(name_of).collect();
    let mut problems = Vec::new();
    let mut waits: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut places = BTreeMap::new();
    for component in components {
        let (Some(name), Some(depends_on)) = (name_of(component), component.get("depends_on")) else {
            continue;
        };
        let mut seen = BTreeSet::new();
        for item in depends_on.items().take(MAX_ITEMS) {
            let Some(other) = item.node.text().or_else(|| name_of(&item)) else { continue };
            if !names.contains(other) {
                let hint = did_you_mean(other, names.iter().copied());
                problems.push(
                    item.problem(
                        "unknown_component",
                        format!("there is no component {}{hint}", quoted(other)),
                    ),
                );
            } else if !seen.insert(other) {
                problems
                    .push(item.problem("duplicate_dependency", format!("{} is named twice", quoted(other))));
            } else {
                waits.entry(name).or_default().push(other);
            }
        }
        places.entry(name).or_insert(depends_on);
    }
    for cycle in cycles(waits) {
        let Some(place) = places.get(cycle[0]) else { continue };
        let mut path = cycle.clone();
        path.push(cycle[0]);
        let message =
            format!("these components wait for each other and none could start: {}", path.join(" → "));
        problems.push(place.problem("dependency_cycle", message));
    }
    problems
}

/// Cycles that share no component; breaking all of them may uncover more, which the next check tells.
fn cycles<'a>(mut waits: BTreeMap<&'a str, Vec<&'a str>>) -> Vec<Vec<&'a str>> {
    let mut found = Vec::new();
    loop {
        // Whoever waits for nobody of the rest can start.
        loop {
            let waiting: BTreeSet<&str> = waits.keys().copied().collect();
            let before = waits.len();
            waits.retain(|_, others| others.iter().any(|other| waiting.contains(other)));
            if waits.len() == before {
                break;
            }
        }
        // All that is left waits for something that is left: following any thread leads into a circle.
        let Some((start, _)) = waits.first_key_value() else { return found };
        let mut path = vec![*start];
        let cycle = loop {
            let last = path[path.len() - 1];
            let Some(next) =
                waits.get(last).and_then(|others| others.iter().find(|other| waits.contains_key(*other)))
            else {
                return found;
            };
            match path.iter().position(|seen| seen == next) {
                Some(at) => break path.split_off(at),
                None => path.push(next),
            }
        };
        for name in &cycle {
            waits.remove(name);
        }
        found.push(cycle);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn circles_are_found_and_chains_are_not() {
        let waits =
            [("a", vec!["b"]), ("b", vec!["c"]), ("c", vec!["a"]), ("d", vec!["a"]), ("e", vec!["e"])];
        assert_eq!(cycles(waits.into()), [vec!["a", "b", "c"], vec!["e"]]);
        assert!(cycles([("a", vec!["b", "c"]), ("b", vec!["c"])].into()).is_empty());
    }

    proptest! {
        #[test]
        fn what_points_backwards_only_has_no_circle(edges in proptest::collection::vec((1usize..20, 0usize..20), 0..60)) {
            let names: Vec<String> = (0..20).map(|n| format!("c{n}")).collect();
            let mut waits: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
            for (from, to) in edges {
                if to < from {
                    waits.entry(&names[from]).or_default().push(&names[to]);
                }
            }
            prop_assert!(cycles(waits).is_empty());
        }
    }
}
