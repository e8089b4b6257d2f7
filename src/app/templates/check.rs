//! Whether a source is right, without storing anything.

use super::source::Source;
use crate::{
    app::AppResult,
    domain::template::{Checked, Manifest, Problem},
};

#[derive(Debug, Clone, PartialEq)]
pub struct Findings {
    /// `None` when there are errors.
    pub manifest: Option<Manifest>,
    pub warnings: Vec<Problem>,
    pub errors: Vec<Problem>,
}

/// Whoever is signed in may ask.
pub async fn check(source: Source) -> AppResult<Findings> {
    Ok(match source.check().await? {
        Ok(Checked { manifest, warnings }) => {
            Findings { manifest: Some(manifest), warnings, errors: Vec::new() }
        }
        Err(errors) => Findings { manifest: None, warnings: Vec::new(), errors },
    })
}
