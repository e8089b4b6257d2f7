use std::sync::Arc;

use devsanctum::{
    domain::{secret::Sealed, signing_key::SigningKey},
    ports::repository::{Store, StoreError},
};

use super::fixture::{at, read, write};

contract!(keys_are_listed_newest_first_and_forgotten);

async fn keys_are_listed_newest_first_and_forgotten(store: Arc<dyn Store>) {
    let key = |id: &str, made| SigningKey {
        id: id.into(),
        sealed: Sealed::from_bytes(id.repeat(40).into_bytes()),
        created_at: at(made),
    };
    let (old, twin, new) = (key("b", 1), key("a", 1), key("0", 2));
    write(&store, async |work| {
        for key in [&old, &new, &twin] {
            work.signing_keys().add(key).await?;
        }
        Ok(())
    })
    .await
    .unwrap();
    let list = async || read(&store, async |work| work.signing_keys().list().await).await;
    assert_eq!(list().await, [new.clone(), old, twin]);
    let refused = write(&store, async |work| work.signing_keys().add(&key("a", 9)).await).await;
    assert!(matches!(refused, Err(StoreError::Taken("id"))), "{refused:?}");
    let gone = write(&store, async |work| work.signing_keys().purge(at(2)).await).await.unwrap();
    assert_eq!((gone, list().await), (2, vec![new]));
}
