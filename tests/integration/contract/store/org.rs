use std::sync::Arc;

use devsanctum::{
    domain::{
        invitation::Invitation,
        org::Org,
        quota::Quota,
        role::Role,
        route::Visibility,
        user::{Member, Membership},
        workspace::{State, Workspace},
    },
    ports::repository::{Hint, Store, StoreError},
};

use super::fixture::{at, id, org, read, sealed, user, world, write};

contract!(
    an_organization_is_found_as_added,
    a_slug_is_taken,
    organizations_are_listed_by_slug,
    a_member_has_the_last_role_given,
    only_what_exists_becomes_a_member,
    a_slug_changes_to_one_that_is_free,
    members_are_listed_counted_and_leave,
    an_organization_goes_with_what_is_its_own,
    the_first_time_it_is_to_go_counts,
    an_organization_is_held_by_whoever_may_write,
);

async fn an_organization_is_found_as_added(store: Arc<dyn Store>) {
    let acme = org("acme");
    write(&store, async |work| work.orgs().add(&acme).await).await.unwrap();
    read(&store, async |work| {
        assert_eq!(work.orgs().find(acme.id).await?, Some(acme.clone()));
        assert_eq!(work.orgs().find(id()).await?, None);
        assert_eq!(work.orgs().find_by_slug(&acme.slug).await?, Some(acme.clone()));
        assert_eq!(work.orgs().find_by_slug(&"acm".parse().unwrap()).await?, None);
        Ok(())
    })
    .await;
}

async fn a_slug_is_taken(store: Arc<dyn Store>) {
    write(&store, async |work| work.orgs().add(&org("acme")).await).await.unwrap();
    let refused = write(&store, async |work| work.orgs().add(&org("acme")).await).await;
    assert!(matches!(refused, Err(StoreError::Taken("slug"))), "{refused:?}");
}

async fn organizations_are_listed_by_slug(store: Arc<dyn Store>) {
    // Bytes decide, not a language's rules: '-' is before letters and digits.
    let slugs = ["a-b", "a2", "ab", "b"];
    write(&store, async |work| {
        for slug in ["ab", "b", "a2", "a-b"] {
            work.orgs().add(&org(slug)).await?;
        }
        Ok(())
    })
    .await
    .unwrap();
    let listed = read(&store, async |work| work.orgs().list().await).await;
    assert_eq!(listed.iter().map(|org| org.slug.as_str()).collect::<Vec<_>>(), slugs);
}

async fn a_member_has_the_last_role_given(store: Arc<dyn Store>) {
    let (ada, zoo, acme) = (user("ada"), org("zoo"), org("acme"));
    write(&store, async |work| {
        work.users().add(&ada, None).await?;
        work.orgs().add(&zoo).await?;
        work.orgs().add(&acme).await?;
        work.orgs().set_member(zoo.id, ada.id, Role::Viewer, at(1)).await?;
        work.orgs().set_member(acme.id, ada.id, Role::Owner, at(1)).await?;
        work.orgs().set_member(zoo.id, ada.id, Role::Admin, at(2)).await
    })
    .await
    .unwrap();
    let expected = [(&acme, Role::Owner), (&zoo, Role::Admin)].map(|(org, role)| Membership {
        org_id: org.id,
        slug: org.slug.clone(),
        name: org.name.clone(),
        role,
    });
    assert_eq!(read(&store, async |work| work.orgs().memberships(ada.id).await).await, expected);
    assert_eq!(read(&store, async |work| work.orgs().memberships(id()).await).await, []);
}

async fn only_what_exists_becomes_a_member(store: Arc<dyn Store>) {
    let (ada, acme) = (user("ada"), org("acme"));
    write(&store, async |work| {
        work.users().add(&ada, None).await?;
        work.orgs().add(&acme).await
    })
    .await
    .unwrap();
    for (org, user) in [(acme.id, id()), (id(), ada.id)] {
        let refused =
            write(&store, async |work| work.orgs().set_member(org, user, Role::Owner, at(1)).await).await;
        assert!(matches!(refused, Err(StoreError::Reference("organization"))), "{refused:?}");
    }
}

async fn a_slug_changes_to_one_that_is_free(store: Arc<dyn Store>) {
    let (acme, zoo) = (org("acme"), org("zoo"));
    write(&store, async |work| {
        work.orgs().add(&acme).await?;
        work.orgs().add(&zoo).await?;
        work.orgs().rename(acme.id, &acme.slug, "Acme\u{0} Inc.", at(2)).await?;
        work.orgs().rename(acme.id, &"ac".parse().unwrap(), "Acme Inc.", at(3)).await
    })
    .await
    .unwrap();
    write(&store, async |work| work.orgs().cap_visibility(acme.id, Visibility::Organization, at(4)).await)
        .await
        .unwrap();
    let expected = Org {
        slug: "ac".parse().unwrap(),
        name: "Acme Inc.".into(),
        max_visibility: Visibility::Organization,
        updated_at: at(4),
        ..acme
    };
    assert_eq!(read(&store, async |work| work.orgs().find(expected.id).await).await, Some(expected.clone()));
    let taken =
        write(&store, async |work| work.orgs().rename(expected.id, &zoo.slug, "x", at(4)).await).await;
    assert!(matches!(taken, Err(StoreError::Taken("slug"))), "{taken:?}");
    let stale = write(&store, async |work| work.orgs().rename(id(), &zoo.slug, "x", at(4)).await).await;
    assert!(stale.is_err(), "{stale:?}");
    let stale =
        write(&store, async |work| work.orgs().cap_visibility(id(), Visibility::Public, at(5)).await).await;
    assert!(matches!(stale, Err(StoreError::Stale("organization"))), "{stale:?}");
}

async fn members_are_listed_counted_and_leave(store: Arc<dyn Store>) {
    let (ada, bob, acme, empty) = (user("ada"), user("bob"), org("acme"), org("empty"));
    write(&store, async |work| {
        work.users().add(&bob, None).await?;
        work.users().add(&ada, None).await?;
        work.orgs().add(&acme).await?;
        work.orgs().add(&empty).await?;
        work.orgs().set_member(acme.id, bob.id, Role::Owner, at(1)).await?;
        work.orgs().set_member(acme.id, ada.id, Role::Owner, at(2)).await?;
        work.orgs().set_member(acme.id, ada.id, Role::Viewer, at(3)).await
    })
    .await
    .unwrap();
    let member = |user: &devsanctum::domain::user::User, role, joined| Member {
        user_id: user.id,
        username: user.username.clone(),
        email: user.email.clone(),
        display_name: user.display_name.clone(),
        role,
        joined_at: at(joined),
    };
    read(&store, async |work| {
        let expected = [member(&ada, Role::Viewer, 2), member(&bob, Role::Owner, 1)];
        assert_eq!(work.orgs().members(acme.id).await?, expected);
        assert_eq!(work.orgs().members(empty.id).await?, []);
        assert_eq!(work.orgs().role_of(acme.id, ada.id).await?, Some(Role::Viewer));
        assert_eq!(work.orgs().role_of(acme.id, id()).await?, None);
        assert_eq!(work.orgs().count_owners(acme.id).await?, 1);
        assert_eq!(work.orgs().count_owners(empty.id).await?, 0);
        assert_eq!(work.orgs().count_members().await?, [(acme.id, 2)]);
        Ok(())
    })
    .await;
    write(&store, async |work| work.orgs().remove_member(acme.id, ada.id).await).await.unwrap();
    assert_eq!(read(&store, async |work| work.orgs().memberships(ada.id).await).await, []);
    let again = write(&store, async |work| work.orgs().remove_member(acme.id, ada.id).await).await;
    assert!(matches!(again, Err(StoreError::Stale("organization"))), "{again:?}");
}

async fn an_organization_goes_with_what_is_its_own(store: Arc<dyn Store>) {
    let world = world(&store).await;
    let org = world.org.id;
    let invited = Invitation {
        id: id(),
        org_id: org,
        email: "bob@example.org".parse().unwrap(),
        role: Role::Viewer,
        invited_by: None,
        created_at: at(1),
        expires_at: at(9),
    };
    let gone = Workspace { state: State::Destroyed { since: at(11) }, ..world.workspace("gone") };
    write(&store, async |work| {
        work.orgs().set_member(org, world.user.id, Role::Owner, at(1)).await?;
        work.quotas().set(org, &Quota { workspaces: Some(1), ..Quota::default() }, at(1)).await?;
        work.invitations().add(&invited, &[1; 32]).await?;
        work.workspaces().add(&gone, &sealed(), &[]).await
    })
    .await
    .unwrap();
    let live = world.add(&store, "live").await;
    let refused = write(&store, async |work| work.orgs().bury(org, at(20)).await).await;
    assert!(matches!(refused, Err(StoreError::Reference("organization"))), "{refused:?}");
    let ended = Workspace { state: State::Destroyed { since: at(12) }, ..live };
    write(&store, async |work| {
        work.workspaces().record_intent(&ended).await?;
        work.orgs().begin_deleting(org, at(19)).await?;
        work.orgs().bury(org, at(20)).await?;
        assert_eq!(work.orgs().purge().await?, 0, "destroyed workspaces refer to it");
        assert_eq!(work.orgs().deleting().await?, []);
        assert_eq!(work.orgs().list().await?, []);
        assert_eq!(work.orgs().hold(org).await?, None);
        // Its slug is free.
        work.orgs().add(&super::fixture::org("acme")).await
    })
    .await
    .unwrap();
    let again = write(&store, async |work| work.orgs().bury(org, at(21)).await).await;
    assert!(matches!(again, Err(StoreError::Stale("organization"))), "{again:?}");
    assert!(read(&store, async |work| work.workspaces().find(gone.id).await).await.is_some());
    read(&store, async |work| {
        assert_eq!(work.orgs().find(org).await?, None);
        assert_eq!(work.orgs().memberships(world.user.id).await?, []);
        assert_eq!(work.invitations().find(invited.id).await?, None);
        assert_eq!(work.quotas().find(org).await?, Quota::default());
        assert_eq!(work.templates().find(world.template.id).await?, None);
        Ok(())
    })
    .await;
    write(&store, async |work| {
        assert_eq!(work.workspaces().purge(at(100)).await?, 2);
        assert_eq!(work.orgs().purge().await?, 1);
        Ok(())
    })
    .await
    .unwrap();
}

async fn the_first_time_it_is_to_go_counts(store: Arc<dyn Store>) {
    let acme = org("acme");
    write(&store, async |work| {
        work.orgs().add(&acme).await?;
        assert_eq!(work.orgs().deleting().await?, []);
        work.orgs().begin_deleting(acme.id, at(5)).await?;
        work.orgs().begin_deleting(acme.id, at(6)).await
    })
    .await
    .unwrap();
    read(&store, async |work| {
        assert_eq!(work.orgs().find(acme.id).await?.unwrap().deleting_since, Some(at(5)));
        assert_eq!(work.orgs().deleting().await?, [acme.id]);
        Ok(())
    })
    .await;
}

async fn an_organization_is_held_by_whoever_may_write(store: Arc<dyn Store>) {
    let (ada, acme) = (user("ada"), org("acme"));
    let mut changes = store.changes();
    assert_eq!(futures::StreamExt::next(&mut changes).await, Some(Hint::Resync));
    write(&store, async |work| {
        work.users().add(&ada, None).await?;
        work.orgs().add(&acme).await?;
        assert_eq!(work.orgs().hold(acme.id).await?, Some(acme.clone()));
        assert_eq!(work.orgs().hold(id()).await?, None);
        work.orgs().set_member(acme.id, ada.id, Role::Owner, at(1)).await
    })
    .await
    .unwrap();
    assert_eq!(futures::StreamExt::next(&mut changes).await, Some(Hint::User(ada.id)), "roles changed");
}
