//! Templates: one file per use-case.

mod change;
mod check;
mod create;
mod detail;
mod source;
mod versions;

use serde_json::Value;

pub use self::{
    change::{Description, describe, remove},
    check::{Findings, check},
    create::{NewTemplate, create},
    detail::{Active, TemplateDetail, catalog, get, list},
    source::{Source, files},
    versions::{NewVersion, activate, add_version, stand_in, versions},
};
use super::{App, AppError, AppResult, Caller, audit};
use crate::{
    domain::{
        event::{EventKind, NewEvent},
        ids::TemplateId,
        policy::{Action, Resource},
        template::Template,
    },
    ports::repository::{StoreResult, UnitOfWork},
};

/// The template, if the caller may do this to it. Those of the catalog are everybody's to read and belong to the
/// platform; those of an organization the caller is not in do not exist.
pub(super) async fn find(
    app: &App,
    work: &mut dyn UnitOfWork,
    caller: &Caller,
    action: Action,
    id: TemplateId,
) -> AppResult<Template> {
    let missing = || AppError::not_found("template", id);
    let template = work.templates().find(id).await?.ok_or_else(missing)?;
    let allowed = match (template.org_id, action) {
        (Some(org), _) => app.authorize_org(&caller.actor, action, org),
        (None, Action::ReadTemplates) => Ok(()),
        (None, _) => app.authorize(&caller.actor, Action::AdministerPlatform, Resource::Platform, "template"),
    };
    match allowed {
        Err(AppError::NotFound { .. }) => Err(missing()),
        other => other.map(|()| template),
    }
}

/// As [`find`], for what the next sync of the catalog would undo.
async fn find_own(
    app: &App,
    work: &mut dyn UnitOfWork,
    caller: &Caller,
    id: TemplateId,
) -> AppResult<Template> {
    let template = find(app, work, caller, Action::WriteTemplates, id).await?;
    if template.org_id.is_none() {
        return Err(AppError::Conflict {
            code: "catalog_template",
            detail: format!(
                "the template {} comes from the catalog; change it there and sync",
                template.name
            ),
        });
    }
    Ok(template)
}

/// Who did it, and word to all who watch: always in the unit of work of the deed itself, as its last act. Without a
/// caller it was the platform.
pub(super) async fn leave_traces(
    app: &App,
    work: &mut dyn UnitOfWork,
    caller: Option<&Caller>,
    template: &Template,
    action: &str,
    detail: Value,
) -> StoreResult<()> {
    let now = app.clock.now();
    let entry = match caller {
        Some(caller) => audit::by(app, caller, action, template.org_id, template.id, detail, now),
        None => audit::by_the_platform(app, action, template.org_id, template.id, detail, now),
    };
    work.audit().append(&entry).await?;
    let kind =
        if action == "template.delete" { EventKind::TemplateDeleted } else { EventKind::TemplateUpdated };
    let event =
        NewEvent { org_id: template.org_id, template_id: Some(template.id), ..NewEvent::new(kind, now) };
    work.events().append(&[event]).await
}
