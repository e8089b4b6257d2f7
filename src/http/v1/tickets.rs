//! `POST /tickets`

use std::sync::Arc;

use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    app::{App, edge},
    domain::{session::TICKET_LIFETIME, workspace::Status},
    http::{
        edge::entrance,
        error::ApiResult,
        extract::{Authenticated, Body},
        v1::workspaces::wire::WorkspaceStatusWord,
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
    workspace: TicketWorkspace,
}

/// Whose address it is. Whether it may be asked for more is another matter: an address may be open to more people.
#[derive(Debug, Serialize, ToSchema)]
struct TicketWorkspace {
    id: Uuid,
    name: String,
    #[schema(value_type = WorkspaceStatusWord)]
    status: Status,
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
    let edge::Destination { id, name, status } = ticket.workspace;
    let workspace = TicketWorkspace { id: id.into(), name: name.to_string(), status };
    Ok(Json(Ticket { ticket: ticket.secret.expose().to_owned(), expires_in, url, workspace }))
}
