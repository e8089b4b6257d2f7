use std::sync::Arc;

use devsanctum::{
    domain::{
        quota::{Quota, Usage},
        workspace::{Desired, State, Workspace},
    },
    ports::repository::{Store, StoreError},
};

use super::fixture::{at, id, read, sealed, world, write};

contract!(
    without_a_row_there_is_no_limit,
    usage_is_what_is_wanted_and_not_destroyed,
    of_many_who_hold_the_organization_one_decides_at_a_time,
);

async fn without_a_row_there_is_no_limit(store: Arc<dyn Store>) {
    let world = world(&store).await;
    let one = Quota { workspaces: Some(1), memory_bytes: Some(u64::MAX), ..Quota::default() };
    let other = Quota { disk_bytes: Some(0), ..Quota::default() };
    write(&store, async |work| {
        assert_eq!(work.quotas().find(world.org.id).await?, Quota::default());
        work.quotas().set(world.org.id, &one, at(1)).await?;
        let found = work.quotas().find(world.org.id).await?;
        assert_eq!((found.workspaces, found.disk_bytes), (Some(1), None));
        work.quotas().set(world.org.id, &other, at(2)).await?;
        assert_eq!(work.quotas().find(world.org.id).await?, other);
        Ok(())
    })
    .await
    .unwrap();
    let refused = write(&store, async |work| work.quotas().set(id(), &one, at(1)).await).await;
    assert!(matches!(refused, Err(StoreError::Reference("quota"))), "{refused:?}");
}

async fn usage_is_what_is_wanted_and_not_destroyed(store: Arc<dyn Store>) {
    let world = world(&store).await;
    let usage = async || read(&store, async |work| work.quotas().usage(world.org.id).await).await;
    assert_eq!(usage().await, Usage::default());
    let running = world.add(&store, "running").await;
    let stopped = Workspace { desired: Desired::Stopped, ..world.workspace("stopped") };
    let going = Workspace { desired: Desired::Destroyed { keep_volumes: false }, ..world.workspace("going") };
    let gone = Workspace { state: State::Destroyed { since: at(11) }, ..world.workspace("gone") };
    write(&store, async |work| {
        for workspace in [&stopped, &going, &gone] {
            work.workspaces().add(workspace, &sealed(), &[]).await?;
        }
        Ok(())
    })
    .await
    .unwrap();
    let one = running.resources;
    let expected = Usage {
        workspaces: 3,
        running_workspaces: 1,
        cpu_millis: one.cpu_millis,
        memory_bytes: one.memory_bytes,
        disk_bytes: 3 * one.disk_bytes,
    };
    assert_eq!(usage().await, expected);
    assert_eq!(read(&store, async |work| work.quotas().usage(id()).await).await, Usage::default());
}

async fn of_many_who_hold_the_organization_one_decides_at_a_time(store: Arc<dyn Store>) {
    let world = world(&store).await;
    let added = super::fixture::at_once(8, async |number| {
        write(&store, async |work| {
            work.orgs().hold(world.org.id).await?;
            if work.quotas().usage(world.org.id).await?.workspaces > 0 {
                return Ok(false);
            }
            let workspace = world.workspace(&format!("w{number}"));
            work.workspaces().add(&workspace, &sealed(), &[]).await?;
            Ok(true)
        })
        .await
        .unwrap()
    })
    .await;
    assert_eq!(added.iter().filter(|added| **added).count(), 1);
}
