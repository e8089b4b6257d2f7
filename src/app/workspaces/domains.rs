//! Custom domains of routes: claimed, shown to be somebody's, taken back.
//!
//! The world is asked outside any unit of work. A claim that shows a proof gets the name, from whoever had it: control over
//! a name today is worth more than control some day. A name that leads to a workspace here shows it by DNS alone, as its
//! pages are answered by whoever has that workspace.

use chrono::{DateTime, Utc};
use futures::{StreamExt, stream};
use serde_json::json;

use super::{find, leave_traces, refuse_on_the_way_out, routes::find_route};
use crate::{
    app::{
        App, AppError, AppResult, Caller,
        auth::attempts::{self, Bucket},
        idempotency,
        idempotency::IdempotencyKey,
    },
    domain::{
        custom_domain::{CustomHost, LOOK_EVERY, MOST_DOMAINS, PROOF_PATH, RouteDomain, Standing, WATCHED},
        ids::{DomainId, RouteId, WorkspaceId},
        policy::Action,
        rate::Rate,
        route::Route,
        workspace::Workspace,
    },
    ports::repository::{StoreError, UnitOfWork},
};

/// Random bytes of what a proof says: nobody can have put it there before.
const TOKEN_BYTES: usize = 20;
/// Looks that one person may ask for: each makes us ask servers that they name.
const LOOKS: Rate = Rate::new(20, std::time::Duration::from_secs(15));
/// Claims looked at in one go, and side by side.
const BATCH: u32 = 50;
const SIDE_BY_SIDE: usize = 8;
const LOST: &str =
    "somebody else has shown that the domain is theirs; if it is yours, put the record back and check again";

pub async fn domain_list(
    app: &App,
    caller: &Caller,
    id: WorkspaceId,
    route: RouteId,
) -> AppResult<Vec<RouteDomain>> {
    let mut reader = app.store.read().await?;
    let workspace = find(app, reader.as_mut(), caller, Action::ReadWorkspace, id).await?;
    find_route(reader.as_mut(), &workspace, route).await?;
    Ok(reader.route_domains().list(route).await?)
}

pub async fn add_domain(
    app: &App,
    caller: &Caller,
    id: WorkspaceId,
    route: RouteId,
    host: CustomHost,
    key: Option<&IdempotencyKey>,
) -> AppResult<RouteDomain> {
    let (now, user) = (app.clock.now(), caller.actor.user_id);
    let mut work = app.store.begin().await?;
    let workspace = find(app, work.as_mut(), caller, Action::OperateWorkspace, id).await?;
    let route = find_route(work.as_mut(), &workspace, route).await?;
    if let Some(made) = idempotency::replay(work.as_mut(), user, key, now).await? {
        return find_domain(work.as_mut(), &route, made.into()).await;
    }
    refuse_on_the_way_out(&workspace)?;
    if let Some(clash) = host.clash(app.settings.access_host(), &app.settings.workspace_domain) {
        return Err(AppError::invalid("host", "reserved", clash));
    }
    // Held, so that two at once do not both find room.
    work.orgs().hold(workspace.org_id).await?;
    if work.route_domains().list(route.id).await?.len() >= MOST_DOMAINS {
        let detail = format!("a route has at most {MOST_DOMAINS} custom domains; remove one first");
        return Err(AppError::Conflict { code: "too_many_domains", detail });
    }
    let domain = RouteDomain {
        id: app.random.id(now),
        route_id: route.id,
        host,
        token: app.random.hex::<TOKEN_BYTES>(),
        created_at: now,
        checked_at: None,
        standing: Standing::Pending { failure: None },
    };
    work.route_domains().add(&domain).await.map_err(|error| match error {
        StoreError::Taken("domain") => AppError::Conflict {
            code: "taken",
            detail: format!("the route has the domain {} already", domain.host),
        },
        error => error.into(),
    })?;
    idempotency::remember(work.as_mut(), user, key, domain.id.into(), now).await?;
    let trace = json!({ "host_label": route.label, "host": domain.host });
    leave_traces(app, work.as_mut(), Some(caller), &workspace, "workspace.domain.add", trace).await?;
    work.commit().await?;
    app.feed.wake();
    Ok(domain)
}

/// Success when it is gone already.
pub async fn remove_domain(
    app: &App,
    caller: &Caller,
    id: WorkspaceId,
    route: RouteId,
    domain: DomainId,
) -> AppResult<()> {
    let mut work = app.store.begin().await?;
    let workspace = find(app, work.as_mut(), caller, Action::OperateWorkspace, id).await?;
    let route = find_route(work.as_mut(), &workspace, route).await?;
    let found = match find_domain(work.as_mut(), &route, domain).await {
        Ok(found) => found,
        Err(AppError::NotFound { .. }) => return Ok(()),
        Err(error) => return Err(error),
    };
    work.route_domains().remove(domain).await?;
    if found.is_verified() {
        work.routes().revise(id).await?;
    }
    let trace = json!({ "host_label": route.label, "host": found.host, "status": found.standing.as_str() });
    leave_traces(app, work.as_mut(), Some(caller), &workspace, "workspace.domain.remove", trace).await?;
    work.commit().await?;
    app.routes_due.now();
    app.feed.wake();
    Ok(())
}

/// Looks for a proof now. What it found is in the domain that comes back.
pub async fn verify_domain(
    app: &App,
    caller: &Caller,
    id: WorkspaceId,
    route: RouteId,
    domain: DomainId,
) -> AppResult<RouteDomain> {
    let mut reader = app.store.read().await?;
    let workspace = find(app, reader.as_mut(), caller, Action::OperateWorkspace, id).await?;
    let route = find_route(reader.as_mut(), &workspace, route).await?;
    let claim = find_domain(reader.as_mut(), &route, domain).await?;
    drop(reader);
    refuse_on_the_way_out(&workspace)?;
    if claim.is_verified() {
        return Ok(claim);
    }
    attempts::take(app, &[(Bucket::DomainLooksOf(caller.actor.user_id), LOOKS)]).await?;
    look(app, Some(caller), &claim).await?.ok_or_else(|| AppError::not_found("domain", domain))
}

/// Looks for proofs of what was claimed lately, so that nobody has to come back for it. Returns how many names were won.
pub async fn look_at_claims(app: &App) -> AppResult<usize> {
    let mut won = 0;
    loop {
        let now = app.clock.now();
        let mut work = app.store.begin().await?;
        let due = work.route_domains().take_due(now - WATCHED, now - LOOK_EVERY, now, BATCH).await?;
        work.commit().await?;
        if due.is_empty() {
            return Ok(won);
        }
        let looks = stream::iter(due).map(|claim| async move { look(app, None, &claim).await });
        let mut looks = looks.buffer_unordered(SIDE_BY_SIDE);
        while let Some(looked) = looks.next().await {
            match looked {
                Ok(domain) => won += usize::from(domain.is_some_and(|domain| domain.is_verified())),
                Err(error) => tracing::warn!(error = error.chain(), "a custom domain cannot be looked at"),
            }
        }
    }
}

/// `None`: the claim has gone meanwhile.
async fn look(app: &App, caller: Option<&Caller>, claim: &RouteDomain) -> AppResult<Option<RouteDomain>> {
    let is_ours = app.store.read().await?.routes().published_at(claim.host.as_str()).await?.is_some();
    let found = search(app, claim, is_ours).await;
    settle(app, caller, claim, found).await
}

/// What is missing for a proof, if anything.
async fn search(app: &App, claim: &RouteDomain, is_ours: bool) -> Result<(), String> {
    let records = app.proofs.records(&claim.txt_name()).await.map_err(|error| error.to_string());
    let Err(no_record) = claim.judge_records(&records) else { return Ok(()) };
    if is_ours {
        return Err(format!(
            "{no_record}. The domain leads to a workspace here, so only the TXT record counts"
        ));
    }
    let page = app.proofs.page(claim.host.as_str(), PROOF_PATH).await.map_err(|error| error.to_string());
    claim.judge_page(&page).map_err(|no_page| format!("{no_record}; and {no_page}"))
}

async fn settle(
    app: &App,
    caller: Option<&Caller>,
    claim: &RouteDomain,
    found: Result<(), String>,
) -> AppResult<Option<RouteDomain>> {
    let now = app.clock.now();
    let mut work = app.store.begin().await?;
    let Some(mut domain) = work.route_domains().find(claim.id).await? else { return Ok(None) };
    if domain.is_verified() {
        return Ok(Some(domain));
    }
    let Some((workspace, route)) = place_of(work.as_mut(), &domain).await? else { return Ok(None) };
    domain.checked_at = Some(now);
    domain.standing = match found {
        Err(failure) => Standing::Pending { failure: Some(failure) },
        Ok(()) => Standing::Verified { since: now },
    };
    if !domain.is_verified() {
        work.route_domains().settle(domain.id, &domain.standing, now).await?;
        work.commit().await?;
        return Ok(Some(domain));
    }
    refuse_on_the_way_out(&workspace)?;
    let loser = take_from_holder(work.as_mut(), &domain, now).await?;
    work.route_domains().settle(domain.id, &domain.standing, now).await?;
    if let Some((loser, _)) = &loser {
        work.routes().revise(loser.id).await?;
    }
    work.routes().revise(workspace.id).await?;
    let trace = json!({ "host_label": route.label, "host": domain.host, "taken_over": loser.is_some() });
    if let Some((loser, route)) = loser {
        // Who has it now is not told.
        let trace = json!({ "host_label": route.label, "host": domain.host });
        leave_traces(app, work.as_mut(), None, &loser, "workspace.domain.lose", trace).await?;
    }
    leave_traces(app, work.as_mut(), caller, &workspace, "workspace.domain.verify", trace).await?;
    work.commit().await?;
    app.routes_due.now();
    app.feed.wake();
    Ok(Some(domain))
}

/// Whoever had the name has it no more. Returns where it led.
async fn take_from_holder(
    work: &mut dyn UnitOfWork,
    domain: &RouteDomain,
    now: DateTime<Utc>,
) -> AppResult<Option<(Workspace, Route)>> {
    let Some(holder) = work.route_domains().holder(&domain.host).await? else { return Ok(None) };
    let lost = Standing::Pending { failure: Some(LOST.into()) };
    work.route_domains().settle(holder.id, &lost, now).await?;
    place_of(work, &holder).await
}

async fn place_of(work: &mut dyn UnitOfWork, domain: &RouteDomain) -> AppResult<Option<(Workspace, Route)>> {
    let Some(route) = work.routes().find(domain.route_id).await? else { return Ok(None) };
    let workspace = work.workspaces().find(route.workspace_id).await?;
    Ok(workspace.map(|workspace| (workspace, route)))
}

async fn find_domain(work: &mut dyn UnitOfWork, route: &Route, id: DomainId) -> AppResult<RouteDomain> {
    let found = work.route_domains().find(id).await?.filter(|domain| domain.route_id == route.id);
    found.ok_or_else(|| AppError::not_found("domain", id))
}
