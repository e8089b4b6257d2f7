use std::sync::Arc;

use devsanctum::{
    domain::audit::{AuditEntry, Via},
    domain::ids::OrgId,
    ports::repository::{PageRequest, Sort, Store, audit::AuditFilter},
};

use super::fixture::{at, id, read, write};

contract!(
    entries_come_back_newest_first,
    entries_are_searched_by_action,
    filters_narrow_together,
    entries_go_when_their_time_is_over,
);

fn of(org: OrgId) -> AuditFilter {
    AuditFilter { org: Some(org), ..AuditFilter::default() }
}

fn entry(org: Option<OrgId>, action: &str) -> AuditEntry {
    AuditEntry {
        id: id(),
        at: at(1),
        user_id: org.map(|_| id()),
        org_id: org,
        action: action.into(),
        via: if org.is_some() { Via::Token } else { Via::Platform },
        target: "web".into(),
        target_name: org.map(|_| "wéb".into()),
        address: "192.0.2.1".into(),
        detail: serde_json::json!({"from": null, "to": ["a", 1, 0.5, true]}),
    }
}

async fn entries_come_back_newest_first(store: Arc<dyn Store>) {
    let org = id();
    let entries =
        [entry(Some(org), "workspace.create"), entry(None, "host.add"), entry(Some(org), "workspace.stop")];
    write(&store, async |work| {
        for entry in &entries {
            work.audit().append(entry).await?;
        }
        Ok(())
    })
    .await
    .unwrap();
    // The order asked for does not count.
    let page = PageRequest { limit: 10, sort: Sort::Name, ..PageRequest::default() };
    read(&store, async |work| {
        let [create, add, stop] = entries.clone();
        assert_eq!(
            work.audit().list(&AuditFilter::default(), &page).await?,
            [stop.clone(), add, create.clone()]
        );
        assert_eq!(work.audit().list(&of(org), &page).await?, [stop, create]);
        assert_eq!(work.audit().list(&of(id()), &page).await?, []);
        Ok(())
    })
    .await;
}

async fn entries_are_searched_by_action(store: Arc<dyn Store>) {
    let entries = [entry(None, "workspace.create"), entry(None, "host.add")];
    write(&store, async |work| {
        for entry in &entries {
            work.audit().append(entry).await?;
        }
        Ok(())
    })
    .await
    .unwrap();
    let page = PageRequest { limit: 10, search: Some("Workspace.".into()), ..PageRequest::default() };
    assert_eq!(
        read(&store, async |work| work.audit().list(&AuditFilter::default(), &page).await).await,
        entries[..1]
    );
}

async fn filters_narrow_together(store: Arc<dyn Store>) {
    let (org, user) = (id(), id());
    let made = |action: &str, target: &str, seconds| AuditEntry {
        user_id: Some(user),
        target: target.into(),
        at: at(seconds),
        ..entry(Some(org), action)
    };
    let entries = [
        made("workspace.create", "a", 1),
        made("workspaces.count", "a", 2),
        AuditEntry { user_id: Some(id()), ..made("workspace.stop", "b", 3) },
        made("workspace", "b", 4),
    ];
    write(&store, async |work| {
        for entry in &entries {
            work.audit().append(entry).await?;
        }
        Ok(())
    })
    .await
    .unwrap();
    let page = PageRequest { limit: 10, ..PageRequest::default() };
    let all = of(org);
    for (filter, expected) in [
        (all.clone(), vec![3, 2, 1, 0]),
        (AuditFilter { action: Some("workspace.create".into()), ..all.clone() }, vec![0]),
        (AuditFilter { action: Some("workspace".into()), ..all.clone() }, vec![3, 2, 0]),
        (AuditFilter { action: Some("work%".into()), ..all.clone() }, vec![]),
        (AuditFilter { user: Some(user), ..all.clone() }, vec![3, 1, 0]),
        (AuditFilter { target: Some("b".into()), ..all.clone() }, vec![3, 2]),
        (AuditFilter { from: Some(at(2)), to: Some(at(4)), ..all.clone() }, vec![2, 1]),
        (AuditFilter { user: Some(user), target: Some("b".into()), ..AuditFilter::default() }, vec![3]),
    ] {
        let found = read(&store, async |work| work.audit().list(&filter, &page).await).await;
        let expected: Vec<_> = expected.into_iter().map(|index: usize| entries[index].clone()).collect();
        assert_eq!(found, expected, "{filter:?}");
    }
}

async fn entries_go_when_their_time_is_over(store: Arc<dyn Store>) {
    let old = AuditEntry { at: at(1), ..entry(None, "host.add") };
    let young = AuditEntry { at: at(5), ..entry(None, "host.add") };
    write(&store, async |work| {
        work.audit().append(&old).await?;
        work.audit().append(&young).await?;
        assert_eq!(work.audit().purge(at(5)).await?, 1);
        Ok(())
    })
    .await
    .unwrap();
    let page = PageRequest { limit: 10, ..PageRequest::default() };
    let left = read(&store, async |work| work.audit().list(&AuditFilter::default(), &page).await).await;
    assert_eq!(left, [young]);
}

/// What happened stays as it was told: the port offers no way to change an entry.
#[test]
fn the_log_can_only_grow_and_be_let_go() {
    let port = include_str!("../../../../src/ports/repository/audit.rs");
    let verbs: Vec<_> = port.split("async fn ").skip(1).map(|rest| rest.split('(').next().unwrap()).collect();
    assert_eq!(verbs, ["append", "list", "purge"]);
    let adapter = include_str!("../../../../src/adapters/store/audit.rs");
    assert!(!adapter.contains("UPDATE"), "no statement changes an entry");
    assert_eq!(adapter.matches("DELETE FROM").count(), 1, "only the end of its time removes one");
}
