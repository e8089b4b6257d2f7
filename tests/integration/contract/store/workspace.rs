use std::sync::Arc;

use devsanctum::{
    domain::{
        host::Host,
        secret::Sealed,
        workspace::{Desired, State, Status, Workspace, spec::Resources},
    },
    ports::repository::{PageRequest, Store, StoreError, workspace::WorkspaceFilter},
};

use super::fixture::{
    World, at, at_once, component, failure, host, id, org, read, route, sealed, user, volume, world, write,
};

contract!(
    a_workspace_is_found_as_added,
    every_state_comes_back,
    a_name_is_free_again_once_its_workspace_is_destroyed,
    a_race_for_a_name_has_one_winner,
    a_workspace_refers_to_what_exists,
    lists_are_filtered,
    intent_is_written_by_who_has_read_the_last_revision,
    a_workspace_is_renamed_by_who_has_read_the_last_revision,
    of_two_intents_at_once_one_is_stale,
    a_specification_is_replaced_and_new_volumes_added,
    volumes_are_kept_or_forgotten,
    statuses_are_counted,
    purging_leaves_kept_volumes_only,
    a_workspace_is_given_to_somebody_else,
);

async fn a_workspace_is_found_as_added(store: Arc<dyn Store>) {
    let world = world(&store).await;
    let workspace = world.workspace("web");
    let volumes = [volume(workspace.id, "data"), volume(workspace.id, "cache")];
    write(&store, async |work| work.workspaces().add(&workspace, &sealed(), &volumes).await).await.unwrap();
    read(&store, async |work| {
        assert_eq!(work.workspaces().find(workspace.id).await?, Some(workspace.clone()));
        assert_eq!(work.workspaces().find(id()).await?, None);
        assert_eq!(work.workspaces().spec(workspace.id).await?, Some(sealed()));
        assert_eq!(work.workspaces().spec(id()).await?, None);
        let [data, cache] = volumes.clone();
        assert_eq!(work.workspaces().volumes(workspace.id).await?, [cache, data]);
        assert_eq!(work.workspaces().volumes(id()).await?, []);
        Ok(())
    })
    .await;
}

fn states() -> [State; 8] {
    let (since, deadline) = (at(1), at(2));
    [
        State::Pending { since, deadline },
        State::Provisioning { since, deadline },
        State::Running { since },
        State::Stopping { since, deadline },
        State::Stopped { since },
        State::Failed { since, failure: failure() },
        State::Destroying { since, deadline },
        State::Destroyed { since },
    ]
}

async fn every_state_comes_back(store: Arc<dyn Store>) {
    let world = world(&store).await;
    let desires = [Desired::Running, Desired::Stopped, Desired::Destroyed { keep_volumes: true }];
    for (state, desired) in states().into_iter().zip(desires.into_iter().cycle()) {
        let workspace = Workspace { state, desired, ..world.workspace("web") };
        let mut unit = store.begin().await.unwrap();
        unit.workspaces().add(&workspace, &sealed(), &[]).await.unwrap();
        assert_eq!(unit.workspaces().find(workspace.id).await.unwrap(), Some(workspace));
    }
}

async fn destroy(store: &Arc<dyn Store>, workspace: &Workspace, at: chrono::DateTime<chrono::Utc>) {
    let destroyed = Workspace {
        desired: Desired::Destroyed { keep_volumes: false },
        state: State::Destroyed { since: at },
        ..workspace.clone()
    };
    write(store, async |work| work.workspaces().record_intent(&destroyed).await).await.unwrap();
}

async fn a_name_is_free_again_once_its_workspace_is_destroyed(store: Arc<dyn Store>) {
    let world = world(&store).await;
    let first = world.add(&store, "web").await;
    let add = async |workspace: &Workspace| {
        write(&store, async |work| work.workspaces().add(workspace, &sealed(), &[]).await).await
    };
    let refused = add(&world.workspace("web")).await;
    assert!(matches!(refused, Err(StoreError::Taken("name"))), "{refused:?}");

    // Another owner, and another organization, may use the name.
    let (bob, zoo) = (user("bob"), org("zoo"));
    write(&store, async |work| {
        work.users().add(&bob, None).await?;
        work.orgs().add(&zoo).await
    })
    .await
    .unwrap();
    add(&Workspace { owner_id: bob.id, ..world.workspace("web") }).await.unwrap();
    add(&Workspace { org_id: zoo.id, ..world.workspace("web") }).await.unwrap();

    destroy(&store, &first, at(20)).await;
    add(&world.workspace("web")).await.unwrap();
}

async fn a_race_for_a_name_has_one_winner(store: Arc<dyn Store>) {
    let world = world(&store).await;
    let results = at_once(12, async |_| {
        let workspace = world.workspace("web");
        write(&store, async |work| work.workspaces().add(&workspace, &sealed(), &[]).await).await
    })
    .await;
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1, "{results:?}");
    let refused = results.iter().filter(|result| matches!(result, Err(StoreError::Taken("name")))).count();
    assert_eq!(refused, 11, "{results:?}");
}

async fn a_workspace_refers_to_what_exists(store: Arc<dyn Store>) {
    let world = world(&store).await;
    for orphan in [
        Workspace { org_id: id(), ..world.workspace("web") },
        Workspace { owner_id: id(), ..world.workspace("web") },
        Workspace { template_id: id(), ..world.workspace("web") },
        Workspace { host_id: id(), ..world.workspace("web") },
    ] {
        let refused = write(&store, async |work| work.workspaces().add(&orphan, &sealed(), &[]).await).await;
        assert!(matches!(refused, Err(StoreError::Reference("workspace"))), "{refused:?}");
    }
}

async fn lists_are_filtered(store: Arc<dyn Store>) {
    let world = world(&store).await;
    let (bob, zoo, remote): (_, _, Host) = (user("bob"), org("zoo"), host("remote"));
    write(&store, async |work| {
        work.users().add(&bob, None).await?;
        work.orgs().add(&zoo).await?;
        work.hosts().add(&remote).await
    })
    .await
    .unwrap();
    let plain = world.workspace("plain");
    let of_bob = Workspace { owner_id: bob.id, ..world.workspace("of-bob") };
    let in_zoo = Workspace { org_id: zoo.id, ..world.workspace("in-zoo") };
    let remote_one =
        Workspace { host_id: remote.id, state: State::Running { since: at(3) }, ..world.workspace("remote") };
    let gone = Workspace { state: State::Destroyed { since: at(3) }, ..world.workspace("gone") };
    write(&store, async |work| {
        for workspace in [&plain, &of_bob, &in_zoo, &remote_one, &gone] {
            work.workspaces().add(workspace, &sealed(), &[]).await?;
        }
        Ok(())
    })
    .await
    .unwrap();

    let none = WorkspaceFilter::default();
    let expectations = [
        (none.clone(), vec![&remote_one, &in_zoo, &of_bob, &plain]),
        (WorkspaceFilter { org: Some(zoo.id), ..none.clone() }, vec![&in_zoo]),
        (WorkspaceFilter { owner: Some(bob.id), ..none.clone() }, vec![&of_bob]),
        (WorkspaceFilter { host: Some(remote.id), ..none.clone() }, vec![&remote_one]),
        (WorkspaceFilter { status: Some(Status::Running), ..none.clone() }, vec![&remote_one]),
        (WorkspaceFilter { status: Some(Status::Destroyed), ..none.clone() }, vec![&gone]),
        (WorkspaceFilter { org: Some(zoo.id), owner: Some(bob.id), ..none.clone() }, vec![]),
    ];
    let page = PageRequest { limit: 10, ..PageRequest::default() };
    for (filter, expected) in expectations {
        let listed = read(&store, async |work| work.workspaces().list(&filter, &page).await).await;
        assert_eq!(listed.iter().collect::<Vec<_>>(), expected, "{filter:?}");
    }
}

async fn intent_is_written_by_who_has_read_the_last_revision(store: Arc<dyn Store>) {
    let world = world(&store).await;
    let before = world.add(&store, "web").await;
    let intent = Workspace {
        desired: Desired::Stopped,
        generation: 2,
        template_version: 7,
        parameters: [].into(),
        resources: Resources { cpu_millis: 1, memory_bytes: 2, disk_bytes: 3 },
        deployment_id: Some(id()),
        state: State::Stopped { since: at(30) },
        updated_at: at(30),
        ..before.clone()
    };
    // What an intent does not write.
    let offered = Workspace {
        components: vec![component("intruder")],
        name: "other".parse().unwrap(),
        ..intent.clone()
    };
    write(&store, async |work| work.workspaces().record_intent(&offered).await).await.unwrap();
    let found = read(&store, async |work| work.workspaces().find(before.id).await).await;
    assert_eq!(found, Some(Workspace { revision: before.revision + 1, ..intent.clone() }));

    for stale in [intent.clone(), Workspace { id: id(), ..intent }] {
        let refused = write(&store, async |work| work.workspaces().record_intent(&stale).await).await;
        assert!(matches!(refused, Err(StoreError::Stale("workspace"))), "{refused:?}");
    }
}

async fn a_workspace_is_renamed_by_who_has_read_the_last_revision(store: Arc<dyn Store>) {
    let world = world(&store).await;
    let web = world.add(&store, "web").await;
    let shop = world.add(&store, "shop").await;
    let rename = async |id, revision, name: &str| {
        let name = name.parse().unwrap();
        write(&store, async |work| work.workspaces().rename(id, revision, &name, at(30)).await).await
    };
    let taken = rename(web.id, web.revision, "shop").await;
    assert!(matches!(taken, Err(StoreError::Taken("name"))), "{taken:?}");
    for (id, revision) in [(web.id, web.revision + 1), (id(), web.revision)] {
        let stale = rename(id, revision, "new").await;
        assert!(matches!(stale, Err(StoreError::Stale("workspace"))), "{stale:?}");
    }
    rename(web.id, web.revision, "web").await.unwrap();
    rename(web.id, web.revision + 1, "new").await.unwrap();
    let found = read(&store, async |work| work.workspaces().find(web.id).await).await;
    let renamed =
        Workspace { name: "new".parse().unwrap(), revision: web.revision + 2, updated_at: at(30), ..web };
    assert_eq!(found, Some(renamed));
    rename(shop.id, shop.revision, "web").await.unwrap();
}

async fn of_two_intents_at_once_one_is_stale(store: Arc<dyn Store>) {
    let world = world(&store).await;
    let workspace = world.add(&store, "web").await;
    let results = at_once(8, async |_| {
        write(&store, async |work| work.workspaces().record_intent(&workspace).await).await
    })
    .await;
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1, "{results:?}");
    let stale = results.iter().filter(|result| matches!(result, Err(StoreError::Stale("workspace")))).count();
    assert_eq!(stale, 7, "{results:?}");
}

async fn a_specification_is_replaced_and_new_volumes_added(store: Arc<dyn Store>) {
    let world = world(&store).await;
    let workspace = world.workspace("web");
    let (old, new) = (volume(workspace.id, "old"), volume(workspace.id, "new"));
    let sealed_anew = Sealed::from_bytes(vec![9]);
    write(&store, async |work| {
        work.workspaces().add(&workspace, &sealed(), std::slice::from_ref(&old)).await?;
        work.workspaces().respecify(workspace.id, &sealed_anew, std::slice::from_ref(&new)).await
    })
    .await
    .unwrap();
    read(&store, async |work| {
        assert_eq!(work.workspaces().spec(workspace.id).await?, Some(sealed_anew.clone()));
        assert_eq!(work.workspaces().volumes(workspace.id).await?, [new.clone(), old.clone()]);
        Ok(())
    })
    .await;

    let refused =
        write(&store, async |work| work.workspaces().respecify(id(), &sealed_anew, &[]).await).await;
    assert!(matches!(refused, Err(StoreError::Stale("workspace"))), "{refused:?}");
    let twin = [volume(workspace.id, "new")];
    let refused =
        write(&store, async |work| work.workspaces().respecify(workspace.id, &sealed_anew, &twin).await)
            .await;
    assert!(matches!(refused, Err(StoreError::Taken("name"))), "{refused:?}");
    let orphan = [volume(id(), "new")];
    let refused =
        write(&store, async |work| work.workspaces().respecify(workspace.id, &sealed_anew, &orphan).await)
            .await;
    assert!(matches!(refused, Err(StoreError::Reference("workspace"))), "{refused:?}");
}

async fn volumes_are_kept_or_forgotten(store: Arc<dyn Store>) {
    let world = world(&store).await;
    let (keeper, loser) = (world.workspace("keeper"), world.workspace("loser"));
    let kept = volume(keeper.id, "data");
    write(&store, async |work| {
        work.workspaces().add(&keeper, &sealed(), std::slice::from_ref(&kept)).await?;
        work.workspaces().add(&loser, &sealed(), &[volume(loser.id, "data")]).await?;
        work.workspaces().keep_volumes(keeper.id, at(40)).await?;
        work.workspaces().keep_volumes(keeper.id, at(41)).await?;
        work.workspaces().forget_volumes(keeper.id).await?;
        work.workspaces().forget_volumes(loser.id).await
    })
    .await
    .unwrap();
    read(&store, async |work| {
        let expected = devsanctum::domain::workspace::Volume { kept_at: Some(at(40)), ..kept.clone() };
        assert_eq!(work.workspaces().volumes(keeper.id).await?, [expected]);
        assert_eq!(work.workspaces().volumes(loser.id).await?, []);
        Ok(())
    })
    .await;
}

async fn statuses_are_counted(store: Arc<dyn Store>) {
    let world = world(&store).await;
    assert_eq!(read(&store, async |work| work.workspaces().count_by_status().await).await, []);
    add_each(&store, &world, &["a", "b", "c"], State::Running { since: at(1) }).await;
    add_each(&store, &world, &["d"], State::Destroyed { since: at(1) }).await;
    add_each(&store, &world, &["e", "f"], State::pending(at(1))).await;
    let counts = read(&store, async |work| work.workspaces().count_by_status().await).await;
    assert_eq!(counts, [(Status::Pending, 2), (Status::Running, 3), (Status::Destroyed, 1)]);
}

async fn add_each(store: &Arc<dyn Store>, world: &World, names: &[&str], state: State) {
    write(store, async |work| {
        for name in names {
            let workspace = Workspace { state: state.clone(), ..world.workspace(name) };
            work.workspaces().add(&workspace, &sealed(), &[]).await?;
        }
        Ok(())
    })
    .await
    .unwrap();
}

async fn purging_leaves_kept_volumes_only(store: Arc<dyn Store>) {
    let world = world(&store).await;
    let (old, deployment) = world.deploy(&store, "old").await;
    let (recent, _) = world.deploy(&store, "recent").await;
    let (live, _) = world.deploy(&store, "live").await;
    let of_old = route(&old, None);
    write(&store, async |work| {
        work.routes().add(&of_old).await?;
        work.workspaces().respecify(old.id, &sealed(), &[volume(old.id, "kept")]).await?;
        work.workspaces().keep_volumes(old.id, at(30)).await?;
        work.workspaces().respecify(old.id, &sealed(), &[volume(old.id, "lost")]).await
    })
    .await
    .unwrap();
    destroy(&store, &old, at(100)).await;
    destroy(&store, &recent, at(200)).await;

    let purge =
        async |before| write(&store, async |work| work.workspaces().purge(before).await).await.unwrap();
    assert_eq!(purge(at(100)).await, 0);
    assert_eq!(purge(at(101)).await, 1);
    read(&store, async |work| {
        assert_eq!(work.workspaces().find(old.id).await?, None);
        assert_eq!(work.workspaces().spec(old.id).await?, None);
        assert_eq!(work.deployments().find(deployment.id).await?, None);
        assert_eq!(work.routes().find(of_old.id).await?, None);
        let volumes = work.workspaces().volumes(old.id).await?;
        assert_eq!(volumes.iter().map(|volume| volume.name.as_str()).collect::<Vec<_>>(), ["kept"]);
        assert!(work.workspaces().find(recent.id).await?.is_some());
        assert!(work.workspaces().find(live.id).await?.is_some());
        Ok(())
    })
    .await;
}

async fn a_workspace_is_given_to_somebody_else(store: Arc<dyn Store>) {
    let world = world(&store).await;
    let bob = user("bob");
    write(&store, async |work| work.users().add(&bob, None).await).await.unwrap();
    let theirs = Workspace { owner_id: bob.id, ..world.workspace("web") };
    write(&store, async |work| work.workspaces().add(&theirs, &sealed(), &[]).await).await.unwrap();
    let given = world.add(&store, "web").await;
    let count = async || {
        let mut counts =
            read(&store, async |work| work.workspaces().count_by_owner(world.org.id).await).await;
        counts.sort_unstable();
        counts
    };
    assert_eq!(count().await, [(world.user.id, 1), (bob.id, 1)]);
    let give = async |revision, name: &str| {
        let name = name.parse().unwrap();
        write(&store, async |work| {
            work.workspaces().transfer(given.id, revision, bob.id, &name, at(20)).await
        })
        .await
    };
    let taken = give(1, "web").await;
    assert!(matches!(taken, Err(StoreError::Taken("name"))), "{taken:?}");
    let stale = give(2, "web-2").await;
    assert!(matches!(stale, Err(StoreError::Stale("workspace"))), "{stale:?}");
    give(1, "web-2").await.unwrap();
    let found = read(&store, async |work| work.workspaces().find(given.id).await).await.unwrap();
    assert_eq!((found.owner_id, found.name.as_str(), found.revision), (bob.id, "web-2", 2));
    assert_eq!(count().await, [(bob.id, 2)]);
}
