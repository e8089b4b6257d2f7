//! Backup and restore: the parts of the composition they need. Neither starts a server; both may run beside one.

use std::{io::BufRead, path::Path};

use super::{DATABASE_FILE, parsed_master_key, prepare_directory};
use crate::{
    adapters::{
        master_key::MasterKey,
        store::backup::{self, BackupError, BackupKey, Destination, Place, Restore, Source, Summary},
        system::{SystemClock, SystemRandom},
    },
    config::{ConfigError, Storage},
    ports::{clock::Clock, random::Random},
};

/// Writes a backup to this file; `-` is standard output.
///
/// # Errors
/// A [`ConfigError`] names the wrong setting; every other error says what is wrong and what to do.
pub async fn backup(storage: &Storage, path: &Path) -> anyhow::Result<Summary> {
    let random: &dyn Random = &SystemRandom;
    let key = key(storage)?;
    let mut destination = Destination::open(path, random)?;
    let summary = backup::dump(&place(storage), &key, SystemClock.now(), &mut destination).await?;
    destination.finish()?;
    Ok(summary)
}

/// Puts a backup in the place of what the database holds; `-` is standard input.
///
/// # Errors
/// As [`backup()`]; nothing was changed then.
pub async fn restore(storage: &Storage, path: &Path, replace: bool) -> anyhow::Result<Summary> {
    let random: &dyn Random = &SystemRandom;
    let key = key(storage)?;
    let source = Source::of(path);
    if source.is_file() {
        backup::verify(source.open()?, &key).map_err(told)?;
    }
    prepare_directory(&storage.data_dir)?;
    let now = SystemClock.now();
    let request = Restore { replace, now, id: random.id(now), audit: random.id(now) };
    let input: Box<dyn BufRead> = source.open()?;
    backup::restore(&place(storage), &key, input, request).await.map_err(told)
}

fn place(storage: &Storage) -> Place {
    match &storage.database_url {
        Some(url) => Place::Url(url.clone()),
        None => Place::File(storage.data_dir.join(DATABASE_FILE)),
    }
}

/// The key that there is: one made now would fit no backup.
fn key(storage: &Storage) -> anyhow::Result<BackupKey> {
    let master = match &storage.master_key {
        Some(text) => parsed_master_key(text)?,
        None => MasterKey::load(&storage.data_dir)?.ok_or_else(|| {
            ConfigError::new(
                "DEVSANCTUM_MASTER_KEY",
                format!(
                    "is not set, and there is no key in {}. Give the master key of the installation that the backup is \
                     of, or put its file there",
                    storage.data_dir.display()
                ),
            )
        })?,
    };
    Ok(BackupKey::of(&master))
}

/// A wrong key is a wrong setting.
fn told(error: BackupError) -> anyhow::Error {
    match error {
        BackupError::WrongKey => ConfigError::new(
            "DEVSANCTUM_MASTER_KEY",
            format!("{error}. Give the key of the installation that the backup is of; by default it is the file master.key \
                     in its data directory"),
        )
        .into(),
        error => error.into(),
    }
}
