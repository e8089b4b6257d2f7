//! Workspaces of somebody who leaves, given to somebody who stays.

use std::collections::BTreeSet;

use serde_json::json;

use super::leave_traces;
use crate::{
    app::{App, AppResult, Caller},
    domain::{
        ids::{OrgId, UserId},
        names::WorkspaceName,
        workspace::Workspace,
    },
    ports::repository::{PageRequest, UnitOfWork, workspace::WorkspaceFilter},
};

/// Read at once; those given away are no longer found.
const BATCH: u32 = 100;

/// In the caller's unit of work, which holds the organization. Returns how many there were.
pub async fn transfer_all(
    app: &App,
    work: &mut dyn UnitOfWork,
    caller: &Caller,
    org: OrgId,
    from: UserId,
    to: UserId,
) -> AppResult<usize> {
    let now = app.clock.now();
    let mut taken: BTreeSet<WorkspaceName> = BTreeSet::new();
    let mut after = None;
    loop {
        let page = PageRequest { limit: BATCH, after: after.take(), ..PageRequest::default() };
        let mut theirs = of(work, org, to, &page).await?;
        let more = theirs.len() > BATCH as usize;
        theirs.truncate(BATCH as usize);
        after = theirs.last().filter(|_| more).map(|last| crate::ports::repository::Position {
            name: last.name.to_string(),
            id: last.id.as_uuid(),
        });
        taken.extend(theirs.into_iter().map(|workspace| workspace.name));
        if after.is_none() {
            break;
        }
    }
    let mut count = 0;
    loop {
        let page = PageRequest { limit: BATCH, ..PageRequest::default() };
        let found = of(work, org, from, &page).await?;
        if found.is_empty() {
            return Ok(count);
        }
        for mut workspace in found {
            let before = workspace.name.clone();
            workspace.name = free_name(&before, &taken);
            taken.insert(workspace.name.clone());
            work.workspaces().transfer(workspace.id, workspace.revision, to, &workspace.name, now).await?;
            // Its addresses are open to another person, or say another name.
            work.routes().revise(workspace.id).await?;
            let detail = json!({
                "owner": { "before": from, "after": to },
                "name": { "before": before, "after": workspace.name },
            });
            leave_traces(app, work, Some(caller), &workspace, "workspace.transfer", detail).await?;
            count += 1;
        }
    }
}

async fn of(
    work: &mut dyn UnitOfWork,
    org: OrgId,
    owner: UserId,
    page: &PageRequest,
) -> AppResult<Vec<Workspace>> {
    let filter = WorkspaceFilter { org: Some(org), owner: Some(owner), ..WorkspaceFilter::default() };
    Ok(work.workspaces().list(&filter, page).await?)
}

/// The name itself, or the first of `name-2`, `name-3`, … that is free, shortened to fit.
fn free_name(name: &WorkspaceName, taken: &BTreeSet<WorkspaceName>) -> WorkspaceName {
    if !taken.contains(name) {
        return name.clone();
    }
    let numbered = (2u64..).filter_map(|number| {
        let suffix = format!("-{number}");
        let room = WorkspaceName::MAX - suffix.len();
        let stem: String = name.as_str().chars().take(room).collect();
        format!("{}{suffix}", stem.trim_end_matches('-')).parse().ok()
    });
    // There are more numbers than names.
    numbered.into_iter().find(|candidate| !taken.contains(candidate)).unwrap_or_else(|| name.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_taken_name_gets_a_number() {
        let taken: BTreeSet<WorkspaceName> =
            ["web", "web-2", &"a".repeat(32), &format!("{}-b", "c".repeat(30))]
                .iter()
                .map(|name| name.parse().unwrap())
                .collect();
        let free = |name: &str| free_name(&name.parse().unwrap(), &taken).to_string();
        assert_eq!(free("api"), "api");
        assert_eq!(free("web"), "web-3");
        assert_eq!(free(&"a".repeat(32)), format!("{}-2", "a".repeat(30)));
        assert_eq!(free(&format!("{}-b", "c".repeat(30))), format!("{}-2", "c".repeat(30)));
    }
}
