//! `GET /events`

use std::sync::Arc;

use axum::{extract::State, response::Response};
use futures::{Stream, stream};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::{
    app::{
        self, App,
        auth::actors,
        events::{Subscription, is_visible},
        orgs,
    },
    domain::{
        event::{Event, EventKind},
        ids::{OrgId, WorkspaceId},
        policy::{Action, CredentialId},
    },
    http::{
        error::ApiResult,
        extract::{Authenticated, Query},
        state::ApiState,
        stream::sse::{self, LastEventId, Watch},
        wire::{Time, words},
    },
};

words! {
    EventTypeWord = EventKind::ALL;
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct EventFilter {
    /// Only events of this organization (id or slug).
    org: Option<String>,
    /// Only events of this workspace.
    workspace: Option<Uuid>,
}

/// What changed; readers fetch what they want to know of it.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChangeEvent {
    #[serde(rename = "type")]
    #[schema(value_type = EventTypeWord)]
    kind: EventKind,
    #[schema(required)]
    org_id: Option<Uuid>,
    #[schema(required)]
    workspace_id: Option<Uuid>,
    #[schema(required)]
    deployment_id: Option<Uuid>,
    #[schema(required)]
    template_id: Option<Uuid>,
    #[schema(required)]
    host_id: Option<Uuid>,
    /// The new status of what changed, where it has one.
    #[schema(required)]
    status: Option<String>,
    time: Time,
}

impl From<&Event> for ChangeEvent {
    fn from(Event { event, .. }: &Event) -> Self {
        Self {
            kind: event.kind,
            org_id: event.org_id.map(Uuid::from),
            workspace_id: event.workspace_id.map(Uuid::from),
            deployment_id: event.deployment_id.map(Uuid::from),
            template_id: event.template_id.map(Uuid::from),
            host_id: event.host_id.map(Uuid::from),
            status: event.status.clone(),
            time: event.at.into(),
        }
    }
}

/// Follows what the caller may see, as server-sent events: `id` is the number of the event, `event` its type, `data` a
/// `ChangeEvent`. Resumes after `Last-Event-ID`.
#[utoipa::path(
    get, path = "/events", tag = "events", security(("bearer" = [])),
    params(EventFilter, ("Last-Event-ID" = Option<i64>, Header)),
    responses((status = 200, body = ChangeEvent, content_type = "text/event-stream"))
)]
pub async fn follow(
    State(state): State<ApiState>,
    Authenticated(caller): Authenticated,
    Query(filter): Query<EventFilter>,
    last_event: Option<LastEventId>,
) -> ApiResult<Response> {
    let org = match &filter.org {
        Some(reference) => Some(orgs::find(&state.app, &caller, Action::ReadOrg, reference).await?.id),
        None => None,
    };
    let wanted = Wanted { org, workspace: filter.workspace.map(WorkspaceId::from) };
    let subscription = app::events::follow(&state.app, last_event.map(|id| id.0)).await?;
    let credential = caller.actor.credential.id();
    let events = visible(state.app.clone(), credential, subscription, wanted);
    Ok(sse::respond(&state, Watch::credential(credential), events))
}

#[derive(Clone, Copy)]
struct Wanted {
    org: Option<OrgId>,
    workspace: Option<WorkspaceId>,
}

impl Wanted {
    fn covers(self, event: &Event) -> bool {
        let event = &event.event;
        self.org.is_none_or(|org| event.org_id.is_none_or(|of| of == org))
            && self.workspace.is_none_or(|workspace| event.workspace_id == Some(workspace))
    }
}

/// Each event is judged by what the caller may see at that moment, not when the stream began. Ends when the database
/// fails: the reader reconnects and resumes.
fn visible(
    app: Arc<App>,
    credential: CredentialId,
    subscription: Subscription,
    wanted: Wanted,
) -> impl Stream<Item = axum::response::sse::Event> + Send {
    stream::unfold((app, subscription), move |(app, mut subscription)| async move {
        loop {
            let event = subscription.next().await;
            let event = event.inspect_err(|error| tracing::warn!(%error, "event stream ended")).ok()?;
            if !wanted.covers(&event) {
                continue;
            }
            let actor = actors::of(&app, credential).await.ok()?;
            if is_visible(&actor, &event) {
                let answer = sse::event(&ChangeEvent::from(&event))
                    .event(event.event.kind.as_str())
                    .id(event.sequence.to_string());
                return Some((answer, (app, subscription)));
            }
        }
    })
}
