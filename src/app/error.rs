//! What a use-case can answer besides success. HTTP, SSH and the command line each map it once.

use crate::{
    domain::workspace::state::Refusal,
    ports::{
        hasher::HashError, provisioner::EngineError, proxy::ProxyError, repository::StoreError,
        sealer::SealError,
    },
};

/// One thing wrong with what was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldProblem {
    /// Name of the field, or a JSON pointer into a manifest.
    pub field: String,
    /// Stable snake_case word for programs.
    pub code: String,
    /// What was found and what would be right.
    pub message: String,
}

impl FieldProblem {
    pub fn new(field: impl Into<String>, code: impl Into<String>, message: impl Into<String>) -> Self {
        Self { field: field.into(), code: code.into(), message: message.into() }
    }
}

/// `Display` is what the caller may know; the source is for the log.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// There is no such thing, or the caller may not know of it.
    #[error("there is no {what} {id}")]
    NotFound { what: &'static str, id: String },
    #[error("{detail}")]
    Unauthenticated { code: &'static str, detail: String },
    #[error("your role does not allow this")]
    Forbidden,
    /// Not a matter of roles.
    #[error("{detail}")]
    Denied { code: &'static str, detail: String },
    /// The caller is right, but not now: the state of things does not allow it.
    #[error("{detail}")]
    Conflict { code: &'static str, detail: String },
    /// It was possible once and never will be again.
    #[error("{detail}")]
    Gone { code: &'static str, detail: String },
    #[error("the request has {} wrong {}", .0.len(), if .0.len() == 1 { "value" } else { "values" })]
    Invalid(Vec<FieldProblem>),
    /// `If-Match` named a version that is no longer the current one.
    #[error("the resource has changed since it was read")]
    PreconditionFailed,
    #[error("too many attempts; try again in {retry_after_seconds} seconds")]
    RateLimited { retry_after_seconds: u64 },
    /// Something we need does not work at the moment; the same request may succeed later.
    #[error("{detail}")]
    Unavailable {
        code: &'static str,
        detail: String,
        #[source]
        source: Option<anyhow::Error>,
    },
    #[error("an internal error; the log of the server has the details under the request's id")]
    Internal(#[source] anyhow::Error),
}

/// Code of an error that only says that the proxy takes its time.
pub const PROXY_BEHIND: &str = "proxy_behind";

pub type AppResult<T> = Result<T, AppError>;

impl AppError {
    pub fn not_found(what: &'static str, id: impl ToString) -> Self {
        AppError::NotFound { what, id: id.to_string() }
    }

    /// The error with all its causes, for the log; never for the caller.
    pub fn chain(&self) -> String {
        let mut text = self.to_string();
        let mut cause = std::error::Error::source(self);
        while let Some(error) = cause {
            text.push_str(": ");
            text.push_str(&error.to_string());
            cause = error.source();
        }
        text
    }

    pub fn invalid(field: impl Into<String>, code: impl Into<String>, message: impl Into<String>) -> Self {
        AppError::Invalid(vec![FieldProblem::new(field, code, message)])
    }
}

impl From<StoreError> for AppError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Taken(what) => {
                AppError::Conflict { code: "taken", detail: format!("this {what} is taken") }
            }
            StoreError::Stale(what) => AppError::Conflict {
                code: "changed_meanwhile",
                detail: format!("the {what} was changed by another request at the same moment; try again"),
            },
            StoreError::Unavailable(_) => AppError::Unavailable {
                code: "database_unavailable",
                detail: "the database cannot be used at the moment".into(),
                source: Some(error.into()),
            },
            StoreError::Reference(_) | StoreError::Corrupt { .. } | StoreError::Newer { .. } => {
                AppError::Internal(error.into())
            }
        }
    }
}

impl From<EngineError> for AppError {
    fn from(error: EngineError) -> Self {
        match error {
            EngineError::NotFound { kind, name } => AppError::not_found(kind, name),
            error if error.is_transient() => AppError::Unavailable {
                code: "host_unavailable",
                detail: error.to_string(),
                source: Some(error.into()),
            },
            error => AppError::Conflict { code: "engine_refused", detail: error.to_string() },
        }
    }
}

impl From<ProxyError> for AppError {
    fn from(error: ProxyError) -> Self {
        let code = match error {
            ProxyError::Behind(_) => PROXY_BEHIND,
            ProxyError::Unreachable(_) | ProxyError::Refused(_) => "proxy_unavailable",
        };
        AppError::Unavailable { code, detail: error.to_string(), source: Some(error.into()) }
    }
}

impl From<SealError> for AppError {
    fn from(error: SealError) -> Self {
        AppError::Internal(error.into())
    }
}

impl From<HashError> for AppError {
    fn from(error: HashError) -> Self {
        AppError::Internal(error.into())
    }
}

impl From<Refusal> for AppError {
    fn from(refusal: Refusal) -> Self {
        AppError::Conflict { code: refusal.code(), detail: refusal.to_string() }
    }
}
