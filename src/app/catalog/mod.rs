//! The catalog: templates that ship with the installation, for every organization.
//!
//! A sync brings the stored templates to what the catalog's directories hold. Each directory is a unit of work of its
//! own: one that is broken is reported, and the others are synced all the same.

mod entry;

use std::collections::BTreeSet;

use serde_json::json;

use self::entry::Entry;
use super::{App, AppError, AppResult, Caller, templates::leave_traces};
use crate::{
    domain::{
        names::TemplateName,
        policy::{Action, Resource},
        template::{Template, TemplateSource, TemplateVersion},
    },
    ports::{
        catalog::CatalogError,
        repository::{PageRequest, Position, Sort, StoreError, UnitOfWork},
    },
};

/// Names of templates, by what became of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SyncReport {
    pub added: Vec<String>,
    pub updated: Vec<String>,
    pub unchanged: Vec<String>,
    pub removed: Vec<String>,
    pub errors: Vec<SyncProblem>,
}

/// Why a path of the catalog is not what it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyncProblem {
    pub path: String,
    pub message: String,
}

enum Change {
    Added,
    Updated,
    Unchanged,
}

/// For a platform admin.
pub async fn sync_for(app: &App, caller: &Caller) -> AppResult<SyncReport> {
    app.authorize(&caller.actor, Action::AdministerPlatform, Resource::Platform, "catalog")?;
    sync(app, Some(caller)).await
}

/// By the platform itself, at its start, where there is no caller.
pub async fn sync(app: &App, caller: Option<&Caller>) -> AppResult<SyncReport> {
    let mut report = SyncReport::default();
    let mut present = BTreeSet::new();
    // A directory that cannot be read may be any template: then none is taken for vanished.
    let mut all_named = true;
    for path in app.catalog.entries().await.map_err(unreadable)? {
        let (name, entry) = match read(app, &path).await {
            Ok(found) => found,
            Err(problems) => {
                all_named = false;
                report.errors.extend(problems);
                continue;
            }
        };
        if !present.insert(name.clone()) {
            report
                .errors
                .push(SyncProblem { path, message: format!("another directory holds the template {name}") });
            continue;
        }
        let Ok(entry) = entry.map_err(|problems| report.errors.extend(problems)) else { continue };
        match store_or_again(app, caller, &entry).await {
            Ok(Change::Added) => report.added.push(name.into()),
            Ok(Change::Updated) => report.updated.push(name.into()),
            Ok(Change::Unchanged) => report.unchanged.push(name.into()),
            Err(StoreError::Taken(_) | StoreError::Stale(_)) => {
                let message = "another sync changed it at the same moment; sync again".to_owned();
                report.errors.push(SyncProblem { path, message });
            }
            Err(error) => return Err(error.into()),
        }
    }
    if all_named {
        remove_vanished(app, caller, &present, &mut report).await?;
    }
    app.feed.wake();
    Ok(report)
}

fn unreadable(error: CatalogError) -> AppError {
    AppError::Unavailable {
        code: "catalog_unreadable",
        detail: error.to_string(),
        source: Some(error.into()),
    }
}

type Problems = Vec<SyncProblem>;

/// The name of the entry's template, and the entry itself if it is right.
async fn read(app: &App, path: &str) -> Result<(TemplateName, Result<Entry, Problems>), Problems> {
    let failed = |message: String| vec![SyncProblem { path: path.to_owned(), message }];
    let tree = app.catalog.read(path).await.map_err(|error| failed(error.to_string()))?;
    let directory = path.to_owned();
    tokio::task::spawn_blocking(move || entry::read(&directory, tree))
        .await
        .map_err(|error| failed(format!("reading was interrupted: {error}")))?
}

/// Several servers sync at their start; whoever comes second finds the template as it should be.
async fn store_or_again(app: &App, caller: Option<&Caller>, entry: &Entry) -> Result<Change, StoreError> {
    match store(app, caller, entry).await {
        Err(StoreError::Taken(_) | StoreError::Stale(_)) => store(app, caller, entry).await,
        other => other,
    }
}

async fn store(app: &App, caller: Option<&Caller>, entry: &Entry) -> Result<Change, StoreError> {
    let mut work = app.store.begin().await?;
    let existing = work.templates().find_by_name(None, &entry.name).await?;
    let newest = match &existing {
        Some(template) => work.templates().versions(template.id).await?.into_iter().next(),
        None => None,
    };
    if newest.as_ref().is_some_and(|newest| newest.archive.as_deref() == Some(&*entry.packed.files.digest)) {
        return Ok(Change::Unchanged);
    }
    let now = app.clock.now();
    let mut template = existing.clone().unwrap_or_else(|| Template {
        id: app.random.id(now),
        org_id: None,
        name: entry.name.clone(),
        display_name: String::new(),
        description: String::new(),
        icon: String::new(),
        tags: Vec::new(),
        active_version: None,
        created_at: now,
        updated_at: now,
    });
    let manifest = &entry.manifest;
    template.display_name = manifest.app_name.clone().unwrap_or_else(|| entry.name.to_string());
    template.description = manifest.description.clone();
    template.icon = manifest.icon.clone();
    template.tags = manifest.tags.clone();
    template.updated_at = now;
    match existing {
        Some(_) => work.templates().describe(&template).await?,
        None => work.templates().add(&template).await?,
    }
    let version = TemplateVersion {
        template_id: template.id,
        number: newest.map_or(1, |newest| newest.number + 1),
        source: TemplateSource::Catalog,
        manifest: entry.json.clone(),
        archive: Some(entry.packed.files.digest.clone()),
        readme: entry.readme.clone(),
        message: String::new(),
        created_by: None,
        created_at: now,
    };
    work.templates().put_archive(&entry.packed.files.digest, entry.packed.bytes.clone().into(), now).await?;
    work.templates().add_version(&version).await?;
    work.templates().activate(template.id, version.number, now).await?;
    let detail = json!({ "name": template.name, "version": version.number });
    leave_traces(app, work.as_mut(), caller, &template, "catalog.sync", detail).await?;
    work.commit().await?;
    Ok(if version.number == 1 { Change::Added } else { Change::Updated })
}

/// Templates without a directory go, unless workspaces use them.
async fn remove_vanished(
    app: &App,
    caller: Option<&Caller>,
    present: &BTreeSet<TemplateName>,
    report: &mut SyncReport,
) -> AppResult<()> {
    let stored = all_stored(app.store.read().await?.as_mut()).await?;
    for template in stored.into_iter().filter(|template| !present.contains(&template.name)) {
        let mut work = app.store.begin().await?;
        let removed = work.templates().remove(template.id).await;
        match removed {
            Ok(()) => {
                let detail = json!({ "name": template.name });
                leave_traces(app, work.as_mut(), caller, &template, "template.delete", detail).await?;
                work.commit().await?;
                report.removed.push(template.name.into());
            }
            Err(StoreError::Reference(_)) => report.errors.push(SyncProblem {
                path: template.name.into(),
                message: "no longer in the catalog; kept, because workspaces use it".into(),
            }),
            // Another sync was faster.
            Err(StoreError::Stale(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

async fn all_stored(reader: &mut dyn UnitOfWork) -> Result<Vec<Template>, StoreError> {
    const BATCH: u32 = 200;
    let mut all = Vec::new();
    let mut page = PageRequest { limit: BATCH, sort: Sort::Oldest, ..PageRequest::default() };
    loop {
        let mut rows = reader.templates().list(None, &page).await?;
        let more = rows.len() > BATCH as usize;
        rows.truncate(BATCH as usize);
        all.append(&mut rows);
        match all.last() {
            Some(last) if more => {
                page.after = Some(Position { name: last.name.to_string(), id: last.id.into() });
            }
            _ => return Ok(all),
        }
    }
}
