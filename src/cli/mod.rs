//! The command line: `serve` runs the server, the rest talks to one or prints something.

mod admin;
mod backup;
mod healthcheck;
mod openapi;
mod serve;

use std::{error::Error, ffi::OsString, process::ExitCode};

use clap::{
    CommandFactory, Parser, Subcommand,
    error::{ContextKind, ContextValue, ErrorKind},
};
use clap_complete::Shell;

use self::healthcheck::Healthcheck;
use crate::{
    config::{self, Config},
    domain::template::schema,
};

/// How a command ended, for scripts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    Ok = 0,
    Failed = 1,
    Usage = 2,
    /// A setting is wrong.
    Configuration = 64,
    /// The server cannot be reached.
    Unreachable = 69,
    NotAllowed = 77,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(exit as u8)
    }
}

/// Turns machines with Docker into a developer platform.
#[derive(Debug, Parser)]
#[command(name = "devsanctum", version, propagate_version = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the server
    Serve(Box<Config>),
    /// Write everything the database holds to a file; the server may go on running
    Backup(Box<backup::Backup>),
    /// Put a backup in the place of what the database holds
    Restore(Box<backup::Restore>),
    /// Let people in who are locked out: on the server's machine, on its database; the server may go on running
    Admin(admin::Admin),
    /// Ask a server on this machine whether it is ready
    Healthcheck(Healthcheck),
    /// Print the OpenAPI document of the REST API
    Openapi,
    /// Print a completion script for a shell
    Completion { shell: Shell },
    /// Print the configuration reference
    #[command(hide = true)]
    ConfigurationReference,
    /// Print the JSON Schema of template manifests
    #[command(hide = true)]
    ManifestSchema,
}

pub fn run(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = match Cli::try_parse_from(args) {
        Ok(cli) => cli,
        Err(error) => return refuse(&error).into(),
    };
    match cli.command {
        Command::Serve(config) => serve::run(*config, is_setting),
        Command::Backup(options) => backup::backup(*options),
        Command::Restore(options) => backup::restore(*options),
        Command::Admin(options) => admin::run(options),
        Command::Healthcheck(options) => healthcheck::run(&options),
        Command::Openapi => openapi::run(),
        Command::Completion { shell } => {
            clap_complete::generate(shell, &mut Cli::command(), "devsanctum", &mut std::io::stdout());
            Exit::Ok
        }
        Command::ConfigurationReference => {
            print!("{}", configuration_reference());
            Exit::Ok
        }
        Command::ManifestSchema => {
            println!("{:#}", schema::manifest_schema());
            Exit::Ok
        }
    }
    .into()
}

/// `docs/configuration.md`
pub fn configuration_reference() -> String {
    config::reference::markdown(&serve_command())
}

fn serve_command() -> clap::Command {
    let mut root = Cli::command();
    root.build();
    root.find_subcommand("serve").cloned().unwrap_or(root)
}

fn is_setting(variable: &str) -> bool {
    config::reference::settings(&serve_command()).any(|arg| arg.get_env().is_some_and(|env| env == variable))
}

/// Says what is wrong with the arguments; asking for help is not wrong. A wrong value of a setting is told by the name of
/// its variable, because that is where it most likely came from.
fn refuse(error: &clap::Error) -> Exit {
    if let Some(explanation) = explain(error, &serve_command()) {
        eprintln!("error: {explanation}");
        return Exit::Configuration;
    }
    // Nothing is left to tell when even the terminal is gone.
    let _ = error.print();
    if error.use_stderr() { Exit::Usage } else { Exit::Ok }
}

fn explain(error: &clap::Error, serve: &clap::Command) -> Option<String> {
    if !matches!(error.kind(), ErrorKind::ValueValidation | ErrorKind::InvalidValue) {
        return None;
    }
    let text = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text.clone()),
        Some(ContextValue::Strings(texts)) => Some(texts.join(", ")),
        _ => None,
    };
    let named = text(ContextKind::InvalidArg)?;
    let arg = config::reference::settings(serve).find(|arg| arg.to_string() == named)?;
    let variable = arg.get_env()?.to_string_lossy().into_owned();
    let value = text(ContextKind::InvalidValue).unwrap_or_default();
    let reason = match (error.source(), text(ContextKind::ValidValue)) {
        (Some(reason), _) => reason.to_string(),
        (None, Some(valid)) => format!("must be one of {valid}"),
        (None, None) => "is not valid".to_owned(),
    };
    let flag = arg.get_long().unwrap_or_default();
    Some(format!("{variable} (--{flag}) is {value:?}: {reason}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_declarations_are_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_wrong_setting_is_told_by_its_variable() {
        let explained = |args: &[&str]| {
            let args = ["devsanctum", "serve"].iter().chain(args);
            explain(&Cli::try_parse_from(args).unwrap_err(), &serve_command())
        };
        for (args, variable) in [
            (["--listen", "7080"], "DEVSANCTUM_LISTEN"),
            (["--proxy", "nginx"], "DEVSANCTUM_PROXY"),
            (["--network-prefix", "99"], "DEVSANCTUM_NETWORK_PREFIX"),
        ] {
            let explanation = explained(&args).unwrap();
            assert!(explanation.starts_with(variable), "{explanation}");
        }
        assert_eq!(explained(&["--unknown"]), None, "a usage error, not a configuration error");
    }

    #[test]
    fn every_setting_can_be_given_by_a_variable_of_ours() {
        let serve = serve_command();
        let without: Vec<_> = serve
            .get_arguments()
            .filter(|arg| !matches!(arg.get_id().as_str(), "help" | "version"))
            .filter(|arg| arg.get_env().is_none_or(|env| !env.to_string_lossy().starts_with(config::PREFIX)))
            .map(ToString::to_string)
            .collect();
        assert!(without.is_empty(), "{without:?}");
    }
}
