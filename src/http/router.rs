//! Every route of the server's own host name.

use axum::{Router, extract::DefaultBodyLimit, middleware::from_fn_with_state, routing::get};
use tower_http::{catch_panic::CatchPanicLayer, timeout::RequestBodyTimeoutLayer};
use utoipa::OpenApi;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    error::ApiError,
    extract::body,
    middleware::{access, request_id, security_headers},
    openapi, operations, spa,
    state::ApiState,
    traefik, v1, well_known,
};

/// Where the API lives.
pub const BASE: &str = "/api/v1";

/// A body that does not arrive piece by piece within this time is given up.
const BODY_TIMEOUT: std::time::Duration = std::time::Duration::from_secs(30);

/// The documented routes.
pub fn api() -> OpenApiRouter<ApiState> {
    OpenApiRouter::with_openapi(openapi::Document::openapi())
        .merge(operations::router())
        .routes(routes!(well_known::keys))
        .nest(BASE, v1_routes())
}

fn v1_routes() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new()
        .routes(routes!(v1::version::show))
        .routes(routes!(v1::auth::methods::show))
        .routes(routes!(v1::auth::setup::create))
        .routes(routes!(v1::auth::register::create))
        .routes(routes!(v1::auth::login::create))
        .routes(routes!(v1::auth::refresh::create))
        .routes(routes!(v1::auth::logout::create))
        .routes(routes!(v1::auth::oauth::start))
        .routes(routes!(v1::auth::oauth::callback))
        .routes(routes!(v1::auth::device::ask))
        .routes(routes!(v1::auth::device::redeem))
        .routes(routes!(v1::auth::device::show, v1::auth::device::decide))
        .routes(routes!(v1::me::show::show, v1::me::rename::update))
        .routes(routes!(v1::auth::password::forgot))
        .routes(routes!(v1::auth::password::reset))
        .routes(routes!(v1::auth::password::confirm_email))
        .routes(routes!(v1::me::password::change))
        .routes(routes!(v1::me::email::change))
        .routes(routes!(v1::me::totp::begin, v1::me::totp::remove))
        .routes(routes!(v1::me::totp::confirm))
        .routes(routes!(v1::me::totp::renew_recovery_codes))
        .routes(routes!(v1::me::tokens::list, v1::me::tokens::create))
        .routes(routes!(v1::me::tokens::revoke))
        .routes(routes!(v1::me::variables::list))
        .routes(routes!(v1::me::variables::set, v1::me::variables::remove))
        .routes(routes!(v1::me::ssh_keys::list, v1::me::ssh_keys::add))
        .routes(routes!(v1::me::ssh_keys::remove))
        .routes(routes!(v1::me::sessions::list, v1::me::sessions::revoke_others))
        .routes(routes!(v1::me::sessions::revoke))
        .routes(routes!(v1::me::identities::list))
        .routes(routes!(v1::me::identities::start))
        .routes(routes!(v1::me::identities::remove))
        .routes(routes!(v1::orgs::list::list, v1::orgs::create::create))
        .routes(routes!(v1::orgs::show::show, v1::orgs::change::change, v1::orgs::remove::remove))
        .routes(routes!(v1::orgs::members::list))
        .routes(routes!(v1::orgs::members::set, v1::orgs::members::remove))
        .routes(routes!(v1::orgs::invitations::list, v1::orgs::invitations::create))
        .routes(routes!(v1::orgs::invitations::withdraw))
        .routes(routes!(v1::orgs::quota::show, v1::orgs::quota::set))
        .routes(routes!(v1::orgs::quota::usage))
        .routes(routes!(v1::orgs::variables::list))
        .routes(routes!(v1::orgs::variables::set, v1::orgs::variables::remove))
        .routes(routes!(v1::audit::of_org))
        .routes(routes!(v1::audit::of_all))
        .routes(routes!(v1::invitations::show))
        .routes(routes!(v1::invitations::accept))
        .routes(routes!(v1::tickets::create))
        .routes(routes!(v1::users::reset_link))
        .routes(routes!(v1::users::list, v1::users::create))
        .routes(routes!(v1::users::show, v1::users::change, v1::users::remove))
        .routes(routes!(v1::schema::manifest))
        .routes(routes!(v1::catalog::list::list))
        .routes(routes!(v1::catalog::sync::sync))
        .routes(routes!(v1::templates::list::list, v1::templates::create::create))
        .routes(routes!(v1::templates::check::check))
        .routes(routes!(
            v1::templates::show::show,
            v1::templates::describe::describe,
            v1::templates::remove::remove
        ))
        .routes(routes!(v1::templates::versions::list::list, v1::templates::versions::create::create))
        .routes(routes!(v1::templates::versions::activate::activate))
        .routes(routes!(v1::templates::variables::list))
        .routes(routes!(v1::templates::variables::set, v1::templates::variables::remove))
        .routes(routes!(v1::hosts::list))
        .routes(routes!(v1::hosts::show))
        .routes(routes!(v1::workspaces::list::list, v1::workspaces::create::create))
        .routes(routes!(v1::workspaces::destroy_all::destroy_all))
        .routes(routes!(v1::workspaces::list::list_mine))
        .routes(routes!(
            v1::workspaces::show::show,
            v1::workspaces::patch::patch,
            v1::workspaces::destroy::destroy
        ))
        .routes(routes!(v1::workspaces::start::start))
        .routes(routes!(v1::workspaces::stop::stop))
        .routes(routes!(v1::workspaces::restart::restart))
        .routes(routes!(v1::workspaces::retry::retry))
        .routes(routes!(v1::workspaces::cancel::cancel))
        .routes(routes!(v1::workspaces::update::update))
        .routes(routes!(v1::workspaces::logs::logs))
        .routes(routes!(v1::workspaces::stats::stats))
        .routes(routes!(v1::workspaces::ports::ports))
        .routes(routes!(v1::workspaces::terminal::open))
        .routes(routes!(v1::workspaces::routes::list::list, v1::workspaces::routes::create::create))
        .routes(routes!(v1::workspaces::routes::patch::patch, v1::workspaces::routes::remove::remove))
        .routes(routes!(v1::workspaces::routes::domains::list, v1::workspaces::routes::domains::create))
        .routes(routes!(v1::workspaces::routes::domains::verify))
        .routes(routes!(v1::workspaces::routes::domains::remove))
        .routes(routes!(v1::workspaces::variables::list))
        .routes(routes!(v1::workspaces::variables::set, v1::workspaces::variables::remove))
        .routes(routes!(v1::deployments::list::list))
        .routes(routes!(v1::deployments::show::show))
        .routes(routes!(v1::deployments::logs::logs))
        .routes(routes!(v1::events::follow))
}

/// The whole application of our own host name.
pub fn build(state: ApiState) -> Router {
    let (documented, _) = api().split_for_parts();
    documented
        .route("/metrics", get(operations::metrics))
        .route("/edge/traefik", get(traefik::routes))
        .merge(operations::docs())
        .fallback_service(spa::service())
        .method_not_allowed_fallback(async || ApiError::wrong_method())
        .layer(DefaultBodyLimit::max(body::LIMIT))
        .layer(RequestBodyTimeoutLayer::new(BODY_TIMEOUT))
        .layer(CatchPanicLayer::custom(operations::panicked))
        .layer(from_fn_with_state(state.clone(), security_headers::set))
        .layer(from_fn_with_state(state.clone(), access::record))
        .layer(from_fn_with_state(state.clone(), request_id::assign))
        .with_state(state)
}
