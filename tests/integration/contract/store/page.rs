//! Pages, on workspaces; the other lists use the same code.

use std::sync::Arc;

use devsanctum::{
    domain::workspace::Workspace,
    ports::repository::{PageRequest, Position, Sort, Store, workspace::WorkspaceFilter},
};

use super::fixture::{read, user, world, write};

contract!(
    pages_in_every_order_hold_each_row_once,
    a_page_goes_on_where_a_removed_row_was,
    a_search_means_its_characters,
);

async fn list(store: &Arc<dyn Store>, page: &PageRequest) -> Vec<Workspace> {
    read(store, async |work| work.workspaces().list(&WorkspaceFilter::default(), page).await).await
}

fn position(workspace: &Workspace) -> Position {
    Position { name: workspace.name.to_string(), id: workspace.id.into() }
}

/// Two owners, so that names repeat.
async fn seven(store: &Arc<dyn Store>) -> Vec<Workspace> {
    let world = world(store).await;
    let bob = user("bob");
    write(store, async |work| work.users().add(&bob, None).await).await.unwrap();
    let mut all = vec![];
    for name in ["b", "a-1", "a", "c", "ab"] {
        all.push(world.add(store, name).await);
    }
    for name in ["b", "a"] {
        let workspace = Workspace { owner_id: bob.id, ..world.workspace(name) };
        write(store, async |work| work.workspaces().add(&workspace, &super::fixture::sealed(), &[]).await)
            .await
            .unwrap();
        all.push(workspace);
    }
    all
}

async fn pages_in_every_order_hold_each_row_once(store: Arc<dyn Store>) {
    let all = seven(&store).await;
    for sort in [Sort::Newest, Sort::Oldest, Sort::Name, Sort::NameDescending] {
        let mut expected = all.clone();
        expected.sort_by(|a, b| match sort {
            Sort::Newest => b.id.cmp(&a.id),
            Sort::Oldest => a.id.cmp(&b.id),
            Sort::Name => (&a.name, a.id).cmp(&(&b.name, b.id)),
            Sort::NameDescending => (&b.name, b.id).cmp(&(&a.name, a.id)),
        });
        for limit in 1..=8 {
            let mut page = PageRequest { limit, sort, ..PageRequest::default() };
            let mut collected = vec![];
            loop {
                let mut rows = list(&store, &page).await;
                let more = rows.len() > limit as usize;
                assert!(rows.len() <= limit as usize + 1);
                rows.truncate(limit as usize);
                page.after = rows.last().map(position);
                collected.extend(rows);
                if !more {
                    break;
                }
            }
            assert_eq!(collected, expected, "{sort:?}, {limit} a page");
        }
    }
}

async fn a_page_goes_on_where_a_removed_row_was(store: Arc<dyn Store>) {
    let all = seven(&store).await;
    let after = Some(Position { name: "aa".into(), id: uuid::Uuid::nil() });
    let page = PageRequest { limit: 10, sort: Sort::Name, after, ..PageRequest::default() };
    let names: Vec<_> = list(&store, &page).await.into_iter().map(|it| it.name.to_string()).collect();
    assert_eq!(names, ["ab", "b", "b", "c"]);
    let page = PageRequest { limit: 0, ..PageRequest::default() };
    assert_eq!(list(&store, &page).await, all[6..]);
}

async fn a_search_means_its_characters(store: Arc<dyn Store>) {
    seven(&store).await;
    for (search, expected) in [
        ("A", 4),
        ("a-", 1),
        ("", 7),
        ("%", 0),
        ("_", 0),
        ("\\", 0),
        ("a_1", 0),
        ("\0", 0),
        ("' OR '1'='1", 0),
    ] {
        let page = PageRequest { limit: 10, search: Some(search.into()), ..PageRequest::default() };
        assert_eq!(list(&store, &page).await.len(), expected, "{search:?}");
    }
}
