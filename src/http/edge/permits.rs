//! What was let in stays under review: streams and upgraded connections end soon after the right to them.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio_util::sync::CancellationToken;

use crate::{
    app::{App, edge},
    domain::policy::CredentialId,
    ports::proxy::{Permit, Places},
};

/// Together with the two seconds that what is read of a session is believed, a change is felt within five.
const EVERY: Duration = Duration::from_secs(2);

type Key = (String, CredentialId);

/// One for all requests of one credential to one address.
#[derive(Default)]
pub(super) struct Permits(Mutex<HashMap<Key, Permit>>);

impl Permits {
    pub fn grant(&self, key: &str, credential: CredentialId) -> Permit {
        self.lock().entry((key.to_owned(), credential)).or_default().clone()
    }

    pub async fn review(self: Arc<Self>, app: Arc<App>, places: Arc<dyn Places>, stop: CancellationToken) {
        while stop.run_until_cancelled(tokio::time::sleep(EVERY)).await.is_some() {
            for (key, credential) in self.held() {
                let stays = match places.place(&key) {
                    None => Ok(false),
                    Some(place) => edge::may_stay(&app, &place, credential).await,
                };
                match stays {
                    Ok(true) => {}
                    Ok(false) => self.withdraw(&(key, credential)),
                    // Without the database the proxy itself stops relying on what it knows.
                    Err(error) => tracing::warn!(error = error.chain(), "visits cannot be reviewed"),
                }
            }
        }
    }

    /// Those in use; the others are forgotten.
    fn held(&self) -> Vec<Key> {
        let mut permits = self.lock();
        permits.retain(|_, permit| permit.is_held());
        permits.keys().cloned().collect()
    }

    fn withdraw(&self, key: &Key) {
        if let Some(permit) = self.lock().remove(key) {
            permit.withdraw();
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Key, Permit>> {
        // A map of permits is whole after any panic.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
