//! Who works on a workspace, and what they may write.

use std::{collections::BTreeSet, sync::Arc};

use chrono::{DateTime, Utc};
use devsanctum::{
    domain::{
        ids::{ReplicaId, WorkspaceId},
        workspace::{State, Workspace},
    },
    ports::repository::{Store, StoreError, StoreResult, workspace::Lease},
};

use super::fixture::{at, at_once, component, failure, id, read, world, write};

contract!(
    what_is_due_longest_is_claimed_first,
    two_claimers_never_get_the_same,
    a_lease_that_ran_out_is_claimed_by_others,
    what_lies_beyond_the_horizon_was_written_by_another_clock,
    freed_leases_are_lost_to_their_holders,
    a_lost_lease_writes_nothing,
    a_released_workspace_rests_until_it_is_due,
    a_request_during_the_work_keeps_the_workspace_due,
    waking_makes_due_at_the_earlier_time,
    progress_is_written_under_lease_and_deployment,
    components_are_written_under_lease_while_their_deployment_lasts,
    a_sighting_is_written_while_nobody_works,
);

async fn claim(store: &Arc<dyn Store>, now: DateTime<Utc>, until: DateTime<Utc>, limit: u32) -> Vec<Lease> {
    let holder: ReplicaId = id();
    write(store, async |work| work.workspaces().claim_due(holder, now, until, limit).await).await.unwrap()
}

async fn claimed(store: &Arc<dyn Store>, now: DateTime<Utc>) -> Vec<WorkspaceId> {
    let until = now + chrono::Duration::seconds(10);
    claim(store, now, until, 10).await.into_iter().map(|lease| lease.workspace).collect()
}

async fn release(store: &Arc<dyn Store>, lease: Lease, due: Option<DateTime<Utc>>) -> StoreResult<()> {
    write(store, async |work| work.workspaces().release(lease, due).await).await
}

async fn wake(store: &Arc<dyn Store>, workspace: WorkspaceId, now: DateTime<Utc>) {
    write(store, async |work| work.workspaces().wake(&[workspace, id()], now).await).await.unwrap();
}

async fn what_is_due_longest_is_claimed_first(store: Arc<dyn Store>) {
    let world = world(&store).await;
    let [late, early, later] = [("late", 12), ("early", 11), ("later", 60)]
        .map(|(name, due)| Workspace { updated_at: at(due), ..world.workspace(name) });
    write(&store, async |work| {
        for workspace in [&late, &early, &later] {
            work.workspaces().add(workspace, &super::fixture::sealed(), &[]).await?;
        }
        Ok(())
    })
    .await
    .unwrap();
    assert_eq!(claimed(&store, at(10)).await, []);
    for expected in [early.id, late.id] {
        let leases = claim(&store, at(20), at(30), 1).await;
        assert_eq!(leases.iter().map(|lease| lease.workspace).collect::<Vec<_>>(), [expected]);
    }
    assert_eq!(claimed(&store, at(20)).await, []);
}

async fn two_claimers_never_get_the_same(store: Arc<dyn Store>) {
    let world = world(&store).await;
    let mut expected = BTreeSet::new();
    for number in 0..40 {
        expected.insert(world.add(&store, &format!("w{number}")).await.id);
    }
    // 8 claimers × 5 rounds × 3: more than there are, and none gets more than it asked for.
    let claims = at_once(8, async |_| {
        let mut mine = vec![];
        for _ in 0..5 {
            let leases = claim(&store, at(20), at(30), 3).await;
            assert!(leases.len() <= 3, "{leases:?}");
            mine.extend(leases);
        }
        mine
    })
    .await;
    let leases: Vec<_> = claims.concat();
    let workspaces: BTreeSet<_> = leases.iter().map(|lease| lease.workspace).collect();
    assert_eq!(leases.len(), workspaces.len(), "a workspace was claimed twice");
    // A claimer that comes past rows others have locked goes on without them; nobody may come back for them here.
    let rest = claim(&store, at(20), at(30), 100).await.into_iter().map(|lease| lease.workspace);
    let all: BTreeSet<_> = workspaces.into_iter().chain(rest).collect();
    assert_eq!(all, expected);
}

async fn a_lease_that_ran_out_is_claimed_by_others(store: Arc<dyn Store>) {
    let world = world(&store).await;
    let workspace = world.add(&store, "web").await;
    let first = claim(&store, at(20), at(30), 1).await[0];
    assert_eq!(claimed(&store, at(29)).await, []);
    write(&store, async |work| work.workspaces().renew(first, at(40)).await).await.unwrap();
    assert_eq!(claimed(&store, at(39)).await, []);

    let second = claim(&store, at(40), at(50), 1).await[0];
    assert_eq!(second.workspace, workspace.id);
    assert!(second.token > first.token, "{first:?} {second:?}");
}

async fn what_lies_beyond_the_horizon_was_written_by_another_clock(store: Arc<dyn Store>) {
    let world = world(&store).await;
    let workspace = world.add(&store, "web").await;
    // A day later the clock is put back by a day.
    let day = 86_400;
    let lease = claim(&store, at(day), at(day + 10), 1).await[0];
    assert_eq!(claimed(&store, at(day - 40)).await, []);
    let taken_over = claim(&store, at(20), at(30), 1).await[0];
    assert!(taken_over.token > lease.token);
    release(&store, taken_over, Some(at(day))).await.unwrap();
    assert_eq!(claimed(&store, at(day - 40)).await, []);
    assert_eq!(claimed(&store, at(40)).await, [workspace.id]);
}

async fn freed_leases_are_lost_to_their_holders(store: Arc<dyn Store>) {
    let world = world(&store).await;
    let [one, _idle] = [world.add(&store, "one").await, world.add(&store, "idle").await];
    let lease = claim(&store, at(20), at(30), 1).await[0];
    let freed = write(&store, async |work| work.workspaces().free_leases(at(21)).await).await.unwrap();
    assert_eq!(freed, 1);
    assert!(matches!(release(&store, lease, None).await, Err(StoreError::Stale("lease"))));
    assert!(claimed(&store, at(21)).await.contains(&one.id));
    let freed = write(&store, async |work| work.workspaces().free_leases(at(22)).await).await.unwrap();
    assert_eq!(freed, 2);
}

async fn a_lost_lease_writes_nothing(store: Arc<dyn Store>) {
    let world = world(&store).await;
    let workspace = world.add(&store, "web").await;
    let lost = claim(&store, at(20), at(30), 1).await[0];
    let held = claim(&store, at(30), at(40), 1).await[0];
    let never = Lease { token: held.token + 1, ..held };
    let unknown = Lease { workspace: id(), ..held };
    let refused = async |lease: Lease| {
        let state = State::Running { since: at(31) };
        let renewed = write(&store, async |work| work.workspaces().renew(lease, at(99)).await).await;
        let progressed = write(&store, async |work| {
            work.workspaces().record_progress(lease, workspace.deployment_id, &state, &[], at(31)).await
        })
        .await;
        let guarded = write(&store, async |work| work.workspaces().guard(lease).await).await;
        let seen = write(&store, async |work| {
            work.workspaces().record_components(lease, id(), &[component("web")]).await
        })
        .await;
        for result in [renewed, progressed, guarded, seen, release(&store, lease, None).await] {
            assert!(matches!(result, Err(StoreError::Stale("lease"))), "{lease:?} {result:?}");
        }
    };
    for lease in [lost, never, unknown] {
        refused(lease).await;
    }
    let found = read(&store, async |work| work.workspaces().find(workspace.id).await).await;
    assert_eq!(found, Some(workspace.clone()));

    release(&store, held, None).await.unwrap();
    refused(held).await;
}

async fn a_released_workspace_rests_until_it_is_due(store: Arc<dyn Store>) {
    let world = world(&store).await;
    let workspace = world.add(&store, "web").await;
    let lease = claim(&store, at(20), at(30), 1).await[0];
    release(&store, lease, Some(at(100))).await.unwrap();
    assert_eq!(claimed(&store, at(99)).await, []);
    let lease = claim(&store, at(100), at(110), 1).await[0];
    release(&store, lease, None).await.unwrap();
    assert_eq!(claimed(&store, at(100_000)).await, []);

    wake(&store, workspace.id, at(100_000)).await;
    assert_eq!(claimed(&store, at(100_000)).await, [workspace.id]);
}

async fn a_request_during_the_work_keeps_the_workspace_due(store: Arc<dyn Store>) {
    let world = world(&store).await;
    let workspace = world.add(&store, "web").await;

    let lease = claim(&store, at(20), at(30), 1).await[0];
    wake(&store, workspace.id, at(21)).await;
    assert_eq!(claimed(&store, at(22)).await, [], "somebody works on it");
    release(&store, lease, None).await.unwrap();
    assert_eq!(claimed(&store, at(22)).await, [workspace.id]);

    // The same for an intent, and for one that would have rested for long.
    let lease = claim(&store, at(40), at(50), 1).await[0];
    let intent = Workspace { updated_at: at(41), ..workspace.clone() };
    write(&store, async |work| work.workspaces().record_intent(&intent).await).await.unwrap();
    release(&store, lease, Some(at(90_000))).await.unwrap();
    assert_eq!(claimed(&store, at(42)).await, [workspace.id]);
}

async fn waking_makes_due_at_the_earlier_time(store: Arc<dyn Store>) {
    let world = world(&store).await;
    let workspace = world.add(&store, "web").await;
    let lease = claim(&store, at(20), at(30), 1).await[0];
    release(&store, lease, Some(at(60))).await.unwrap();
    wake(&store, workspace.id, at(80)).await;
    assert_eq!(claimed(&store, at(59)).await, []);
    let lease = claim(&store, at(60), at(61), 1).await[0];
    // In a moment, while somebody works on it: it rests that long.
    wake(&store, workspace.id, at(65)).await;
    release(&store, lease, Some(at(90))).await.unwrap();
    assert_eq!(claimed(&store, at(64)).await, []);
    assert_eq!(claimed(&store, at(65)).await, [workspace.id]);
}

async fn progress_is_written_under_lease_and_deployment(store: Arc<dyn Store>) {
    let world = world(&store).await;
    let workspace = world.add(&store, "web").await;
    let lease = claim(&store, at(20), at(30), 1).await[0];
    let components = [component("web"), component("api")];
    let state = State::Failed { since: at(22), failure: failure() };
    let record = async |deployment| {
        write(&store, async |work| {
            work.workspaces().record_progress(lease, deployment, &state, &components, at(22)).await
        })
        .await
    };
    for other in [Some(id()), None] {
        let refused = record(other).await;
        assert!(matches!(refused, Err(StoreError::Stale("deployment"))), "{refused:?}");
    }
    record(workspace.deployment_id).await.unwrap();
    let found = read(&store, async |work| work.workspaces().find(workspace.id).await).await;
    let expected = Workspace {
        state: state.clone(),
        components: components.to_vec(),
        updated_at: at(22),
        revision: workspace.revision + 1,
        ..workspace.clone()
    };
    assert_eq!(found, Some(expected));

    // Without any deployment.
    let intent = Workspace { deployment_id: None, revision: workspace.revision + 1, ..workspace.clone() };
    write(&store, async |work| work.workspaces().record_intent(&intent).await).await.unwrap();
    record(None).await.unwrap();
}

async fn components_are_written_under_lease_while_their_deployment_lasts(store: Arc<dyn Store>) {
    let world = world(&store).await;
    let workspace = world.add(&store, "web").await;
    let lease = claim(&store, at(20), at(30), 1).await[0];
    let record = async |deployment, name| {
        write(&store, async |work| {
            work.workspaces().guard(lease).await?;
            work.workspaces().record_components(lease, deployment, &[component(name)]).await
        })
        .await
        .unwrap();
    };
    record(workspace.deployment_id.unwrap(), "seen").await;
    record(id(), "of-an-earlier-deployment").await;
    let found = read(&store, async |work| work.workspaces().find(workspace.id).await).await;
    assert_eq!(found, Some(Workspace { components: vec![component("seen")], ..workspace }));
}

async fn a_sighting_is_written_while_nobody_works(store: Arc<dyn Store>) {
    let world = world(&store).await;
    let workspace = world.add(&store, "web").await;
    let seen = [component("seen")];
    let sight = async |revision, now| {
        write(&store, async |work| {
            work.workspaces().record_sighting(workspace.id, revision, &seen, now).await
        })
        .await
        .unwrap()
    };
    assert!(!sight(workspace.revision + 1, at(11)).await, "of another revision");
    let lease = claim(&store, at(20), at(30), 1).await[0];
    assert!(!sight(workspace.revision, at(29)).await, "somebody works on it");
    let found = read(&store, async |work| work.workspaces().find(workspace.id).await).await;
    assert_eq!(found, Some(workspace.clone()));

    assert!(sight(workspace.revision, at(30)).await, "the lease ran out");
    release(&store, lease, None).await.unwrap();
    assert!(sight(workspace.revision, at(31)).await);
    let found = read(&store, async |work| work.workspaces().find(workspace.id).await).await;
    assert_eq!(found, Some(Workspace { components: seen.to_vec(), ..workspace.clone() }));
}
