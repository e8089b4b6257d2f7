//! The configuration reference (`docs/configuration.md`), written from the same declarations that the program reads.

use std::fmt::Write;

use clap::{Arg, Command};

const INTRODUCTION: &str = "# Configuration

<!-- Made by `make generate` from src/config; do not edit. -->

Every setting of `devsanctum serve` is a flag and an environment variable; the flag wins. A secret can also come from a
file whose name is in the variable with `_FILE` at its end, as container platforms provide them. A wrong value stops the
start before any port is bound, names the variable, and exits with 64.
";

/// Markdown of all settings of this command, by section.
pub fn markdown(command: &Command) -> String {
    let mut text = INTRODUCTION.to_owned();
    let mut section = "";
    for arg in settings(command).filter(|arg| !arg.is_hide_set()) {
        let heading = arg.get_help_heading().unwrap_or_default();
        if heading != section {
            section = heading;
            let _ = write!(text, "\n## {heading}\n\n| variable | flag | default | |\n|---|---|---|---|\n");
        }
        let _ = writeln!(text, "{}", row(arg));
    }
    text
}

/// The arguments that are settings: those with a variable.
pub fn settings(command: &Command) -> impl Iterator<Item = &Arg> {
    command.get_arguments().filter(|arg| arg.get_env().is_some())
}

fn row(arg: &Arg) -> String {
    let variable = arg.get_env().map(|name| name.to_string_lossy()).unwrap_or_default();
    let flag = arg.get_long().unwrap_or_default();
    let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
    // Where the default depends on other settings, the help says it in brackets.
    let (help, told) = match help.split_once(" [default: ") {
        Some((help, told)) => (help.to_owned(), Some(told.trim_end_matches(']').to_owned())),
        None => (help, None),
    };
    let fixed = arg.get_default_values().first().map(|value| value.to_string_lossy());
    let fixed = fixed.filter(|value| !value.is_empty()).map(|value| format!("`{value}`"));
    let choices: Vec<_> = arg
        .get_possible_values()
        .iter()
        .map(|choice| {
            let help = choice.get_help().map(|help| format!(" ({help})")).unwrap_or_default();
            format!("`{}`{help}", choice.get_name())
        })
        .collect();
    let choices = if choices.is_empty() { String::new() } else { format!(": {}", choices.join(", ")) };
    let default = told.or(fixed).unwrap_or_default();
    format!("| `{variable}` | `--{flag}` | {default} | {help}{choices} |")
}
