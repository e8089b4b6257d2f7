//! Carries out a plan: every step as soon as those before it are done, as many side by side as the plan allows.

use futures::stream::{FuturesUnordered, StreamExt};

use super::{
    journal::StepKey,
    steps::{Fault, Worker},
};
use crate::domain::{
    deployment::{LogStream, StepStatus},
    workspace::{
        ComponentStatus, Health,
        plan::{Action, PlannedStep},
    },
};

impl Worker<'_> {
    /// Runs until all steps are done or one failed. On a failure the steps under way are let go: what they have
    /// reached is seen at the next look.
    pub(super) async fn execute(&self, steps: &[PlannedStep]) -> Result<(), Fault> {
        let withdraws = steps.iter().any(|step| step.action == Action::WithdrawRoutes);
        if !withdraws && steps.iter().any(|step| step.action.frees_an_address()) {
            // Whoever withdrew the routes may have ended before all servers had heard of it.
            self.context.routes.withdrawn_everywhere().await?;
        }
        let keys: Vec<StepKey> = steps.iter().map(|step| self.announce(&step.action)).collect();
        let mut waiting_for: Vec<usize> = steps.iter().map(|step| step.after.len()).collect();
        let begin = |index: usize| {
            self.journal.begin(keys[index]);
            let key = keys[index];
            async move { (index, self.perform(&steps[index].action, key).await) }
        };
        let free = (0..steps.len()).filter(|&index| steps[index].after.is_empty());
        let mut running: FuturesUnordered<_> = free.map(begin).collect();
        while let Some((done, result)) = running.next().await {
            self.note(keys[done], &steps[done].action, &result);
            result?;
            for index in (0..steps.len()).filter(|&index| steps[index].after.contains(&done)) {
                waiting_for[index] -= 1;
                if waiting_for[index] == 0 {
                    running.push(begin(index));
                }
            }
        }
        Ok(())
    }

    fn note(&self, key: StepKey, action: &Action, result: &Result<String, Fault>) {
        let (status, detail) = match result {
            Ok(detail) => (StepStatus::Succeeded, detail.clone()),
            Err(fault) => (StepStatus::Failed, fault.to_string()),
        };
        if status == StepStatus::Succeeded {
            self.show(action);
        }
        self.journal.line(key, LogStream::System, if detail.is_empty() { "done" } else { &detail });
        if !detail.is_empty() {
            self.journal.detail(key, detail);
        }
        self.journal.end(key, status);
    }

    /// What a step that succeeded says about its component, for people who watch; the end of the attempt looks again.
    fn show(&self, action: &Action) {
        let Some(component) = action.component() else { return };
        let has_probe = self.spec.component(component).is_some_and(|it| it.readiness.is_some());
        let seen = match action {
            Action::CreateContainer { .. } => (ComponentStatus::Creating, Health::None),
            Action::StartContainer { .. } if has_probe => (ComponentStatus::Starting, Health::Starting),
            Action::StartContainer { .. } => (ComponentStatus::Running, Health::None),
            Action::AwaitReady { .. } if has_probe => (ComponentStatus::Running, Health::Healthy),
            Action::AwaitReady { .. } => (ComponentStatus::Running, Health::None),
            Action::AwaitCompletion { .. } => (ComponentStatus::Completed, Health::None),
            Action::StopContainer { .. } => (ComponentStatus::Stopped, Health::None),
            Action::RemoveContainer { .. } => (ComponentStatus::Missing, Health::None),
            _ => return,
        };
        self.journal.see(component, seen);
    }
}
