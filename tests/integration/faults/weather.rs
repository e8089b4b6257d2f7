//! What goes wrong for longer than one call: a database or a host that is away, a clock that is set, an engine that
//! tells nothing, objects changed behind our back, two control planes on one database.

use std::time::Duration;

use devsanctum::{
    app::workspaces,
    domain::{
        ids::WorkspaceId,
        workspace::{ComponentStatus, Status, state::Request},
    },
    ports::provisioner::Provisioner,
};

use super::{
    invariants::{Before, violations},
    operation::Operation,
    sim::{Life, Sim},
};

/// The operations that people ask for and that lead to where something runs, stops or goes.
const EVERYDAY: [Operation; 7] = [
    Operation::Create,
    Operation::Stop,
    Operation::Start,
    Operation::Restart,
    Operation::Update,
    Operation::Destroy,
    Operation::Repair,
];

/// How long something is away.
const AWAY: Duration = Duration::from_secs(45);
/// Until every timer has looked at everything.
const AFTERMATH: Duration = Duration::from_secs(60);

/// Goes through everyday operations; `disturb` begins some milliseconds after each was asked for.
fn in_weather(disturb: impl AsyncFn(&Life<'_>)) {
    for operation in EVERYDAY {
        for moment in [0, 40, 150, 400] {
            let sim = Sim::new(moment);
            sim.live(async |life| {
                let id = operation.prepare(life).await;
                tokio::time::sleep(AFTERMATH).await;
                let before = Before::of(life).await;
                let id = operation.perform(life, id).await.unwrap();
                tokio::time::sleep(Duration::from_millis(moment)).await;
                disturb(life).await;
                let row = life.settled(id).await;
                tokio::time::sleep(AFTERMATH).await;
                let case = format!("{} after {moment} ms", operation.name());
                assert_eq!(life.settled(id).await.state.status(), operation.target(), "{case}: {row:#?}");
                let found = violations(life, &before, operation.destroys_data()).await;
                assert!(found.is_empty(), "{case}: {found:#?}");
            })
            .expect("nobody ends it");
        }
    }
}

#[test]
fn a_database_that_is_away_holds_everything_up_and_breaks_nothing() {
    in_weather(async |life| {
        life.sim.injector.cut("store.");
        tokio::time::sleep(AWAY).await;
        life.sim.injector.mend();
    });
}

#[test]
fn a_host_that_is_away_leads_to_no_second_copy() {
    in_weather(async |life| {
        life.sim.engine.unplug();
        tokio::time::sleep(AWAY).await;
        life.sim.engine.plug_in();
    });
}

#[test]
fn a_proxy_that_refuses_is_asked_again() {
    in_weather(async |life| {
        life.sim.injector.cut("proxy.");
        tokio::time::sleep(AWAY).await;
        life.sim.injector.mend();
    });
}

#[test]
fn an_engine_that_tells_nothing_is_looked_at() {
    in_weather(async |life| life.sim.engine.fall_silent());
}

#[test]
fn an_engine_that_tells_everything_again_and_again_is_not_obeyed_again() {
    in_weather(async |life| life.sim.engine.stutter());
}

#[test]
fn a_clock_that_is_set_confuses_nobody() {
    for hours in [-24, -1, 1, 24] {
        in_weather(async |life| life.sim.clock.jump(chrono::Duration::hours(hours)));
    }
}

#[test]
fn what_was_asked_for_before_the_clock_was_put_back_is_done() {
    let sim = Sim::new(3);
    let asked = sim.live(async |life| {
        sim.template("shop").await;
        life.create("shop").await.unwrap().workspace.id
    });
    let id = asked.expect("nobody ends it");
    sim.clock.jump(chrono::Duration::hours(-24));
    let status = sim.live(async |_| {
        tokio::time::sleep(AFTERMATH).await;
        sim.row(id).await.state.status()
    });
    assert_eq!(status.expect("nobody ends it"), Status::Running);
}

#[test]
fn nothing_is_said_of_a_workspace_whose_host_is_away() {
    let sim = Sim::new(1);
    sim.live(async |life| {
        let id = Operation::Stop.prepare(life).await.unwrap();
        tokio::time::sleep(AFTERMATH).await;
        life.sim.engine.unplug();
        until(life, id, Duration::from_secs(15), "unknown", |status| status == Status::Unknown).await;
        life.sim.engine.plug_in();
        until(life, id, Duration::from_secs(15), "running", |status| status == Status::Running).await;
    })
    .expect("nobody ends it");
}

/// What people are shown, within the time that is promised.
async fn until(
    life: &Life<'_>,
    id: WorkspaceId,
    limit: Duration,
    what: &str,
    is_so: impl Fn(Status) -> bool,
) {
    let seen = async {
        loop {
            let shown = workspaces::get(&life.app, &life.sim.caller, id).await.unwrap();
            if is_so(shown.status) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(limit, seen).await.unwrap_or_else(|_| panic!("not {what} within {limit:?}"));
}

#[test]
fn what_changes_behind_our_back_is_repaired_within_a_minute_even_when_nobody_tells() {
    let sim = Sim::new(2);
    sim.live(async |life| {
        let id = Operation::Stop.prepare(life).await.unwrap();
        tokio::time::sleep(AFTERMATH).await;
        let before = Before::of(life).await;
        sim.engine.fall_silent();
        for component in ["web", "api", "db"] {
            let row = sim.row(id).await;
            sim.engine.vanish(&format!("ds-{}-{component}-g{}", row.short_id, row.generation));
            tokio::time::sleep(Duration::from_secs(60)).await;
            let row = life.settled(id).await;
            let up = row.components.iter().all(|it| it.status == ComponentStatus::Running);
            assert!(row.state.status() == Status::Running && up, "{row:#?}");
            // Three repairs in ten minutes would be a crash loop.
            tokio::time::sleep(Duration::from_secs(600)).await;
        }
        let found = violations(life, &before, false).await;
        assert!(found.is_empty(), "{found:#?}");
    })
    .expect("nobody ends it");
}

#[test]
fn two_control_planes_on_one_database_make_nothing_twice() {
    for seed in 0..12 {
        let sim = Sim::new(seed);
        sim.live(async |one| {
            sim.template("shop").await;
            tokio::time::sleep(AFTERMATH).await;
            let before = Before::of(one).await;
            let other = one.twin().await;
            let id = one.create("shop").await.unwrap().workspace.id;
            assert_eq!(one.settled(id).await.state.status(), Status::Running);
            for (request, target) in [
                (Request::Restart, Status::Running),
                (Request::Stop, Status::Stopped),
                (Request::Start, Status::Running),
                (Request::Destroy { keep_volumes: false }, Status::Destroyed),
            ] {
                // Each is asked of the other one than the one before.
                let app = if target == Status::Running { &other.app } else { &one.app };
                workspaces::request(app, &sim.caller, id, request, |_| Ok(())).await.unwrap();
                assert_eq!(one.settled(id).await.state.status(), target, "seed {seed}");
            }
            tokio::time::sleep(AFTERMATH).await;
            other.end().await;
            let found = violations(one, &before, true).await;
            assert!(found.is_empty(), "seed {seed}: {found:#?}");
            assert_eq!(sim.engine.observe(id).await.unwrap(), Default::default());
        })
        .expect("nobody ends it");
    }
}
