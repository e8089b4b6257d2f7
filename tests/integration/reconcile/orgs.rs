//! An organization that goes with everything in it.

use std::time::{Duration, Instant};

use devsanctum::{app::orgs, domain::workspace::Observed};
use serde_json::json;

use super::world::World;

#[tokio::test]
async fn a_crash_in_the_middle_of_deleting_an_organization_changes_nothing() {
    let mut world = World::new().await;
    let web = json!([{ "name": "web", "type": "frontend", "port": 80,
                       "volumes": [{ "name": "data", "mount": "/data" }] }]);
    let workspaces = [world.running("one", web.clone()).await, world.running("two", web).await];
    let deletion = orgs::delete(&world.app, &world.caller, world.org, "acme", true).await.unwrap();
    assert_eq!(deletion, orgs::Deletion::UnderWay);
    world.crash_and_restart().await;
    let began = Instant::now();
    while world.app.store.read().await.unwrap().orgs().find(world.org).await.unwrap().is_some() {
        assert!(began.elapsed() < Duration::from_secs(30), "it is still there");
        tokio::task::yield_now().await;
    }
    let provisioner = world.app.engines.get(world.host).unwrap().provisioner;
    let mut reader = world.app.store.read().await.unwrap();
    for workspace in workspaces {
        assert_eq!(provisioner.observe(workspace).await.unwrap(), Observed::default());
        // What turns up late is still known to be ours, and goes.
        assert!(reader.workspaces().find(workspace).await.unwrap().is_some());
    }
    drop(reader);
    world.shut_down().await;
}
