//! `devsanctum backup` and `devsanctum restore`

use std::path::{Path, PathBuf};

use clap::Args;

use super::Exit;
use crate::{
    bootstrap::{self, Backed},
    config::{ConfigError, Storage},
};

#[derive(Debug, Args)]
pub(super) struct Backup {
    /// Where to write it; - for standard output
    file: PathBuf,
    #[command(flatten)]
    storage: Storage,
}

#[derive(Debug, Args)]
pub(super) struct Restore {
    /// The backup; - for standard input
    file: PathBuf,
    /// Replace everything that the database holds
    #[arg(long)]
    replace: bool,
    #[command(flatten)]
    storage: Storage,
}

pub(super) fn backup(options: Backup) -> Exit {
    let Backup { file, storage } = options;
    tell(run(storage, async |storage| bootstrap::backup(storage, &file).await), |backed| {
        format!("{} holds {}", name(&file, "standard output"), contents(backed))
    })
}

pub(super) fn restore(options: Restore) -> Exit {
    let Restore { file, replace, storage } = options;
    tell(run(storage, async |storage| bootstrap::restore(storage, &file, replace).await), |backed| {
        format!(
            "restored {} of {}. Every session has ended: people sign in again. Workspaces are compared with their hosts \
             as soon as a server runs",
            contents(backed),
            backed.created_at.format("%Y-%m-%d %H:%M:%S UTC")
        )
    })
}

fn run(
    storage: Storage,
    act: impl AsyncFnOnce(&Storage) -> anyhow::Result<Backed>,
) -> anyhow::Result<Backed> {
    let storage = storage.checked()?;
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(act(&storage))
}

/// On standard error, since standard output may be the backup.
fn tell(result: anyhow::Result<Backed>, success: impl FnOnce(&Backed) -> String) -> Exit {
    match result {
        Ok(backed) => {
            eprintln!("{}", success(&backed));
            Exit::Ok
        }
        Err(error) => {
            eprintln!("error: {error:#}");
            if error.is::<ConfigError>() { Exit::Configuration } else { Exit::Failed }
        }
    }
}

fn contents(backed: &Backed) -> String {
    let count = |table: &str| backed.rows.get(table).copied().unwrap_or_default();
    let rows: u64 = backed.rows.values().sum();
    format!(
        "installation {}: {} workspaces, {} users, {} organizations, {} templates, {rows} rows in all",
        backed.installation,
        count("workspaces"),
        count("users"),
        count("orgs"),
        count("templates")
    )
}

fn name(path: &Path, dash: &str) -> String {
    if path.as_os_str() == "-" { dash.to_owned() } else { path.display().to_string() }
}
