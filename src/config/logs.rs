//! What we write to standard error.

use clap::{Args, ValueEnum};
use tracing_subscriber::EnvFilter;

#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Logs")]
pub struct Logs {
    /// Least severe level that is logged (error, warn, info, debug, trace), or one for each module, as in
    /// `info,devsanctum::http=debug`
    #[arg(long, env = "DEVSANCTUM_LOG", value_name = "FILTER", default_value = "info", value_parser = filter)]
    pub log: String,

    /// Form of log lines
    #[arg(long, env = "DEVSANCTUM_LOG_FORMAT", value_name = "FORMAT", default_value = "text")]
    pub log_format: LogFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people
    Text,
    /// One object a line, for programs
    Json,
}

fn filter(text: &str) -> Result<String, String> {
    EnvFilter::builder().parse(text).map(|_| text.to_owned()).map_err(|error| error.to_string())
}
