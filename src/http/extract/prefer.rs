//! `Prefer: wait=N` (RFC 7240): answer when long work has settled, or after N seconds.

use std::time::Duration;

use axum::{extract::FromRequestParts, http::request::Parts};
use futures::future::BoxFuture;
use tokio::{sync::broadcast::error::RecvError, time::Instant};

use crate::{
    app::{AppResult, feed::Feed},
    domain::event::Event,
    http::error::{ApiError, ApiResult},
};

/// Longest wait a caller may ask for.
const MAX_WAIT: Duration = Duration::from_secs(60);
/// Even without an event we look again: events may reach this server late.
const LOOK_AGAIN: Duration = Duration::from_secs(2);

/// How long the caller wants to wait. Zero without the header; what is not understood is ignored, as the RFC says.
///
/// ```ignore
/// async fn start(wait: PreferWait, …) -> ApiResult<impl IntoResponse> {
///     app::workspaces::start(&app, &caller, id).await?;
///     let workspace = wait
///         .until_settled(&app.feed, |event| event.event.workspace_id == Some(id), || {
///             Box::pin(async {
///                 let workspace = app::workspaces::get(&app, &caller, id).await?;
///                 Ok((workspace.state.status().is_settled(), workspace))
///             })
///         })
///         .await?;
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PreferWait(pub Duration);

impl PreferWait {
    fn parse(preference: &str) -> Option<Self> {
        let (name, seconds) = preference.split_once('=')?;
        if !name.trim().eq_ignore_ascii_case("wait") {
            return None;
        }
        let seconds = seconds.trim().trim_matches('"').parse().ok()?;
        Some(Self(Duration::from_secs(seconds).min(MAX_WAIT)))
    }

    /// Looks until `look` says that it is settled, at most for the time asked for, and gives what was seen last.
    /// It looks again when an event is `relevant`, and every two seconds. A server that ends waits no longer.
    pub async fn until_settled<'a, T>(
        self,
        feed: &Feed,
        relevant: impl Fn(&Event) -> bool,
        mut look: impl FnMut() -> BoxFuture<'a, AppResult<(bool, T)>>,
    ) -> AppResult<T> {
        let deadline = Instant::now() + self.0;
        let mut events = feed.subscribe();
        loop {
            let (settled, seen) = look().await?;
            if settled || Instant::now() >= deadline {
                return Ok(seen);
            }
            let again = deadline.min(Instant::now() + LOOK_AGAIN);
            let event = async {
                loop {
                    match events.recv().await {
                        Ok(event) if !relevant(&event) => {}
                        Ok(_) | Err(RecvError::Lagged(_)) => return,
                        Err(RecvError::Closed) => std::future::pending().await,
                    }
                }
            };
            tokio::select! {
                _ = tokio::time::timeout_at(again, event) => {}
                () = feed.ended() => return Ok(look().await?.1),
            }
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for PreferWait {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> ApiResult<Self> {
        let preferences = parts.headers.get_all("prefer").into_iter().filter_map(|value| value.to_str().ok());
        Ok(preferences.flat_map(|value| value.split([',', ';'])).find_map(Self::parse).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::domain::event::{EventKind, NewEvent};

    #[test]
    fn only_a_wait_counts_and_at_most_a_minute() {
        let seconds = |text| PreferWait::parse(text).map(|wait| wait.0.as_secs());
        assert_eq!(seconds("wait=5"), Some(5));
        assert_eq!(seconds("Wait = 5"), Some(5));
        assert_eq!(seconds("wait=86400"), Some(60));
        for other in ["wait", "wait=-1", "wait=soon", "respond-async", "handling=strict"] {
            assert_eq!(seconds(other), None, "{other}");
        }
    }

    #[tokio::test]
    async fn it_ends_when_time_is_up() {
        let (feed, began) = (Feed::default(), Instant::now());
        let wait = Duration::from_millis(30);
        let seen = PreferWait(wait)
            .until_settled(&feed, |_| true, || Box::pin(async { Ok((false, "under way")) }))
            .await;
        assert_eq!(seen.unwrap(), "under way");
        assert!(began.elapsed() >= wait);
    }

    #[tokio::test]
    async fn it_looks_again_at_a_relevant_event() {
        let (feed, began) = (Feed::default(), Instant::now());
        let mut looks = 0;
        let seen = PreferWait(MAX_WAIT).until_settled(
            &feed,
            |event| event.sequence == 2,
            || {
                looks += 1;
                for sequence in [1, 2] {
                    let event = NewEvent::new(EventKind::WorkspaceUpdated, DateTime::UNIX_EPOCH);
                    feed.publish(Event { sequence, event });
                }
                Box::pin(std::future::ready(Ok((looks == 3, looks))))
            },
        );
        assert_eq!(seen.await.unwrap(), 3);
        assert!(began.elapsed() < LOOK_AGAIN, "it was the events that woke it");
    }
}
