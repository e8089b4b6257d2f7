use std::sync::Arc;

use devsanctum::{
    domain::{
        identity::{Handshake, Provider},
        ids::UserId,
        secret::Sealed,
    },
    ports::repository::{Store, StoreError},
};

use super::fixture::{at, at_once, id, user, write};

contract!(
    a_handshake_is_taken_once,
    of_many_who_take_it_one_gets_it,
    a_handshake_may_be_somebodys,
    handshakes_that_expired_are_purged,
);

fn handshake(state: u8, linking: Option<UserId>) -> Handshake {
    Handshake {
        state: [state; 32],
        browser: [7; 32],
        provider: Provider::Oidc,
        secrets: Sealed::from_bytes(vec![0, 1, 255]),
        linking,
        return_to: "/workspaces?q=a".parse().unwrap(),
        expires_at: at(600),
    }
}

async fn a_handshake_is_taken_once(store: Arc<dyn Store>) {
    let begun = handshake(1, None);
    write(&store, async |work| work.handshakes().add(&begun).await).await.unwrap();
    let take = async |state: u8| write(&store, async |work| work.handshakes().take(&[state; 32]).await).await;
    assert_eq!(take(2).await.unwrap(), None);
    assert_eq!(take(1).await.unwrap(), Some(begun.clone()));
    assert_eq!(take(1).await.unwrap(), None);
}

async fn of_many_who_take_it_one_gets_it(store: Arc<dyn Store>) {
    write(&store, async |work| work.handshakes().add(&handshake(1, None)).await).await.unwrap();
    let taken = at_once(8, async |_| {
        write(&store, async |work| work.handshakes().take(&[1; 32]).await).await.is_ok_and(|it| it.is_some())
    });
    assert_eq!(taken.await.into_iter().filter(|taken| *taken).count(), 1);
}

async fn a_handshake_may_be_somebodys(store: Arc<dyn Store>) {
    let ada = user("ada");
    write(&store, async |work| work.users().add(&ada, None).await).await.unwrap();
    let begun = handshake(1, Some(ada.id));
    write(&store, async |work| work.handshakes().add(&begun).await).await.unwrap();
    let taken = write(&store, async |work| work.handshakes().take(&[1; 32]).await).await.unwrap();
    assert_eq!(taken, Some(begun));
    let strangers = handshake(2, Some(id()));
    let refused = write(&store, async |work| work.handshakes().add(&strangers).await).await;
    assert!(matches!(refused, Err(StoreError::Reference("handshake"))), "{refused:?}");
}

async fn handshakes_that_expired_are_purged(store: Arc<dyn Store>) {
    let late = Handshake { expires_at: at(601), ..handshake(2, None) };
    write(&store, async |work| {
        work.handshakes().add(&handshake(1, None)).await?;
        work.handshakes().add(&late).await
    })
    .await
    .unwrap();
    assert_eq!(write(&store, async |work| work.handshakes().purge(at(600)).await).await.unwrap(), 1);
    assert_eq!(write(&store, async |work| work.handshakes().take(&[2; 32]).await).await.unwrap(), Some(late));
}
