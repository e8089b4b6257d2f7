//! The parts of the composition that the server's own command line needs: a database that is there, and no server.

use std::sync::Arc;

use anyhow::Context;

use super::{Argon2Hasher, DATABASE_FILE};
use crate::{
    adapters::{
        store,
        system::{SystemClock, SystemRandom},
    },
    app::console::Console,
    config::Storage,
    ports::{random::Random, repository::Store},
};

/// Opens the database of an installation, beside its server or without one.
///
/// # Errors
/// Nothing is made: where no server has been, the error says how to name the right database.
pub async fn console(storage: &Storage) -> anyhow::Result<Console> {
    let store = open(storage).await?;
    let installation = store.read().await?.installation().find().await?;
    installation.context(
        "no server has used this database yet; start the server once, or name the database of the one that runs with \
         DEVSANCTUM_DATA_DIR or DEVSANCTUM_DATABASE_URL",
    )?;
    let random: Arc<dyn Random> = Arc::new(SystemRandom);
    let hasher = Arc::new(Argon2Hasher::new(random.clone())?);
    Ok(Console { store, clock: Arc::new(SystemClock), random, hasher })
}

async fn open(storage: &Storage) -> anyhow::Result<Arc<dyn Store>> {
    let file = match &storage.database_url {
        Some(url) => store::file_of(url.expose())?,
        None => Some(storage.data_dir.join(DATABASE_FILE)),
    };
    if let Some(file) = file.filter(|file| !file.exists()) {
        anyhow::bail!(
            "there is no database {}; name that of the server with DEVSANCTUM_DATA_DIR or DEVSANCTUM_DATABASE_URL",
            file.display()
        );
    }
    super::open_store(storage).await
}
