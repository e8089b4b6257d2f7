//! `GET /workspaces/{id}/stats`

use std::time::Duration;

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use futures::{Stream, StreamExt, stream};

use super::wire::ComponentStats;
use crate::{
    app::{Caller, workspaces},
    domain::{ids::WorkspaceId, policy::Action},
    http::{
        error::ApiResult,
        extract::{Authenticated, Page, Path},
        state::ApiState,
        stream::sse::{self, WantsStream, Watch},
    },
};

/// Between samples of a stream.
const INTERVAL: Duration = Duration::from_secs(2);

/// What components use: the latest sample, or a live stream of them with `Accept: text/event-stream`.
#[utoipa::path(
    get, path = "/workspaces/{id}/stats", tag = "workspaces", security(("bearer" = [])),
    params(("id" = Uuid, Path)), responses((status = 200, body = Page<ComponentStats>))
)]
pub async fn stats(
    State(state): State<ApiState>,
    Authenticated(caller): Authenticated,
    Path(id): Path<WorkspaceId>,
    WantsStream(stream): WantsStream,
) -> ApiResult<Response> {
    let first = sample(&state, &caller, id).await?;
    if !stream {
        return Ok(Page::whole(first).into_response());
    }
    let resource = workspaces::watched(&state.app, &caller, id).await?;
    let watch = Watch::right(caller.actor.credential.id(), Action::ReadWorkspace, resource);
    let events = stream::iter(first).chain(live(state.clone(), caller, id));
    Ok(sse::respond(&state, watch, events.map(|sample| sse::event(&sample).event("stats"))))
}

async fn sample(state: &ApiState, caller: &Caller, id: WorkspaceId) -> ApiResult<Vec<ComponentStats>> {
    let samples = workspaces::stats(&state.app, caller, id).await?;
    let now = state.app.clock.now();
    Ok(samples.into_iter().map(|(component, stats)| ComponentStats::new(component, now, stats)).collect())
}

/// Each sample is asked for anew, so it ends with the workspace.
fn live(state: ApiState, caller: Caller, id: WorkspaceId) -> impl Stream<Item = ComponentStats> {
    stream::unfold((state, caller), move |(state, caller)| async move {
        tokio::time::sleep(INTERVAL).await;
        let samples = sample(&state, &caller, id).await.ok()?;
        Some((stream::iter(samples), (state, caller)))
    })
    .flatten()
}
