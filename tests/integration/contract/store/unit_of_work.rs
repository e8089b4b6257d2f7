use std::sync::Arc;

use devsanctum::{
    domain::user::User,
    ports::repository::{Store, StoreError},
};

use super::fixture::{at, at_once, id, org, read, user, world, write};

contract!(
    what_is_dropped_leaves_nothing,
    nothing_is_seen_before_the_commit,
    a_reader_sees_one_state,
    a_reader_cannot_write,
    after_a_refusal_nothing_is_written,
    a_stale_write_may_be_followed_by_others,
    a_waiting_writer_sees_what_the_one_before_wrote,
    an_open_store_answers,
    a_beginning_that_is_given_up_leaves_nothing_behind,
);

async fn what_is_dropped_leaves_nothing(store: Arc<dyn Store>) {
    let world = world(&store).await;
    let (ada, workspace) = (user("bob"), world.workspace("web"));
    let mut unit = store.begin().await.unwrap();
    unit.users().add(&ada, None).await.unwrap();
    unit.workspaces().add(&workspace, &super::fixture::sealed(), &[]).await.unwrap();
    unit.orgs().set_member(world.org.id, ada.id, devsanctum::domain::role::Role::Owner, at(1)).await.unwrap();
    assert!(unit.users().find(ada.id).await.unwrap().is_some(), "it sees its own writes");
    drop(unit);
    read(&store, async |work| {
        assert_eq!(work.users().find(ada.id).await?, None);
        assert_eq!(work.workspaces().find(workspace.id).await?, None);
        assert_eq!(work.orgs().memberships(ada.id).await?, []);
        Ok(())
    })
    .await;
    // Nothing of it is in the way either.
    write(&store, async |work| work.users().add(&ada, None).await).await.unwrap();
}

async fn nothing_is_seen_before_the_commit(store: Arc<dyn Store>) {
    let ada = user("ada");
    let mut unit = store.begin().await.unwrap();
    unit.users().add(&ada, None).await.unwrap();
    assert_eq!(read(&store, async |work| work.users().find(ada.id).await).await, None);
    unit.commit().await.unwrap();
    assert_eq!(read(&store, async |work| work.users().find(ada.id).await).await, Some(ada.clone()));
}

async fn a_reader_sees_one_state(store: Arc<dyn Store>) {
    let (ada, bob) = (user("ada"), user("bob"));
    write(&store, async |work| work.users().add(&ada, None).await).await.unwrap();
    let mut reader = store.read().await.unwrap();
    assert!(reader.users().find(ada.id).await.unwrap().is_some());
    write(&store, async |work| work.users().add(&bob, None).await).await.unwrap();
    assert_eq!(reader.users().find(bob.id).await.unwrap(), None);
    drop(reader);
    assert!(read(&store, async |work| work.users().find(bob.id).await).await.is_some());
}

async fn a_reader_cannot_write(store: Arc<dyn Store>) {
    let ada = user("ada");
    let mut reader = store.read().await.unwrap();
    let refused = reader.users().add(&ada, None).await;
    assert!(matches!(refused, Err(StoreError::Unavailable(_))), "{refused:?}");
    assert!(reader.commit().await.is_err());
    assert_eq!(read(&store, async |work| work.users().find(ada.id).await).await, None);
    // The connection is none the worse for it.
    for _ in 0..20 {
        write(&store, async |work| work.users().find(ada.id).await).await.unwrap();
    }
    write(&store, async |work| work.users().add(&ada, None).await).await.unwrap();
}

async fn after_a_refusal_nothing_is_written(store: Arc<dyn Store>) {
    let (ada, acme) = (user("ada"), org("acme"));
    write(&store, async |work| work.users().add(&ada, None).await).await.unwrap();
    let mut unit = store.begin().await.unwrap();
    unit.orgs().add(&acme).await.unwrap();
    let namesake = User { username: ada.username.clone(), ..user("bob") };
    let taken = unit.users().add(&namesake, None).await;
    assert!(matches!(taken, Err(StoreError::Taken("username"))), "{taken:?}");
    assert!(unit.users().find(ada.id).await.is_err(), "everything after it fails");
    assert!(unit.commit().await.is_err(), "the commit does not pretend");
    assert_eq!(read(&store, async |work| work.orgs().find(acme.id).await).await, None);
}

async fn a_stale_write_may_be_followed_by_others(store: Arc<dyn Store>) {
    let acme = org("acme");
    let mut unit = store.begin().await.unwrap();
    let stale = unit.users().rename(id(), "x", at(1)).await;
    assert!(matches!(stale, Err(StoreError::Stale("user"))), "{stale:?}");
    unit.orgs().add(&acme).await.unwrap();
    unit.commit().await.unwrap();
    assert!(read(&store, async |work| work.orgs().find(acme.id).await).await.is_some());
}

/// Read, then write, by many at once: nobody's addition is lost, nobody fails.
async fn a_waiting_writer_sees_what_the_one_before_wrote(store: Arc<dyn Store>) {
    let world = world(&store).await;
    let workspace = world.add(&store, "web").await;
    let lost = at_once(6, async |_| {
        let mut stale = 0;
        loop {
            let result = write(&store, async |work| {
                let mut current = work.workspaces().find(workspace.id).await?.expect("it was added");
                current.generation += 1;
                work.workspaces().record_intent(&current).await
            })
            .await;
            match result {
                Ok(()) => return stale,
                Err(StoreError::Stale("workspace")) => stale += 1,
                Err(error) => panic!("{error}"),
            }
        }
    })
    .await;
    let found = read(&store, async |work| work.workspaces().find(workspace.id).await).await.unwrap();
    assert_eq!(found.generation, workspace.generation + 6, "tries that came too late: {lost:?}");
}

async fn an_open_store_answers(store: Arc<dyn Store>) {
    store.check().await.unwrap();
}

/// Whoever stops waiting while a unit of work begins leaves no transaction on its connection for the next one.
async fn a_beginning_that_is_given_up_leaves_nothing_behind(store: Arc<dyn Store>) {
    let write_all = async || {
        // On every connection there may be.
        at_once(32, async |_| write(&store, async |work| work.routes().revise(id()).await).await).await
    };
    write_all().await;
    for round in 0..400 {
        let given_up = at_once(4, async |caller| {
            let mut beginning = std::pin::pin!(store.read());
            for _ in 0..=(round + caller) % 5 {
                if futures::poll!(beginning.as_mut()).is_ready() {
                    return;
                }
                tokio::task::yield_now().await;
            }
        });
        given_up.await;
    }
    for result in write_all().await {
        assert!(result.is_ok(), "{result:?}");
    }
}
