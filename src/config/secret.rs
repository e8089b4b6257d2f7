//! Secrets, given as they are or as the name of a file.

use std::{convert::Infallible, fs, path::PathBuf};

use super::ConfigError;
use crate::domain::secret::Secret;

/// For clap: every text is a secret.
pub(super) fn parse(text: &str) -> Result<Secret, Infallible> {
    Ok(Secret::new(text))
}

/// The value itself or the first line of the file, if either is given; empty means not given.
pub(super) fn resolve(
    variable: &'static str,
    value: Option<Secret>,
    file_variable: &'static str,
    file: Option<PathBuf>,
) -> Result<Option<Secret>, ConfigError> {
    let value = value.filter(|value| !value.expose().is_empty());
    let Some(file) = file.filter(|file| !file.as_os_str().is_empty()) else { return Ok(value) };
    if value.is_some() {
        return Err(ConfigError::new(
            variable,
            format!("is given, and so is {file_variable}; give one of them"),
        ));
    }
    let text = fs::read_to_string(&file).map_err(|error| {
        ConfigError::new(file_variable, format!("cannot read {}: {error}", file.display()))
    })?;
    match text.trim() {
        "" => Err(ConfigError::new(file_variable, format!("{} is empty", file.display()))),
        secret => Ok(Some(Secret::new(secret))),
    }
}
