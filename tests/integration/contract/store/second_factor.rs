use std::sync::Arc;

use devsanctum::{
    domain::{ids::UserId, second_factor::SecondFactor, secret::Sealed},
    ports::repository::{Store, StoreError},
};

use super::fixture::{at, at_once, id, read, user, write};

contract!(
    one_that_was_confirmed_is_not_replaced,
    of_the_same_code_at_once_one_is_accepted,
    a_recovery_code_is_used_once,
    removing_it_removes_its_codes,
);

fn factor(user: UserId, sealed: u8) -> SecondFactor {
    SecondFactor {
        user_id: user,
        sealed: Sealed::from_bytes(vec![sealed; 60]),
        created_at: at(1),
        confirmed_at: None,
        last_step: 0,
    }
}

async fn begun(store: &Arc<dyn Store>) -> UserId {
    let ada = user("ada");
    write(store, async |work| {
        work.users().add(&ada, None).await?;
        work.second_factors().put(&factor(ada.id, 1)).await
    })
    .await
    .unwrap();
    ada.id
}

async fn one_that_was_confirmed_is_not_replaced(store: Arc<dyn Store>) {
    let ada = begun(&store).await;
    let second = factor(ada, 2);
    write(&store, async |work| {
        work.second_factors().put(&second).await?;
        assert_eq!(work.second_factors().find(ada).await?, Some(second.clone()));
        assert_eq!(work.second_factors().confirmed(&[ada]).await?, []);
        work.second_factors().confirm(ada, 70, at(5)).await
    })
    .await
    .unwrap();
    let confirmed = SecondFactor { confirmed_at: Some(at(5)), last_step: 70, ..second };
    write(&store, async |work| {
        let refused = work.second_factors().put(&factor(ada, 3)).await;
        assert!(matches!(refused, Err(StoreError::Stale("second factor"))), "{refused:?}");
        let refused = work.second_factors().confirm(ada, 71, at(6)).await;
        assert!(matches!(refused, Err(StoreError::Stale("second factor"))), "{refused:?}");
        assert_eq!(work.second_factors().find(ada).await?, Some(confirmed));
        assert_eq!(work.second_factors().confirmed(&[id(), ada]).await?, [ada]);
        Ok(())
    })
    .await
    .unwrap();
    let refused = write(&store, async |work| work.second_factors().put(&factor(id(), 1)).await).await;
    assert!(matches!(refused, Err(StoreError::Reference("second factor"))), "{refused:?}");
}

async fn of_the_same_code_at_once_one_is_accepted(store: Arc<dyn Store>) {
    let ada = begun(&store).await;
    let accept =
        async |step| write(&store, async |work| work.second_factors().accept(ada, step).await).await.unwrap();
    let accepted = at_once(8, async |_| accept(50).await).await;
    assert_eq!(accepted.into_iter().filter(|accepted| *accepted).count(), 1);
    assert!(!accept(49).await, "an earlier one is as old");
    assert!(accept(51).await);
    let nobody = write(&store, async |work| work.second_factors().accept(id(), 9).await).await;
    assert!(!nobody.unwrap());
}

async fn a_recovery_code_is_used_once(store: Arc<dyn Store>) {
    let ada = begun(&store).await;
    write(&store, async |work| work.second_factors().set_recovery_codes(ada, &[[1; 32], [2; 32]]).await)
        .await
        .unwrap();
    let take = async |code: u8| {
        write(&store, async |work| work.second_factors().use_recovery_code(ada, &[code; 32]).await)
            .await
            .unwrap()
    };
    let used = at_once(8, async |_| take(1).await).await;
    assert_eq!(used.into_iter().filter(|used| *used).count(), 1);
    assert!(!take(9).await);
    assert_eq!(read(&store, async |work| work.second_factors().recovery_codes_left(ada).await).await, 1);
    write(&store, async |work| work.second_factors().set_recovery_codes(ada, &[[3; 32]]).await)
        .await
        .unwrap();
    assert!(!take(2).await, "it was replaced");
    assert!(take(3).await);
}

async fn removing_it_removes_its_codes(store: Arc<dyn Store>) {
    let ada = begun(&store).await;
    write(&store, async |work| {
        work.second_factors().set_recovery_codes(ada, &[[1; 32]]).await?;
        work.second_factors().remove(ada).await?;
        work.second_factors().remove(ada).await?;
        assert_eq!(work.second_factors().find(ada).await?, None);
        assert_eq!(work.second_factors().recovery_codes_left(ada).await?, 0);
        work.second_factors().put(&factor(ada, 2)).await?;
        work.second_factors().set_recovery_codes(ada, &[[1; 32]]).await?;
        work.users().remove(ada).await?;
        assert_eq!(work.second_factors().find(ada).await?, None);
        assert_eq!(work.second_factors().recovery_codes_left(ada).await?, 0);
        Ok(())
    })
    .await
    .unwrap();
}
