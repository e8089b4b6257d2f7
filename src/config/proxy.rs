//! What brings requests to workspaces.

use clap::{Args, ValueEnum};

#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Proxy")]
pub struct Proxy {
    /// What brings requests to workspaces
    #[arg(long, env = "DEVSANCTUM_PROXY", value_name = "MODE", default_value = "embedded")]
    pub proxy: ProxyMode,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ProxyMode {
    /// This process itself, on the same port
    Embedded,
}
