//! Routes that change all the time.

use std::{
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    time::{Duration, Instant},
};

use futures::future::join_all;
use http::StatusCode;
use rand::{RngExt, SeedableRng, rngs::StdRng};

use super::{
    estate::{Estate, Place, Verdict},
    soak::{extent, figure},
    world::World,
};

const TENANTS: usize = 1_000;
const BACKENDS: usize = 8;
const CLIENTS: usize = 8;

/// A workspace that has moved, stopped or gone is never answered for from where it was, and one that stays is never
/// missed while others change.
pub async fn every_answer_is_from_the_right_workspace(world: &World) {
    let estate = Estate::build(world, TENANTS, BACKENDS).await;
    world.publish_all(estate.routes()).await;
    let over = AtomicBool::new(false);
    let answers = AtomicUsize::new(0);
    let ask = async |seed: u64| {
        let mut random = StdRng::seed_from_u64(seed);
        let mut session = world.session().await;
        while !over.load(Ordering::SeqCst) {
            let i = random.random_range(0..TENANTS);
            let asked = Instant::now();
            let answer = session.get(&estate.tenants[i].host(), "/whoami").await;
            let verdict = estate.judge(i, asked, answer.status, &answer.body);
            assert_eq!(verdict, Verdict::Right, "{answer:?}, though it was there all the time");
            if answer.status == StatusCode::OK {
                answers.fetch_add(1, Ordering::SeqCst);
            }
        }
    };
    let began = Instant::now();
    let changing = async {
        let changes =
            change_for(extent(Duration::from_secs(5), Duration::from_secs(60)), world, &estate).await;
        over.store(true, Ordering::SeqCst);
        changes
    };
    let (changes, _) = tokio::join!(changing, join_all((0..CLIENTS as u64).map(ask)));
    let answers = answers.into_inner();
    assert!(answers > 100, "too few answers to say anything");
    let took = began.elapsed().as_secs();
    figure(
        world,
        "1,000 routes changing",
        format!("{changes} changes and {answers} answers in {took} s, all right"),
    );
}

/// Changes one after the other, each in force before the next; returns how many.
async fn change_for(time: Duration, world: &World, estate: &Estate) -> usize {
    let mut random = StdRng::seed_from_u64(1);
    let (until, mut changes) = (Instant::now() + time, 0);
    while Instant::now() < until {
        let i = random.random_range(0..TENANTS);
        let place = match random.random_range(0..100) {
            0 => {
                world.publish_all(estate.routes()).await;
                continue;
            }
            1..20 => Place::Nowhere,
            20..40 => Place::Stopped,
            _ => Place::At(random.random_range(0..BACKENDS)),
        };
        let routes = estate.move_to(i, place);
        world.publish_workspace(estate.tenants[i].id, &routes).await;
        estate.arrived(i);
        changes += 1;
        tokio::task::yield_now().await;
    }
    changes
}
