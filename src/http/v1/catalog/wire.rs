//! The outcome of a catalog sync, as the API shows it.

use serde::Serialize;
use utoipa::ToSchema;

use crate::app::catalog;

#[derive(Debug, Serialize, ToSchema)]
pub struct SyncReport {
    /// Names of templates.
    pub added: Vec<String>,
    pub updated: Vec<String>,
    pub unchanged: Vec<String>,
    pub removed: Vec<String>,
    pub errors: Vec<SyncProblem>,
}

/// A directory of the catalog that is not a template; the others were synced.
#[derive(Debug, Serialize, ToSchema)]
pub struct SyncProblem {
    pub path: String,
    pub message: String,
}

impl From<catalog::SyncReport> for SyncReport {
    fn from(report: catalog::SyncReport) -> Self {
        let problem = |found: catalog::SyncProblem| SyncProblem { path: found.path, message: found.message };
        Self {
            added: report.added,
            updated: report.updated,
            unchanged: report.unchanged,
            removed: report.removed,
            errors: report.errors.into_iter().map(problem).collect(),
        }
    }
}
