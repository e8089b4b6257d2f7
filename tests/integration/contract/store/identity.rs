use std::sync::Arc;

use devsanctum::{
    domain::{
        identity::{Identity, Provider},
        user::User,
    },
    ports::repository::{Store, StoreError},
};

use super::fixture::{at, at_once, id, read, user, write};

contract!(
    an_identity_is_found_by_provider_and_subject,
    an_identity_opens_one_account,
    a_race_for_an_identity_has_one_winner,
    what_is_used_says_when_and_is_removed_once,
);

fn identity(user: &User, provider: Provider, subject: &str) -> Identity {
    Identity {
        id: id(),
        user_id: user.id,
        provider,
        subject: subject.into(),
        label: "ada@example.org".into(),
        created_at: at(0),
        last_used_at: None,
    }
}

async fn somebody(store: &Arc<dyn Store>) -> User {
    let ada = user("ada");
    write(store, async |work| work.users().add(&ada, None).await).await.unwrap();
    ada
}

async fn an_identity_is_found_by_provider_and_subject(store: Arc<dyn Store>) {
    let ada = somebody(&store).await;
    let (google, github) = (identity(&ada, Provider::Google, "1"), identity(&ada, Provider::Github, "1"));
    write(&store, async |work| {
        work.identities().add(&google).await?;
        work.identities().add(&github).await
    })
    .await
    .unwrap();
    read(&store, async |work| {
        assert_eq!(work.identities().find(Provider::Google, "1").await?, Some(google.clone()));
        assert_eq!(work.identities().find(Provider::Github, "1").await?, Some(github.clone()));
        assert_eq!(work.identities().find(Provider::Oidc, "1").await?, None);
        assert_eq!(work.identities().find(Provider::Google, "2").await?, None);
        assert_eq!(work.identities().list(ada.id).await?, [google.clone(), github.clone()]);
        assert_eq!(work.identities().list(id()).await?, []);
        Ok(())
    })
    .await;
}

async fn an_identity_opens_one_account(store: Arc<dyn Store>) {
    let ada = somebody(&store).await;
    let first = identity(&ada, Provider::Oidc, "1");
    write(&store, async |work| work.identities().add(&first).await).await.unwrap();
    let again = identity(&ada, Provider::Oidc, "1");
    let refused = write(&store, async |work| work.identities().add(&again).await).await;
    assert!(matches!(refused, Err(StoreError::Taken("identity"))), "{refused:?}");
    let nobodys = identity(&user("eve"), Provider::Oidc, "2");
    let refused = write(&store, async |work| work.identities().add(&nobodys).await).await;
    assert!(matches!(refused, Err(StoreError::Reference("identity"))), "{refused:?}");
}

async fn a_race_for_an_identity_has_one_winner(store: Arc<dyn Store>) {
    let ada = somebody(&store).await;
    let added = at_once(8, async |_| {
        let mine = identity(&ada, Provider::Google, "1");
        write(&store, async |work| work.identities().add(&mine).await).await.is_ok()
    });
    assert_eq!(added.await.into_iter().filter(|added| *added).count(), 1);
}

async fn what_is_used_says_when_and_is_removed_once(store: Arc<dyn Store>) {
    let ada = somebody(&store).await;
    let mine = identity(&ada, Provider::Google, "1");
    write(&store, async |work| work.identities().add(&mine).await).await.unwrap();
    write(&store, async |work| work.identities().used(mine.id, "new@example.org", at(9)).await)
        .await
        .unwrap();
    let used = Identity { label: "new@example.org".into(), last_used_at: Some(at(9)), ..mine.clone() };
    assert_eq!(read(&store, async |work| work.identities().list(ada.id).await).await, [used]);
    write(&store, async |work| work.identities().remove(mine.id).await).await.unwrap();
    assert_eq!(read(&store, async |work| work.identities().list(ada.id).await).await, []);
    for stale in [
        write(&store, async |work| work.identities().remove(mine.id).await).await,
        write(&store, async |work| work.identities().used(mine.id, "", at(9)).await).await,
    ] {
        assert!(matches!(stale, Err(StoreError::Stale("identity"))), "{stale:?}");
    }
}
