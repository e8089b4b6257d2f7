//! What may change of a template besides its versions, and its end.

use serde_json::json;

use super::{
    detail::{TemplateDetail, describe_one},
    find_own, leave_traces,
};
use crate::{
    app::{App, AppError, AppResult, Caller},
    domain::{ids::TemplateId, template::Template},
    ports::repository::StoreError,
};

/// What people read of a template; what is absent stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Description {
    pub display_name: Option<String>,
    pub description: Option<String>,
    pub icon: Option<String>,
    pub tags: Option<Vec<String>>,
}

/// `check` may refuse the template as it is now.
pub async fn describe(
    app: &App,
    caller: &Caller,
    id: TemplateId,
    new: Description,
    check: impl FnOnce(&Template) -> AppResult<()> + Send,
) -> AppResult<TemplateDetail> {
    let mut work = app.store.begin().await?;
    let mut template = find_own(app, work.as_mut(), caller, id).await?;
    check(&template)?;
    let before = template.clone();
    template.display_name = new.display_name.unwrap_or(template.display_name);
    template.description = new.description.unwrap_or(template.description);
    template.icon = new.icon.unwrap_or(template.icon);
    template.tags = new.tags.unwrap_or(template.tags);
    if template != before {
        template.updated_at = app.clock.now();
        work.templates().describe(&template).await?;
        let detail = json!({ "name": template.name });
        leave_traces(app, work.as_mut(), Some(caller), &template, "template.describe", detail).await?;
    }
    let detail = describe_one(work.as_mut(), template).await?;
    work.commit().await?;
    app.feed.wake();
    Ok(detail)
}

/// With all its versions. Workspaces that are not destroyed keep their template.
pub async fn remove(
    app: &App,
    caller: &Caller,
    id: TemplateId,
    check: impl FnOnce(&Template) -> AppResult<()> + Send,
) -> AppResult<()> {
    let mut work = app.store.begin().await?;
    let template = find_own(app, work.as_mut(), caller, id).await?;
    check(&template)?;
    work.templates().remove(id).await.map_err(|error| match error {
        StoreError::Reference(_) => AppError::Conflict {
            code: "template_in_use",
            detail: format!("workspaces use the template {}; destroy them first", template.name),
        },
        error => error.into(),
    })?;
    let detail = json!({ "name": template.name });
    leave_traces(app, work.as_mut(), Some(caller), &template, "template.delete", detail).await?;
    work.commit().await?;
    app.feed.wake();
    Ok(())
}
