//! What a failed call means. The engine's own words are kept, since they usually say what to do.

use std::{error::Error as _, fmt, time::Duration};

use bollard::errors::Error;

use crate::ports::provisioner::EngineError;

/// A call that failed, before its caller has said what it was about. `?` takes the plain reading.
#[derive(Debug)]
pub(super) struct Failed {
    status: Option<u16>,
    error: EngineError,
}

pub(super) type CallResult<T> = Result<T, Failed>;

impl Failed {
    pub(super) fn timeout(call: &'static str, limit: Duration) -> Self {
        Self { status: None, error: EngineError::Timeout { call, limit } }
    }

    pub(super) fn is(&self, status: u16) -> bool {
        self.status == Some(status)
    }

    pub(super) fn is_missing(&self) -> bool {
        self.is(404)
    }

    /// Whether the engine's words contain this, whatever the case.
    pub(super) fn says(&self, words: &str) -> bool {
        self.error.to_string().to_lowercase().contains(words)
    }

    /// With a missing object named.
    pub(super) fn about(self, kind: &'static str, name: &str) -> EngineError {
        if self.is_missing() { EngineError::NotFound { kind, name: name.to_owned() } } else { self.error }
    }

    /// A refusal that ends by itself.
    pub(super) fn passing(self) -> EngineError {
        match self.error {
            EngineError::Refused(text) => EngineError::Engine(text),
            other => other,
        }
    }

    /// A failure that no further try can cure.
    pub(super) fn lasting(self) -> EngineError {
        match self.error {
            EngineError::Engine(text) => EngineError::Refused(text),
            other => other,
        }
    }
}

impl From<Failed> for EngineError {
    fn from(failed: Failed) -> Self {
        failed.error
    }
}

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        let status = match &error {
            Error::DockerResponseServerError { status_code, .. } => Some(*status_code),
            _ => None,
        };
        Self { status, error: read(error) }
    }
}

fn read(error: Error) -> EngineError {
    match error {
        Error::DockerResponseServerError { status_code, message } => read_status(status_code, message.trim()),
        Error::DockerStreamError { error } => EngineError::Engine(error),
        Error::HyperLegacyError { err } if err.is_connect() => EngineError::Unreachable(root_cause(&err)),
        // The engine went away in the middle: the call may or may not have had an effect.
        Error::HyperLegacyError { err } if lost_connection(&err) => {
            EngineError::Unreachable(format!("the connection broke: {}", root_cause(&err)))
        }
        Error::APIVersionParseError {} => EngineError::Engine(
            "it does not say which API version it speaks; is this a Docker engine?".into(),
        ),
        other => EngineError::Engine(format!("its answer cannot be read: {}", root_cause(&other))),
    }
}

fn read_status(status: u16, message: &str) -> EngineError {
    let text =
        if message.is_empty() { format!("it answered with status {status}") } else { message.to_owned() };
    match status {
        // Too many requests, or too slow: not a word about the request itself.
        408 | 429 => EngineError::Engine(text),
        400..500 => EngineError::Refused(text),
        _ => EngineError::Engine(text),
    }
}

fn lost_connection(error: &hyper_util::client::legacy::Error) -> bool {
    error.source().and_then(|source| source.downcast_ref::<hyper::Error>()).is_some_and(|source| {
        source.is_incomplete_message() || source.is_canceled() || source.is_closed() || has_io_source(source)
    })
}

fn has_io_source(error: &hyper::Error) -> bool {
    error.source().is_some_and(|source| source.is::<std::io::Error>())
}

/// The innermost error says what happened; those around it only where.
fn root_cause(error: &(dyn std::error::Error + 'static)) -> String {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}

/// A name that goes into the path of a call must not lead elsewhere.
pub(super) fn check_name(kind: &'static str, name: &str) -> Result<(), EngineError> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
    if name.chars().all(allowed) && name.starts_with(|c: char| c.is_ascii_alphanumeric()) && name.len() <= 255
    {
        Ok(())
    } else {
        Err(EngineError::Refused(format!("{name:?} is no name of a {kind}")))
    }
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}
