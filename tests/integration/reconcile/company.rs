//! Two servers with a route table each.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use async_trait::async_trait;
use devsanctum::{
    domain::workspace::{Status, state::Request},
    ports::repository::{Hint, Store, StoreError, StoreResult, UnitOfWork},
};
use futures::stream::BoxStream;
use serde_json::{Value, json};

use super::world::World;

const PATIENCE: Duration = Duration::from_secs(60);

/// The same database, as one of several servers sees it over a cable that may be cut.
struct Cable {
    database: Arc<dyn Store>,
    is_cut: AtomicBool,
}

impl Cable {
    fn to(database: &Arc<dyn Store>) -> Arc<Self> {
        Arc::new(Self { database: database.clone(), is_cut: AtomicBool::new(false) })
    }

    fn cut(&self, cut: bool) {
        self.is_cut.store(cut, Ordering::SeqCst);
    }

    fn whole(&self) -> StoreResult<()> {
        match self.is_cut.load(Ordering::SeqCst) {
            true => Err(StoreError::Unavailable("the cable is cut".into())),
            false => Ok(()),
        }
    }
}

#[async_trait]
impl Store for Cable {
    async fn begin(&self) -> StoreResult<Box<dyn UnitOfWork>> {
        self.whole()?;
        self.database.begin().await
    }

    async fn read(&self) -> StoreResult<Box<dyn UnitOfWork>> {
        self.whole()?;
        self.database.read().await
    }

    async fn check(&self) -> StoreResult<()> {
        self.whole()
    }

    fn changes(&self) -> BoxStream<'static, Hint> {
        self.database.changes()
    }

    fn is_shared(&self) -> bool {
        true
    }
}

/// A server, and the database for others.
async fn first() -> (World, Arc<dyn Store>) {
    let mut database = None;
    let world = World::on(|store| {
        database = Some(store.clone());
        Cable::to(&store)
    })
    .await;
    (world, database.unwrap())
}

fn web() -> Value {
    json!([{ "name": "web", "type": "frontend", "port": 8080 }])
}

async fn runs(world: &World, id: devsanctum::domain::ids::WorkspaceId) -> bool {
    let provisioner = world.app.engines.get(world.host).unwrap().provisioner;
    provisioner.observe(id).await.unwrap().containers.iter().any(|container| container.state.is_active())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_route_is_everywhere_while_the_workspace_runs_and_nowhere_afterwards() {
    let (world, database) = first().await;
    let other = world.beside(Cable::to(&database)).await;
    let id = world.running("web", web()).await;
    let label = world.get(id).await.routes[0].label.clone();
    for _ in 0..5 {
        let here = world.proxy.backend(&label);
        assert!(here.is_some());
        assert_eq!(other.proxy.backend(&label), here);
        world.request(id, Request::Stop).await;
        // Whatever is seen of the other after the container went is without the route.
        while runs(&world, id).await {
            tokio::task::yield_now().await;
        }
        assert_eq!(other.proxy.backend(&label), None);
        world.until_status(id, Status::Stopped).await;
        world.request(id, Request::Start).await;
        world.until_status(id, Status::Running).await;
    }
    other.shut_down().await;
    world.shut_down().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_lost_the_database_is_waited_for_until_it_routes_no_more() {
    let (world, database) = first().await;
    let cable = Cable::to(&database);
    let other = world.beside(cable.clone()).await;
    let id = world.running("web", web()).await;
    let label = world.get(id).await.routes[0].label.clone();
    assert!(other.proxy.backend(&label).is_some());

    cable.cut(true);
    world.request(id, Request::Stop).await;
    let begun = Instant::now();
    while runs(&world, id).await {
        assert!(begun.elapsed() < PATIENCE, "nobody waits for ever");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let gone = Instant::now();
    assert!(other.proxy.backend(&label).is_some(), "it knows nothing of it");
    let until = other.proxy.vouched_until().unwrap();
    assert!(until < gone, "the container went while the other could still route to it");
    world.until_status(id, Status::Stopped).await;

    // Nobody waits for it any more, and a new route is not held up.
    let begun = Instant::now();
    world.request(id, Request::Start).await;
    world.until_status(id, Status::Running).await;
    world.request(id, Request::Stop).await;
    world.until_status(id, Status::Stopped).await;
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    assert!(other.proxy.vouched_until().unwrap() < Instant::now());

    cable.cut(false);
    let begun = Instant::now();
    while other.proxy.vouched_until().unwrap() < Instant::now() {
        assert!(begun.elapsed() < PATIENCE, "it does not come back");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(other.proxy.backend(&label), None, "it caught up before it routed again");
    other.shut_down().await;
    world.shut_down().await;
}

/// With a proxy outside that both give their routes to, and that one of them cannot reach any more.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_cannot_publish_steps_back_and_holds_nobody_up() {
    let (world, database) = first().await;
    let other = world.beside(Cable::to(&database)).await;
    let id = world.running("web", web()).await;
    other.proxy.fall_behind(true);
    let begun = Instant::now();
    world.request(id, Request::Stop).await;
    while runs(&world, id).await {
        assert!(begun.elapsed() < PATIENCE, "nobody waits for ever");
        tokio::task::yield_now().await;
    }
    assert!(other.proxy.vouched_until().unwrap() <= Instant::now(), "it does not rely on its own table");
    world.until_status(id, Status::Stopped).await;

    other.proxy.fall_behind(false);
    let begun = Instant::now();
    while other.proxy.vouched_until().unwrap() < Instant::now() {
        assert!(begun.elapsed() < PATIENCE, "it does not come back");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    other.shut_down().await;
    world.shut_down().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_alone_waits_for_nobody() {
    let (world, _) = first().await;
    let begun = Instant::now();
    let id = world.running("web", web()).await;
    world.request(id, Request::Stop).await;
    world.until_status(id, Status::Stopped).await;
    assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
    assert!(world.proxy.vouched_until().unwrap() > Instant::now());
    world.shut_down().await;
}
