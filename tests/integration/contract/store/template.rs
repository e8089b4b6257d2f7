use std::sync::Arc;

use bytes::Bytes;
use devsanctum::{
    domain::template::{Template, TemplateSource, TemplateVersion},
    domain::workspace::{Desired, State},
    ports::repository::{PageRequest, Store, StoreError},
};

use super::fixture::{at, id, org, read, template, user, version, world, write};

contract!(
    a_template_is_found_as_added,
    names_are_taken_within_an_organization_and_within_the_catalog,
    lists_keep_organizations_and_catalog_apart,
    a_description_is_replaced,
    versions_are_kept_as_added,
    a_number_is_taken,
    only_a_version_that_exists_is_activated,
    names_of_known_templates_only,
    active_versions_of_many_at_once,
    archives_are_kept_once_under_their_digest,
    a_template_goes_with_its_versions_and_archives,
    a_template_in_use_stays,
);

async fn a_template_is_found_as_added(store: Arc<dyn Store>) {
    let acme = org("acme");
    let (own, common) = (template(Some(acme.id), "shop"), template(None, "shop"));
    write(&store, async |work| {
        work.orgs().add(&acme).await?;
        work.templates().add(&own).await?;
        work.templates().add(&common).await
    })
    .await
    .unwrap();
    read(&store, async |work| {
        assert_eq!(work.templates().find(own.id).await?, Some(own.clone()));
        assert_eq!(work.templates().find(id()).await?, None);
        assert_eq!(work.templates().find_by_name(Some(acme.id), &own.name).await?, Some(own.clone()));
        assert_eq!(work.templates().find_by_name(None, &own.name).await?, Some(common.clone()));
        assert_eq!(work.templates().find_by_name(Some(id()), &own.name).await?, None);
        assert_eq!(work.templates().find_by_name(None, &"sho".parse().unwrap()).await?, None);
        Ok(())
    })
    .await;
}

async fn names_are_taken_within_an_organization_and_within_the_catalog(store: Arc<dyn Store>) {
    let (acme, zoo) = (org("acme"), org("zoo"));
    write(&store, async |work| {
        work.orgs().add(&acme).await?;
        work.orgs().add(&zoo).await?;
        for org in [None, Some(acme.id), Some(zoo.id)] {
            work.templates().add(&template(org, "shop")).await?;
        }
        Ok(())
    })
    .await
    .unwrap();
    for org in [None, Some(acme.id)] {
        let refused = write(&store, async |work| work.templates().add(&template(org, "shop")).await).await;
        assert!(matches!(refused, Err(StoreError::Taken("name"))), "{refused:?}");
    }
    let refused = write(&store, async |work| work.templates().add(&template(Some(id()), "shop")).await).await;
    assert!(matches!(refused, Err(StoreError::Reference("template"))), "{refused:?}");
}

async fn lists_keep_organizations_and_catalog_apart(store: Arc<dyn Store>) {
    let acme = org("acme");
    write(&store, async |work| {
        work.orgs().add(&acme).await?;
        for (org, name) in [(None, "hello"), (Some(acme.id), "own"), (None, "python")] {
            work.templates().add(&template(org, name)).await?;
        }
        Ok(())
    })
    .await
    .unwrap();
    let page = PageRequest { limit: 10, ..PageRequest::default() };
    let names = |list: Vec<Template>| list.into_iter().map(|it| String::from(it.name)).collect::<Vec<_>>();
    read(&store, async |work| {
        assert_eq!(names(work.templates().list(None, &page).await?), ["python", "hello"]);
        assert_eq!(names(work.templates().list(Some(acme.id), &page).await?), ["own"]);
        assert_eq!(names(work.templates().list(Some(id()), &page).await?), [""; 0]);
        Ok(())
    })
    .await;
}

async fn a_description_is_replaced(store: Arc<dyn Store>) {
    let before = template(None, "shop");
    let after = Template {
        display_name: "New".into(),
        description: String::new(),
        icon: "box".into(),
        tags: vec![],
        updated_at: at(9),
        ..before.clone()
    };
    write(&store, async |work| {
        work.templates().add(&before).await?;
        work.templates().describe(&after).await
    })
    .await
    .unwrap();
    assert_eq!(read(&store, async |work| work.templates().find(before.id).await).await, Some(after.clone()));

    let unknown = Template { id: id(), ..after };
    let refused = write(&store, async |work| work.templates().describe(&unknown).await).await;
    assert!(matches!(refused, Err(StoreError::Stale("template"))), "{refused:?}");
}

async fn versions_are_kept_as_added(store: Arc<dyn Store>) {
    let (ada, shop) = (user("ada"), template(None, "shop"));
    let versions: Vec<TemplateVersion> = TemplateSource::ALL
        .into_iter()
        .zip(1..)
        .map(|(source, number)| TemplateVersion {
            source,
            created_by: (number == 1).then_some(ada.id),
            readme: (number == 1).then(|| "nul \0".to_owned()),
            ..version(shop.id, number)
        })
        .collect();
    write(&store, async |work| {
        work.users().add(&ada, None).await?;
        work.templates().add(&shop).await?;
        for version in &versions {
            work.templates().add_version(version).await?;
        }
        Ok(())
    })
    .await
    .unwrap();
    read(&store, async |work| {
        let mut expected = versions.clone();
        expected[0].readme = Some("nul \u{fffd}".into());
        assert_eq!(work.templates().find_version(shop.id, 1).await?, Some(expected[0].clone()));
        assert_eq!(work.templates().find_version(shop.id, 99).await?, None);
        assert_eq!(work.templates().find_version(id(), 1).await?, None);
        expected.reverse();
        assert_eq!(work.templates().versions(shop.id).await?, expected);
        assert_eq!(work.templates().versions(id()).await?, []);
        Ok(())
    })
    .await;
}

async fn a_number_is_taken(store: Arc<dyn Store>) {
    let shop = template(None, "shop");
    write(&store, async |work| {
        work.templates().add(&shop).await?;
        work.templates().add_version(&version(shop.id, 1)).await
    })
    .await
    .unwrap();
    let refused = write(&store, async |work| work.templates().add_version(&version(shop.id, 1)).await).await;
    assert!(matches!(refused, Err(StoreError::Taken("number"))), "{refused:?}");
    for orphan in [
        version(id(), 1),
        TemplateVersion { archive: Some("00".into()), ..version(shop.id, 2) },
        TemplateVersion { created_by: Some(id()), ..version(shop.id, 2) },
    ] {
        let refused = write(&store, async |work| work.templates().add_version(&orphan).await).await;
        assert!(matches!(refused, Err(StoreError::Reference("template"))), "{refused:?}");
    }
}

async fn only_a_version_that_exists_is_activated(store: Arc<dyn Store>) {
    let shop = template(None, "shop");
    write(&store, async |work| {
        work.templates().add(&shop).await?;
        work.templates().add_version(&version(shop.id, 1)).await?;
        work.templates().activate(shop.id, 1, at(7)).await
    })
    .await
    .unwrap();
    let activated = Template { active_version: Some(1), updated_at: at(7), ..shop.clone() };
    assert_eq!(read(&store, async |work| work.templates().find(shop.id).await).await, Some(activated));
    for (template, number) in [(shop.id, 2), (id(), 1)] {
        let refused =
            write(&store, async |work| work.templates().activate(template, number, at(8)).await).await;
        assert!(matches!(refused, Err(StoreError::Reference("version"))), "{refused:?}");
    }
}

async fn names_of_known_templates_only(store: Arc<dyn Store>) {
    let (shop, hello) = (template(None, "shop"), template(None, "hello"));
    write(&store, async |work| {
        work.templates().add(&shop).await?;
        work.templates().add(&hello).await
    })
    .await
    .unwrap();
    read(&store, async |work| {
        let mut names = work.templates().names(&[hello.id, id(), shop.id]).await?;
        names.sort_unstable();
        assert_eq!(names, [(shop.id, shop.name.clone()), (hello.id, hello.name.clone())]);
        assert_eq!(work.templates().names(&[]).await?, []);
        Ok(())
    })
    .await;
}

async fn active_versions_of_many_at_once(store: Arc<dyn Store>) {
    let (shop, hello, idle) = (template(None, "shop"), template(None, "hello"), template(None, "idle"));
    write(&store, async |work| {
        for template in [&shop, &hello, &idle] {
            work.templates().add(template).await?;
            work.templates().add_version(&version(template.id, 1)).await?;
            work.templates().add_version(&version(template.id, 2)).await?;
        }
        work.templates().activate(shop.id, 1, at(1)).await?;
        work.templates().activate(hello.id, 2, at(1)).await
    })
    .await
    .unwrap();
    read(&store, async |work| {
        let mut found = work.templates().active_versions(&[hello.id, idle.id, id(), shop.id]).await?;
        found.sort_by_key(|version| version.number);
        assert_eq!(found, [version(shop.id, 1), version(hello.id, 2)]);
        assert_eq!(work.templates().active_versions(&[]).await?, []);
        Ok(())
    })
    .await;
}

async fn archives_are_kept_once_under_their_digest(store: Arc<dyn Store>) {
    let bytes = Bytes::from((0..=255).cycle().take(200_000).collect::<Vec<u8>>());
    write(&store, async |work| {
        work.templates().put_archive("d1", bytes.clone(), at(0)).await?;
        work.templates().put_archive("d1", Bytes::from_static(b"other"), at(1)).await
    })
    .await
    .unwrap();
    read(&store, async |work| {
        assert_eq!(work.templates().archive("d1").await?, Some(bytes.clone()));
        assert_eq!(work.templates().archive("d2").await?, None);
        Ok(())
    })
    .await;
}

async fn a_template_goes_with_its_versions_and_archives(store: Arc<dyn Store>) {
    let (shop, other) = (template(None, "shop"), template(None, "other"));
    let with_archive = |template, number, digest: &str| TemplateVersion {
        archive: Some(digest.into()),
        ..version(template, number)
    };
    write(&store, async |work| {
        for digest in ["own", "shared", "loose"] {
            work.templates().put_archive(digest, Bytes::from_static(b"x"), at(0)).await?;
        }
        work.templates().add(&shop).await?;
        work.templates().add(&other).await?;
        work.templates().add_version(&with_archive(shop.id, 1, "own")).await?;
        work.templates().add_version(&with_archive(shop.id, 2, "shared")).await?;
        work.templates().add_version(&with_archive(other.id, 1, "shared")).await
    })
    .await
    .unwrap();
    write(&store, async |work| work.templates().remove(shop.id).await).await.unwrap();
    read(&store, async |work| {
        assert_eq!(work.templates().find(shop.id).await?, None);
        assert_eq!(work.templates().versions(shop.id).await?, []);
        assert_eq!(work.templates().archive("own").await?, None);
        // Used by another template, and not yet used by the one that put it.
        assert!(work.templates().archive("shared").await?.is_some());
        assert!(work.templates().archive("loose").await?.is_some());
        Ok(())
    })
    .await;
    let refused = write(&store, async |work| work.templates().remove(shop.id).await).await;
    assert!(matches!(refused, Err(StoreError::Stale("template"))), "{refused:?}");
}

async fn a_template_in_use_stays(store: Arc<dyn Store>) {
    let world = world(&store).await;
    let mut workspace = world.add(&store, "web").await;
    let refused = write(&store, async |work| work.templates().remove(world.template.id).await).await;
    assert!(matches!(refused, Err(StoreError::Reference("template"))), "{refused:?}");

    workspace.desired = Desired::Destroyed { keep_volumes: false };
    workspace.state = State::Destroyed { since: at(20) };
    write(&store, async |work| {
        work.workspaces().record_intent(&workspace).await?;
        work.templates().remove(world.template.id).await
    })
    .await
    .unwrap();
    let found = read(&store, async |work| work.workspaces().find(workspace.id).await).await.unwrap();
    assert_eq!(found.template_id, world.template.id);
}
