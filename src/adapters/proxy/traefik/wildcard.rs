//! One router for all workspaces, whatever their number: our own edge behind it finds the way. Traefik looks through
//! its rules one by one, our table does not. Custom domains have one each, to our edge as well: only so does each get a
//! certificate.

use super::{
    document::{Router, TlsDomain},
    render::{self, Rendered, Routers, WILDCARD},
    settings::TraefikSettings,
};
use crate::domain::route::PublishedRoute;

/// The same whatever is published, but for custom domains.
pub fn one_for_all<'a>(
    settings: &TraefikSettings,
    revision: i64,
    published: impl IntoIterator<Item = &'a PublishedRoute>,
) -> Rendered {
    let mut http = render::around(settings);
    http.routers.insert(WILDCARD.into(), router(settings));
    let mut routers = Routers::default();
    for route in published {
        routers.add_domains(settings, &mut http, route, |router| router);
    }
    render::marked(settings, revision, http, routers)
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
