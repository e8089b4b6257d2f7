//! What containers use. The engine gives totals; use of the processor is the difference of two.

use std::{
    collections::HashMap,
    sync::Mutex,
    time::{Duration, Instant},
};

use bollard::{
    models::{ContainerMemoryStats, ContainerStatsResponse},
    query_parameters::StatsOptionsBuilder,
};
use futures::StreamExt;

use super::{Engine, client::LOOK};
use crate::ports::provisioner::{ContainerStats, EngineError, EngineResult};

const CALL: &str = "reading statistics";

/// Between the two samples of a container that was not asked about lately.
const FIRST_INTERVAL: Duration = Duration::from_millis(250);

/// An older sample says nothing about now.
const FORGET_AFTER: Duration = Duration::from_secs(60);

/// The last sample of each container, by id.
#[derive(Default)]
pub(super) struct Samples(Mutex<HashMap<String, Sample>>);

#[derive(Debug, Clone, Copy)]
struct Sample {
    taken: Instant,
    cpu_nanos: u64,
}

impl Samples {
    /// Puts the new sample in the old one's place.
    fn replace(&self, id: &str, sample: Sample) -> Option<Sample> {
        let mut samples = self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        samples.retain(|_, old| sample.taken.saturating_duration_since(old.taken) < FORGET_AFTER);
        samples.insert(id.to_owned(), sample)
    }
}

impl Sample {
    /// Thousandths of a core since `before`. A container that was restarted begins at 0 again.
    fn cpu_millis_since(self, before: Sample) -> u64 {
        let wall = self.taken.saturating_duration_since(before.taken).as_nanos().max(1);
        let used = u128::from(self.cpu_nanos.saturating_sub(before.cpu_nanos));
        u64::try_from(used * 1_000 / wall).unwrap_or(u64::MAX)
    }
}

impl Engine {
    pub(super) async fn stats(&self, container: &str) -> EngineResult<ContainerStats> {
        let found = self.look_at_ours(container).await?;
        let missing = || EngineError::NotFound { kind: "container", name: container.to_owned() };
        let id = found.ok_or_else(missing)?.id;
        let (mut sample, mut answer) = self.sample(&id, container).await?;
        let before = match self.samples.replace(&id, sample) {
            Some(before) => before,
            None => {
                let first = sample;
                tokio::time::sleep(FIRST_INTERVAL).await;
                (sample, answer) = self.sample(&id, container).await?;
                self.samples.replace(&id, sample);
                first
            }
        };
        Ok(read(&answer, sample.cpu_millis_since(before)))
    }

    async fn sample(&self, id: &str, name: &str) -> EngineResult<(Sample, ContainerStatsResponse)> {
        let options = StatsOptionsBuilder::new().stream(false).one_shot(true).build();
        let mut answers = self.docker().stats(id, Some(options));
        let first = async { answers.next().await.transpose() };
        let answer =
            self.client.call(CALL, LOOK, first).await.map_err(|failed| failed.about("container", name))?;
        let answer = answer.ok_or_else(|| EngineError::Engine("it answered without statistics".into()))?;
        let usage = answer.cpu_stats.as_ref().and_then(|cpu| cpu.cpu_usage.as_ref()?.total_usage);
        Ok((Sample { taken: Instant::now(), cpu_nanos: usage.unwrap_or(0) }, answer))
    }
}

fn read(answer: &ContainerStatsResponse, cpu_millis: u64) -> ContainerStats {
    let networks = || answer.networks.iter().flat_map(HashMap::values);
    let memory = answer.memory_stats.as_ref();
    ContainerStats {
        cpu_millis,
        memory_bytes: memory.map_or(0, used_memory),
        memory_limit: memory.and_then(|memory| memory.limit).unwrap_or(0),
        network_rx: networks().filter_map(|network| network.rx_bytes).sum(),
        network_tx: networks().filter_map(|network| network.tx_bytes).sum(),
        // Counting it means walking through the layer's files.
        disk_bytes: None,
        pids: answer.pids_stats.as_ref().and_then(|pids| pids.current).unwrap_or(0),
    }
}

/// Without the part of the page cache that the kernel would give up first, as `docker stats` counts it.
fn used_memory(memory: &ContainerMemoryStats) -> u64 {
    let usage = memory.usage.unwrap_or(0);
    let details = memory.stats.as_ref();
    // Control groups of version 1, then of version 2.
    let inactive = ["total_inactive_file", "inactive_file"].iter().find_map(|key| details?.get(*key));
    usage - inactive.copied().filter(|inactive| *inactive < usage).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_a_core_is_five_hundred_thousandths() {
        let before = Sample { taken: Instant::now(), cpu_nanos: 1_000_000_000 };
        let now = Sample { taken: before.taken + Duration::from_secs(2), cpu_nanos: 2_000_000_000 };
        assert_eq!(now.cpu_millis_since(before), 500);
        let restarted = Sample { cpu_nanos: 5, ..now };
        assert_eq!(restarted.cpu_millis_since(before), 0);
    }

    #[test]
    fn the_page_cache_is_not_counted() {
        let memory = |stats: &[(&str, u64)]| ContainerMemoryStats {
            usage: Some(100),
            stats: Some(stats.iter().map(|(key, value)| ((*key).to_owned(), *value)).collect()),
            ..ContainerMemoryStats::default()
        };
        assert_eq!(
            used_memory(&memory(&[("total_inactive_file", 30), ("inactive_file", 10)])),
            70,
            "version 1"
        );
        assert_eq!(used_memory(&memory(&[("inactive_file", 40)])), 60, "version 2");
        assert_eq!(used_memory(&memory(&[("inactive_file", 400)])), 100);
    }

    #[test]
    fn old_samples_are_forgotten() {
        let samples = Samples::default();
        let first = Sample { taken: Instant::now(), cpu_nanos: 1 };
        assert!(samples.replace("a", first).is_none());
        let later = Sample { taken: first.taken + FORGET_AFTER, cpu_nanos: 2 };
        assert!(samples.replace("b", later).is_none());
        assert_eq!(samples.0.lock().unwrap().len(), 1);
    }
}
