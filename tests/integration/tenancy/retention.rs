use std::sync::Arc;

use chrono::Duration;
use devsanctum::{
    app::audit,
    domain::{audit::Via, role::Role},
    ports::repository::{PageRequest, audit::AuditFilter},
};

use super::world::{World, everywhere};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn old_entries_of_the_audit_log_go_and_leave_word() {
    everywhere(async |mut world: World| {
        let ada = world.person("ada", Some(Role::Developer)).await;
        world.create(world.app(), &ada, "old", false).await.unwrap();
        assert_eq!(audit::let_go(world.app()).await.unwrap(), 0, "by default they are kept for good");
        world.clock.advance(Duration::days(31));
        world.create(world.app(), &ada, "new", false).await.unwrap();

        world.clock.advance(Duration::seconds(1));
        let server = Arc::get_mut(&mut world.servers[0]).unwrap();
        server.settings.audit_retention = Some(Duration::days(30));
        assert_eq!(audit::let_go(world.app()).await.unwrap(), 1);
        assert_eq!(audit::let_go(world.app()).await.unwrap(), 0);
        let page = PageRequest { limit: 10, ..PageRequest::default() };
        let mut reader = world.app().store.read().await.unwrap();
        let left = reader.audit().list(&AuditFilter::default(), &page).await.unwrap();
        let told: Vec<_> = left.iter().map(|entry| (entry.action.as_str(), entry.via)).collect();
        assert_eq!(told, [("audit.let-go", Via::Platform), ("workspace.create", Via::Session)]);
        assert_eq!((&left[0].detail["entries"], &left[0].detail["days"]), (&1.into(), &30.into()));
        assert_eq!(left[1].target_name.as_deref(), Some("new"));
    })
    .await;
}
