//! Which files came with a template version.

use std::collections::BTreeSet;

use super::path;

/// The files of a version's archive; the default is a version that is a manifest alone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Files {
    /// SHA-256 of the archive, in hex.
    pub digest: String,
    /// Relative, in the form [`path::relative`] gives.
    pub paths: BTreeSet<String>,
}

/// The Dockerfile of a directory that names none.
const DOCKERFILE: &str = "Dockerfile";

impl Files {
    /// The Dockerfile a component is built with, below its directory, if it came along.
    pub fn dockerfile(&self, directory: &str, name: Option<&str>) -> Option<String> {
        let name = path::relative(name.unwrap_or(DOCKERFILE)).ok()?;
        self.paths.contains(&path::join(directory, &name)).then_some(name)
    }
}
