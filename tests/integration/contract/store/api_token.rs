use std::sync::Arc;

use devsanctum::{
    domain::{
        api_token::ApiToken,
        ids::UserId,
        scope::{Scope, Scopes},
    },
    ports::repository::{Store, StoreError},
};

use super::fixture::{at, id, read, user, write};

contract!(a_token_is_found_by_its_hash, a_use_is_written_down_now_and_then, a_revoked_token_is_gone);

fn token(user: UserId, hash: u8) -> ApiToken {
    ApiToken {
        id: id(),
        user_id: user,
        name: "laptop 🦀".into(),
        prefix: "dvs_abcdef".into(),
        hash: [hash; 32],
        scopes: Scopes::new([Scope::Workspaces, Scope::Read]).unwrap(),
        created_at: at(1),
        expires_at: Some(at(100)),
        last_used_at: None,
        last_used_address: None,
    }
}

async fn begun(store: &Arc<dyn Store>) -> (UserId, ApiToken, ApiToken) {
    let ada = user("ada");
    let (first, second) = (token(ada.id, 1), ApiToken { expires_at: None, ..token(ada.id, 2) });
    write(store, async |work| {
        work.users().add(&ada, None).await?;
        work.api_tokens().add(&first).await?;
        work.api_tokens().add(&second).await
    })
    .await
    .unwrap();
    (ada.id, first, second)
}

async fn a_token_is_found_by_its_hash(store: Arc<dyn Store>) {
    let (ada, first, second) = begun(&store).await;
    read(&store, async |work| {
        assert_eq!(work.api_tokens().find(first.id).await?, Some(first.clone()));
        assert_eq!(work.api_tokens().find_by_hash(&[2; 32]).await?, Some(second.clone()));
        assert_eq!(work.api_tokens().find_by_hash(&[3; 32]).await?, None);
        assert_eq!(work.api_tokens().list(ada).await?, [second.clone(), first.clone()]);
        assert_eq!(work.api_tokens().list(id()).await?, []);
        Ok(())
    })
    .await;
    let twin = ApiToken { id: id(), ..first };
    let refused = write(&store, async |work| work.api_tokens().add(&twin).await).await;
    assert!(matches!(refused, Err(StoreError::Taken("id"))), "{refused:?}");
    let refused = write(&store, async |work| work.api_tokens().add(&token(id(), 9)).await).await;
    assert!(matches!(refused, Err(StoreError::Reference("API token"))), "{refused:?}");
}

async fn a_use_is_written_down_now_and_then(store: Arc<dyn Store>) {
    let (_, first, _) = begun(&store).await;
    let used = async |address: Option<&str>, not_since, now| {
        write(&store, async |work| work.api_tokens().used(first.id, address, not_since, now).await)
            .await
            .unwrap();
        let found = read(&store, async |work| work.api_tokens().find(first.id).await).await.unwrap();
        (found.last_used_at, found.last_used_address)
    };
    let written = (Some(at(10)), Some("198.51.100.7".to_owned()));
    assert_eq!(used(Some("198.51.100.7"), at(5), at(10)).await, written);
    assert_eq!(used(Some("203.0.113.9"), at(9), at(20)).await, written);
    assert_eq!(used(None, at(10), at(20)).await, (Some(at(20)), None));
    write(&store, async |work| work.api_tokens().used(id(), None, at(1), at(2)).await).await.unwrap();
}

async fn a_revoked_token_is_gone(store: Arc<dyn Store>) {
    let (ada, first, second) = begun(&store).await;
    write(&store, async |work| {
        work.api_tokens().remove(first.id).await?;
        let again = work.api_tokens().remove(first.id).await;
        assert!(matches!(again, Err(StoreError::Stale("API token"))), "{again:?}");
        assert_eq!(work.api_tokens().find_by_hash(&[1; 32]).await?, None);
        assert_eq!(work.api_tokens().list(ada).await?, [second]);
        work.users().remove(ada).await?;
        assert_eq!(work.api_tokens().list(ada).await?, []);
        Ok(())
    })
    .await
    .unwrap();
}
