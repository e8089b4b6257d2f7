//! References must name what exists.

use std::collections::{BTreeMap, BTreeSet};

use super::{Place, Problem, name_of};
use crate::domain::{
    names::VariableName,
    template::{
        document::Tree,
        image,
        manifest::Component,
        problem::{did_you_mean, quoted},
        reference::{self, ComponentFact, Piece, Reference},
    },
};

/// What references of this document may name.
pub(super) struct Names<'a> {
    parameters: BTreeSet<&'a str>,
    /// With whether it has a main port.
    components: BTreeMap<&'a str, bool>,
}

impl<'a> Names<'a> {
    pub(super) fn collect(parameters: &[Place<'a>], components: &[Place<'a>]) -> Self {
        Self {
            parameters: parameters.iter().filter_map(name_of).collect(),
            components: components
                .iter()
                .filter_map(|place| Some((name_of(place)?, has_port(place))))
                .collect(),
        }
    }

    fn problem(&self, reference: &Reference) -> Option<(&'static str, String)> {
        match reference {
            Reference::Param(name) if !self.parameters.contains(name.as_str()) => {
                let hint = did_you_mean(name, self.parameters.iter().copied());
                Some(("unknown_reference", format!("there is no parameter {}{hint}", quoted(name))))
            }
            Reference::Var(name) => name.parse::<VariableName>().err().map(|error| {
                let message = format!("there can be no variable {}: its name {error}", quoted(name));
                ("unknown_reference", message)
            }),
            Reference::Component(name, fact) => match self.components.get(name.as_str()) {
                None => {
                    let hint = did_you_mean(name, self.components.keys().copied());
                    Some(("unknown_reference", format!("there is no component {}{hint}", quoted(name))))
                }
                Some(false) if *fact != ComponentFact::Host => {
                    Some(("no_port", format!("the component {} has no port", quoted(name))))
                }
                Some(_) => None,
            },
            Reference::Param(_) | Reference::Workspace(_) => None,
        }
    }
}

fn has_port(component: &Place<'_>) -> bool {
    let own = |key| component.get(key).is_some_and(|place| place.node.tree != Tree::Null);
    let kind = component.get("type").and_then(|kind| kind.node.text());
    own("port") || (!own("image") && !own("path") && matches!(kind, Some("frontend" | "database")))
}

pub(super) fn problems(component: &Place<'_>, names: &Names<'_>) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (key, value) in component.get("env").iter().flat_map(Place::entries) {
        let within_database = Component::CREDENTIALS.contains(&key);
        problems.extend(value_problems(&value, names, |reference| {
            let circular = within_database && matches!(reference, Reference::Component(..));
            circular.then_some("a database's credentials are part of its URL and cannot refer to components")
        }));
    }
    let only_parameters = |reference: &Reference| {
        (!matches!(reference, Reference::Param(_))).then_some("only ${param.NAME} can be used here")
    };
    for (_, value) in component.get("args").iter().flat_map(Place::entries) {
        problems.extend(value_problems(&value, names, only_parameters));
    }
    if let Some(place) = component.get("image") {
        problems.extend(value_problems(&place, names, only_parameters));
        if let Some(text) = place.node.text()
            && !text.is_empty()
            && !text.contains('$')
            && !image::is_reference(text)
        {
            let message =
                format!("{} is not an image; write it as for docker pull, like \"nginx:1.27\"", quoted(text));
            problems.push(place.problem("invalid_image", message));
        }
    }
    problems
}

fn value_problems(
    place: &Place<'_>,
    names: &Names<'_>,
    refuse: impl Fn(&Reference) -> Option<&'static str>,
) -> Vec<Problem> {
    let Some(text) = place.node.text() else { return Vec::new() };
    match reference::parse(text) {
        Err(wrong) => wrong.into_iter().map(|message| place.problem("unknown_reference", message)).collect(),
        Ok(pieces) => pieces
            .iter()
            .filter_map(|piece| match piece {
                Piece::Reference(reference) => match refuse(reference) {
                    Some(reason) => Some(place.problem("reference_not_allowed", reason)),
                    None => names.problem(reference).map(|(code, message)| place.problem(code, message)),
                },
                Piece::Text(_) => None,
            })
            .collect(),
    }
}
