//! A file that Traefik's file provider watches. It is replaced as a whole: Traefik takes no further change after it has
//! read half a file.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use serde_json::Value;

use super::{
    mark::{HEADER, Mark, NAME},
    render::Rendered,
};

/// Name of the provider in Traefik's API.
pub const PROVIDER: &str = "file";

/// How a write ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Written {
    /// It holds this table now, or did before.
    Ours,
    /// It holds a later table, by another server.
    Ahead(Mark),
}

#[derive(Debug, Clone)]
pub struct ConfigurationFile {
    path: PathBuf,
}

impl ConfigurationFile {
    /// # Errors
    /// When the directory is not there or cannot be written to: then neither can the file.
    pub fn at(path: PathBuf) -> io::Result<Self> {
        let file = Self { path };
        file.locked()?;
        Ok(file)
    }

    /// Blocks for as long as the disk takes. `override_later`: a later table there is not of this database's history.
    pub(super) fn write(&self, rendered: &Rendered, override_later: bool) -> io::Result<Written> {
        // Servers on one machine that share the file go one after the other.
        let lock = self.locked()?;
        if let Some(there) = self.mark() {
            if there == rendered.mark || there.is_same_table(&rendered.mark) {
                return Ok(Written::Ours);
            }
            if there.is_ahead_of(&rendered.mark) && !override_later {
                return Ok(Written::Ahead(there));
            }
        }
        let draft = self.beside(".draft");
        let text = serde_json::to_vec(&rendered.configuration)?;
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o644).open(&draft)?;
        file.write_all(&text)?;
        file.sync_all()?;
        fs::rename(&draft, &self.path)?;
        File::open(self.directory())?.sync_all()?;
        drop(lock);
        Ok(Written::Ours)
    }

    /// JSON is YAML: one text for both of the names that Traefik reads.
    fn mark(&self) -> Option<Mark> {
        let text = fs::read(&self.path).ok()?;
        let there: Value = serde_json::from_slice(&text).ok()?;
        there["http"]["middlewares"][NAME]["headers"]["customRequestHeaders"][HEADER].as_str()?.parse().ok()
    }

    fn locked(&self) -> io::Result<File> {
        let lock = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(self.beside(".lock"))?;
        lock.lock()?;
        Ok(lock)
    }

    fn directory(&self) -> &Path {
        match self.path.parent() {
            Some(parent) if parent != Path::new("") => parent,
            _ => Path::new("."),
        }
    }

    /// Hidden, and with an ending that Traefik does not read.
    fn beside(&self, ending: &str) -> PathBuf {
        let name = self.path.file_name().unwrap_or_default().to_string_lossy();
        self.directory().join(format!(".{name}{ending}"))
    }
}
