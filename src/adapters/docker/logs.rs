//! What containers wrote, line by line, with the time at which Docker read it.

use std::time::Duration;

use bollard::{container::LogOutput, query_parameters::LogsOptionsBuilder};
use chrono::{DateTime, Utc};
use futures::{Stream, StreamExt, stream::BoxStream};

use super::{Engine, client::LOOK, error::Failed};
use crate::{
    domain::deployment::LogStream,
    ports::provisioner::{ContainerLogLine, EngineError, EngineResult, LogRange},
};

const CALL: &str = "reading logs";

/// Logs that are not followed come from a file, without pauses.
const SILENCE: Duration = Duration::from_secs(30);

/// Longer lines are passed on in pieces.
const MAX_LINE: usize = 64 * 1024;

impl Engine {
    pub(super) async fn logs(
        &self,
        container: &str,
        range: LogRange,
    ) -> EngineResult<BoxStream<'static, EngineResult<ContainerLogLine>>> {
        let found = self.look_at_ours(container).await?;
        let missing = || EngineError::NotFound { kind: "container", name: container.to_owned() };
        let found = found.ok_or_else(missing)?;
        let seconds = range.since.map_or(0, |since| i32::try_from(since.timestamp()).unwrap_or(i32::MAX));
        let options = LogsOptionsBuilder::new()
            .stdout(true)
            .stderr(true)
            .timestamps(true)
            .follow(range.follow)
            .since(seconds)
            .tail(&range.tail.map_or_else(|| "all".to_owned(), |lines| lines.to_string()))
            .build();
        // bollard's limit ends at the head of the answer, which comes at once; a silent container may be followed.
        let frames = self.docker().clone().with_timeout(LOOK).logs(&found.id, Some(options));
        let frames = frames.map(|frame| frame.map_err(|error| EngineError::from(Failed::from(error))));
        let frames = if range.follow { frames.boxed() } else { without_silence(frames).boxed() };
        let since = range.since;
        let lines = lines(frames).filter(move |line| {
            let wanted = match line {
                // The engine knows whole seconds only.
                Ok(line) => since.is_none() || line.at >= since,
                Err(_) => true,
            };
            std::future::ready(wanted)
        });
        Ok(lines.boxed())
    }
}

type Frame = EngineResult<LogOutput>;

fn without_silence(
    frames: impl Stream<Item = Frame> + Send + Unpin + 'static,
) -> impl Stream<Item = Frame> + Send {
    futures::stream::unfold(Some(frames), |frames| async move {
        let mut frames = frames?;
        match tokio::time::timeout(SILENCE, frames.next()).await {
            Ok(frame) => frame.map(|frame| (frame, Some(frames))),
            Err(_) => Some((Err(EngineError::Timeout { call: CALL, limit: SILENCE }), None)),
        }
    })
}

fn lines(
    frames: impl Stream<Item = Frame> + Send + 'static,
) -> impl Stream<Item = EngineResult<ContainerLogLine>> + Send {
    let ended = futures::stream::once(async { None });
    frames
        .map(Some)
        .chain(ended)
        .scan(Lines::default(), |lines, frame| {
            let ready = match frame {
                Some(Ok(frame)) => lines.push(frame).into_iter().map(Ok).collect(),
                Some(Err(error)) => vec![Err(error)],
                None => lines.flush().into_iter().map(Ok).collect::<Vec<_>>(),
            };
            std::future::ready(Some(futures::stream::iter(ready)))
        })
        .flatten()
}

/// Joins the pieces in which Docker keeps lines above 16 KiB; each comes with a time of its own.
#[derive(Default)]
struct Lines {
    stdout: Option<ContainerLogLine>,
    stderr: Option<ContainerLogLine>,
}

impl Lines {
    fn push(&mut self, frame: LogOutput) -> Option<ContainerLogLine> {
        let stream = match frame {
            LogOutput::StdErr { .. } => LogStream::Stderr,
            _ => LogStream::Stdout,
        };
        let partial = if stream == LogStream::Stderr { &mut self.stderr } else { &mut self.stdout };
        let bytes = frame.into_bytes();
        let text = String::from_utf8_lossy(&bytes);
        let (at, text) = split_time(&text);
        let line = partial.get_or_insert_with(|| ContainerLogLine { at, stream, text: String::new() });
        line.text.push_str(text);
        if !text.ends_with('\n') && line.text.len() < MAX_LINE {
            return None;
        }
        partial.take().map(finish)
    }

    fn flush(&mut self) -> Vec<ContainerLogLine> {
        [self.stdout.take(), self.stderr.take()].into_iter().flatten().map(finish).collect()
    }
}

fn finish(mut line: ContainerLogLine) -> ContainerLogLine {
    line.text.truncate(line.text.trim_end_matches(['\r', '\n']).len());
    line
}

fn split_time(text: &str) -> (Option<DateTime<Utc>>, &str) {
    match text.split_once(' ').map(|(time, rest)| (DateTime::parse_from_rfc3339(time), rest)) {
        Some((Ok(time), rest)) => (Some(time.to_utc()), rest),
        _ => (None, text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn out(text: &str) -> Frame {
        Ok(LogOutput::StdOut { message: text.to_owned().into() })
    }

    fn err(text: &str) -> Frame {
        Ok(LogOutput::StdErr { message: text.to_owned().into() })
    }

    async fn read(frames: Vec<Frame>) -> Vec<(LogStream, String)> {
        let lines: Vec<_> = lines(futures::stream::iter(frames)).collect().await;
        lines.into_iter().map(|line| line.unwrap()).map(|line| (line.stream, line.text)).collect()
    }

    #[tokio::test]
    async fn pieces_of_a_line_are_joined_per_stream() {
        let frames = vec![
            out("2026-01-01T00:00:00.5Z one\r\n"),
            out("2026-01-01T00:00:01Z tw"),
            err("2026-01-01T00:00:01Z oh\n"),
            out("2026-01-01T00:00:02Z o\n"),
            out("2026-01-01T00:00:03Z no newline"),
        ];
        let expected = [
            (LogStream::Stdout, "one"),
            (LogStream::Stderr, "oh"),
            (LogStream::Stdout, "two"),
            (LogStream::Stdout, "no newline"),
        ];
        assert_eq!(read(frames).await, expected.map(|(stream, text)| (stream, text.to_owned())));
    }

    #[tokio::test]
    async fn endless_lines_do_not_fill_the_memory() {
        let piece = "x".repeat(16 * 1024);
        let read = read((0..9).map(|_| out(&piece)).collect()).await;
        assert_eq!(read.len(), 3);
        assert!(read.iter().all(|(_, text)| text.len() <= MAX_LINE));
    }

    #[test]
    fn times_are_split_off() {
        let (at, text) = split_time("2026-01-01T00:00:00.123456789Z  indented");
        assert_eq!(at.unwrap().timestamp_subsec_nanos(), 123_456_789);
        assert_eq!(text, " indented");
        assert_eq!(split_time("no time"), (None, "no time"));
    }
}
