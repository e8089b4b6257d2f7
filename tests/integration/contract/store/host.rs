use std::sync::Arc;

use devsanctum::{
    domain::host::{Host, HostFacts, HostState, Unexplained},
    ports::repository::{Store, StoreError},
};

use super::fixture::{at, host, id, read, write};

contract!(
    a_host_is_found_as_added,
    a_host_name_is_taken,
    hosts_are_listed_by_name,
    what_is_seen_of_a_host_is_kept,
    what_no_row_explains_is_kept,
    changing_an_unknown_host_is_stale,
);

async fn a_host_is_found_as_added(store: Arc<dyn Store>) {
    let local = Host { cordoned: true, ..host("local") };
    write(&store, async |work| work.hosts().add(&local).await).await.unwrap();
    read(&store, async |work| {
        assert_eq!(work.hosts().find(local.id).await?, Some(local.clone()));
        assert_eq!(work.hosts().find_by_name("local").await?, Some(local.clone()));
        assert_eq!(work.hosts().find(id()).await?, None);
        assert_eq!(work.hosts().find_by_name("loca").await?, None);
        Ok(())
    })
    .await;
}

async fn a_host_name_is_taken(store: Arc<dyn Store>) {
    write(&store, async |work| work.hosts().add(&host("local")).await).await.unwrap();
    let refused = write(&store, async |work| work.hosts().add(&host("local")).await).await;
    assert!(matches!(refused, Err(StoreError::Taken("name"))), "{refused:?}");
}

async fn hosts_are_listed_by_name(store: Arc<dyn Store>) {
    write(&store, async |work| {
        for name in ["b", "a-1", "a", "C"] {
            work.hosts().add(&host(name)).await?;
        }
        Ok(())
    })
    .await
    .unwrap();
    let listed = read(&store, async |work| work.hosts().list().await).await;
    assert_eq!(listed.iter().map(|host| host.name.as_str()).collect::<Vec<_>>(), ["C", "a", "a-1", "b"]);
}

async fn what_is_seen_of_a_host_is_kept(store: Arc<dyn Store>) {
    let local = host("local");
    let facts = HostFacts {
        engine_version: "29.1".into(),
        api_version: "1.52".into(),
        cpus: 8,
        memory_bytes: 1 << 36,
        ..HostFacts::default()
    };
    let states = [
        HostState::Reachable { since: at(2) },
        HostState::Unreachable { since: at(3), reason: "connection refused\0".into() },
    ];
    write(&store, async |work| {
        work.hosts().add(&local).await?;
        work.hosts().move_to(local.id, "tcp://192.0.2.1:2376", at(4)).await
    })
    .await
    .unwrap();
    for state in states {
        write(&store, async |work| work.hosts().record_state(local.id, &state, &facts, at(5)).await)
            .await
            .unwrap();
        let found = read(&store, async |work| work.hosts().find(local.id).await).await.unwrap();
        let expected = match state {
            HostState::Unreachable { since, .. } => {
                HostState::Unreachable { since, reason: "connection refused\u{fffd}".into() }
            }
            state => state,
        };
        let endpoint = "tcp://192.0.2.1:2376".into();
        assert_eq!(
            found,
            Host { endpoint, state: expected, facts: facts.clone(), updated_at: at(5), ..local.clone() }
        );
    }
}

async fn what_no_row_explains_is_kept(store: Arc<dyn Store>) {
    let local = host("local");
    let mut unexplained = Unexplained::default();
    unexplained.count(id(), 2, 1, 0);
    unexplained.count(id(), 0, 0, 3);
    write(&store, async |work| {
        work.hosts().add(&local).await?;
        work.hosts().record_unexplained(local.id, &unexplained, at(9)).await
    })
    .await
    .unwrap();
    let found = read(&store, async |work| work.hosts().find(local.id).await).await.unwrap();
    assert_eq!(found, Host { unexplained, updated_at: at(9), ..local });
}

async fn changing_an_unknown_host_is_stale(store: Arc<dyn Store>) {
    let refused = write(&store, async |work| work.hosts().move_to(id(), "unix:///x", at(1)).await).await;
    assert!(matches!(refused, Err(StoreError::Stale("host"))), "{refused:?}");
    let refused = write(&store, async |work| {
        work.hosts().record_state(id(), &HostState::New, &HostFacts::default(), at(1)).await
    })
    .await;
    assert!(matches!(refused, Err(StoreError::Stale("host"))), "{refused:?}");
    let refused = write(&store, async |work| {
        work.hosts().record_unexplained(id(), &Unexplained::default(), at(1)).await
    })
    .await;
    assert!(matches!(refused, Err(StoreError::Stale("host"))), "{refused:?}");
}
