use std::{sync::Arc, time::Duration};

use devsanctum::{domain::rate::Rate, ports::repository::Store};

use super::fixture::{at, at_once, write};

contract!(
    a_burst_is_allowed_and_then_one_each_period,
    keys_do_not_share_their_tries,
    of_many_at_once_no_more_get_through,
    a_try_that_was_rolled_back_did_not_count,
    what_is_forgotten_is_purged,
);

const RATE: Rate = Rate::new(3, Duration::from_secs(10));
const ADA: [u8; 32] = [1; 32];
const BOB: [u8; 32] = [2; 32];

async fn take(store: &Arc<dyn Store>, key: [u8; 32], seconds: i64) -> Option<Duration> {
    write(store, async |work| work.attempts().take(&key, RATE, at(seconds)).await).await.unwrap()
}

async fn a_burst_is_allowed_and_then_one_each_period(store: Arc<dyn Store>) {
    for _ in 0..3 {
        assert_eq!(take(&store, ADA, 0).await, None);
    }
    assert_eq!(take(&store, ADA, 0).await, Some(Duration::from_secs(10)));
    assert_eq!(take(&store, ADA, 4).await, Some(Duration::from_secs(6)), "a refused try costs nothing");
    assert_eq!(take(&store, ADA, 10).await, None);
    assert_eq!(take(&store, ADA, 10).await, Some(Duration::from_secs(10)));
    for _ in 0..3 {
        assert_eq!(take(&store, ADA, 1_000).await, None, "full again, and no fuller");
    }
    assert!(take(&store, ADA, 1_000).await.is_some());
    // A server whose clock is behind takes from the same bucket.
    assert_eq!(take(&store, ADA, 998).await, Some(Duration::from_secs(12)));
}

async fn keys_do_not_share_their_tries(store: Arc<dyn Store>) {
    write(&store, async |work| {
        for _ in 0..3 {
            assert_eq!(work.attempts().take(&ADA, RATE, at(0)).await?, None);
        }
        assert!(work.attempts().take(&ADA, RATE, at(0)).await?.is_some());
        assert_eq!(work.attempts().take(&BOB, RATE, at(0)).await?, None);
        Ok(())
    })
    .await
    .unwrap();
}

async fn of_many_at_once_no_more_get_through(store: Arc<dyn Store>) {
    let results = at_once(24, async |_| take(&store, ADA, 0).await).await;
    assert_eq!(results.iter().filter(|wait| wait.is_none()).count(), 3, "{results:?}");
}

async fn a_try_that_was_rolled_back_did_not_count(store: Arc<dyn Store>) {
    let mut dropped = store.begin().await.unwrap();
    assert_eq!(dropped.attempts().take(&ADA, RATE, at(0)).await.unwrap(), None);
    drop(dropped);
    for _ in 0..3 {
        assert_eq!(take(&store, ADA, 0).await, None);
    }
}

async fn what_is_forgotten_is_purged(store: Arc<dyn Store>) {
    take(&store, ADA, 0).await;
    take(&store, BOB, 5).await;
    let purge =
        async |seconds| write(&store, async |work| work.attempts().purge(at(seconds)).await).await.unwrap();
    assert_eq!(purge(9).await, 0);
    assert_eq!(purge(10).await, 1);
    assert_eq!(purge(15).await, 1);
}
