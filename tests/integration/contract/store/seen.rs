//! What hosts have shown of a workspace.

use std::sync::Arc;

use devsanctum::{
    domain::{ids::ReplicaId, workspace::Volume},
    ports::repository::{
        Store, StoreError,
        workspace::{Lease, Seen},
    },
};

use super::fixture::{World, at, id, read, sealed, volume, world, write};

contract!(
    the_newest_generation_is_kept,
    volumes_are_known_since_they_were_first_seen,
    volumes_that_are_given_up_were_never_made,
    names_of_volumes_are_those_of_all,
    what_was_seen_is_written_under_the_lease,
);

async fn leased(store: &Arc<dyn Store>, world: &World, volumes: &[Volume]) -> Lease {
    let workspace = world.workspace("web");
    let of = |volume: &Volume| Volume { workspace_id: workspace.id, ..volume.clone() };
    let volumes: Vec<_> = volumes.iter().map(of).collect();
    let holder: ReplicaId = id();
    write(store, async |work| {
        work.workspaces().add(&workspace, &sealed(), &volumes).await?;
        Ok(work.workspaces().claim_due(holder, at(20), at(30), 1).await?.remove(0))
    })
    .await
    .unwrap()
}

async fn see(store: &Arc<dyn Store>, lease: Lease, seen: &Seen, now: i64) -> Result<(), StoreError> {
    write(store, async |work| work.workspaces().record_seen(lease, seen, at(now)).await).await
}

async fn the_newest_generation_is_kept(store: Arc<dyn Store>) {
    let world = world(&store).await;
    let lease = leased(&store, &world, &[]).await;
    let before = read(&store, async |work| work.workspaces().find(lease.workspace).await).await.unwrap();
    for (generation, kept) in [(0, 0), (7, 7), (3, 7)] {
        see(&store, lease, &Seen { generation, volumes: vec![] }, 21).await.unwrap();
        let mut expected = before.clone();
        expected.seen_generation = kept;
        let found = read(&store, async |work| work.workspaces().find(lease.workspace).await).await;
        assert_eq!(found, Some(expected), "neither revision nor time change");
    }
}

async fn volumes_are_known_since_they_were_first_seen(store: Arc<dyn Store>) {
    let world = world(&store).await;
    let [data, files, unseen] = ["data", "files", "unseen"].map(|name| volume(id(), name));
    let lease = leased(&store, &world, &[data.clone(), files.clone(), unseen]).await;
    let names = |volumes: &[&Volume]| Seen {
        generation: 0,
        volumes: volumes.iter().map(|volume| volume.docker_name.clone()).collect(),
    };
    see(&store, lease, &names(&[&data]), 21).await.unwrap();
    see(&store, lease, &names(&[&data, &files]), 22).await.unwrap();
    let found = read(&store, async |work| work.workspaces().volumes(lease.workspace).await).await;
    let made: Vec<_> = found.iter().map(|volume| volume.made_at).collect();
    assert_eq!(made, [Some(at(21)), Some(at(22)), None]);
}

async fn volumes_that_are_given_up_were_never_made(store: Arc<dyn Store>) {
    let world = world(&store).await;
    let data = volume(id(), "data");
    let lease = leased(&store, &world, std::slice::from_ref(&data)).await;
    see(&store, lease, &Seen { generation: 0, volumes: vec![data.docker_name] }, 21).await.unwrap();
    write(&store, async |work| work.workspaces().give_up_volumes(lease.workspace).await).await.unwrap();
    let found = read(&store, async |work| work.workspaces().volumes(lease.workspace).await).await;
    assert_eq!(found.iter().map(|volume| volume.made_at).collect::<Vec<_>>(), [None]);
}

async fn names_of_volumes_are_those_of_all(store: Arc<dyn Store>) {
    let world = world(&store).await;
    let [data, files] = ["data", "files"].map(|name| volume(id(), name));
    let lease = leased(&store, &world, &[data.clone(), files.clone()]).await;
    write(&store, async |work| work.workspaces().keep_volumes(lease.workspace, at(21)).await).await.unwrap();
    let names = read(&store, async |work| work.workspaces().volume_names().await).await;
    assert_eq!(names, [data.docker_name, files.docker_name].into());
}

async fn what_was_seen_is_written_under_the_lease(store: Arc<dyn Store>) {
    let world = world(&store).await;
    let lease = leased(&store, &world, &[]).await;
    let lost = Lease { token: lease.token - 1, ..lease };
    let refused = see(&store, lost, &Seen { generation: 9, volumes: vec![] }, 21).await;
    assert!(matches!(refused, Err(StoreError::Stale("lease"))), "{refused:?}");
    let found = read(&store, async |work| work.workspaces().find(lease.workspace).await).await.unwrap();
    assert_eq!(found.seen_generation, 0);
}
