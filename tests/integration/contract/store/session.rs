use std::sync::Arc;

use devsanctum::{
    domain::session::{RefreshToken, Session},
    ports::repository::{Store, StoreError},
};

use super::fixture::{at, at_once, id, read, session, token, user, write};

contract!(
    a_session_is_found_by_its_token,
    a_token_is_used_once_and_leaves_a_successor,
    the_same_token_at_once_is_used_the_first_time,
    a_revoked_session_rotates_nothing,
    revoking_again_changes_nothing,
    live_sessions_are_listed_last_used_first,
    ended_sessions_are_purged_with_their_tokens,
    a_place_is_new_once,
);

async fn begun(store: &Arc<dyn Store>) -> (Session, RefreshToken) {
    let ada = user("ada");
    let session = session(ada.id);
    let token = token(&session, 1);
    write(store, async |work| {
        work.users().add(&ada, None).await?;
        work.sessions().add(&session, &token).await
    })
    .await
    .unwrap();
    (session, token)
}

async fn a_session_is_found_by_its_token(store: Arc<dyn Store>) {
    let (session, token) = begun(&store).await;
    read(&store, async |work| {
        assert_eq!(work.sessions().find(session.id).await?, Some(session.clone()));
        assert_eq!(work.sessions().find(id()).await?, None);
        assert_eq!(work.sessions().find_by_token(&token.hash).await?, Some((session.clone(), token.clone())));
        assert_eq!(work.sessions().find_by_token(&[9; 32]).await?, None);
        Ok(())
    })
    .await;
    let orphan = Session { id: id(), user_id: id(), ..session.clone() };
    let first = super::fixture::token(&orphan, 2);
    let refused = write(&store, async |work| work.sessions().add(&orphan, &first).await).await;
    assert!(matches!(refused, Err(StoreError::Reference("session"))), "{refused:?}");
    let twin = Session { id: id(), ..session };
    let same = RefreshToken { session_id: twin.id, ..token };
    let refused = write(&store, async |work| work.sessions().add(&twin, &same).await).await;
    assert!(matches!(refused, Err(StoreError::Taken("id"))), "{refused:?}");
}

async fn a_token_is_used_once_and_leaves_a_successor(store: Arc<dyn Store>) {
    let (session, first) = begun(&store).await;
    let second = RefreshToken { issued_at: at(50), ..token(&session, 2) };
    write(&store, async |work| work.sessions().rotate(&first.hash, &second, at(2_000), at(50)).await)
        .await
        .unwrap();
    let rotated = Session { last_used_at: at(50), expires_at: at(2_000), ..session.clone() };
    read(&store, async |work| {
        let used = RefreshToken { used_at: Some(at(50)), ..first.clone() };
        assert_eq!(work.sessions().find_by_token(&first.hash).await?, Some((rotated.clone(), used)));
        assert_eq!(
            work.sessions().find_by_token(&second.hash).await?,
            Some((rotated.clone(), second.clone()))
        );
        Ok(())
    })
    .await;

    // A repeat within the grace: the first use counts.
    let third = token(&session, 3);
    write(&store, async |work| work.sessions().rotate(&first.hash, &third, at(2_000), at(55)).await)
        .await
        .unwrap();
    let (_, used) =
        read(&store, async |work| work.sessions().find_by_token(&first.hash).await).await.unwrap();
    assert_eq!(used.used_at, Some(at(50)));

    for (unknown, successor) in
        [([9; 32], token(&session, 4)), (first.hash, RefreshToken { session_id: id(), ..third })]
    {
        let refused =
            write(&store, async |work| work.sessions().rotate(&unknown, &successor, at(2_000), at(60)).await)
                .await;
        assert!(matches!(refused, Err(StoreError::Stale("session"))), "{refused:?}");
    }
}

async fn the_same_token_at_once_is_used_the_first_time(store: Arc<dyn Store>) {
    let (session, first) = begun(&store).await;
    let results = at_once(12, async |number| {
        let successor = token(&session, 100 + number as u8);
        let now = at(50 + number as i64);
        write(&store, async |work| work.sessions().rotate(&first.hash, &successor, at(2_000), now).await)
            .await
    })
    .await;
    assert!(results.iter().all(Result::is_ok), "{results:?}");
    let (_, used) =
        read(&store, async |work| work.sessions().find_by_token(&first.hash).await).await.unwrap();
    assert!(used.used_at.is_some());
}

async fn a_revoked_session_rotates_nothing(store: Arc<dyn Store>) {
    let (session, first) = begun(&store).await;
    write(&store, async |work| work.sessions().revoke(session.id, at(20)).await).await.unwrap();
    let second = token(&session, 2);
    let refused =
        write(&store, async |work| work.sessions().rotate(&first.hash, &second, at(2_000), at(30)).await)
            .await;
    assert!(matches!(refused, Err(StoreError::Stale("session"))), "{refused:?}");
    assert_eq!(read(&store, async |work| work.sessions().find_by_token(&second.hash).await).await, None);
}

async fn revoking_again_changes_nothing(store: Arc<dyn Store>) {
    let (session, _) = begun(&store).await;
    for now in [at(20), at(30)] {
        write(&store, async |work| work.sessions().revoke(session.id, now).await).await.unwrap();
    }
    let found = read(&store, async |work| work.sessions().find(session.id).await).await.unwrap();
    assert_eq!(found.revoked_at, Some(at(20)));
    let refused = write(&store, async |work| work.sessions().revoke(id(), at(20)).await).await;
    assert!(matches!(refused, Err(StoreError::Stale("session"))), "{refused:?}");
}

async fn live_sessions_are_listed_last_used_first(store: Arc<dyn Store>) {
    let (first, _) = begun(&store).await;
    let recent = Session { id: id(), last_used_at: at(7), ..first.clone() };
    let expired = Session { id: id(), expires_at: at(100), ..first.clone() };
    let revoked = Session { id: id(), revoked_at: Some(at(8)), ..first.clone() };
    write(&store, async |work| {
        for (session, byte) in [(&recent, 2), (&expired, 3), (&revoked, 4)] {
            work.sessions().add(session, &token(session, byte)).await?;
        }
        Ok(())
    })
    .await
    .unwrap();
    read(&store, async |work| {
        let live = work.sessions().list_live(first.user_id, at(100)).await?;
        assert_eq!(live, [recent.clone(), first.clone()]);
        assert_eq!(work.sessions().list_live(id(), at(100)).await?, []);
        Ok(())
    })
    .await;
}

async fn ended_sessions_are_purged_with_their_tokens(store: Arc<dyn Store>) {
    let (expired, of_expired) = begun(&store).await;
    let revoked = Session { id: id(), expires_at: at(9_000), revoked_at: Some(at(500)), ..expired.clone() };
    let live = Session { id: id(), expires_at: at(9_000), ..expired.clone() };
    write(&store, async |work| {
        work.sessions().add(&revoked, &token(&revoked, 2)).await?;
        work.sessions().add(&live, &token(&live, 3)).await
    })
    .await
    .unwrap();
    let purge = async |before| write(&store, async |work| work.sessions().purge(before).await).await.unwrap();
    assert_eq!(purge(at(500)).await, 0);
    assert_eq!(purge(at(1_000)).await, 1);
    assert_eq!(purge(at(1_001)).await, 1);
    read(&store, async |work| {
        assert_eq!(work.sessions().find_by_token(&of_expired.hash).await?, None);
        assert_eq!(work.sessions().find(live.id).await?, Some(live.clone()));
        Ok(())
    })
    .await;
}

async fn a_place_is_new_once(store: Arc<dyn Store>) {
    let (ada, bob) = (user("ada"), user("bob"));
    write(&store, async |work| {
        work.users().add(&ada, None).await?;
        work.users().add(&bob, None).await
    })
    .await
    .unwrap();
    let remember = async |user, mark: u8, now| {
        write(&store, async |work| work.sessions().remember(user, &[mark; 32], at(now)).await).await.unwrap()
    };
    assert!(remember(ada.id, 1, 1).await);
    assert!(remember(ada.id, 2, 1).await);
    assert!(!remember(ada.id, 1, 9).await);
    assert!(remember(bob.id, 1, 1).await, "to somebody else it is new");
    read(&store, async |work| {
        assert!(work.sessions().is_known(ada.id, &[2; 32]).await?);
        assert!(!work.sessions().is_known(bob.id, &[2; 32]).await?);
        Ok(())
    })
    .await;
    let forgotten = write(&store, async |work| work.sessions().forget(at(9)).await).await.unwrap();
    assert_eq!(forgotten, 2);
    assert!(!remember(ada.id, 1, 20).await, "it was seen later");
    assert!(remember(ada.id, 2, 20).await);
}
