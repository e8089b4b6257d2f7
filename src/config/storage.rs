//! Where we keep things.

use std::path::PathBuf;

use clap::Args;

use super::{ConfigError, secret};
use crate::domain::secret::Secret;

#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Storage")]
pub struct Storage {
    /// Directory of the SQLite database and of keys; made if it is missing
    #[arg(long, env = "DEVSANCTUM_DATA_DIR", value_name = "DIRECTORY", default_value = "./.devsanctum")]
    pub data_dir: PathBuf,

    /// `postgres://user:password@host:port/database` or `sqlite:///path/to/file` [default: SQLite in the data directory]
    #[arg(long, env = "DEVSANCTUM_DATABASE_URL", value_name = "URL", hide_env_values = true,
          value_parser = secret::parse)]
    pub database_url: Option<Secret>,

    /// File that holds the database URL
    #[arg(long, env = "DEVSANCTUM_DATABASE_URL_FILE", value_name = "FILE")]
    database_url_file: Option<PathBuf>,

    /// Encrypts secrets at rest: 32 bytes as 64 hexadecimal digits or in base64 [default: made in the data directory]
    #[arg(long, env = "DEVSANCTUM_MASTER_KEY", value_name = "KEY", hide_env_values = true,
          value_parser = secret::parse)]
    pub master_key: Option<Secret>,

    /// File that holds the master key
    #[arg(long, env = "DEVSANCTUM_MASTER_KEY_FILE", value_name = "FILE")]
    master_key_file: Option<PathBuf>,
}

impl Storage {
    /// Reads the files that secrets are in.
    pub fn checked(self) -> Result<Self, ConfigError> {
        let database_url = secret::resolve(
            "DEVSANCTUM_DATABASE_URL",
            self.database_url,
            "DEVSANCTUM_DATABASE_URL_FILE",
            self.database_url_file,
        )?;
        if let Some(url) = &database_url
            && !["sqlite:", "postgres://", "postgresql://"]
                .iter()
                .any(|scheme| url.expose().starts_with(scheme))
        {
            return Err(ConfigError::new(
                "DEVSANCTUM_DATABASE_URL",
                "must begin with postgres:// or sqlite:",
            ));
        }
        let master_key = secret::resolve(
            "DEVSANCTUM_MASTER_KEY",
            self.master_key,
            "DEVSANCTUM_MASTER_KEY_FILE",
            self.master_key_file,
        )?;
        Ok(Self { database_url, database_url_file: None, master_key, master_key_file: None, ..self })
    }
}
