//! Pushing to Traefik's REST provider: the whole table each time, which is all that it takes. It forgets everything when
//! it ends.

use std::time::Duration;

use super::{
    api::{ApiError, TraefikApi},
    render::Rendered,
};

/// Name of the provider in Traefik's API.
pub const PROVIDER: &str = "rest";

/// An empty table goes out as empty maps: Traefik ignores a document without them.
pub async fn push(api: &TraefikApi, rendered: &Rendered, patience: Duration) -> Result<(), ApiError> {
    api.put(&rendered.configuration, patience).await?;
    tracing::debug!(
        revision = rendered.mark.revision,
        routes = rendered.routes.len(),
        "Traefik was given the routes"
    );
    Ok(())
}
