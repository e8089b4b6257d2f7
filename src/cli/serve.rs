//! `devsanctum serve`

use std::{fmt, io::Write};

use tokio::runtime::Runtime;

use super::Exit;
use crate::{
    bootstrap::{self, Started},
    config::{self, Config, ConfigError, LogFormat},
    lifecycle::{self, Lifecycle},
    telemetry,
};

pub(super) fn run(config: Config, is_known: impl Fn(&str) -> bool) -> Exit {
    match serve(config, is_known) {
        Ok(()) => Exit::Ok,
        Err(error) => {
            eprintln!("error: {error:#}");
            if error.is::<ConfigError>() { Exit::Configuration } else { Exit::Failed }
        }
    }
}

fn serve(config: Config, is_known: impl Fn(&str) -> bool) -> anyhow::Result<()> {
    let config = config.checked()?;
    telemetry::start_logs(&config.logs)?;
    for name in config::unknown_variables(is_known, config::environment()) {
        tracing::warn!(
            name,
            "this variable is no setting of DevSanctum; `devsanctum serve --help` lists all"
        );
    }
    let runtime = Runtime::new()?;
    let result = runtime.block_on(async {
        let lifecycle = Lifecycle::default();
        let asked = lifecycle::asked_to_end()?;
        let started = match bootstrap::start(&config, &lifecycle).await {
            Ok(started) => started,
            Err(error) => {
                lifecycle.stop(std::future::pending()).await;
                return Err(error);
            }
        };
        announce(&started, config.logs.log_format);
        let replaced = started.replaced();
        let signal = tokio::select! {
            signal = asked => Some(signal),
            () = replaced.cancelled() => None,
        };
        tracing::info!(signal, "stopping; a second signal stops at once");
        let again = lifecycle::asked_to_end()?;
        let impatient = async move {
            let _ = again.await;
        };
        lifecycle.stop_after(started.notice(), impatient).await;
        tracing::info!("stopped");
        match signal {
            Some(_) => Ok(()),
            None => Err(anyhow::anyhow!(
                "the database was replaced by that of another installation; start the server again to serve it"
            )),
        }
    });
    // Blocking calls that still run must not hold up the end.
    runtime.shutdown_background();
    result
}

/// The one thing people look for in the first lines.
fn announce(started: &Started, format: LogFormat) {
    match format {
        // Whoever started us may have stopped listening; that is no reason to end.
        LogFormat::Text => drop(writeln!(std::io::stdout(), "{started}")),
        LogFormat::Json => tracing::info!(
            address = %started.address,
            access_url = started.access_url,
            setup_token = started.setup_token.as_ref().map(|token| token.expose()),
            "ready"
        ),
    }
}

impl fmt::Display for Started {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let url = &self.access_url;
        writeln!(f, "\n  DevSanctum {} listens on {}\n", env!("CARGO_PKG_VERSION"), self.address)?;
        writeln!(f, "  Open         {url}")?;
        writeln!(f, "  API          {url}/docs")?;
        if let Some(token) = &self.setup_token {
            writeln!(f, "  Setup token  {}", token.expose())?;
            writeln!(f, "\n  There is no user yet: open the address above and enter the setup token.")?;
        }
        Ok(())
    }
}
