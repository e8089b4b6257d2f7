//! Ten thousand routes.

use std::time::{Duration, Instant};

use futures::future::join_all;
use http::StatusCode;

use super::{
    estate::{Estate, Place, Verdict},
    soak::{extent, figure, percentiles, resident},
    world::World,
};

const BACKENDS: usize = 8;
const CLIENTS: usize = 8;
/// A component's answer there ends its connection: one for each route, both ends in this process, are more than it may have.
const ONCE: &str = "/once";

pub async fn all_of_many_routes_are_right_and_one_can_change(world: &World) {
    let (tenants, changes) = extent((1_000, 4), (10_000, 15));
    let estate = Estate::build(world, tenants, BACKENDS).await;
    let routes = estate.routes();
    let ours = std::process::id();
    let before = resident(ours);
    let began = Instant::now();
    world.publish_all(routes).await;
    let published = began.elapsed();
    asked_once_each(world, &estate).await;

    let mut times: Vec<Duration> = Vec::new();
    let mut session = world.session().await;
    for change in 0..changes {
        let i = (change * 7_919) % tenants;
        let Place::At(home) = estate.place(i) else { panic!("nobody has gone") };
        let routes = estate.move_to(i, Place::At((home + 1) % BACKENDS));
        let began = Instant::now();
        world.publish_workspace(estate.tenants[i].id, &routes).await;
        estate.arrived(i);
        let asked = Instant::now();
        let answer = session.get(&estate.tenants[i].host(), "/whoami").await;
        times.push(began.elapsed());
        assert_eq!(answer.status, StatusCode::OK);
        estate.judge(i, asked, answer.status, &answer.body);
    }
    asked_once_each(world, &estate).await;

    let what = |what: &str| format!("{tenants} routes: {what}");
    figure(world, &what("first publish"), format!("{} ms", published.as_millis()));
    figure(world, &what("one changes"), percentiles(&mut times));
    figure(world, &what("our memory"), format!("{} MiB more", resident(ours).saturating_sub(before)));
    if let Some(traefik) = world.traefik() {
        figure(world, &what("Traefik's memory"), format!("{} MiB", resident(traefik)));
    }
}

async fn asked_once_each(world: &World, estate: &Estate) {
    let ask = async |first: usize| {
        let mut session = world.session().await;
        for i in (first..estate.tenants.len()).step_by(CLIENTS) {
            let asked = Instant::now();
            let answer = session.get(&estate.tenants[i].host(), ONCE).await;
            let verdict = estate.judge(i, asked, answer.status, &answer.body);
            assert_eq!((answer.status, verdict), (StatusCode::OK, Verdict::Right));
        }
    };
    join_all((0..CLIENTS).map(ask)).await;
}
