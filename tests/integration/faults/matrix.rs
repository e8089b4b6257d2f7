//! Every operation × every call × every way it can go wrong.
//!
//! `make test` goes through a sample, `make faults` through all of it. What failed prints the line that runs it again
//! alone: `DEVSANCTUM_FAULT_REPLAY='seed operation call#n:fault' cargo test --test integration faults::matrix`.

use std::{collections::BTreeSet, fmt, time::Duration};

use devsanctum::{
    app::workspaces,
    domain::{
        ids::WorkspaceId,
        workspace::{Status, state::Request},
    },
    testing::faults::{Fault, Kind, Mishap, Point},
};

use super::{
    invariants::{Before, violations},
    operation::Operation,
    setting,
    sim::{Life, Lived, Sim},
};

/// Long enough for every timer to have looked at everything, in virtual time.
const AFTERMATH: Duration = Duration::from_secs(45);
/// Calls are learned until so long after the operation has settled.
const EPILOGUE: Duration = Duration::from_secs(1);
/// One in so many injections, in the sample.
const SAMPLE: usize = 12;

/// One run: an operation with one thing going wrong.
#[derive(Debug, Clone)]
struct Case {
    seed: u64,
    operation: Operation,
    mishap: Mishap,
}

impl fmt::Display for Case {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {} {}", self.seed, self.operation.name(), self.mishap)
    }
}

impl std::str::FromStr for Case {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text:?} is not like '7 create docker.start_container#1:crash_after'");
        let mut words = text.split_whitespace();
        let mut next = || words.next().ok_or_else(wrong);
        let seed = next()?.parse().map_err(|_| wrong())?;
        let name = next()?;
        let operation = Operation::ALL.into_iter().find(|it| it.name() == name).ok_or_else(wrong)?;
        let mishap = next()?.parse().map_err(|_| wrong())?;
        Ok(Self { seed, operation, mishap })
    }
}

struct Outcome {
    violations: Vec<String>,
    happened: bool,
    /// From the request to rest, in virtual time.
    converged: Duration,
}

/// Runs an operation without any fault and returns its calls.
fn learn(seed: u64, operation: Operation) -> Vec<Point> {
    let sim = Sim::new(seed);
    let mut calls = Vec::new();
    let life = sim.live(async |life| {
        let id = operation.prepare(life).await;
        tokio::time::sleep(AFTERMATH).await;
        sim.injector.arm(None);
        if operation == Operation::Boot {
            return;
        }
        let id = operation.perform(life, id).await.unwrap();
        life.settled(id).await;
        tokio::time::sleep(EPILOGUE).await;
        calls = sim.injector.calls();
    });
    life.expect("learning");
    if operation == Operation::Boot {
        sim.injector.arm(None);
        sim.live(async |_| tokio::time::sleep(EPILOGUE).await).expect("learning to boot");
        calls = sim.injector.calls();
    }
    calls
}

fn run(case: &Case) -> Outcome {
    let sim = Sim::new(case.seed);
    let operation = case.operation;
    let mut acknowledged = None;
    let mut prepared: Option<(Option<WorkspaceId>, Before, chrono::DateTime<chrono::Utc>)> = None;
    let first = sim.live(async |life| {
        let id = operation.prepare(life).await;
        tokio::time::sleep(AFTERMATH).await;
        prepared = Some((id, Before::of(life).await, devsanctum::ports::clock::Clock::now(&*sim.clock)));
        sim.injector.arm(Some(case.mishap.clone()));
        if operation == Operation::Boot {
            return None;
        }
        acknowledged = Some(operation.perform(life, id).await.map_err(|error| error.to_string()));
        let id = match &acknowledged {
            Some(Ok(id)) => Some(*id),
            _ => id.or(sim.workspaces().await.first().map(|row| row.id)),
        };
        Some(aftermath(life, id).await)
    });
    let (id, before, asked) = prepared.expect("nothing goes wrong before it is armed");
    let mut resting = match first {
        Lived::Out(resting) => resting,
        Lived::Crashed | Lived::NeverBegan => None,
    };
    let mut found = Vec::new();
    for _ in 0..4 {
        // The process is started again until it stays, as whoever runs it does.
        let judged = sim.live(async |life| {
            if resting.is_none() {
                let id = id.or(sim.workspaces().await.first().map(|row| row.id));
                resting = Some(aftermath(life, id).await);
            }
            sim.injector.disarm();
            judge(life, case, id, &acknowledged, &before).await
        });
        if let Lived::Out(wrong) = judged {
            found = wrong;
            break;
        }
    }
    let converged = resting.map_or(Duration::ZERO, |at| (at - asked).to_std().unwrap_or_default());
    Outcome { violations: found, happened: sim.injector.happened(), converged }
}

/// Waits for rest, and then for every timer. Returns when rest came.
async fn aftermath(life: &Life<'_>, id: Option<WorkspaceId>) -> chrono::DateTime<chrono::Utc> {
    if let Some(id) = id {
        life.settled(id).await;
    }
    let resting = devsanctum::ports::clock::Clock::now(&*life.sim.clock);
    tokio::time::sleep(AFTERMATH).await;
    if let Some(id) = id {
        life.settled(id).await;
    }
    resting
}

async fn judge(
    life: &Life<'_>,
    case: &Case,
    id: Option<WorkspaceId>,
    acknowledged: &Option<Result<WorkspaceId, String>>,
    before: &Before,
) -> Vec<String> {
    let sim = life.sim;
    tokio::time::sleep(AFTERMATH).await;
    let mut found = violations(life, before, case.operation.destroys_data()).await;
    let rows = sim.workspaces().await;
    let known = id.or(rows.first().map(|row| row.id));
    let status = match known {
        Some(id) => Some(sim.row(id).await.state.status()),
        None => None,
    };
    let acknowledged_id = acknowledged.as_ref().and_then(|it| it.as_ref().ok()).copied();
    let promised = acknowledged_id.is_some() || matches!(case.operation, Operation::Boot | Operation::Repair);
    // A refusal stays one until somebody mends its reason; everything else must be got over.
    let refused = matches!(case.mishap.fault, Fault::Fails(Kind::Conflict));
    let reached = status == Some(case.operation.target());
    if promised && !reached && !(refused && status == Some(Status::Failed)) {
        found.push(format!("I7 it was acknowledged, and is {status:?}"));
    }
    if rows.len() > 1 {
        found.push(format!("I7 {} workspaces where one was asked for", rows.len()));
    }
    if let Some(id) = known {
        found.extend(way_out(life, id).await);
    }
    found
}

/// Whatever became of it: destroying it leaves nothing.
async fn way_out(life: &Life<'_>, id: WorkspaceId) -> Vec<String> {
    use devsanctum::ports::provisioner::Provisioner;
    if sim_is_destroyed(life, id).await {
        return vec![];
    }
    let request = Request::Destroy { keep_volumes: false };
    if let Err(error) = workspaces::request(&life.app, &life.sim.caller, id, request, |_| Ok(())).await {
        return vec![format!("it cannot be destroyed: {error}")];
    }
    let row = life.settled(id).await;
    tokio::time::sleep(EPILOGUE).await;
    let left = life.sim.engine.observe(id).await.unwrap();
    let mut found = Vec::new();
    if row.state.status() != Status::Destroyed || left != Default::default() {
        found.push(format!("destroyed, it is {:?} with {left:?}", row.state.status()));
    }
    let routes = life.sim.proxy.published();
    if !routes.is_empty() {
        found.push(format!("destroyed, it has routes: {routes:?}"));
    }
    found
}

async fn sim_is_destroyed(life: &Life<'_>, id: WorkspaceId) -> bool {
    life.sim.row(id).await.state.status() == Status::Destroyed
}

#[test]
fn whatever_goes_wrong_once_is_got_over() {
    if let Some(text) = setting("DEVSANCTUM_FAULT_REPLAY") {
        let case: Case = text.parse().unwrap();
        let outcome = run(&case);
        println!("{case}: happened {}, at rest after {:?}", outcome.happened, outcome.converged);
        assert!(outcome.violations.is_empty(), "{:#?}", outcome.violations);
        return;
    }
    let whole = setting("DEVSANCTUM_FAULTS").as_deref() == Some("all");
    let seed = setting("DEVSANCTUM_FAULT_SEED").map_or(7, |text| text.parse().unwrap());
    let mut names = BTreeSet::new();
    let (mut points, mut cases) = (0, Vec::new());
    for operation in Operation::ALL {
        let calls = learn(seed, operation);
        assert_eq!(calls, learn(seed, operation), "a seed decides everything; {}", operation.name());
        points += calls.len();
        names.extend(calls.iter().map(|point| point.call.clone()));
        let faults = |at: Point| Fault::ALL.map(|fault| Mishap { at: at.clone(), fault });
        cases.extend(calls.into_iter().flat_map(faults).map(|mishap| Case { seed, operation, mishap }));
    }
    let injections = cases.len();
    let chosen: Vec<_> = match whole {
        true => cases,
        // Another part of the matrix with every seed.
        false => cases.into_iter().skip(usize::try_from(seed).unwrap() % SAMPLE).step_by(SAMPLE).collect(),
    };
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    let outcomes: Vec<(Case, Outcome)> = std::thread::scope(|scope| {
        let shares = chosen.chunks(chosen.len().div_ceil(workers)).map(|share| {
            scope.spawn(move || share.iter().map(|case| (case.clone(), run(case))).collect::<Vec<_>>())
        });
        shares.collect::<Vec<_>>().into_iter().flat_map(|share| share.join().unwrap()).collect()
    });
    let missed = outcomes.iter().filter(|(_, outcome)| !outcome.happened).count();
    let mut times: Vec<_> = outcomes.iter().map(|(_, outcome)| outcome.converged).collect();
    times.sort_unstable();
    let percentile = |share: usize| times[(times.len() - 1) * share / 100];
    let wrong: Vec<_> = outcomes.iter().filter(|(_, outcome)| !outcome.violations.is_empty()).collect();
    println!(
        "faults: {} operations, {} kinds of calls, {points} calls, {injections} injections, {} runs, {} violations; \
         at rest after p50 {:?}, p99 {:?} (virtual time); seed {seed}",
        Operation::ALL.len(),
        names.len(),
        outcomes.len(),
        wrong.len(),
        percentile(50),
        percentile(99),
    );
    for (case, outcome) in wrong.iter().take(20) {
        println!("DEVSANCTUM_FAULT_REPLAY='{case}'\n  {}", outcome.violations.join("\n  "));
    }
    assert!(wrong.is_empty(), "{} of {} runs broke a promise", wrong.len(), outcomes.len());
    assert_eq!(missed, 0, "what was to go wrong did not happen");
}

#[test]
fn a_wish_is_noticed_whichever_look_at_the_database_fails() {
    let (seed, operation) = (7, Operation::Cancel);
    let looks: Vec<_> =
        learn(seed, operation).into_iter().filter(|point| point.call == "store.read").collect();
    assert!(!looks.is_empty());
    for at in looks {
        let case = Case { seed, operation, mishap: Mishap { at, fault: Fault::Fails(Kind::Timeout) } };
        let outcome = run(&case);
        assert!(outcome.happened, "{case}");
        assert!(outcome.violations.is_empty(), "{case}: {:#?}", outcome.violations);
        // Long before the pull that is given up would have ended.
        assert!(outcome.converged < Duration::from_secs(60), "{case}: at rest after {:?}", outcome.converged);
    }
}
