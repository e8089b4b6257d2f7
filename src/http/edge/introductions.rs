//! What names a visitor to a component is good for a while: a page with many parts is not signed for again and again.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use chrono::{DateTime, Duration, Utc};
use http::HeaderValue;

use super::CROWDED;
use crate::{
    app::{App, AppError, AppResult, edge},
    domain::{
        access::Place,
        names::Username,
        policy::{Actor, CredentialId},
        session::IDENTITY_LIFETIME,
    },
    ports::proxy::Introduction,
};

/// How long one is used. A component that gets it has at least as long to verify it.
const USED_FOR: Duration = Duration::seconds(IDENTITY_LIFETIME.num_seconds() / 2);

#[derive(Default)]
pub(super) struct Introductions(Mutex<HashMap<Key, Signed>>);

/// To which address, and by which credential.
type Key = (String, CredentialId);

struct Signed {
    place: Place,
    username: Username,
    value: HeaderValue,
    at: DateTime<Utc>,
}

impl Signed {
    fn is_used(&self, now: DateTime<Utc>) -> bool {
        (Duration::zero()..USED_FOR).contains(&(now - self.at))
    }

    fn says(&self, place: &Place, visitor: &Actor) -> bool {
        self.place == *place && self.username == visitor.username
    }
}

impl Introductions {
    /// For a visitor who was let in. `None`: the component is not told.
    pub fn of(
        &self,
        app: &App,
        address: &str,
        place: &Place,
        visitor: &Actor,
    ) -> AppResult<Option<Introduction>> {
        let now = app.clock.now();
        let key = (address.to_owned(), visitor.credential.id());
        if let Some(signed) = self.lock().get(&key)
            && signed.is_used(now)
            && signed.says(place, visitor)
        {
            return Ok(Some(Introduction(signed.value.clone())));
        }
        let Some(token) = edge::introduction(app, address, place, visitor)? else { return Ok(None) };
        let mut value =
            HeaderValue::from_str(token.expose()).map_err(|error| AppError::Internal(error.into()))?;
        value.set_sensitive(true);
        let mut all = self.lock();
        if all.len() >= CROWDED {
            all.retain(|_, signed| signed.is_used(now));
        }
        let username = visitor.username.clone();
        all.insert(key, Signed { place: *place, username, value: value.clone(), at: now });
        Ok(Some(Introduction(value)))
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Key, Signed>> {
        // A cache is whole after any panic.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
