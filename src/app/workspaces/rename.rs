//! Another name for people. Host names stay as they are, so that links people have saved go on working.

use serde_json::json;

use super::{WorkspaceDetail, create::name_taken, detail::describe_one, find, leave_traces, nudge};
use crate::{
    app::{App, AppResult, Caller},
    domain::{ids::WorkspaceId, names::WorkspaceName, policy::Action},
};

/// `expected` sees the workspace's revision and may refuse it.
pub async fn rename(
    app: &App,
    caller: &Caller,
    id: WorkspaceId,
    name: WorkspaceName,
    expected: impl Fn(i64) -> AppResult<()>,
) -> AppResult<WorkspaceDetail> {
    let mut work = app.store.begin().await?;
    let mut workspace = find(app, work.as_mut(), caller, Action::OperateWorkspace, id).await?;
    expected(workspace.revision)?;
    if workspace.name == name {
        return Ok(describe_one(app, work.as_mut(), workspace).await?);
    }
    let now = app.clock.now();
    let before = std::mem::replace(&mut workspace.name, name);
    let renamed = work.workspaces().rename(id, workspace.revision, &workspace.name, now).await;
    renamed.map_err(|error| name_taken(error, &workspace.name))?;
    workspace.revision += 1;
    workspace.updated_at = now;
    work.routes().revise(id).await?;
    let trace = json!({ "name": { "before": before.as_str(), "after": workspace.name.as_str() } });
    leave_traces(app, work.as_mut(), Some(caller), &workspace, "workspace.rename", trace).await?;
    let detail = describe_one(app, work.as_mut(), workspace).await?;
    work.commit().await?;
    nudge(app);
    Ok(detail)
}
