//! The first run without anybody watching.

use std::path::PathBuf;

use clap::Args;

use super::{ConfigError, secret};
use crate::domain::{names::Email, secret::Secret};

const EMAIL: &str = "DEVSANCTUM_ADMIN_EMAIL";
const PASSWORD: &str = "DEVSANCTUM_ADMIN_PASSWORD";

#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "First run")]
pub struct Admin {
    /// Mail address of the first platform admin, made at the first start; the part before the @ is the username
    #[arg(long, env = "DEVSANCTUM_ADMIN_EMAIL", value_name = "ADDRESS")]
    admin_email: Option<Email>,

    /// Password of the first platform admin, at least 10 characters
    #[arg(long, env = "DEVSANCTUM_ADMIN_PASSWORD", value_name = "PASSWORD", hide_env_values = true,
          value_parser = secret::parse)]
    admin_password: Option<Secret>,

    /// File that holds the password
    #[arg(long, env = "DEVSANCTUM_ADMIN_PASSWORD_FILE", value_name = "FILE")]
    admin_password_file: Option<PathBuf>,
}

impl Admin {
    pub(super) fn checked(self) -> Result<Self, ConfigError> {
        let admin_password = secret::resolve(
            PASSWORD,
            self.admin_password,
            "DEVSANCTUM_ADMIN_PASSWORD_FILE",
            self.admin_password_file,
        )?;
        match (&self.admin_email, &admin_password) {
            (Some(_), None) => Err(ConfigError::new(PASSWORD, format!("is missing, {EMAIL} is given"))),
            (None, Some(_)) => Err(ConfigError::new(EMAIL, format!("is missing, {PASSWORD} is given"))),
            _ => Ok(Self { admin_password, admin_password_file: None, ..self }),
        }
    }

    /// Both or none, once checked.
    pub fn credentials(&self) -> Option<(Email, Secret)> {
        self.admin_email.clone().zip(self.admin_password.clone())
    }
}
