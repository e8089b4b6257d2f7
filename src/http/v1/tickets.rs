//! `POST /tickets`

use std::sync::Arc;

use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    app::{App, edge},
    domain::session::TICKET_LIFETIME,
    http::{
        edge::entrance,
        error::ApiResult,
        extract::{Authenticated, Body},
    },
};

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewTicket {
    /// The URL of a workspace's address that is to be opened.
    #[schema(example = "http://shop-k3v9x2qa.localhost:7080/")]
    r#for: String,
}

/// Good once, for the one address.
#[derive(Debug, Serialize, ToSchema)]
pub struct Ticket {
    ticket: String,
    /// Seconds.
    expires_in: i64,
    /// Where a browser shows it. `knock` has to be added as it came.
    url: String,
}

#[utoipa::path(
    post, path = "/tickets", tag = "workspaces", security(("bearer" = [])), request_body = NewTicket,
    responses((status = 200, body = Ticket), (status = 403, description = "The address is not open to the caller"))
)]
pub async fn create(
    State(app): State<Arc<App>>,
    Authenticated(caller): Authenticated,
    Body(body): Body<NewTicket>,
) -> ApiResult<Json<Ticket>> {
    let ticket = edge::ticket(&app, &caller, &body.r#for).await?;
    let url = entrance(&app.settings.route_url(&ticket.key), &ticket.secret, &ticket.path);
    let expires_in = TICKET_LIFETIME.num_seconds();
    Ok(Json(Ticket { ticket: ticket.secret.expose().to_owned(), expires_in, url }))
}
