use std::sync::Arc;

use devsanctum::{
    domain::device::{Decision, DeviceGrant, UserCode},
    ports::repository::{Store, StoreError},
};

use super::fixture::{at, at_once, id, read, user, write};

contract!(
    a_grant_is_found_by_both_of_its_codes,
    a_user_code_is_of_one_grant,
    the_first_decision_counts,
    a_grant_is_removed_once,
    grants_that_expired_are_purged,
);

fn grant(number: u8) -> DeviceGrant {
    DeviceGrant {
        device: [number; 32],
        user_code: UserCode::of(&[number; 16]),
        client_name: "devsanctum on laptop".into(),
        address: "192.0.2.1".into(),
        created_at: at(0),
        expires_at: at(600),
        polled_at: None,
        decision: None,
    }
}

async fn added(store: &Arc<dyn Store>, number: u8) -> DeviceGrant {
    let grant = grant(number);
    write(store, async |work| work.device_grants().add(&grant).await).await.unwrap();
    grant
}

async fn find(store: &Arc<dyn Store>, number: u8) -> Option<DeviceGrant> {
    read(store, async |work| work.device_grants().find(&[number; 32]).await).await
}

async fn a_grant_is_found_by_both_of_its_codes(store: Arc<dyn Store>) {
    let mut asked = added(&store, 1).await;
    assert_eq!(find(&store, 1).await, Some(asked.clone()));
    assert_eq!(find(&store, 2).await, None);
    write(&store, async |work| work.device_grants().polled(&asked.device, at(5)).await).await.unwrap();
    asked.polled_at = Some(at(5));
    let by_code = async |code: UserCode| {
        read(&store, async |work| work.device_grants().find_by_code(&code).await).await
    };
    assert_eq!(by_code(asked.user_code.clone()).await, Some(asked));
    assert_eq!(by_code(UserCode::of(&[2; 16])).await, None);
    let stale = write(&store, async |work| work.device_grants().polled(&[2; 32], at(5)).await).await;
    assert!(matches!(stale, Err(StoreError::Stale("device grant"))), "{stale:?}");
}

async fn a_user_code_is_of_one_grant(store: Arc<dyn Store>) {
    added(&store, 1).await;
    let twin = DeviceGrant { device: [2; 32], ..grant(1) };
    let refused = write(&store, async |work| work.device_grants().add(&twin).await).await;
    assert!(matches!(refused, Err(StoreError::Taken("user code"))), "{refused:?}");
}

async fn the_first_decision_counts(store: Arc<dyn Store>) {
    let ada = user("ada");
    write(&store, async |work| work.users().add(&ada, None).await).await.unwrap();
    let asked = added(&store, 1).await;
    let decided = at_once(8, async |caller| {
        let approved = caller % 2 == 0;
        let decide =
            write(&store, async |work| work.device_grants().decide(&asked.user_code, ada.id, approved).await);
        decide.await.is_ok().then_some(approved)
    });
    let decided: Vec<_> = decided.await.into_iter().flatten().collect();
    let [approved] = decided[..] else { panic!("{decided:?}") };
    let found = find(&store, 1).await.unwrap();
    assert_eq!(found.decision, Some(Decision { by: ada.id, approved }));
    added(&store, 2).await;
    let code = UserCode::of(&[2; 16]);
    let refused = write(&store, async |work| work.device_grants().decide(&code, id(), true).await).await;
    assert!(matches!(refused, Err(StoreError::Reference("device grant"))), "{refused:?}");
}

async fn a_grant_is_removed_once(store: Arc<dyn Store>) {
    added(&store, 1).await;
    let removed = at_once(8, async |_| {
        write(&store, async |work| work.device_grants().remove(&[1; 32]).await).await.is_ok()
    });
    assert_eq!(removed.await.into_iter().filter(|removed| *removed).count(), 1);
    assert_eq!(find(&store, 1).await, None);
}

async fn grants_that_expired_are_purged(store: Arc<dyn Store>) {
    added(&store, 1).await;
    let late = DeviceGrant { expires_at: at(601), ..grant(2) };
    write(&store, async |work| work.device_grants().add(&late).await).await.unwrap();
    assert_eq!(write(&store, async |work| work.device_grants().purge(at(600)).await).await.unwrap(), 1);
    assert_eq!((find(&store, 1).await, find(&store, 2).await), (None, Some(late)));
}
