//! `GET /workspaces/{id}/logs`

use axum::{extract::State, response::Response};
use chrono::{DateTime, Utc};
use futures::StreamExt;
use serde::Deserialize;
use utoipa::IntoParams;

use super::wire::ComponentLogLine;
use crate::{
    app::{AppError, workspaces},
    domain::{deployment::LogStream, ids::WorkspaceId, names::ComponentName, policy::Action},
    http::{
        error::ApiResult,
        extract::{Authenticated, Path, Query},
        state::ApiState,
        stream::{
            jsonl,
            sse::{self, WantsStream, Watch},
        },
    },
    ports::provisioner::{ContainerLogLine, LogRange},
};

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct LogQuery {
    /// Only this component; without it all of them, mixed as they come.
    component: Option<String>,
    /// Only the last lines.
    #[param(maximum = 10000)]
    tail: Option<u32>,
    /// Only lines written after this moment.
    #[param(value_type = Option<String>, format = DateTime)]
    since: Option<DateTime<Utc>>,
    /// Goes on with what is written from now on.
    #[serde(default)]
    #[param(default = false)]
    follow: bool,
}

const MAX_TAIL: u32 = 10_000;

/// What components wrote: one JSON object a line, or server-sent events with `Accept: text/event-stream`.
#[utoipa::path(
    get, path = "/workspaces/{id}/logs", tag = "workspaces", security(("bearer" = [])),
    params(("id" = Uuid, Path), LogQuery),
    responses((status = 200, body = ComponentLogLine, content_type = "application/jsonl"))
)]
pub async fn logs(
    State(state): State<ApiState>,
    Authenticated(caller): Authenticated,
    Path(id): Path<WorkspaceId>,
    Query(query): Query<LogQuery>,
    WantsStream(stream): WantsStream,
) -> ApiResult<Response> {
    let component = match query.component.as_deref().map(str::parse::<ComponentName>) {
        None => None,
        Some(Ok(name)) => Some(name),
        Some(Err(error)) => return Err(AppError::invalid("component", "invalid", error.to_string()).into()),
    };
    if query.tail.is_some_and(|tail| tail > MAX_TAIL) {
        return Err(AppError::invalid("tail", "invalid", format!("must be at most {MAX_TAIL}")).into());
    }
    let range = LogRange { tail: query.tail, since: query.since, follow: query.follow };
    let resource = workspaces::watched(&state.app, &caller, id).await?;
    let watch = Watch::right(caller.actor.credential.id(), Action::ReadWorkspace, resource);
    let lines = workspaces::container_logs(&state.app, &caller, id, component.as_ref(), range).await?;
    let lines = lines.map(|(component, line)| ComponentLogLine::new(component, line.unwrap_or_else(broken)));
    Ok(if stream {
        sse::respond(&state, watch, lines.map(|line| sse::event(&line).event("log")))
    } else {
        jsonl::respond(&state, watch, lines)
    })
}

/// A stream that breaks off says so where its reader looks.
fn broken(error: crate::ports::provisioner::EngineError) -> ContainerLogLine {
    ContainerLogLine { at: None, stream: LogStream::System, text: format!("the log breaks off: {error}") }
}
