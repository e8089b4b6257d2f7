//! How a server ends that has a proxy in front.

use std::time::{Duration, Instant};

use devsanctum::domain::route::Visibility;

use super::world::traefik_http;

#[tokio::test]
async fn a_server_does_not_wait_at_its_end_for_a_proxy_that_takes_no_routes() {
    let mut world = traefik_http::start().await;
    world.lose_traefik();
    world.narrow("public", Visibility::Private).await;
    let began = Instant::now();
    world.end().await;
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
}
