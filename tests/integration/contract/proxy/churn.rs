//! Routes that change all the time.

use std::{
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    time::{Duration, Instant},
};

use devsanctum::domain::{route::RouteTarget, workspace::Status};
use futures::future::join_all;
use http::StatusCode;
use http_body_util::BodyExt;
use hyper_util::rt::TokioIo;
use rand::{RngExt, SeedableRng, rngs::StdRng};

use super::{
    backends::Backend,
    world::{Tenant, World, get},
};

const TENANTS: usize = 1_000;
const BACKENDS: usize = 8;
const CLIENTS: usize = 8;
const FOR: Duration = Duration::from_secs(5);

/// Every tenant has one component for good, which may be published or not; no answer is ever from another.
pub async fn every_answer_is_from_the_right_workspace(world: &World) {
    let backends = join_all((0..BACKENDS).map(|i| async move { Backend::web(&i.to_string()).await })).await;
    let tenants: Vec<Tenant> = (0..TENANTS).map(|i| world.tenant(&format!("t{i}"))).collect();
    let home = |i: usize| (i * 7 + i / BACKENDS) % BACKENDS;
    let live = |i: usize| tenants[i].live(backends[home(i)].address);
    world.publish_all((0..TENANTS).map(live).collect()).await;

    let (over, answers) = (AtomicBool::new(false), AtomicUsize::new(0));
    let change = async {
        let mut random = StdRng::seed_from_u64(1);
        let until = Instant::now() + FOR;
        while Instant::now() < until {
            let i = random.random_range(0..TENANTS);
            match random.random_range(0..100) {
                0 => world.publish_all((0..TENANTS).map(live).collect()).await,
                1..20 => world.publish_workspace(tenants[i].id, &[]).await,
                20..40 => world.publish(tenants[i].route(RouteTarget::Withdrawn, Status::Stopped)).await,
                _ => world.publish(live(i)).await,
            }
            tokio::task::yield_now().await;
        }
        over.store(true, Ordering::SeqCst);
    };
    let ask = async |seed: u64| {
        let mut random = StdRng::seed_from_u64(seed);
        let io = TokioIo::new(world.connect().await);
        let (mut sender, connection) = hyper::client::conn::http1::handshake(io).await.unwrap();
        tokio::spawn(connection);
        while !over.load(Ordering::SeqCst) {
            let i = random.random_range(0..TENANTS);
            sender.ready().await.unwrap();
            let answer = sender.send_request(get(&tenants[i].host(), "/whoami")).await.unwrap();
            let status = answer.status();
            let body = answer.into_body().collect().await.unwrap().to_bytes();
            match status {
                StatusCode::OK => {
                    assert_eq!(body, home(i).to_string(), "an answer from another workspace");
                    answers.fetch_add(1, Ordering::SeqCst);
                }
                StatusCode::NOT_FOUND | StatusCode::SERVICE_UNAVAILABLE => {}
                status => panic!("{status} for a healthy component"),
            }
        }
    };
    tokio::join!(change, join_all((0..CLIENTS as u64).map(ask)));
    assert!(answers.load(Ordering::SeqCst) > 100, "too few answers to say anything");
}
