use std::sync::Arc;

use devsanctum::{
    domain::event::{EventKind, NewEvent},
    ports::repository::Store,
};

use super::fixture::{at, at_once, id, read, write};

contract!(
    events_come_back_in_order,
    numbers_of_a_rolled_back_writer_are_given_again,
    numbers_become_visible_in_their_order,
    purging_forgets_events_but_no_number,
);

fn event(seconds: i64) -> NewEvent {
    NewEvent::new(EventKind::WorkspaceUpdated, at(seconds))
}

async fn events_come_back_in_order(store: Arc<dyn Store>) {
    assert_eq!(read(&store, async |work| work.events().latest().await).await, 0);
    let events: Vec<_> = EventKind::ALL
        .into_iter()
        .map(|kind| NewEvent {
            org_id: Some(id()),
            workspace_id: Some(id()),
            deployment_id: Some(id()),
            template_id: Some(id()),
            host_id: Some(id()),
            status: Some("running".into()),
            ..NewEvent::new(kind, at(1))
        })
        .chain([event(2)])
        .collect();
    write(&store, async |work| {
        work.events().append(&events[..2]).await?;
        work.events().append(&[]).await?;
        work.events().append(&events[2..]).await
    })
    .await
    .unwrap();
    read(&store, async |work| {
        let all = work.events().since(0, 100).await?;
        assert_eq!(all.iter().map(|event| event.sequence).collect::<Vec<_>>(), (1..=9).collect::<Vec<_>>());
        assert_eq!(all.iter().map(|event| event.event.clone()).collect::<Vec<_>>(), events);
        assert_eq!(work.events().since(3, 2).await?, all[3..5]);
        assert_eq!(work.events().since(9, 2).await?, []);
        assert_eq!(work.events().latest().await?, 9);
        Ok(())
    })
    .await;
    // More than fit in one statement.
    let many = vec![event(3); 2_100];
    write(&store, async |work| work.events().append(&many).await).await.unwrap();
    assert_eq!(read(&store, async |work| work.events().latest().await).await, 2_109);
}

async fn numbers_of_a_rolled_back_writer_are_given_again(store: Arc<dyn Store>) {
    let mut dropped = store.begin().await.unwrap();
    dropped.events().append(&[event(1)]).await.unwrap();
    drop(dropped);
    write(&store, async |work| work.events().append(&[event(2)]).await).await.unwrap();
    let all = read(&store, async |work| work.events().since(0, 10).await).await;
    assert_eq!(all.iter().map(|it| (it.sequence, it.event.at)).collect::<Vec<_>>(), [(1, at(2))]);
}

async fn numbers_become_visible_in_their_order(store: Arc<dyn Store>) {
    const WRITERS: usize = 8;
    const EACH: usize = 12;
    let done = std::sync::atomic::AtomicUsize::new(0);
    let write_all = at_once(WRITERS, async |writer| {
        for round in 0..EACH {
            // Batches of different sizes, some rolled back.
            let batch = vec![event(1); 1 + (writer + round) % 3];
            let mut unit = store.begin().await.unwrap();
            unit.events().append(&batch).await.unwrap();
            if (writer + round) % 5 != 0 {
                unit.commit().await.unwrap();
            }
        }
        done.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    });
    // Readers that remember the last number they saw, as a stream does: whatever they get continues it without a gap.
    let follow = at_once(2, async |_| {
        let mut last = 0;
        loop {
            let finished = done.load(std::sync::atomic::Ordering::Relaxed) == WRITERS;
            let events = read(&store, async |work| work.events().since(last, 1_000).await).await;
            for event in &events {
                assert_eq!(event.sequence, last + 1, "a reader that had seen {last} got {event:?}");
                last = event.sequence;
            }
            if finished && events.is_empty() {
                return last;
            }
            tokio::task::yield_now().await;
        }
    });
    let (_, seen) = tokio::join!(write_all, follow);
    let latest = read(&store, async |work| work.events().latest().await).await;
    assert_eq!(seen, [latest; 2]);
    assert!(latest > (WRITERS * EACH / 2) as i64, "{latest}");
}

async fn purging_forgets_events_but_no_number(store: Arc<dyn Store>) {
    write(&store, async |work| work.events().append(&[event(1), event(2), event(3)]).await).await.unwrap();
    let purge = async |before| write(&store, async |work| work.events().purge(before).await).await.unwrap();
    assert_eq!(purge(at(3)).await, 2);
    let left = read(&store, async |work| work.events().since(0, 10).await).await;
    assert_eq!(left.iter().map(|event| event.sequence).collect::<Vec<_>>(), [3]);
    assert_eq!(purge(at(4)).await, 1);
    assert_eq!(read(&store, async |work| work.events().latest().await).await, 3);
    write(&store, async |work| work.events().append(&[event(5)]).await).await.unwrap();
    assert_eq!(read(&store, async |work| work.events().latest().await).await, 4);
}
