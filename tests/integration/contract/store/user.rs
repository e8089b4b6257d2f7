use std::sync::Arc;

use devsanctum::{
    domain::{
        ids::UserId,
        role::Role,
        second_factor::SecondFactor,
        secret::Sealed,
        user::{PasswordHash, User},
        workspace::{State, Workspace},
    },
    ports::repository::{PageRequest, Sort, Store, StoreError, user::UserSummary},
};

use super::fixture::{at, at_once, id, org, read, sealed, session, token, user, world, write};

contract!(
    a_user_is_found_as_added,
    both_names_of_a_user_are_taken,
    a_race_for_a_username_has_one_winner,
    what_a_user_changes_is_kept,
    changing_nobody_is_stale,
    usernames_of_known_users_only,
    whoever_holds_a_user_is_alone_with_them,
    rights_and_suspension_are_changed,
    a_user_goes_with_what_is_theirs_alone,
    users_are_listed_and_found_by_any_name,
    admins_that_may_come_in_are_held,
);

async fn a_user_is_found_as_added(store: Arc<dyn Store>) {
    let (ada, bob) = (user("ada"), user("bob"));
    let hash = PasswordHash("$argon2id$…".into());
    write(&store, async |work| {
        work.users().add(&ada, Some(&hash)).await?;
        work.users().add(&bob, None).await
    })
    .await
    .unwrap();

    read(&store, async |work| {
        assert_eq!(work.users().find(ada.id).await?, Some(ada.clone()));
        assert_eq!(work.users().find(id()).await?, None);
        assert_eq!(work.users().find_by_login("ada").await?, Some((ada.clone(), Some(hash.clone()))));
        assert_eq!(
            work.users().find_by_login("ada@example.org").await?,
            Some((ada.clone(), Some(hash.clone())))
        );
        assert_eq!(work.users().find_by_login("bob").await?, Some((bob.clone(), None)));
        for stranger in ["", "Ada", "eve", "ad", "ada\0", "' OR 1=1 --"] {
            assert_eq!(work.users().find_by_login(stranger).await?, None, "{stranger:?}");
        }
        Ok(())
    })
    .await;
}

async fn both_names_of_a_user_are_taken(store: Arc<dyn Store>) {
    let ada = user("ada");
    write(&store, async |work| work.users().add(&ada, None).await).await.unwrap();

    let mut same_name = user("bob");
    same_name.username = ada.username.clone();
    let refused = write(&store, async |work| work.users().add(&same_name, None).await).await;
    assert!(matches!(refused, Err(StoreError::Taken("username"))), "{refused:?}");

    let mut same_mail = user("bob");
    same_mail.email = ada.email.clone();
    let refused = write(&store, async |work| work.users().add(&same_mail, None).await).await;
    assert!(matches!(refused, Err(StoreError::Taken("email"))), "{refused:?}");

    let mut same_id = user("bob");
    same_id.id = ada.id;
    let refused = write(&store, async |work| work.users().add(&same_id, None).await).await;
    assert!(matches!(refused, Err(StoreError::Taken("id"))), "{refused:?}");
}

async fn a_race_for_a_username_has_one_winner(store: Arc<dyn Store>) {
    let results = at_once(12, async |number| {
        let mut candidate = user("ada");
        candidate.email = format!("{number}@example.org").parse().unwrap();
        write(&store, async |work| work.users().add(&candidate, None).await).await
    })
    .await;
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1, "{results:?}");
    let refused =
        results.iter().filter(|result| matches!(result, Err(StoreError::Taken("username")))).count();
    assert_eq!(refused, 11, "{results:?}");
}

async fn what_a_user_changes_is_kept(store: Arc<dyn Store>) {
    let ada = user("ada");
    write(&store, async |work| {
        work.users().add(&ada, None).await?;
        work.users().set_password(ada.id, &PasswordHash("new".into()), at(5)).await?;
        work.users().rename(ada.id, "Ada\0 Lovelace", at(6)).await
    })
    .await
    .unwrap();
    let (found, hash) = read(&store, async |work| work.users().find_by_login("ada").await).await.unwrap();
    assert_eq!(hash, Some(PasswordHash("new".into())));
    assert_eq!((found.display_name.as_str(), found.updated_at), ("Ada\u{fffd} Lovelace", at(6)));
}

async fn changing_nobody_is_stale(store: Arc<dyn Store>) {
    let nobody: UserId = id();
    let hash = PasswordHash("new".into());
    let refused = write(&store, async |work| work.users().set_password(nobody, &hash, at(5)).await).await;
    assert!(matches!(refused, Err(StoreError::Stale("user"))), "{refused:?}");
    let refused = write(&store, async |work| work.users().rename(nobody, "x", at(5)).await).await;
    assert!(matches!(refused, Err(StoreError::Stale("user"))), "{refused:?}");
}

async fn usernames_of_known_users_only(store: Arc<dyn Store>) {
    let (ada, bob) = (user("ada"), user("bob"));
    write(&store, async |work| {
        work.users().add(&ada, None).await?;
        work.users().add(&bob, None).await
    })
    .await
    .unwrap();
    read(&store, async |work| {
        let mut names = work.users().usernames(&[bob.id, id(), ada.id]).await?;
        names.sort_unstable();
        assert_eq!(names, [(ada.id, ada.username.clone()), (bob.id, bob.username.clone())]);
        assert_eq!(work.users().usernames(&[]).await?, []);
        // More than fit in one statement.
        let many: Vec<UserId> = (0..2_500).map(|_| id()).chain([ada.id]).collect();
        assert_eq!(work.users().usernames(&many).await?, [(ada.id, ada.username.clone())]);
        Ok(())
    })
    .await;
}

async fn rights_and_suspension_are_changed(store: Arc<dyn Store>) {
    let (ada, bob) = (user("ada"), user("bob"));
    let changed = User {
        email: "ada@new.example.org".parse().unwrap(),
        display_name: "Ada L.".into(),
        platform_admin: true,
        suspended_at: Some(at(7)),
        updated_at: at(8),
        ..ada.clone()
    };
    write(&store, async |work| {
        work.users().add(&ada, None).await?;
        work.users().add(&bob, None).await?;
        work.users().change(&changed).await
    })
    .await
    .unwrap();
    assert_eq!(read(&store, async |work| work.users().find(ada.id).await).await, Some(changed.clone()));
    let taken = User { email: bob.email.clone(), ..changed };
    let taken = write(&store, async |work| work.users().change(&taken).await).await;
    assert!(matches!(taken, Err(StoreError::Taken("email"))), "{taken:?}");
    let nobody = write(&store, async |work| work.users().change(&user("eve")).await).await;
    assert!(matches!(nobody, Err(StoreError::Stale("user"))), "{nobody:?}");
}

async fn a_user_goes_with_what_is_theirs_alone(store: Arc<dyn Store>) {
    let world = world(&store).await;
    let ada = world.user.id;
    let signed_in = session(ada);
    let gone = Workspace { state: State::Destroyed { since: at(11) }, ..world.workspace("gone") };
    write(&store, async |work| {
        work.orgs().set_member(world.org.id, ada, Role::Owner, at(1)).await?;
        work.sessions().add(&signed_in, &token(&signed_in, 1)).await?;
        work.workspaces().add(&gone, &sealed(), &[]).await
    })
    .await
    .unwrap();
    let refused = write(&store, async |work| work.users().remove(ada).await).await;
    assert!(matches!(refused, Err(StoreError::Reference("user"))), "{refused:?}");
    let heir = user("heir");
    write(&store, async |work| {
        work.users().add(&heir, None).await?;
        assert_eq!(work.workspaces().bequeath_destroyed(ada, heir.id).await?, 1);
        work.users().remove(ada).await
    })
    .await
    .unwrap();
    read(&store, async |work| {
        assert_eq!(work.users().find(ada).await?, None);
        assert_eq!(work.sessions().find(signed_in.id).await?, None);
        assert_eq!(work.orgs().members(world.org.id).await?, []);
        assert_eq!(work.workspaces().find(gone.id).await?.unwrap().owner_id, heir.id);
        Ok(())
    })
    .await;
    let again = write(&store, async |work| work.users().remove(ada).await).await;
    assert!(matches!(again, Err(StoreError::Stale("user"))), "{again:?}");
}

fn factor(user: UserId) -> SecondFactor {
    SecondFactor {
        user_id: user,
        sealed: Sealed::from_bytes(vec![1]),
        created_at: at(1),
        confirmed_at: None,
        last_step: 0,
    }
}

async fn users_are_listed_and_found_by_any_name(store: Arc<dyn Store>) {
    let (ada, bob, acme) = (user("ada"), user("bob"), org("acme"));
    let bob = User { display_name: "Robert 100%".into(), ..bob };
    let (first, second) = (session(ada.id), session(ada.id));
    let second = devsanctum::domain::session::Session { last_used_at: at(50), ..second };
    write(&store, async |work| {
        work.users().add(&ada, Some(&PasswordHash("$".into()))).await?;
        work.users().add(&bob, None).await?;
        work.orgs().add(&acme).await?;
        work.orgs().set_member(acme.id, ada.id, Role::Owner, at(1)).await?;
        work.sessions().add(&first, &token(&first, 1)).await?;
        work.sessions().add(&second, &token(&second, 2)).await?;
        work.second_factors().put(&factor(ada.id)).await?;
        work.second_factors().confirm(ada.id, 1, at(4)).await?;
        // Begun, and never shown to work.
        work.second_factors().put(&factor(bob.id)).await
    })
    .await
    .unwrap();
    let ada = UserSummary {
        user: ada,
        has_password: true,
        has_second_factor: true,
        last_seen_at: Some(at(50)),
        orgs: 1,
    };
    let bob =
        UserSummary { user: bob, has_password: false, has_second_factor: false, last_seen_at: None, orgs: 0 };
    let page = PageRequest { limit: 10, sort: Sort::Name, ..PageRequest::default() };
    let list = async |page: &PageRequest| read(&store, async |work| work.users().list(page).await).await;
    assert_eq!(list(&page).await, [ada.clone(), bob.clone()]);
    for (search, expected) in [
        ("ADA", vec![&ada]),
        ("bob@example", vec![&bob]),
        ("robert", vec![&bob]),
        ("100%", vec![&bob]),
        ("example.org", vec![&ada, &bob]),
        ("nobody", vec![]),
    ] {
        let page = PageRequest { search: Some(search.into()), ..page.clone() };
        assert_eq!(list(&page).await.iter().collect::<Vec<_>>(), expected, "{search}");
    }
    let newest = PageRequest { sort: Sort::Newest, ..page };
    assert_eq!(list(&newest).await, [bob, ada]);
}

async fn admins_that_may_come_in_are_held(store: Arc<dyn Store>) {
    let admin = |name: &str| User { platform_admin: true, ..user(name) };
    let (ada, bob) = (admin("ada"), admin("bob"));
    let suspended = User { suspended_at: Some(at(1)), ..admin("sue") };
    write(&store, async |work| {
        for user in [&ada, &bob, &suspended, &user("eve")] {
            work.users().add(user, None).await?;
        }
        Ok(())
    })
    .await
    .unwrap();
    // Each gives up the right unless it is the last one.
    let given_up = at_once(2, async |number| {
        let user = [&ada, &bob][number];
        write(&store, async |work| {
            if work.users().hold_admins().await? == [user.id] {
                return Ok(false);
            }
            work.users().change(&User { platform_admin: false, ..user.clone() }).await?;
            Ok(true)
        })
        .await
        .unwrap()
    })
    .await;
    assert_eq!(given_up.iter().filter(|given_up| **given_up).count(), 1, "one is left");
}

async fn whoever_holds_a_user_is_alone_with_them(store: Arc<dyn Store>) {
    let ada = user("ada");
    write(&store, async |work| work.users().add(&ada, None).await).await.unwrap();
    // Each reads the name and writes a longer one: none writes what another has read.
    let held = at_once(8, async |_| {
        write(&store, async |work| {
            let held = work.users().hold(ada.id).await?.unwrap();
            work.users().rename(ada.id, &format!("{}x", held.display_name), at(9)).await
        })
        .await
    });
    assert!(held.await.iter().all(Result::is_ok));
    let found = read(&store, async |work| work.users().find(ada.id).await).await.unwrap();
    assert_eq!(found.display_name, format!("{}{}", ada.display_name, "x".repeat(8)));
    assert_eq!(write(&store, async |work| work.users().hold(id()).await).await.unwrap(), None);
}
