//! `POST /tickets`

use std::sync::Arc;

use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    app::{
        App,
        edge::{self, Destination},
        terminals,
    },
    domain::{session::TICKET_LIFETIME, workspace::Status},
    http::{
        edge::entrance,
        error::ApiResult,
        extract::{Authenticated, Body},
        v1::workspaces::{terminal, wire::WorkspaceStatusWord},
    },
};

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewTicket {
    /// The URL of a workspace's address that is to be opened, or the path of a WebSocket: `/api/v1/workspaces/{id}/terminal`.
    #[schema(example = "http://shop-k3v9x2qa.localhost:7080/")]
    r#for: String,
}

/// Good once, for the one address or path.
#[derive(Debug, Serialize, ToSchema)]
pub struct Ticket {
    ticket: String,
    /// Seconds.
    expires_in: i64,
    /// Where a browser shows it. To the URL of an address, `knock` has to be added as it came; to that of a WebSocket,
    /// its other parameters.
    url: String,
    workspace: TicketWorkspace,
}

/// Where it leads. Whether it may be asked for more is another matter: an address may be open to more people.
#[derive(Debug, Serialize, ToSchema)]
struct TicketWorkspace {
    id: Uuid,
    name: String,
    #[schema(value_type = WorkspaceStatusWord)]
    status: Status,
}

impl From<Destination> for TicketWorkspace {
    fn from(Destination { id, name, status }: Destination) -> Self {
        Self { id: id.into(), name: name.to_string(), status }
    }
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
    let expires_in = TICKET_LIFETIME.num_seconds();
    if let Some(id) = terminal::of_path(&body.r#for) {
        let (ticket, workspace) = terminals::ticket(&app, &caller, id).await?;
        let url = terminal::url(&app.settings.access_url, id, &ticket);
        let workspace = workspace.into();
        return Ok(Json(Ticket { ticket: ticket.expose().to_owned(), expires_in, url, workspace }));
    }
    let ticket = edge::ticket(&app, &caller, &body.r#for).await?;
    let url = entrance(&app.settings.route_url(&ticket.key), &ticket.secret, &ticket.path);
    Ok(Json(Ticket {
        ticket: ticket.secret.expose().to_owned(),
        expires_in,
        url,
        workspace: ticket.workspace.into(),
    }))
}
