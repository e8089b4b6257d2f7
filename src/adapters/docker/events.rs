//! Hints that something changed. Docker keeps few events and drops those of slow listeners, so a hint is all they are.

use std::{
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use bollard::query_parameters::EventsOptionsBuilder;
use futures::{
    SinkExt, StreamExt,
    channel::mpsc::{self, Sender},
    stream::BoxStream,
};

use super::{
    client::{Client, LOOK},
    labels::Labels,
};
use crate::ports::provisioner::EngineEvent;

/// Changes of state; leaves out execs, of which health checks make many.
const ACTIONS: [&str; 8] = ["create", "start", "die", "oom", "pause", "unpause", "destroy", "rename"];

/// A connection that is silent this long may be dead.
const SILENCE: Duration = Duration::from_secs(300);

/// What happened between our look at the clock and the engine's is asked for, too, even if the clocks differ a little.
const OVERLAP: Duration = Duration::from_secs(5);

const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Ends when the receiver is dropped.
pub(super) fn stream(client: Arc<Client>, labels: Labels) -> BoxStream<'static, EngineEvent> {
    let (sender, receiver) = mpsc::channel(64);
    let work = async move {
        listen(&client, labels, sender).await;
        None
    };
    // The work yields nothing; it runs while, and only while, somebody reads.
    let work = futures::stream::once(work).filter_map(std::future::ready);
    futures::stream::select(receiver, work).boxed()
}

async fn listen(client: &Client, labels: Labels, mut sender: Sender<EngineEvent>) {
    let mut pause = FIRST_PAUSE;
    loop {
        if client.call("asking for a sign of life", LOOK, client.docker().ping()).await.is_ok() {
            pause = FIRST_PAUSE;
            if forward(client, labels, &mut sender).await.is_err() {
                return;
            }
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// Until the connection ends, or nobody listens any more, which is an error.
async fn forward(
    client: &Client,
    labels: Labels,
    sender: &mut Sender<EngineEvent>,
) -> Result<(), mpsc::SendError> {
    let mut filters = labels.filter(None);
    filters.insert("type".into(), vec!["container".into()]);
    filters.insert("event".into(), ACTIONS.map(str::to_owned).into());
    let options = EventsOptionsBuilder::new().since(&since()).filters(&filters).build();
    let mut events = client.docker().clone().with_timeout(LOOK).events(Some(options));
    sender.send(EngineEvent::Resync).await?;
    while let Ok(Some(Ok(event))) = tokio::time::timeout(SILENCE, events.next()).await {
        let attributes = event.actor.and_then(|actor| actor.attributes);
        if let Some(workspace) = labels.workspace(attributes.as_ref()) {
            sender.send(EngineEvent::Changed(workspace)).await?;
        }
    }
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "an adapter asks an engine for what it saw since a moment ago")]
fn since() -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    now.saturating_sub(OVERLAP).as_secs().to_string()
}
