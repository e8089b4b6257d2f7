//! Builds with the engine's classic builder, which every version from 20.10 to 29 has and which needs no session.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use bollard::{body_full, query_parameters::BuildImageOptionsBuilder};
use bytes::Bytes;
use futures::StreamExt;
use tokio::sync::{Semaphore, SemaphorePermit};

use super::{
    Engine, context,
    error::Failed,
    helper::IMAGE_LABEL,
    image::{LayerProgress, Reference},
};
use crate::{
    domain::deployment::LogStream,
    ports::{
        image_builder::{BuildRequest, Progress},
        provisioner::{EngineError, EngineResult},
    },
};

const CALL: &str = "building an image";

/// Of the scheduler, in microseconds: what a quota is a share of.
const CPU_PERIOD: i32 = 100_000;

#[derive(Debug, Clone, Copy)]
pub struct BuildLimits {
    /// Builds at once on this host.
    pub slots: usize,
    /// For each step of a build. The API carries no more than 2 GiB.
    pub memory_bytes: u64,
    pub cpu_millis: u64,
    /// For one build, without its time in the queue.
    pub deadline: Duration,
}

impl Default for BuildLimits {
    fn default() -> Self {
        Self { slots: 2, memory_bytes: 2 << 30, cpu_millis: 2_000, deadline: Duration::from_secs(30 * 60) }
    }
}

pub(super) struct BuildQueue {
    slots: Semaphore,
    waiting: Arc<AtomicUsize>,
    limits: BuildLimits,
}

impl BuildQueue {
    pub(super) fn new(limits: BuildLimits) -> Self {
        Self { slots: Semaphore::new(limits.slots.max(1)), waiting: Arc::default(), limits }
    }

    async fn enter(&self, progress: &Progress) -> EngineResult<SemaphorePermit<'_>> {
        if let Ok(permit) = self.slots.try_acquire() {
            return Ok(permit);
        }
        let place = Place::take(&self.waiting);
        say(
            progress,
            LogStream::System,
            format!("Waiting for other builds to end: number {} in the queue", place.number),
        );
        self.slots.acquire().await.map_err(|_| EngineError::Engine("the build queue is closed".into()))
    }
}

/// Counts its holder as waiting until dropped.
struct Place {
    number: usize,
    waiting: Arc<AtomicUsize>,
}

impl Place {
    fn take(waiting: &Arc<AtomicUsize>) -> Self {
        Self { number: waiting.fetch_add(1, Ordering::Relaxed) + 1, waiting: waiting.clone() }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.waiting.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Engine {
    /// Dropping the future closes the connection, which makes the engine stop the build.
    pub(super) async fn build(&self, request: BuildRequest, progress: Progress) -> EngineResult<()> {
        Reference::parse(&request.image)?;
        let _slot = self.builds.enter(&progress).await?;
        let BuildRequest { archive, context, dockerfile, .. } = &request;
        let context = context::of_archive(archive.clone(), context.clone(), dockerfile.clone()).await?;
        let limit = self.builds.limits.deadline;
        match tokio::time::timeout(limit, self.run_build(request, context, &progress)).await {
            Ok(result) => result,
            Err(_) => Err(EngineError::Timeout { call: CALL, limit }),
        }
    }

    async fn run_build(
        &self,
        request: BuildRequest,
        context: Bytes,
        progress: &Progress,
    ) -> EngineResult<()> {
        let limits = &self.builds.limits;
        let memory = i32::try_from(limits.memory_bytes).unwrap_or(i32::MAX);
        let quota =
            i32::try_from(limits.cpu_millis.saturating_mul(CPU_PERIOD as u64) / 1_000).unwrap_or(i32::MAX);
        let mut options = BuildImageOptionsBuilder::new()
            .dockerfile(&request.dockerfile)
            .t(&request.image)
            .buildargs(&request.args.into_iter().collect())
            .labels(&[(IMAGE_LABEL.to_owned(), "build".to_owned())].into())
            .memory(memory)
            .memswap(memory)
            .cpuperiod(CPU_PERIOD)
            .cpuquota(quota)
            .rm(true)
            .forcerm(true);
        if let Some(target) = &request.target {
            options = options.target(target);
        }
        let mut output = BuildOutput::default();
        let mut stream = self.docker().build_image(options.build(), None, Some(body_full(context)));
        while let Some(item) = stream.next().await {
            let info = item.map_err(|error| explain(error.into()))?;
            if let Some(text) = info.stream {
                output.push(&text, |line| say(progress, LogStream::Stdout, line));
            }
            output.layers.report(progress, info.id, info.status, info.progress_detail);
        }
        output.flush(|line| say(progress, LogStream::Stdout, line));
        match self.has_image(&request.image).await? {
            true => Ok(()),
            false => Err(EngineError::Build("the build ended without an image".into())),
        }
    }
}

/// What the engine refuses is a fault of the Dockerfile.
fn explain(failed: Failed) -> EngineError {
    match EngineError::from(failed) {
        EngineError::Refused(text) | EngineError::Engine(text) => EngineError::Build(text),
        other => other,
    }
}

#[derive(Default)]
struct BuildOutput {
    layers: LayerProgress,
    /// A line that has not ended yet.
    partial: String,
}

impl BuildOutput {
    /// Longer lines are passed on in pieces.
    const MAX_LINE: usize = 16 * 1024;

    fn push(&mut self, text: &str, mut emit: impl FnMut(String)) {
        for piece in text.split_inclusive('\n') {
            self.partial.push_str(piece);
            if piece.ends_with('\n') || self.partial.len() > Self::MAX_LINE {
                self.flush(&mut emit);
            }
        }
    }

    fn flush(&mut self, mut emit: impl FnMut(String)) {
        let line = std::mem::take(&mut self.partial);
        let line = line.trim_end();
        if !line.is_empty() {
            emit(line.to_owned());
        }
    }
}

fn say(progress: &Progress, stream: LogStream, line: String) {
    // A log that cannot take the line must not hold up the build.
    let _ = progress.try_send((stream, line));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn output_is_cut_into_lines() {
        let mut output = BuildOutput::default();
        let mut lines = Vec::new();
        for text in ["Step 1/2 : FROM scr", "atch\n", "\n", " ---> ab\r\nno", " newline"] {
            output.push(text, |line| lines.push(line));
        }
        output.flush(|line| lines.push(line));
        assert_eq!(lines, ["Step 1/2 : FROM scratch", " ---> ab", "no newline"]);
    }
}
