//! Whether a terminal may go on.

use std::{sync::Arc, time::Duration};

use crate::{
    app::{
        App, AppError,
        auth::{actors, actors::FRESH_FOR},
    },
    domain::{
        ids::WorkspaceId,
        policy::{Action, CredentialId, Decision, Resource, can},
        terminal::Ending,
        workspace::Desired,
    },
};

/// Together with the time that what is read of a session is believed, a change is felt within five seconds.
const REVIEW: Duration = Duration::from_secs(2);
const _: () = assert!(REVIEW.as_secs() + FRESH_FOR.num_seconds().unsigned_abs() < 5);

#[derive(Clone)]
pub(super) struct Watched {
    pub(super) app: Arc<App>,
    pub(super) workspace: WorkspaceId,
    pub(super) resource: Resource,
}

impl Watched {
    /// Waits until the terminal must end. One that nobody looks at is under review as well, with the credential of
    /// whoever was there last.
    pub(super) async fn until_over(self, credential: CredentialId) -> Ending {
        loop {
            tokio::time::sleep(REVIEW).await;
            if let Some(ending) = self.review(credential).await {
                return ending;
            }
        }
    }

    async fn review(&self, credential: CredentialId) -> Option<Ending> {
        match actors::of(&self.app, credential).await {
            Ok(actor) => match can(&actor, Action::EnterWorkspace, self.resource) {
                Decision::Allow => {}
                Decision::Forbid | Decision::Hide => return Some(Ending::Refused),
            },
            Err(AppError::Unauthenticated { .. }) => return Some(Ending::SignedOut),
            // An unreachable database ends nothing; the next review asks again.
            Err(_) => return None,
        }
        self.is_stopped().await.then_some(Ending::WorkspaceStopped)
    }

    /// Whether the workspace is to run no more.
    pub(super) async fn is_stopped(&self) -> bool {
        let found = async { self.app.store.read().await?.workspaces().find(self.workspace).await };
        match found.await {
            Ok(Some(workspace)) => workspace.desired != Desired::Running,
            Ok(None) => true,
            Err(_) => false,
        }
    }
}
