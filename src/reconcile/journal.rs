//! What an attempt does, for people to watch: steps with times, and log lines. Kept in memory and written in batches
//! beside the work, so that being watched costs the work nothing.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::{
    sync::{Mutex as AsyncMutex, Notify, mpsc},
    task::JoinHandle,
};
use tokio_util::sync::{CancellationToken, DropGuard};

use super::load::Loaded;
use crate::{
    app::App,
    domain::{
        deployment::{LogLine, LogStream, Step, StepName, StepStatus},
        event::{EventKind, NewEvent},
        ids::{DeploymentId, OrgId},
        names::ComponentName,
        workspace::{ComponentStatus, ComponentView, Health},
    },
    ports::{
        image_builder::Progress,
        repository::{StoreResult, UnitOfWork, workspace::Lease},
    },
};

/// Writes come at most this often while an attempt runs.
const DEBOUNCE: Duration = Duration::from_millis(60);
/// Longer logs are cut, and say so.
const MAX_LINES: usize = 20_000;
/// In bytes.
const MAX_LINE: usize = 4096;
/// Lines of a build or pull that may wait to be recorded.
const PROGRESS_BACKLOG: usize = 1024;

pub(super) struct Journal {
    app: Arc<App>,
    /// Whoever lost it writes nothing.
    lease: Lease,
    /// `None`: cleaning up after a deployment that has ended; nothing is recorded.
    deployment: Option<DeploymentId>,
    org: OrgId,
    entries: Mutex<Entries>,
    changed: Notify,
    /// Held while entries are on their way to the database, so that older ones never overtake newer ones.
    writing: AsyncMutex<()>,
}

#[derive(Default)]
struct Entries {
    steps: Vec<Step>,
    /// What each step works on; unknown for steps of an earlier process.
    subjects: BTreeMap<usize, String>,
    dirty: BTreeSet<usize>,
    lines: Vec<LogLine>,
    lines_taken: usize,
    /// As far as the steps tell.
    components: Vec<ComponentView>,
    components_changed: bool,
}

/// Entries on their way to the database.
#[derive(Clone, Default)]
pub(super) struct Batch {
    steps: Vec<Step>,
    lines: Vec<LogLine>,
    components: Option<Vec<ComponentView>>,
}

/// The task that writes; it ends, after a last write, when this is dropped.
pub(super) struct Writer {
    task: JoinHandle<()>,
    stop: DropGuard,
}

impl Writer {
    pub(super) async fn finish(self) {
        drop(self.stop);
        if let Err(error) = self.task.await {
            tracing::error!(error = %error, "writing a deployment's steps broke off");
        }
    }
}

/// Which step of the journal something belongs to.
#[derive(Debug, Clone, Copy)]
pub(super) struct StepKey(usize);

impl Journal {
    pub(super) fn new(app: Arc<App>, lease: Lease, loaded: &Loaded) -> Arc<Self> {
        let entries = Entries {
            steps: loaded.steps.clone(),
            components: loaded.workspace.components.clone(),
            ..Entries::default()
        };
        Arc::new(Self {
            app,
            lease,
            deployment: loaded.deployment.as_ref().map(|deployment| deployment.id),
            org: loaded.workspace.org_id,
            entries: Mutex::new(entries),
            changed: Notify::new(),
            writing: AsyncMutex::default(),
        })
    }

    fn with<T>(&self, act: impl FnOnce(&mut Entries) -> T) -> T {
        let result = act(&mut self.entries.lock().unwrap_or_else(PoisonError::into_inner));
        self.changed.notify_one();
        result
    }

    /// Announces a step on `subject`, an object's name. One that an earlier plan, or an earlier process, announced and
    /// that did not succeed is taken up again.
    pub(super) fn announce(
        &self,
        name: StepName,
        component: Option<ComponentName>,
        subject: &str,
    ) -> StepKey {
        self.with(|entries| {
            let again = entries.steps.iter().enumerate().position(|(index, step)| {
                step.name == name
                    && step.component == component
                    && step.status != StepStatus::Succeeded
                    && entries.subjects.get(&index).is_none_or(|announced| announced == subject)
            });
            let index = again.unwrap_or_else(|| {
                let position = i32::try_from(entries.steps.len()).unwrap_or(i32::MAX);
                let status = StepStatus::Pending;
                entries.steps.push(Step {
                    position,
                    name,
                    component,
                    status,
                    started_at: None,
                    finished_at: None,
                    detail: String::new(),
                });
                entries.steps.len() - 1
            });
            entries.subjects.insert(index, subject.to_owned());
            entries.dirty.insert(index);
            StepKey(index)
        })
    }

    pub(super) fn begin(&self, key: StepKey) {
        let now = self.app.clock.now();
        self.change(key, |step| {
            step.status = StepStatus::Running;
            step.started_at = Some(now);
            step.finished_at = None;
        });
    }

    pub(super) fn detail(&self, key: StepKey, detail: impl Into<String>) {
        let detail = detail.into();
        self.change(key, |step| step.detail = detail);
    }

    pub(super) fn end(&self, key: StepKey, status: StepStatus) {
        let now = self.app.clock.now();
        self.change(key, |step| {
            step.status = status;
            step.finished_at = Some(now);
        });
    }

    fn change(&self, key: StepKey, act: impl FnOnce(&mut Step)) {
        self.with(|entries| {
            if let Some(step) = entries.steps.get_mut(key.0) {
                act(step);
                entries.dirty.insert(key.0);
            }
        });
    }

    /// A component has come this far.
    pub(super) fn see(&self, component: &ComponentName, (status, health): (ComponentStatus, Health)) {
        let now = self.app.clock.now();
        self.with(|entries| {
            let Some(view) = entries.components.iter_mut().find(|view| view.name == *component) else {
                return;
            };
            if matches!(status, ComponentStatus::Starting)
                || view.started_at.is_none() && status == ComponentStatus::Running
            {
                view.started_at = Some(now);
            }
            (view.status, view.health) = (status, health);
            entries.components_changed = true;
        });
    }

    /// The attempt was interrupted: what has not ended never will.
    pub(super) fn abandon(&self) {
        let now = self.app.clock.now();
        self.with(|entries| {
            for (index, step) in entries.steps.iter_mut().enumerate() {
                if matches!(step.status, StepStatus::Pending | StepStatus::Running) {
                    step.status = StepStatus::Canceled;
                    step.finished_at = Some(now);
                    entries.dirty.insert(index);
                }
            }
        });
    }

    pub(super) fn line(&self, key: StepKey, stream: LogStream, text: &str) {
        let at = self.app.clock.now();
        self.with(|entries| {
            let Some(step) = entries.steps.get(key.0) else { return };
            let (step, component) = (step.name, step.component.clone());
            let text = match entries.lines_taken {
                MAX_LINES.. => return,
                taken if taken == MAX_LINES - 1 => "… the log is cut here, it is too long".to_owned(),
                _ => cut(text, MAX_LINE).to_owned(),
            };
            entries.lines_taken += 1;
            entries.lines.push(LogLine { at, step, component, stream, text });
        });
    }

    /// A channel whose lines become lines of the step. It ends when its sender is dropped.
    pub(super) fn progress(self: &Arc<Self>, key: StepKey) -> Progress {
        let (sender, mut lines) = mpsc::channel::<(LogStream, String)>(PROGRESS_BACKLOG);
        let journal = self.clone();
        tokio::spawn(async move {
            while let Some((stream, text)) = lines.recv().await {
                journal.line(key, stream, &text);
            }
        });
        sender
    }

    /// The last log lines of a component's steps, oldest first.
    pub(super) fn tail(&self, component: Option<&ComponentName>, count: usize) -> Vec<String> {
        self.with(|entries| {
            let of = entries.lines.iter().filter(|line| line.component.as_ref() == component);
            let texts: Vec<String> = of.map(|line| line.text.clone()).collect();
            texts[texts.len().saturating_sub(count)..].to_vec()
        })
    }

    /// Writes beside the work until told to finish.
    pub(super) fn start_writing(self: &Arc<Self>) -> Writer {
        let stop = CancellationToken::new();
        let journal = self.clone();
        let stopped = stop.clone();
        let task = tokio::spawn(async move {
            while stopped.run_until_cancelled(journal.next_batch()).await.is_some() {
                journal.write_or_warn().await;
            }
            journal.write_or_warn().await;
        });
        Writer { task, stop: stop.drop_guard() }
    }

    async fn next_batch(&self) {
        self.changed.notified().await;
        tokio::time::sleep(DEBOUNCE).await;
    }

    async fn write_or_warn(&self) {
        if let Err(error) = self.write().await {
            let workspace = self.lease.workspace;
            tracing::warn!(error = %error, workspace.id = %workspace, "a deployment's steps cannot be written");
        }
    }

    /// Writes what has not been written.
    async fn write(&self) -> StoreResult<()> {
        let _writing = self.writing.lock().await;
        let Some(batch) = self.take() else { return Ok(()) };
        let result = self.write_batch(&batch).await;
        if result.is_err() {
            self.put_back(batch);
        }
        result
    }

    async fn write_batch(&self, batch: &Batch) -> StoreResult<()> {
        let Some(deployment) = self.deployment else { return Ok(()) };
        let mut work = self.app.store.begin().await?;
        self.record(work.as_mut(), batch).await?;
        let event = NewEvent {
            org_id: Some(self.org),
            workspace_id: Some(self.lease.workspace),
            deployment_id: Some(deployment),
            ..NewEvent::new(EventKind::DeploymentUpdated, self.app.clock.now())
        };
        work.events().append(&[event]).await?;
        work.commit().await?;
        self.app.feed.wake();
        Ok(())
    }

    /// Hands what has not been written to `act`, whose unit of work must call [`Self::record`]; keeps it when that
    /// fails.
    pub(super) async fn write_with<T, E, F>(&self, act: impl FnOnce(Batch) -> F) -> Result<T, E>
    where
        F: Future<Output = Result<T, E>>,
    {
        let _writing = self.writing.lock().await;
        let batch = self.take().unwrap_or_default();
        let result = act(batch.clone()).await;
        if result.is_err() {
            self.put_back(batch);
        }
        result
    }

    pub(super) async fn record(&self, work: &mut dyn UnitOfWork, batch: &Batch) -> StoreResult<()> {
        let Some(deployment) = self.deployment else { return Ok(()) };
        match &batch.components {
            Some(components) => {
                work.workspaces().record_components(self.lease, deployment, components).await?;
            }
            None => work.workspaces().guard(self.lease).await?,
        }
        if !batch.steps.is_empty() {
            work.deployments().record_steps(deployment, &batch.steps).await?;
        }
        if !batch.lines.is_empty() {
            work.deployments().append_logs(deployment, &batch.lines).await?;
        }
        Ok(())
    }

    fn take(&self) -> Option<Batch> {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        if entries.dirty.is_empty() && entries.lines.is_empty() && !entries.components_changed {
            return None;
        }
        let dirty = std::mem::take(&mut entries.dirty);
        let steps = dirty.into_iter().map(|index| entries.steps[index].clone()).collect();
        let changed = std::mem::take(&mut entries.components_changed);
        let components = changed.then(|| entries.components.clone());
        Some(Batch { steps, lines: std::mem::take(&mut entries.lines), components })
    }

    fn put_back(&self, batch: Batch) {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        let written = batch.steps.iter().filter_map(|step| usize::try_from(step.position).ok());
        entries.dirty.extend(written);
        entries.lines.splice(0..0, batch.lines);
        entries.components_changed |= batch.components.is_some();
    }
}

/// At most `max` bytes, cut between characters.
fn cut(text: &str, max: usize) -> &str {
    if text.len() <= max {
        return text;
    }
    let end = (0..=max).rev().find(|&end| text.is_char_boundary(end)).unwrap_or(0);
    &text[..end]
}

#[cfg(test)]
mod tests {
    use super::cut;

    #[test]
    fn cuts_between_characters() {
        assert_eq!(cut("abc", 5), "abc");
        assert_eq!(cut("aéc", 2), "a");
        assert_eq!(cut("aéc", 3), "aé");
    }
}
