//! What is to go wrong, for tests; only builds for development know these.

use std::path::PathBuf;

use clap::Args;

#[derive(Debug, Clone, Args)]
pub struct Faults {
    /// Calls to the outside count from when this file exists, and are written to it
    #[arg(long, env = "DEVSANCTUM_FAULT_TRIGGER", hide = true)]
    pub fault_trigger: Option<PathBuf>,

    /// What goes wrong once, as in `docker.start_container#2:crash_after`
    #[arg(long, env = "DEVSANCTUM_FAULT", hide = true, requires = "fault_trigger")]
    pub fault: Option<String>,
}
