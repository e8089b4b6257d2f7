//! How we send mail.

use std::path::PathBuf;

use clap::Args;

use super::{ConfigError, secret};
use crate::domain::secret::Secret;

const URL: &str = "DEVSANCTUM_SMTP_URL";
const FROM: &str = "DEVSANCTUM_MAIL_FROM";

#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Mail")]
pub struct Mail {
    /// Mail server: `smtp://user:password@host:587` with STARTTLS (`?tls=opportunistic` and `?tls=none` ask for less), or `smtps://user:password@host:465` [default: no mail is sent]
    #[arg(long, env = "DEVSANCTUM_SMTP_URL", value_name = "URL", hide_env_values = true,
          value_parser = secret::parse)]
    smtp_url: Option<Secret>,

    /// File that holds the URL of the mail server
    #[arg(long, env = "DEVSANCTUM_SMTP_URL_FILE", value_name = "FILE")]
    smtp_url_file: Option<PathBuf>,

    /// Sender of all mail, for instance `DevSanctum <devsanctum@example.org>`; needed with a mail server
    #[arg(long, env = "DEVSANCTUM_MAIL_FROM", value_name = "ADDRESS")]
    mail_from: Option<String>,
}

impl Mail {
    pub(super) fn checked(self) -> Result<Self, ConfigError> {
        let smtp_url = secret::resolve(URL, self.smtp_url, "DEVSANCTUM_SMTP_URL_FILE", self.smtp_url_file)?;
        let mail_from = self.mail_from.filter(|from| !from.is_empty());
        match (&smtp_url, &mail_from) {
            (Some(_), None) => Err(ConfigError::new(FROM, format!("is missing, {URL} is given"))),
            (None, Some(_)) => Err(ConfigError::new(URL, format!("is missing, {FROM} is given"))),
            _ => Ok(Self { smtp_url, smtp_url_file: None, mail_from }),
        }
    }

    /// Both or none, once checked.
    pub fn server(&self) -> Option<(&Secret, &str)> {
        self.smtp_url.as_ref().zip(self.mail_from.as_deref())
    }
}
