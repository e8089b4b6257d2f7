use std::sync::Arc;

use devsanctum::{
    domain::{
        ids::UserId,
        ssh_key::{PublicKey, SshKey},
    },
    ports::repository::{Store, StoreError},
};

use super::fixture::{at, id, read, user, write};

contract!(keys_are_listed_newest_first, a_key_is_on_one_account, keys_go_with_their_owner);

fn key(user: UserId, fingerprint: &str) -> SshKey {
    SshKey {
        id: id(),
        user_id: user,
        name: "laptop 🦀".into(),
        key: PublicKey {
            key_type: "ssh-ed25519".into(),
            fingerprint: fingerprint.into(),
            text: format!("ssh-ed25519 {fingerprint}"),
        },
        created_at: at(1),
        last_used_at: None,
    }
}

async fn begun(store: &Arc<dyn Store>) -> (UserId, UserId, SshKey, SshKey) {
    let (ada, grace) = (user("ada"), user("grace"));
    let first = key(ada.id, "SHA256:one");
    let second = SshKey { last_used_at: Some(at(7)), ..key(ada.id, "SHA256:two") };
    write(store, async |work| {
        work.users().add(&ada, None).await?;
        work.users().add(&grace, None).await?;
        work.ssh_keys().add(&first).await?;
        work.ssh_keys().add(&second).await
    })
    .await
    .unwrap();
    (ada.id, grace.id, first, second)
}

async fn keys_are_listed_newest_first(store: Arc<dyn Store>) {
    let (ada, grace, first, second) = begun(&store).await;
    read(&store, async |work| {
        assert_eq!(work.ssh_keys().find(first.id).await?, Some(first.clone()));
        assert_eq!(work.ssh_keys().find(id()).await?, None);
        assert_eq!(work.ssh_keys().list(ada).await?, [second.clone(), first.clone()]);
        assert_eq!(work.ssh_keys().list(grace).await?, []);
        Ok(())
    })
    .await;
    let odd = SshKey { name: "a\0b".into(), ..key(grace, "SHA256:three") };
    write(&store, async |work| work.ssh_keys().add(&odd).await).await.unwrap();
    let kept = read(&store, async |work| work.ssh_keys().list(grace).await).await;
    assert_eq!(kept[0].name, "a\u{fffd}b");
}

async fn a_key_is_on_one_account(store: Arc<dyn Store>) {
    let (ada, grace, first, _) = begun(&store).await;
    for owner in [ada, grace] {
        let again = key(owner, &first.key.fingerprint);
        let refused = write(&store, async |work| work.ssh_keys().add(&again).await).await;
        assert!(matches!(refused, Err(StoreError::Taken("SSH key"))), "{refused:?}");
    }
    let nobodys = key(id(), "SHA256:other");
    let refused = write(&store, async |work| work.ssh_keys().add(&nobodys).await).await;
    assert!(matches!(refused, Err(StoreError::Reference("SSH key"))), "{refused:?}");
    // Fingerprints that differ only in case are those of different keys.
    let other = key(grace, "SHA256:ONE");
    write(&store, async |work| work.ssh_keys().add(&other).await).await.unwrap();
}

async fn keys_go_with_their_owner(store: Arc<dyn Store>) {
    let (ada, grace, first, second) = begun(&store).await;
    write(&store, async |work| {
        work.ssh_keys().remove(first.id).await?;
        let again = work.ssh_keys().remove(first.id).await;
        assert!(matches!(again, Err(StoreError::Stale("SSH key"))), "{again:?}");
        assert_eq!(work.ssh_keys().list(ada).await?, std::slice::from_ref(&second));
        // What was removed may be added again, elsewhere as well.
        let moved = key(grace, &first.key.fingerprint);
        work.ssh_keys().add(&moved).await?;
        work.users().remove(ada).await?;
        assert_eq!(work.ssh_keys().list(ada).await?, []);
        assert_eq!(work.ssh_keys().find(second.id).await?, None);
        assert_eq!(work.ssh_keys().list(grace).await?, [moved]);
        Ok(())
    })
    .await
    .unwrap();
}
