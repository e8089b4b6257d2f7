//! What is true of a world at rest, whatever happened before. The numbers are those of the security model.

use std::collections::{BTreeMap, BTreeSet};

use devsanctum::{
    app::workspaces,
    domain::{
        quota::Usage,
        workspace::{ContainerState, Desired, Observed, Status, Workspace},
    },
    ports::{
        provisioner::Provisioner,
        repository::{PageRequest, Store, audit::AuditFilter},
    },
};

use super::sim::{CANARY, Life};

/// What was there before, for comparison.
pub struct Before {
    /// Docker names of the volumes on the host.
    volumes: BTreeSet<String>,
    foreign: (BTreeSet<String>, BTreeSet<String>),
    /// Tasks of a process that has nothing to do.
    tasks: usize,
}

impl Before {
    pub async fn of(life: &Life<'_>) -> Self {
        let inventory = life.sim.engine.inventory().await.unwrap();
        let volumes = inventory.workspaces.values().flat_map(|it| it.volumes.clone()).collect();
        Self { volumes, foreign: life.sim.engine.foreign(), tasks: life.tracker.len() }
    }
}

/// Everything that is wrong, in words. `may_lose_data`: somebody asked for volumes to go.
pub async fn violations(life: &Life<'_>, before: &Before, may_lose_data: bool) -> Vec<String> {
    let mut found = Vec::new();
    let sim = life.sim;
    let inventory = sim.engine.inventory().await.unwrap().workspaces;
    let mut reader = sim.store.read().await.unwrap();
    let mut rows = BTreeMap::new();
    for id in inventory.keys().copied() {
        match reader.workspaces().find(id).await.unwrap() {
            Some(row) => drop(rows.insert(id, row)),
            None => found.push(format!("I1 objects of {id}, which nobody knows")),
        }
    }
    for row in sim.workspaces().await {
        rows.insert(row.id, row);
    }
    let nothing = Observed::default();
    for row in rows.values() {
        let observed = inventory.get(&row.id).unwrap_or(&nothing);
        let volumes = reader.workspaces().volumes(row.id).await.unwrap();
        let named: BTreeSet<_> = volumes.iter().map(|volume| volume.docker_name.clone()).collect();
        let wrong = disagreement(row, observed, &named);
        found.extend(wrong.into_iter().map(|wrong| format!("I1/I2 {:?}: {wrong}", row.state.status())));
        if !row.state.status().is_settled() {
            found.push(format!("I6 {} is still {:?}", row.name, row.state.status()));
        }
        let page = PageRequest { limit: 100, ..PageRequest::default() };
        let deployments = reader.deployments().list(row.id, &page).await.unwrap();
        for deployment in deployments {
            if !deployment.status.is_finished() {
                found.push(format!("I6 a {:?} is still {:?}", deployment.kind, deployment.status));
            }
            let steps = reader.deployments().steps(deployment.id).await.unwrap();
            for step in steps {
                if !step.status.is_finished() {
                    found.push(format!("I6 step {step:?} of a {:?} never ended", deployment.kind));
                }
                leak("a step", &format!("{step:?}"), &mut found);
            }
            let lines = reader.deployments().logs(deployment.id, 0, 10_000).await.unwrap();
            leak("a deployment and its log", &format!("{deployment:?} {lines:?}"), &mut found);
        }
        let shown = workspaces::get(&life.app, &sim.caller, row.id).await;
        match shown {
            Ok(shown) if shown.status == row.state.status() => {
                leak("an answer of the API", &format!("{shown:?}"), &mut found);
            }
            Ok(shown) => found.push(format!("I12 {:?} is shown as {:?}", row.state.status(), shown.status)),
            Err(_) if row.state.status() == Status::Destroyed => {}
            Err(error) => found.push(format!("I12 {} cannot be shown: {error}", row.name)),
        }
    }
    found.extend(sim.engine.violations().into_iter().map(|it| format!("I3 {it}")));
    found.extend(routes(life).await);
    if sim.engine.foreign() != before.foreign {
        found.push("I5 objects of others changed".into());
    }
    if !may_lose_data {
        let there: BTreeSet<_> = inventory.values().flat_map(|it| &it.volumes).collect();
        let lost = before.volumes.iter().filter(|volume| !there.contains(volume));
        found.extend(lost.map(|volume| format!("I8 volume {volume} is gone, and nobody asked for it")));
    }
    let counted: u64 =
        reader.workspaces().count_by_status().await.unwrap().iter().map(|(_, count)| count).sum();
    let listed = u64::try_from(rows.len()).unwrap();
    if counted < listed {
        found.push(format!("I9 {counted} are counted, {listed} are there"));
    }
    let counted = reader.quotas().usage(sim.org).await.unwrap();
    let mut expected = Usage::default();
    for row in rows.values().filter(|row| row.state.status() != Status::Destroyed) {
        expected = expected.moved(&Usage::default(), &Usage::of(row.desired, row.resources));
    }
    if counted != expected {
        found.push(format!("I9 the quota counts {counted:?}, there is {expected:?}"));
    }
    if life.tracker.len() > before.tasks {
        found.push(format!("I10 {} tasks, {} when idle", life.tracker.len(), before.tasks));
    }
    let leases = sim.store.leases();
    if !leases.is_empty() {
        found.push(format!("I10 leases are held: {leases:?}"));
    }
    let events = reader.events().since(0, 100_000).await.unwrap();
    leak("an event", &format!("{events:?}"), &mut found);
    let audit = reader
        .audit()
        .list(&AuditFilter::default(), &PageRequest { limit: 1000, ..PageRequest::default() })
        .await
        .unwrap();
    leak("the audit log", &format!("{audit:?}"), &mut found);
    if may_lose_data && !audit.iter().any(|entry| entry.action == "workspace.destroy") {
        let lost =
            before.volumes.iter().any(|volume| !inventory.values().any(|it| it.volumes.contains(volume)));
        if lost {
            found.push("I8 volumes are gone, and the audit log names nobody".into());
        }
    }
    found
}

/// Between a row at rest and what the host has.
fn disagreement(row: &Workspace, observed: &Observed, volumes: &BTreeSet<String>) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut components = BTreeMap::<_, usize>::new();
    for container in &observed.containers {
        *components.entry(container.component.to_string()).or_default() += 1;
        // An update that failed leaves what was there before, until it is tried again or destroyed.
        let replaced = row.state.status() == Status::Failed && container.generation == row.generation - 1;
        if container.generation != row.generation && !replaced {
            wrong.push(format!("{} is not of generation {}", container.name, row.generation));
        }
    }
    if components.values().any(|count| *count > 1) && row.state.status() != Status::Failed {
        wrong.push(format!("a component twice: {components:?}"));
    }
    for volume in observed.volumes.difference(volumes) {
        wrong.push(format!("volume {volume} is not in the database"));
    }
    let active = observed.containers.iter().filter(|it| it.state.is_active()).count();
    match row.state.status() {
        Status::Running => {
            let down = observed.containers.iter().filter(|it| it.state != ContainerState::Running);
            wrong.extend(down.map(|it| format!("{} is {:?}", it.name, it.state)));
            if components.len() != row.components.len() {
                wrong.push(format!("{} of {} components", components.len(), row.components.len()));
            }
            if !observed.network || observed.volumes != *volumes {
                wrong.push(format!("network {}, volumes {:?}", observed.network, observed.volumes));
            }
        }
        Status::Stopped if active > 0 => wrong.push(format!("{active} containers run")),
        Status::Destroyed => {
            let kept = matches!(row.desired, Desired::Destroyed { keep_volumes: true });
            if observed.network || !observed.containers.is_empty() {
                wrong.push(format!("{observed:?} is left"));
            }
            if !kept && !observed.volumes.is_empty() {
                wrong.push(format!("volumes {:?} are left", observed.volumes));
            }
        }
        _ => {}
    }
    wrong
}

/// What is published is what the database says, and each backend is who its route says.
async fn routes(life: &Life<'_>) -> Vec<String> {
    let mut found = Vec::new();
    let wanted = life.sim.store.read().await.unwrap().routes().published().await.unwrap();
    let published = life.sim.proxy.published();
    if wanted != published {
        found.push(format!("I4 published {published:?}, wanted {wanted:?}"));
    }
    for route in &wanted {
        let Some(address) = route.route.target.address() else {
            if route.workspace_status == Status::Running {
                found.push(format!(
                    "I4 {} runs, and its route is {:?}",
                    route.workspace_name, route.route.target
                ));
            }
            continue;
        };
        let owner = life.sim.engine.owner_of(address.ip());
        if owner != Some((route.route.workspace_id, route.route.component.clone())) {
            found.push(format!("I4 {} leads to {owner:?}", route.route.label));
        }
    }
    found
}

fn leak(place: &str, text: &str, found: &mut Vec<String>) {
    if text.contains(CANARY) {
        found.push(format!("I11 a secret is in {place}: {text}"));
    }
}
