//! Lists of workspaces.

use super::{WorkspaceDetail, detail::describe};
use crate::{
    app::{App, AppResult, Caller},
    domain::{ids::OrgId, policy::Action, workspace::Status},
    ports::repository::{PageRequest, workspace::WorkspaceFilter},
};

#[derive(Debug, Clone, Default)]
pub struct WorkspaceQuery {
    /// `None`: the caller's own, in all organizations.
    pub org: Option<OrgId>,
    pub status: Option<Status>,
}

/// At most one more than `page.limit`, which says that there are more.
pub async fn list(
    app: &App,
    caller: &Caller,
    query: &WorkspaceQuery,
    page: &PageRequest,
) -> AppResult<Vec<WorkspaceDetail>> {
    let filter = match query.org {
        Some(org) => {
            app.authorize_org(&caller.actor, Action::ReadWorkspace, org)?;
            WorkspaceFilter { org: Some(org), status: query.status, ..WorkspaceFilter::default() }
        }
        None => WorkspaceFilter {
            owner: Some(caller.actor.user_id),
            status: query.status,
            ..WorkspaceFilter::default()
        },
    };
    let mut reader = app.store.read().await?;
    let workspaces = reader.workspaces().list(&filter, page).await?;
    Ok(describe(app, reader.as_mut(), workspaces).await?)
}
