use std::sync::Arc;

use devsanctum::{
    domain::{
        account::{AccountToken, Purpose},
        ids::UserId,
    },
    ports::repository::{Store, StoreError},
};

use super::fixture::{at, at_once, id, read, user, write};

contract!(
    a_newer_token_takes_the_place_of_the_older,
    of_several_who_use_one_one_does,
    tokens_are_voided_and_expire
);

fn token(user: UserId, hash: u8, purpose: Purpose) -> AccountToken {
    let email = (purpose == Purpose::ConfirmEmail).then(|| "new@example.org".parse().unwrap());
    AccountToken { hash: [hash; 32], user_id: user, purpose, email, created_at: at(1), expires_at: at(100) }
}

async fn begun(store: &Arc<dyn Store>) -> UserId {
    let ada = user("ada");
    write(store, async |work| work.users().add(&ada, None).await).await.unwrap();
    ada.id
}

async fn a_newer_token_takes_the_place_of_the_older(store: Arc<dyn Store>) {
    let ada = begun(&store).await;
    let (first, second) = (token(ada, 1, Purpose::ResetPassword), token(ada, 2, Purpose::ResetPassword));
    let other = token(ada, 3, Purpose::ConfirmEmail);
    for token in [&first, &other, &second] {
        write(&store, async |work| work.account_tokens().put(token).await).await.unwrap();
    }
    read(&store, async |work| {
        assert_eq!(work.account_tokens().find(&[1; 32]).await?, None);
        assert_eq!(work.account_tokens().find(&[2; 32]).await?, Some(second));
        assert_eq!(work.account_tokens().find_of(ada, Purpose::ConfirmEmail).await?, Some(other));
        Ok(())
    })
    .await;
    let refused =
        write(&store, async |work| work.account_tokens().put(&token(id(), 9, Purpose::ResetPassword)).await);
    assert!(matches!(refused.await, Err(StoreError::Reference("account token"))));
}

async fn of_several_who_use_one_one_does(store: Arc<dyn Store>) {
    let ada = begun(&store).await;
    write(&store, async |work| work.account_tokens().put(&token(ada, 1, Purpose::ResetPassword)).await)
        .await
        .unwrap();
    let taken = at_once(8, async |_| {
        write(&store, async |work| work.account_tokens().take(&[1; 32]).await).await.unwrap()
    })
    .await;
    assert_eq!(taken.into_iter().filter(|taken| *taken).count(), 1);
}

async fn tokens_are_voided_and_expire(store: Arc<dyn Store>) {
    let ada = begun(&store).await;
    write(&store, async |work| {
        work.account_tokens().put(&token(ada, 1, Purpose::ResetPassword)).await?;
        work.account_tokens().put(&token(ada, 2, Purpose::ConfirmEmail)).await?;
        work.account_tokens().void(ada, Purpose::ResetPassword).await?;
        work.account_tokens().void(ada, Purpose::ResetPassword).await?;
        assert_eq!(work.account_tokens().find(&[1; 32]).await?, None);
        assert_eq!(work.account_tokens().purge(at(100)).await?, 0);
        assert_eq!(work.account_tokens().purge(at(101)).await?, 1);
        assert_eq!(work.account_tokens().find(&[2; 32]).await?, None);
        work.account_tokens().put(&token(ada, 3, Purpose::ConfirmEmail)).await?;
        work.users().remove(ada).await?;
        assert_eq!(work.account_tokens().find(&[3; 32]).await?, None);
        Ok(())
    })
    .await
    .unwrap();
}
