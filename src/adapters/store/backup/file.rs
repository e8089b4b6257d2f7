//! Where backups are written to and read from.

use std::{
    ffi::OsString,
    fs::{self, File, OpenOptions},
    io::{self, BufRead, BufReader, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use super::BackupError;
use crate::ports::random::Random;

/// A file that comes into being whole or not at all, for its owner only; or standard output.
pub enum Destination {
    StandardOutput,
    File(Draft),
}

pub struct Draft {
    file: File,
    draft: PathBuf,
    path: PathBuf,
    finished: bool,
}

impl Destination {
    /// `-` is standard output.
    pub fn open(path: &Path, random: &dyn Random) -> Result<Self, BackupError> {
        if path.as_os_str() == "-" {
            return Ok(Self::StandardOutput);
        }
        let failed = |source| BackupError::Io { what: format!("cannot write {}", path.display()), source };
        let Some(name) = path.file_name() else {
            return Err(failed(io::Error::new(io::ErrorKind::InvalidInput, "it is not the name of a file")));
        };
        if path.is_dir() {
            return Err(failed(io::Error::new(io::ErrorKind::IsADirectory, "it is a directory")));
        }
        let mut draft = OsString::from(".");
        draft.push(name);
        draft.push(format!(".{}.partial", random.hex::<8>()));
        let draft = path.with_file_name(draft);
        let file =
            OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft).map_err(failed)?;
        Ok(Self::File(Draft { file, draft, path: path.to_owned(), finished: false }))
    }

    /// After everything was written: only now it has its name.
    pub fn finish(self) -> Result<(), BackupError> {
        match self {
            Self::StandardOutput => Ok(()),
            Self::File(mut draft) => draft.finish().map_err(|source| BackupError::Io {
                what: format!("cannot write {}", draft.path.display()),
                source,
            }),
        }
    }
}

impl Draft {
    fn finish(&mut self) -> io::Result<()> {
        self.file.sync_all()?;
        fs::rename(&self.draft, &self.path)?;
        self.finished = true;
        let directory = match self.path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        File::open(directory)?.sync_all()
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if !self.finished {
            // Whoever sees it left sees by its name what it is.
            let _ = fs::remove_file(&self.draft);
        }
    }
}

impl Write for Destination {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::StandardOutput => io::stdout().write(bytes),
            Self::File(draft) => draft.file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::StandardOutput => io::stdout().flush(),
            Self::File(draft) => draft.file.flush(),
        }
    }
}

/// A file, or standard input.
#[derive(Debug, Clone)]
pub enum Source {
    StandardInput,
    File(PathBuf),
}

impl Source {
    /// `-` is standard input.
    pub fn of(path: &Path) -> Self {
        if path.as_os_str() == "-" { Self::StandardInput } else { Self::File(path.to_owned()) }
    }

    pub fn open(&self) -> Result<Box<dyn BufRead>, BackupError> {
        match self {
            Self::StandardInput => Ok(Box::new(io::stdin().lock())),
            Self::File(path) => {
                let failed =
                    |source| BackupError::Io { what: format!("cannot read {}", path.display()), source };
                Ok(Box::new(BufReader::new(File::open(path).map_err(failed)?)))
            }
        }
    }

    /// Whether it can be read twice.
    pub fn is_file(&self) -> bool {
        matches!(self, Self::File(_))
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::adapters::system::SystemRandom;

    fn names(directory: &Path) -> Vec<String> {
        let files = fs::read_dir(directory).unwrap();
        files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect()
    }

    #[test]
    fn a_file_is_there_when_it_is_whole_and_for_its_owner_only() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("backup");
        fs::write(&path, "before").unwrap();
        let mut draft = Destination::open(&path, &SystemRandom).unwrap();
        draft.write_all(b"half").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "before");
        drop(draft);
        assert_eq!(names(directory.path()), ["backup"], "nothing is left of what broke off");

        let mut draft = Destination::open(&path, &SystemRandom).unwrap();
        draft.write_all(b"whole").unwrap();
        draft.finish().unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "whole");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(names(directory.path()), ["backup"]);
    }

    #[test]
    fn places_that_cannot_be_written_are_named() {
        let directory = tempfile::tempdir().unwrap();
        for path in [directory.path().to_owned(), directory.path().join("missing/backup"), "/".into()] {
            let error = Destination::open(&path, &SystemRandom).err().unwrap();
            assert!(error.to_string().contains(path.to_str().unwrap()), "{error}");
        }
    }
}
