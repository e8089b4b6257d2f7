//! `GET /deployments/{id}/logs`

use std::{collections::VecDeque, time::Duration};

use axum::{extract::State, response::Response};
use futures::{Stream, StreamExt, stream};
use tokio::sync::broadcast::{Receiver, error::RecvError};

use super::wire::DeploymentLogLine;
use crate::{
    app::{App, AppResult, Caller, workspaces},
    domain::{deployment::NumberedLogLine, event::Event, ids::DeploymentId, policy::Action},
    http::{
        error::ApiResult,
        extract::{Authenticated, Path},
        state::ApiState,
        stream::{
            jsonl,
            sse::{self, LastEventId, WantsStream, Watch},
        },
    },
};

const BATCH: u32 = 1000;
/// Even without an event we look again: events may reach this server late.
const LOOK_AGAIN: Duration = Duration::from_secs(2);

/// The log of an attempt: as far as it goes, one JSON object a line, or followed to its end as server-sent events with
/// `Accept: text/event-stream`. A stream resumes after `Last-Event-ID`; its last event is `end`.
#[utoipa::path(
    get, path = "/deployments/{id}/logs", tag = "deployments", security(("bearer" = [])),
    params(("id" = Uuid, Path), ("Last-Event-ID" = Option<i64>, Header)),
    responses((status = 200, body = DeploymentLogLine, content_type = "application/jsonl"))
)]
pub async fn logs(
    State(state): State<ApiState>,
    Authenticated(caller): Authenticated,
    Path(id): Path<DeploymentId>,
    WantsStream(follow): WantsStream,
    last_event: Option<LastEventId>,
) -> ApiResult<Response> {
    let workspace = workspaces::deployment(&state.app, &caller, id).await?.deployment.workspace_id;
    let resource = workspaces::watched(&state.app, &caller, workspace).await?;
    let watch = Watch::right(caller.actor.credential.id(), Action::ReadWorkspace, resource);
    let after = last_event.map_or(0, |id| id.0);
    let reader = Reader::open(state.clone(), caller, id, after, follow).await?;
    if !follow {
        let lines = reader.pieces().filter_map(async |piece| match piece {
            Piece::Line(line) => Some(line),
            Piece::End => None,
        });
        return Ok(jsonl::respond(&state, watch, lines));
    }
    let events = reader.pieces().map(|piece| match piece {
        Piece::Line(line) => sse::event(&line).event("log").id(line.number.to_string()),
        Piece::End => axum::response::sse::Event::default().event("end").data("{}"),
    });
    Ok(sse::respond(&state, watch, events))
}

enum Piece {
    Line(DeploymentLogLine),
    /// There will never be more. A stream that breaks off ends without it, so that whoever follows comes back.
    End,
}

struct Reader {
    state: ApiState,
    caller: Caller,
    id: DeploymentId,
    after: i64,
    follow: bool,
    ended: bool,
    said_end: bool,
    batch: VecDeque<NumberedLogLine>,
    events: Receiver<std::sync::Arc<Event>>,
}

impl Reader {
    /// Reads the first lines, so that a refusal is an answer and not a broken stream.
    async fn open(
        state: ApiState,
        caller: Caller,
        id: DeploymentId,
        after: i64,
        follow: bool,
    ) -> AppResult<Self> {
        let events = state.app.feed.subscribe();
        let mut reader = Self {
            state,
            caller,
            id,
            after,
            follow,
            ended: false,
            said_end: false,
            batch: VecDeque::new(),
            events,
        };
        reader.read().await?;
        Ok(reader)
    }

    async fn read(&mut self) -> AppResult<()> {
        let app: &App = &self.state.app;
        let (lines, ended) =
            workspaces::deployment_logs(app, &self.caller, self.id, self.after, BATCH).await?;
        self.ended = (ended || !self.follow) && lines.len() < BATCH as usize;
        self.after = lines.last().map_or(self.after, |line| line.number);
        self.batch.extend(lines);
        Ok(())
    }

    fn pieces(self) -> impl Stream<Item = Piece> {
        stream::unfold(self, |mut reader| async move {
            while reader.batch.is_empty() {
                if reader.ended {
                    let end = (!reader.said_end).then_some(Piece::End)?;
                    reader.said_end = true;
                    return Some((end, reader));
                }
                let before = reader.after;
                reader.read().await.inspect_err(|error| tracing::warn!(%error, "a log breaks off")).ok()?;
                if reader.after == before && !reader.ended {
                    reader.wait().await;
                }
            }
            let line = reader.batch.pop_front()?;
            Some((Piece::Line(line.into()), reader))
        })
    }

    async fn wait(&mut self) {
        let id = self.id;
        let event = async {
            loop {
                match self.events.recv().await {
                    Ok(event) if event.event.deployment_id != Some(id) => {}
                    Ok(_) | Err(RecvError::Lagged(_)) => return,
                    Err(RecvError::Closed) => std::future::pending().await,
                }
            }
        };
        let _ = tokio::time::timeout(LOOK_AGAIN, event).await;
    }
}
