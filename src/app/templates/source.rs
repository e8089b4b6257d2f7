//! From what somebody brings to what a version holds.

use serde_json::Value;

use crate::{
    app::{AppError, AppResult, FieldProblem},
    domain::template::{
        Checked, Files, Format, Manifest, Problem, TemplateSource, TemplateVersion, archive, check,
    },
    ports::repository::UnitOfWork,
};

/// Where a version comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A manifest alone, without files to build from.
    Manifest { text: String, format: Format },
}

/// A source that was read and found right.
pub(super) struct Prepared {
    pub source: TemplateSource,
    pub manifest: Manifest,
    /// As it is stored.
    pub json: Value,
}

impl Source {
    pub(super) async fn prepare(self) -> AppResult<Prepared> {
        let Checked { manifest, .. } = self.check().await?.map_err(invalid)?;
        let json = serde_json::to_value(&manifest).map_err(|error| AppError::Internal(error.into()))?;
        Ok(Prepared { source: TemplateSource::Manifest, manifest, json })
    }

    /// Off the threads that serve requests: the limits bound the work, but not below a moment that others would feel.
    pub(super) async fn check(self) -> AppResult<Result<Checked, Vec<Problem>>> {
        let Source::Manifest { text, format } = self;
        tokio::task::spawn_blocking(move || check(&text, format, &Files::default()))
            .await
            .map_err(|error| AppError::Internal(error.into()))
    }
}

pub(super) fn invalid(problems: Vec<Problem>) -> AppError {
    AppError::Invalid(problems.iter().map(field_problem).collect())
}

/// The line belongs to the message: who reads a manifest looks for lines, who fills in a form looks at the field.
fn field_problem(problem: &Problem) -> FieldProblem {
    FieldProblem::new(&problem.pointer, problem.code, problem.to_string())
}

/// Which files came with a version. Only a manifest that builds something needs to know.
pub async fn files(
    work: &mut dyn UnitOfWork,
    version: &TemplateVersion,
    manifest: &Manifest,
) -> AppResult<Files> {
    let Some(digest) = &version.archive else { return Ok(Files::default()) };
    if manifest.components.iter().all(|component| component.path.is_none()) {
        return Ok(Files::default());
    }
    let corrupt = |reason: String| {
        AppError::Internal(anyhow::anyhow!(
            "the files of version {} of template {}: {reason}",
            version.number,
            version.template_id
        ))
    };
    let bytes = work.templates().archive(digest).await?;
    let bytes = bytes.ok_or_else(|| corrupt(format!("the archive {digest} is not in the store")))?;
    let paths = archive::paths(&bytes).map_err(|error| corrupt(error.to_string()))?;
    Ok(Files { digest: digest.clone(), paths })
}
