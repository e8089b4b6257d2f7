use std::sync::Arc;

use devsanctum::{
    domain::ids::InstallationId,
    ports::repository::{Store, StoreError},
};

use super::fixture::{at, at_once, id, write};

contract!(
    the_first_id_stays,
    establishing_at_once_gives_all_the_same,
    setup_is_completed_once,
    a_setup_that_was_rolled_back_may_be_repeated,
    a_race_for_the_setup_has_one_winner,
    the_key_of_the_first_server_is_kept,
);

async fn the_first_id_stays(store: Arc<dyn Store>) {
    let nothing = super::fixture::read(&store, async |work| work.installation().find().await).await;
    assert_eq!(nothing, None);
    let first: InstallationId = id();
    let made = write(&store, async |work| work.installation().establish(first, at(0)).await).await.unwrap();
    assert_eq!((made.id, made.created_at, made.setup_at, made.restore_id), (first, at(0), None, None));

    let found = write(&store, async |work| work.installation().establish(id(), at(9)).await).await.unwrap();
    assert_eq!(found, made);
    let found = super::fixture::read(&store, async |work| work.installation().find().await).await;
    assert_eq!(found, Some(made));
}

async fn establishing_at_once_gives_all_the_same(store: Arc<dyn Store>) {
    let all = at_once(8, async |_| {
        write(&store, async |work| work.installation().establish(id(), at(0)).await).await
    })
    .await;
    let winner = all[0].as_ref().unwrap();
    assert!(all.iter().all(|installation| installation.as_ref().unwrap() == winner), "{all:?}");
}

async fn setup_is_completed_once(store: Arc<dyn Store>) {
    let (first, second) = write(&store, async |work| {
        work.installation().establish(id(), at(0)).await?;
        let first = work.installation().complete_setup(at(1)).await?;
        Ok((first, work.installation().complete_setup(at(2)).await?))
    })
    .await
    .unwrap();
    assert!(first && !second);
    let found = write(&store, async |work| work.installation().establish(id(), at(9)).await).await.unwrap();
    assert_eq!(found.setup_at, Some(at(1)));
}

async fn a_setup_that_was_rolled_back_may_be_repeated(store: Arc<dyn Store>) {
    write(&store, async |work| work.installation().establish(id(), at(0)).await).await.unwrap();
    let mut dropped = store.begin().await.unwrap();
    assert!(dropped.installation().complete_setup(at(1)).await.unwrap());
    drop(dropped);
    assert!(write(&store, async |work| work.installation().complete_setup(at(2)).await).await.unwrap());
}

async fn a_race_for_the_setup_has_one_winner(store: Arc<dyn Store>) {
    write(&store, async |work| work.installation().establish(id(), at(0)).await).await.unwrap();
    let results = at_once(16, async |_| {
        write(&store, async |work| work.installation().complete_setup(at(1)).await).await.unwrap()
    })
    .await;
    let won = results.into_iter().filter(|won| *won).count();
    assert_eq!(won, 1);
}

async fn the_key_of_the_first_server_is_kept(store: Arc<dyn Store>) {
    let check = async |derived: [u8; 32]| {
        write(&store, async |work| work.installation().check_key(&derived).await).await
    };
    let early = check([1; 32]).await;
    assert!(matches!(early, Err(StoreError::Stale("installation"))), "{early:?}");
    write(&store, async |work| work.installation().establish(id(), at(0)).await).await.unwrap();
    assert_eq!(check([1; 32]).await.unwrap(), [1; 32]);
    assert_eq!(check([2; 32]).await.unwrap(), [1; 32]);
    assert_eq!(check([1; 32]).await.unwrap(), [1; 32]);
}
