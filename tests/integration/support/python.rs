//! Independent implementations to check ours against, in the system's Python: `scripts/test.sh` installs them.

use std::{env, process::Command};

/// The interpreter that Debian's python3-… packages belong to.
#[expect(clippy::disallowed_methods, reason = "tests take their surroundings from the environment")]
pub fn python() -> Command {
    Command::new(env::var_os("DEVSANCTUM_TEST_PYTHON").unwrap_or_else(|| "/usr/bin/python3".into()))
}
