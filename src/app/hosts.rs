//! Docker hosts.

use super::{App, AppError, AppResult, Caller};
use crate::domain::{
    event::{EventKind, NewEvent},
    host::{Host, HostFacts, HostState, Unexplained},
    ids::HostId,
    policy::{Action, Resource},
};

pub async fn list(app: &App, caller: &Caller) -> AppResult<Vec<Host>> {
    app.authorize(&caller.actor, Action::AdministerPlatform, Resource::Platform, "host")?;
    Ok(app.store.read().await?.hosts().list().await?)
}

pub async fn get(app: &App, caller: &Caller, id: HostId) -> AppResult<Host> {
    app.authorize(&caller.actor, Action::AdministerPlatform, Resource::Platform, "host")?;
    let host = app.store.read().await?.hosts().find(id).await?;
    host.ok_or_else(|| AppError::not_found("host", id))
}

/// The host that the configuration names: made at the first start, moved when the configuration names another endpoint.
/// Several servers may start at once.
pub async fn register(app: &App, name: &str, endpoint: &str) -> AppResult<HostId> {
    match register_once(app, name, endpoint).await {
        // Another server was faster: the host is there now.
        Err(AppError::Conflict { code: "taken", .. }) => register_once(app, name, endpoint).await,
        other => other,
    }
}

async fn register_once(app: &App, name: &str, endpoint: &str) -> AppResult<HostId> {
    let now = app.clock.now();
    let mut work = app.store.begin().await?;
    let found = work.hosts().find_by_name(name).await?;
    let id = match found {
        Some(host) if host.endpoint == endpoint => return Ok(host.id),
        Some(host) => {
            work.hosts().move_to(host.id, endpoint, now).await?;
            host.id
        }
        None => {
            let host = Host {
                id: app.random.id(now),
                name: name.to_owned(),
                endpoint: endpoint.to_owned(),
                state: HostState::New,
                cordoned: false,
                facts: HostFacts::default(),
                unexplained: Unexplained::default(),
                created_at: now,
                updated_at: now,
            };
            work.hosts().add(&host).await?;
            host.id
        }
    };
    let event = NewEvent { host_id: Some(id), ..NewEvent::new(EventKind::HostUpdated, now) };
    work.events().append(&[event]).await?;
    work.commit().await?;
    Ok(id)
}
