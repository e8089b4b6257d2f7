//! The key that all others are derived from.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

use base64::{Engine, prelude::BASE64_STANDARD};
use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::{domain::secret::Secret, ports::random::Random};

pub const KEY_BYTES: usize = 32;
const FILE: &str = "master.key";

#[derive(Debug, thiserror::Error)]
pub enum MasterKeyError {
    #[error("must be {KEY_BYTES} bytes, as {} hexadecimal digits or in base64", KEY_BYTES * 2)]
    Malformed,
    #[error("cannot read or make {path}")]
    File {
        path: String,
        #[source]
        source: io::Error,
    },
    #[error(
        "{path} does not hold a key of {KEY_BYTES} bytes; put back the original, without it stored secrets are lost"
    )]
    Damaged { path: String },
}

pub struct MasterKey(Zeroizing<[u8; KEY_BYTES]>);

impl MasterKey {
    pub fn parse(text: &Secret) -> Result<Self, MasterKeyError> {
        let text = text.expose().trim();
        let bytes = Zeroizing::new(match text.len() {
            len if len == KEY_BYTES * 2 => hex::decode(text).ok(),
            _ => BASE64_STANDARD.decode(text).ok(),
        });
        let bytes = bytes.as_ref().and_then(|bytes| bytes.as_slice().try_into().ok());
        bytes.map(|bytes| Self(Zeroizing::new(bytes))).ok_or(MasterKeyError::Malformed)
    }

    /// The key kept in the data directory, made there on the first start, readable for nobody else.
    pub fn load_or_make(directory: &Path, random: &dyn Random) -> Result<Self, MasterKeyError> {
        if let Some(key) = Self::load(directory)? {
            return Ok(key);
        }
        let path = directory.join(FILE);
        let failed = |source| MasterKeyError::File { path: path.display().to_string(), source };
        make(directory, &path, random).map_err(failed)?;
        let text = fs::read_to_string(&path).map_err(failed)?;
        Self::parse(&Secret::new(text))
    }

    /// The key kept in the data directory, if there is one.
    pub fn load(directory: &Path) -> Result<Option<Self>, MasterKeyError> {
        let path = directory.join(FILE);
        match fs::read_to_string(&path) {
            Ok(text) => Self::parse(&Secret::new(text))
                .map(Some)
                .map_err(|_| MasterKeyError::Damaged { path: path.display().to_string() }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(MasterKeyError::File { path: path.display().to_string(), source }),
        }
    }

    /// A key for one purpose (HKDF, RFC 5869): knowing it tells nothing of the others.
    pub fn derive(&self, purpose: &str) -> Zeroizing<[u8; KEY_BYTES]> {
        let mut key = Zeroizing::new([0; KEY_BYTES]);
        Hkdf::<Sha256>::new(None, self.0.as_slice())
            .expand(purpose.as_bytes(), key.as_mut_slice())
            .unwrap_or_else(|_| unreachable!("one block of SHA-256 is not too long for HKDF"));
        key
    }
}

/// Written whole beside the final name and then linked to it, so that a crash leaves no half key, and of two who start
/// at once both read the winner's.
fn make(directory: &Path, path: &Path, random: &dyn Random) -> io::Result<()> {
    let draft = directory.join(format!(".{FILE}.{}", random.hex::<8>()));
    let text = Zeroizing::new(format!("{}\n", random.hex::<KEY_BYTES>()));
    let written = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&draft)
        .and_then(|mut file| file.write_all(text.as_bytes()).and_then(|()| file.sync_all()))
        .and_then(|()| match fs::hard_link(&draft, path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            other => other,
        })
        .and_then(|()| File::open(directory)?.sync_all());
    fs::remove_file(&draft)?;
    written
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::adapters::system::SystemRandom;

    #[test]
    fn it_is_made_once_for_its_owner_only() {
        let directory = tempfile::tempdir().unwrap();
        let load = || *MasterKey::load_or_make(directory.path(), &SystemRandom).unwrap().derive("test");
        let first = load();
        assert_eq!(first, load());
        let files: Vec<_> = fs::read_dir(directory.path()).unwrap().map(|file| file.unwrap()).collect();
        assert_eq!(files.len(), 1, "no draft is left: {files:?}");
        assert_eq!(files[0].metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_damaged_key_is_never_replaced() {
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join(FILE), "").unwrap();
        let refused = MasterKey::load_or_make(directory.path(), &SystemRandom);
        assert!(matches!(refused, Err(MasterKeyError::Damaged { .. })));
    }

    #[test]
    fn keys_of_another_length_are_refused() {
        for (text, valid) in [
            ("00".repeat(32), true),
            (BASE64_STANDARD.encode([7; 32]), true),
            ("00".repeat(31), false),
            (BASE64_STANDARD.encode([7; 16]), false),
            (String::new(), false),
            ("x".repeat(64), false),
        ] {
            assert_eq!(MasterKey::parse(&Secret::new(text.clone())).is_ok(), valid, "{text}");
        }
    }

    #[test]
    fn each_purpose_has_its_own_key() {
        let key = MasterKey::parse(&Secret::new("00".repeat(32))).unwrap();
        assert_ne!(*key.derive("one"), *key.derive("two"));
    }
}
