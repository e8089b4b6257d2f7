use std::sync::Arc;

use devsanctum::ports::repository::{Store, StoreError, idempotency::IdempotencyRecord};

use super::fixture::{at, at_once, id, read, user, write};

contract!(a_key_belongs_to_its_user, a_race_for_a_key_has_one_winner, old_keys_are_purged);

async fn record(store: &Arc<dyn Store>) -> IdempotencyRecord {
    let ada = user("ada");
    write(store, async |work| work.users().add(&ada, None).await).await.unwrap();
    IdempotencyRecord {
        user_id: ada.id,
        key: "k-1 🔑".into(),
        request_hash: [200; 32],
        resource_id: id(),
        created_at: at(1),
    }
}

async fn a_key_belongs_to_its_user(store: Arc<dyn Store>) {
    let record = record(&store).await;
    let bob = user("bob");
    let of_bob = IdempotencyRecord { user_id: bob.id, resource_id: id(), ..record.clone() };
    write(&store, async |work| {
        work.users().add(&bob, None).await?;
        work.idempotency().add(&record).await?;
        work.idempotency().add(&of_bob).await
    })
    .await
    .unwrap();
    read(&store, async |work| {
        assert_eq!(work.idempotency().find(record.user_id, &record.key).await?, Some(record.clone()));
        assert_eq!(work.idempotency().find(bob.id, &record.key).await?, Some(of_bob.clone()));
        assert_eq!(work.idempotency().find(bob.id, "other").await?, None);
        Ok(())
    })
    .await;
    let orphan = IdempotencyRecord { user_id: id(), ..record };
    let refused = write(&store, async |work| work.idempotency().add(&orphan).await).await;
    assert!(matches!(refused, Err(StoreError::Reference("idempotency key"))), "{refused:?}");
}

async fn a_race_for_a_key_has_one_winner(store: Arc<dyn Store>) {
    let record = record(&store).await;
    let results =
        at_once(12, async |_| write(&store, async |work| work.idempotency().add(&record).await).await).await;
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1, "{results:?}");
    let refused =
        results.iter().filter(|result| matches!(result, Err(StoreError::Taken("idempotency key")))).count();
    assert_eq!(refused, 11, "{results:?}");
}

async fn old_keys_are_purged(store: Arc<dyn Store>) {
    let record = record(&store).await;
    write(&store, async |work| work.idempotency().add(&record).await).await.unwrap();
    let purge =
        async |before| write(&store, async |work| work.idempotency().purge(before).await).await.unwrap();
    assert_eq!(purge(at(1)).await, 0);
    assert_eq!(purge(at(2)).await, 1);
    assert_eq!(
        read(&store, async |work| work.idempotency().find(record.user_id, &record.key).await).await,
        None
    );
}
