//! One router for all workspaces, whatever their number: our own edge behind it finds the way. Traefik looks through
//! its rules one by one, our table does not.

use std::collections::BTreeMap;

use super::{
    document::{Router, TlsDomain},
    render::{self, Rendered, WILDCARD},
    settings::TraefikSettings,
};

/// The same whatever is published.
pub fn one_for_all(settings: &TraefikSettings) -> Rendered {
    let mut http = render::around(settings);
    http.routers.insert(WILDCARD.into(), router(settings));
    render::marked(settings, 0, http, BTreeMap::new(), Vec::new())
}

pub(super) fn router(settings: &TraefikSettings) -> Router {
    let domain = &settings.workspace_domain;
    let rule = format!("HostRegexp(`^[a-z0-9.-]+\\.{}\\.?$`)", domain.replace('.', "\\."));
    let mut router = render::router(settings, rule);
    // Traefik reads the names for certificates off `Host` rules only.
    if let Some(tls) = &mut router.tls {
        tls.domains.push(TlsDomain { main: format!("*.{domain}") });
    }
    router
}
