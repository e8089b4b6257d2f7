use std::sync::Arc;

use devsanctum::{
    domain::ids::ReplicaId,
    ports::repository::{Store, replica::Replica},
};

use super::fixture::{at, at_once, id, read, write};

contract!(a_sign_of_life_registers_and_counts, whoever_leaves_may_come_back, signs_of_life_do_not_get_lost);

async fn a_sign_of_life_registers_and_counts(store: Arc<dyn Store>) {
    let (one, two): (ReplicaId, ReplicaId) = (id(), id());
    write(&store, async |work| work.replicas().beat(two, 0, at(1)).await).await.unwrap();
    write(&store, async |work| work.replicas().beat(one, 3, at(2)).await).await.unwrap();
    write(&store, async |work| work.replicas().beat(one, 5, at(4)).await).await.unwrap();
    let expected = [
        Replica { id: one, beats: 2, routes_revision: 5, started_at: at(2), seen_at: at(4) },
        Replica { id: two, beats: 1, routes_revision: 0, started_at: at(1), seen_at: at(1) },
    ];
    assert_eq!(read(&store, async |work| work.replicas().list().await).await, expected);
}

async fn whoever_leaves_may_come_back(store: Arc<dyn Store>) {
    let one: ReplicaId = id();
    write(&store, async |work| work.replicas().leave(one).await).await.unwrap();
    write(&store, async |work| work.replicas().beat(one, 1, at(1)).await).await.unwrap();
    write(&store, async |work| work.replicas().leave(one).await).await.unwrap();
    assert_eq!(read(&store, async |work| work.replicas().list().await).await, []);
    write(&store, async |work| work.replicas().beat(one, 2, at(9)).await).await.unwrap();
    let found = read(&store, async |work| work.replicas().list().await).await;
    assert_eq!((found[0].beats, found[0].started_at), (1, at(9)));
}

async fn signs_of_life_do_not_get_lost(store: Arc<dyn Store>) {
    let one: ReplicaId = id();
    at_once(8, async |_| {
        write(&store, async |work| work.replicas().beat(one, 1, at(1)).await).await.unwrap()
    })
    .await;
    assert_eq!(read(&store, async |work| work.replicas().list().await).await[0].beats, 8);
}
