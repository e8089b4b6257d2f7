//! `GET /workspaces/{id}/terminal`

use axum::{
    Extension,
    extract::{
        State, WebSocketUpgrade,
        ws::{WebSocket, rejection::WebSocketUpgradeRejection},
    },
    http::{HeaderMap, StatusCode},
    response::Response,
};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::{
    app::{AppError, Caller, auth, terminals},
    domain::{ids::WorkspaceId, names::ComponentName, secret::Secret, terminal::TerminalSize},
    http::{
        error::{ApiError, ApiResult},
        extract::{Client, Path, Query, authenticated::bearer, same_origin::may_open_socket},
        front::Lasting,
        router::BASE,
        state::ApiState,
        stream::terminal::{MAX_MESSAGE, converse},
    },
};

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct TerminalQuery {
    /// Where to open it; without it where people work, which is the component of type `workspace`, or else the first.
    component: Option<String>,
    /// Columns of the screen.
    #[param(minimum = 1, maximum = 1000, default = 80)]
    cols: Option<u16>,
    /// Rows of the screen.
    #[param(minimum = 1, maximum = 1000, default = 24)]
    rows: Option<u16>,
    /// Name of a terminal to go back to, as its first message said it. One that is not there any more, or is not the
    /// caller's, is a new terminal.
    session: Option<String>,
    /// From `POST /tickets` with this path, in place of `Authorization`, which a browser cannot send here.
    ticket: Option<String>,
}

/// A shell, as a WebSocket. Binary messages are what is typed and what is shown. Text messages are JSON: to the server
/// `{"type":"resize","cols":80,"rows":24}`, at most 1 MiB each; from it first `{"type":"session","id","resumed","component"}`, and at the
/// end `{"type":"exit","code"}` or `{"type":"error","code","detail"}`. When the connection is lost, the shell waits five
/// minutes for its person to come back with `session`, and shows its last 128 KiB again. Whoever comes takes over.
#[utoipa::path(
    get, path = "/workspaces/{id}/terminal", tag = "workspaces", security(("bearer" = []), ()),
    params(("id" = Uuid, Path), TerminalQuery),
    responses(
        (status = 101, description = "The terminal is open"),
        (status = 403, description = "The caller may not, or the request comes from a page of another origin"),
        (status = 409, description = "The workspace does not run, or the caller has too many terminals"),
        (status = 426, description = "The request does not ask for a WebSocket"),
    )
)]
pub async fn open(
    State(state): State<ApiState>,
    headers: HeaderMap,
    client: Client,
    Path(id): Path<WorkspaceId>,
    Query(query): Query<TerminalQuery>,
    lasting: Option<Extension<Lasting>>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> ApiResult<Response> {
    let caller = caller(&state, &headers, &client, id, query.ticket).await?;
    let size = size(query.cols, query.rows)?;
    let component = query.component.as_deref().map(str::parse::<ComponentName>).transpose();
    let component =
        component.map_err(|error| AppError::invalid("component", "invalid", error.to_string()))?;
    let door = terminals::door(&state.app, &caller, id, component).await?;
    let upgrade = upgrade.map_err(|rejection| {
        ApiError::http(StatusCode::UPGRADE_REQUIRED, "upgrade_required", rejection.body_text())
    })?;
    let seat = terminals::sit_down(&state.app, &caller, door, size, query.session.as_deref()).await?;
    let upgrade = upgrade.max_message_size(MAX_MESSAGE).max_frame_size(MAX_MESSAGE);
    Ok(upgrade.on_upgrade(async move |socket: WebSocket| {
        converse(socket, seat).await;
        drop(lasting);
    }))
}

/// The workspace whose terminals this path leads to, whatever its query.
pub fn of_path(path: &str) -> Option<WorkspaceId> {
    let path = path.split_once('?').map_or(path, |(path, _)| path);
    path.strip_prefix(BASE)?.strip_prefix("/workspaces/")?.strip_suffix("/terminal")?.parse().ok()
}

/// Where a browser shows the ticket.
pub fn url(access_url: &str, id: WorkspaceId, ticket: &Secret) -> String {
    // `http` becomes `ws`, and `https` becomes `wss`.
    let authority = access_url.strip_prefix("http").unwrap_or(access_url);
    format!("ws{authority}{BASE}/workspaces/{id}/terminal?ticket={}", ticket.expose())
}

/// Whoever asks, if no page of somebody else makes a browser ask. No cookie is looked at.
async fn caller(
    state: &ApiState,
    headers: &HeaderMap,
    client: &Client,
    id: WorkspaceId,
    ticket: Option<String>,
) -> ApiResult<Caller> {
    if !may_open_socket(headers, &state.app.settings.access_url) {
        let detail = "terminals are only for pages of this server itself, and for programs";
        return Err(ApiError::http(StatusCode::FORBIDDEN, "cross_origin", detail));
    }
    let actor = match (bearer(headers), ticket) {
        (Some(token), None) => auth::authenticate(&state.app, token, client.address).await?,
        (None, Some(ticket)) => terminals::enter(&state.app, id, &Secret::new(ticket)).await?,
        _ => {
            let detail = "send a token as Authorization: Bearer <token>, or, from a browser, a ticket of POST /tickets \
                          as ?ticket=; one of both";
            return Err(AppError::Unauthenticated { code: "unauthenticated", detail: detail.into() }.into());
        }
    };
    Ok(Caller { actor, address: client.address })
}

fn size(columns: Option<u16>, rows: Option<u16>) -> ApiResult<TerminalSize> {
    let usual = TerminalSize::default();
    let message = || format!("must be between 1 and {}", TerminalSize::MAX);
    let columns = columns.unwrap_or(usual.columns);
    let wrong = if TerminalSize::new(columns, 1).is_none() { "cols" } else { "rows" };
    let size = TerminalSize::new(columns, rows.unwrap_or(usual.rows));
    size.ok_or_else(|| AppError::invalid(wrong, "invalid", message()).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_path_of_a_terminal_is_one() {
        let id = "019371a2-0000-7000-8000-000000000001";
        let of = |path: &str| of_path(path).map(|id| id.to_string());
        let path = format!("/api/v1/workspaces/{id}/terminal");
        assert_eq!(of(&path).as_deref(), Some(id));
        assert_eq!(of(&format!("{path}?cols=80")).as_deref(), Some(id));
        for wrong in
            ["", "/", "/api/v1/workspaces//terminal", "/api/v1/workspaces/x/terminal", "http://x/terminal"]
        {
            assert_eq!(of(wrong), None, "{wrong}");
        }
        assert_eq!(of(&format!("http://localhost{path}")), None);
        assert_eq!(of(&format!("{path}/../logs")), None);
    }

    #[test]
    fn a_page_over_tls_talks_over_tls() {
        let id = WorkspaceId::from(uuid::Uuid::nil());
        let url = |access_url| url(access_url, id, &Secret::new("t"));
        assert!(url("https://dev.example.org").starts_with("wss://dev.example.org/api/v1/workspaces/0"));
        assert!(url("http://localhost:7080").ends_with("/terminal?ticket=t"));
        assert!(url("http://localhost:7080").starts_with("ws://localhost:7080/"));
    }
}
