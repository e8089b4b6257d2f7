use std::sync::Arc;

use devsanctum::{
    domain::{
        secret::Sealed,
        signing_key::{KeyFamily, SigningKey},
    },
    ports::repository::{Store, StoreError, UnitOfWork},
};

use super::fixture::{at, read, write};

contract!(keys_are_listed_newest_first_and_forgotten, a_key_of_one_family_is_none_of_the_other);

async fn keys_are_listed_newest_first_and_forgotten(store: Arc<dyn Store>) {
    for family in KeyFamily::ALL {
        keys_of_a_family(&store, family).await;
    }
}

fn key(family: KeyFamily, id: &str, made: i64) -> SigningKey {
    let sealed = Sealed::from_bytes(id.repeat(40).into_bytes());
    SigningKey { id: id.into(), family, sealed, created_at: at(made) }
}

async fn keys_of_a_family(store: &Arc<dyn Store>, family: KeyFamily) {
    let key = |id: &str, made| key(family, id, made);
    let (old, twin, new) = (key("b", 1), key("a", 1), key("0", 2));
    write(store, async |work| {
        for key in [&old, &new, &twin] {
            work.signing_keys().add(key).await?;
        }
        Ok(())
    })
    .await
    .unwrap();
    let list = async || read(store, async |work| work.signing_keys().list(family).await).await;
    assert_eq!(list().await, [new.clone(), old, twin]);
    let refused = write(store, async |work| work.signing_keys().add(&key("a", 9)).await).await;
    assert!(matches!(refused, Err(StoreError::Taken("id"))), "{refused:?}");
    let gone = write(store, async |work| work.signing_keys().purge(family, at(2)).await).await.unwrap();
    assert_eq!((gone, list().await), (2, vec![new]));
}

async fn a_key_of_one_family_is_none_of_the_other(store: Arc<dyn Store>) {
    let [access, identity] = KeyFamily::ALL.map(|family| key(family, "a", 1));
    write(&store, async |work| {
        work.signing_keys().add(&access).await?;
        work.signing_keys().add(&identity).await
    })
    .await
    .unwrap();
    let list = async |family| read(&store, async |work| work.signing_keys().list(family).await).await;
    assert_eq!(list(KeyFamily::Access).await, [access]);
    assert_eq!(list(KeyFamily::Identity).await, std::slice::from_ref(&identity));
    let purge = async |work: &mut dyn UnitOfWork| work.signing_keys().purge(KeyFamily::Access, at(9)).await;
    assert_eq!(write(&store, purge).await.unwrap(), 1);
    assert_eq!(list(KeyFamily::Access).await, []);
    assert_eq!(list(KeyFamily::Identity).await, [identity]);
}
