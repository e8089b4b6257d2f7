use std::sync::Arc;

use devsanctum::{
    domain::{
        ids::{OrgId, UserId},
        invitation::Invitation,
        role::Role,
    },
    ports::repository::{PageRequest, Store, StoreError},
};

use super::fixture::{at, id, org, read, user, write};

contract!(
    an_invitation_is_found_by_id_and_token,
    inviting_again_takes_the_old_one_s_place,
    of_several_who_use_it_one_does,
    an_invitation_outlives_whoever_made_it,
    expired_ones_go,
    only_an_organization_that_exists_invites,
);

fn invitation(org: OrgId, email: &str, by: Option<UserId>) -> Invitation {
    Invitation {
        id: id(),
        org_id: org,
        email: email.parse().unwrap(),
        role: Role::Developer,
        invited_by: by,
        created_at: at(1),
        expires_at: at(100),
    }
}

async fn an_invitation_is_found_by_id_and_token(store: Arc<dyn Store>) {
    let (ada, acme) = (user("ada"), org("acme"));
    let of = |email: &str| invitation(acme.id, email, Some(ada.id));
    let (bob, amy) = (of("bob@example.org"), of("amy@example.org"));
    write(&store, async |work| {
        work.users().add(&ada, None).await?;
        work.orgs().add(&acme).await?;
        work.invitations().add(&bob, &[1; 32]).await?;
        work.invitations().add(&amy, &[2; 32]).await
    })
    .await
    .unwrap();
    read(&store, async |work| {
        assert_eq!(work.invitations().find(bob.id).await?, Some(bob.clone()));
        assert_eq!(work.invitations().find(id()).await?, None);
        assert_eq!(work.invitations().find_by_token(&[2; 32]).await?, Some(amy.clone()));
        assert_eq!(work.invitations().find_by_token(&[3; 32]).await?, None);
        let page = PageRequest { limit: 10, ..PageRequest::default() };
        assert_eq!(work.invitations().list(acme.id, &page).await?, [amy.clone(), bob.clone()]);
        let found = PageRequest { search: Some("BOB".into()), ..page.clone() };
        assert_eq!(work.invitations().list(acme.id, &found).await?, [bob]);
        assert_eq!(work.invitations().list(id(), &page).await?, []);
        assert_eq!(work.invitations().of_address(&amy.email, at(99)).await?, std::slice::from_ref(&amy));
        assert_eq!(work.invitations().of_address(&amy.email, at(100)).await?, [], "expired");
        Ok(())
    })
    .await;
}

async fn inviting_again_takes_the_old_one_s_place(store: Arc<dyn Store>) {
    let acme = org("acme");
    let old = invitation(acme.id, "bob@example.org", None);
    let new = Invitation { role: Role::Admin, ..invitation(acme.id, "bob@example.org", None) };
    write(&store, async |work| {
        work.orgs().add(&acme).await?;
        work.invitations().add(&old, &[1; 32]).await?;
        work.invitations().add(&new, &[2; 32]).await
    })
    .await
    .unwrap();
    read(&store, async |work| {
        assert_eq!(work.invitations().find(old.id).await?, None);
        assert_eq!(work.invitations().find_by_token(&[1; 32]).await?, None);
        assert_eq!(work.invitations().find_by_token(&[2; 32]).await?, Some(new));
        Ok(())
    })
    .await;
}

async fn of_several_who_use_it_one_does(store: Arc<dyn Store>) {
    let acme = org("acme");
    let bob = invitation(acme.id, "bob@example.org", None);
    write(&store, async |work| {
        work.orgs().add(&acme).await?;
        work.invitations().add(&bob, &[1; 32]).await
    })
    .await
    .unwrap();
    let used = super::fixture::at_once(8, async |_| {
        write(&store, async |work| work.invitations().remove(bob.id).await).await
    })
    .await;
    assert_eq!(used.iter().filter(|used| used.is_ok()).count(), 1);
    let late = used.into_iter().filter_map(Result::err);
    for error in late {
        assert!(matches!(error, StoreError::Stale("invitation")), "{error:?}");
    }
}

async fn an_invitation_outlives_whoever_made_it(store: Arc<dyn Store>) {
    let (ada, acme) = (user("ada"), org("acme"));
    let bob = invitation(acme.id, "bob@example.org", Some(ada.id));
    write(&store, async |work| {
        work.users().add(&ada, None).await?;
        work.orgs().add(&acme).await?;
        work.invitations().add(&bob, &[1; 32]).await
    })
    .await
    .unwrap();
    write(&store, async |work| work.users().remove(ada.id).await).await.unwrap();
    let found = read(&store, async |work| work.invitations().find(bob.id).await).await.unwrap();
    assert_eq!(found, Invitation { invited_by: None, ..bob });
}

async fn expired_ones_go(store: Arc<dyn Store>) {
    let acme = org("acme");
    let late = Invitation { expires_at: at(5), ..invitation(acme.id, "amy@example.org", None) };
    let open = invitation(acme.id, "bob@example.org", None);
    write(&store, async |work| {
        work.orgs().add(&acme).await?;
        work.invitations().add(&late, &[1; 32]).await?;
        work.invitations().add(&open, &[2; 32]).await?;
        assert_eq!(work.invitations().purge(at(6)).await?, 1);
        assert_eq!(work.invitations().find(late.id).await?, None);
        assert_eq!(work.invitations().find(open.id).await?, Some(open.clone()));
        Ok(())
    })
    .await
    .unwrap();
}

async fn only_an_organization_that_exists_invites(store: Arc<dyn Store>) {
    let bob = invitation(id(), "bob@example.org", None);
    let refused = write(&store, async |work| work.invitations().add(&bob, &[1; 32]).await).await;
    assert!(matches!(refused, Err(StoreError::Reference("invitation"))), "{refused:?}");
}
