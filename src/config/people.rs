//! Who may come, and what is kept of what they did.

use clap::{Args, ValueEnum};

#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "People")]
pub struct People {
    /// Who may make an account
    #[arg(long, env = "DEVSANCTUM_REGISTRATION", value_enum, default_value_t = Registration::Invitation)]
    registration: Registration,

    /// Days that entries of the audit log are kept; without it, for good
    #[arg(long, env = "DEVSANCTUM_AUDIT_RETENTION", value_name = "DAYS",
          value_parser = clap::value_parser!(u32).range(1..=36_500))]
    audit_retention: Option<u32>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Registration {
    /// only who was invited
    Invitation,
    /// everybody who can reach the server
    Open,
}

impl People {
    pub fn open_registration(&self) -> bool {
        self.registration == Registration::Open
    }

    pub fn audit_retention(&self) -> Option<chrono::Duration> {
        self.audit_retention.map(|days| chrono::Duration::days(days.into()))
    }
}
