//! What works, but perhaps not as its author meant.

use super::{Files, Manifest, Problem};
use crate::domain::{
    template::{
        manifest::{Component, Protocol, Source},
        problem::quoted,
    },
    workspace::spec::ComponentKind,
};

/// Told with every check, and again when a workspace is made.
pub fn warnings(manifest: &Manifest, files: &Files) -> Vec<Problem> {
    manifest
        .components
        .iter()
        .enumerate()
        .flat_map(|(index, component)| {
            let at = format!("/components/{index}");
            source(&at, component, files)
                .into_iter()
                .chain(port(&at, component))
                .chain(home(&at, component))
                .chain(protocols(&at, component))
        })
        .collect()
}

fn source(at: &str, component: &Component, files: &Files) -> Option<Problem> {
    let name = quoted(component.name.as_str());
    match component.source(files) {
        Source::NoDockerfile { path } => Some(Problem::at(
            format!("{at}/path"),
            "no_dockerfile",
            format!(
                "{path} did not come with the template: {name} runs the built-in placeholder until it does"
            ),
        )),
        // A page is all a front end needs to be shown; whoever else has nothing to run probably forgot it.
        Source::Nothing if component.kind != ComponentKind::Frontend => Some(Problem::at(
            at,
            "no_image",
            format!("{name} has neither image nor path: it runs the built-in placeholder"),
        )),
        _ => None,
    }
}

fn port(at: &str, component: &Component) -> Option<Problem> {
    let routed = component.kind == ComponentKind::Frontend
        && component.main_port().is_none()
        && component.ports.is_empty();
    routed.then(|| {
        let message =
            format!("{} is a front end without a port: nobody can open it", quoted(component.name.as_str()));
        Problem::at(at, "no_port", message)
    })
}

fn home(at: &str, component: &Component) -> Option<Problem> {
    let unknown = component.kind == ComponentKind::Workspace
        && component.user.is_none()
        && !component.env.contains_key("HOME")
        && (component.image.is_some() || component.path.is_some());
    unknown.then(|| {
        let message = format!(
            "the home directory of {} is taken to be /root; set \"user\", or HOME in \"env\", when its image has another user",
            quoted(component.name.as_str())
        );
        Problem::at(at, "home_assumed", message)
    })
}

fn protocols(at: &str, component: &Component) -> Vec<Problem> {
    component
        .ports
        .iter()
        .enumerate()
        .filter(|(_, port)| matches!(port.protocol, Protocol::Https | Protocol::H2c))
        .map(|(index, port)| {
            let message = format!("the route of {} speaks plain HTTP/1.1 to it", quoted(port.name.as_str()));
            Problem::at(format!("{at}/ports/{index}/protocol"), "protocol_not_spoken", message)
        })
        .collect()
}
