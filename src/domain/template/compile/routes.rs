//! Which host names a workspace answers under.

use crate::domain::{
    template::manifest::{Component, Manifest, Protocol},
    workspace::spec::{ComponentKind, RouteSpec},
};

/// The main route leads to the first of these kinds that has a port.
const MAIN: [ComponentKind; 3] = [ComponentKind::Frontend, ComponentKind::Workspace, ComponentKind::Backend];

/// The main route first; then one for each further front end and place to work in, and each further HTTP port.
pub(super) fn routes(manifest: &Manifest) -> Vec<RouteSpec> {
    let main = main_component(manifest);
    let mut routes: Vec<RouteSpec> =
        main.into_iter().filter_map(|component| main_port_route(component, true)).collect();
    for component in &manifest.components {
        let opened = matches!(component.kind, ComponentKind::Frontend | ComponentKind::Workspace);
        if opened && main.is_none_or(|main| main.name != component.name) {
            routes.extend(main_port_route(component, false));
        }
        routes.extend(component.ports.iter().filter(|port| port.protocol != Protocol::Tcp).map(|port| {
            RouteSpec {
                app: Some(port.name.clone()),
                component: component.name.clone(),
                port: port.port,
                visibility: port.visibility,
            }
        }));
    }
    routes
}

fn main_component(manifest: &Manifest) -> Option<&Component> {
    MAIN.iter().find_map(|kind| {
        manifest
            .components
            .iter()
            .find(|component| component.kind == *kind && component.main_port().is_some())
    })
}

fn main_port_route(component: &Component, main: bool) -> Option<RouteSpec> {
    Some(RouteSpec {
        app: (!main).then(|| component.name.clone()),
        component: component.name.clone(),
        port: component.main_port()?,
        visibility: component.visibility(),
    })
}
