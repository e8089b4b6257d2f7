//! `devsanctum admin`: for whoever is at the server, on its database, whether or not the server runs.

use std::io::{self, IsTerminal, Read};

use clap::{Args, Subcommand, ValueEnum};
use serde_json::{Value, json};

use super::Exit;
use crate::{
    app::{
        AppError,
        console::{self, Console, Reset},
    },
    bootstrap,
    config::{ConfigError, Storage},
    domain::{
        names::{Email, NameError, Username},
        org::Org,
        secret::Secret,
        user::User,
    },
};

/// Far longer than the longest password.
const MOST_INPUT: u64 = 64 * 1024;

#[derive(Debug, Args)]
pub(super) struct Admin {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Give a user a new password, and end all of their sessions
    ResetPassword(Box<ResetPassword>),
    /// Make a platform admin with an organization of their own
    CreateAdmin(Box<CreateAdmin>),
}

/// The password is read from the terminal without showing it, or from standard input, never from an argument: others on
/// the machine can read those.
#[derive(Debug, Args)]
struct ResetPassword {
    /// Username or mail address
    login: String,
    /// Also turn their two-factor authentication off
    #[arg(long)]
    disable_totp: bool,
    #[command(flatten)]
    options: Options,
}

/// The password is read from the terminal without showing it, or from standard input, never from an argument: others on
/// the machine can read those.
#[derive(Debug, Args)]
struct CreateAdmin {
    /// Mail address
    #[arg(long, value_name = "ADDRESS", required_unless_present = "promote")]
    email: Option<Email>,
    /// Username, with which they sign in as well
    #[arg(long, value_name = "NAME", required_unless_present = "promote", value_parser = username)]
    username: Option<Username>,
    /// Instead, make somebody who has an account a platform admin
    #[arg(long, value_name = "LOGIN", conflicts_with_all = ["email", "username", "generate"])]
    promote: Option<String>,
    #[command(flatten)]
    options: Options,
}

#[derive(Debug, Args)]
struct Options {
    /// Make up a password and print it
    #[arg(long)]
    generate: bool,
    /// How to print what was done
    #[arg(long, value_enum, default_value_t = Output::Text)]
    output: Output,
    #[command(flatten)]
    storage: Storage,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Output {
    Text,
    Json,
}

/// What was done: for people, and for programs.
struct Told {
    text: String,
    json: Value,
}

pub(super) fn run(admin: Admin) -> Exit {
    let (output, done) = match admin.command {
        Command::ResetPassword(reset) => (reset.options.output, blocking(reset_password(*reset))),
        Command::CreateAdmin(create) => (create.options.output, blocking(create_admin(*create))),
    };
    match done {
        Ok(told) => {
            match output {
                Output::Text => println!("{}", told.text),
                Output::Json => println!("{:#}", told.json),
            }
            Exit::Ok
        }
        Err(error) => {
            eprintln!("error: {}", words(&error));
            if error.is::<ConfigError>() { Exit::Configuration } else { Exit::Failed }
        }
    }
}

fn blocking(work: impl Future<Output = anyhow::Result<Told>>) -> anyhow::Result<Told> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(work)
}

async fn reset_password(asked: ResetPassword) -> anyhow::Result<Told> {
    let ResetPassword { login, disable_totp, options } = asked;
    let console = open(options.storage).await?;
    // Before anybody types a password for nothing.
    let user = console::find(&console, &login).await?;
    let password = password(&console, options.generate)?;
    let reset = console::reset_password(&console, user.id, password.clone(), disable_totp).await?;
    Ok(told_of_reset(&reset, options.generate.then_some(&password)))
}

async fn create_admin(asked: CreateAdmin) -> anyhow::Result<Told> {
    let console = open(asked.options.storage).await?;
    let (Some(email), Some(username)) = (asked.email, asked.username) else {
        let login = asked.promote.unwrap_or_default();
        let (user, changed) = console::promote(&console, &login).await?;
        return Ok(told_of_promotion(&user, changed));
    };
    let password = password(&console, asked.options.generate)?;
    let (user, org) = console::create_admin(&console, email, username, password.clone()).await?;
    Ok(told_of_admin(&user, &org, asked.options.generate.then_some(&password)))
}

async fn open(storage: Storage) -> anyhow::Result<Console> {
    bootstrap::console(&storage.checked()?).await
}

fn told_of_reset(reset: &Reset, password: Option<&Secret>) -> Told {
    let Reset { user, sessions_ended, second_factor_removed } = reset;
    let mut text = format!("{} has a new password; {sessions_ended} sessions ended.", user.username);
    if *second_factor_removed {
        text += "\nTwo-factor authentication is off.";
    }
    text += "\nAPI tokens stay good until they are revoked.";
    if user.suspended_at.is_some() {
        text += "\nThe account stays suspended; a platform admin can lift that.";
    }
    let json = json!({
        "user": facts(user),
        "sessions_ended": sessions_ended,
        "second_factor_removed": second_factor_removed,
        "suspended": user.suspended_at.is_some(),
    });
    with_password(Told { text, json }, password)
}

fn told_of_admin(user: &User, org: &Org, password: Option<&Secret>) -> Told {
    let text = format!("{} is a platform admin, and owns the organization {}.", user.username, org.slug);
    let json = json!({ "user": facts(user), "organization": { "id": org.id, "slug": org.slug } });
    with_password(Told { text, json }, password)
}

fn told_of_promotion(user: &User, changed: bool) -> Told {
    let text = match changed {
        true => format!("{} is a platform admin now.", user.username),
        false => format!("{} is a platform admin already; nothing was changed.", user.username),
    };
    Told { text, json: json!({ "user": facts(user), "promoted": changed }) }
}

/// One that was made up is shown here and nowhere else.
fn with_password(mut told: Told, password: Option<&Secret>) -> Told {
    if let Some(password) = password {
        told.text += &format!("\nPassword: {}", password.expose());
        told.json["password"] = password.expose().into();
    }
    told
}

fn facts(user: &User) -> Value {
    json!({ "id": user.id, "username": user.username, "email": user.email })
}

fn password(console: &Console, generate: bool) -> anyhow::Result<Secret> {
    if generate {
        return Ok(console::generate_password(&*console.random));
    }
    if !io::stdin().is_terminal() {
        return read_password(io::stdin().lock());
    }
    let password = Secret::new(rpassword::prompt_password("New password: ")?);
    let again = Secret::new(rpassword::prompt_password("The same again: ")?);
    anyhow::ensure!(password == again, "the two passwords are not the same; nothing was changed");
    Ok(password)
}

/// The first line.
fn read_password(input: impl Read) -> anyhow::Result<Secret> {
    let mut text = String::new();
    input.take(MOST_INPUT).read_to_string(&mut text)?;
    let text = Secret::new(text);
    let line = text.expose().lines().next().unwrap_or_default();
    anyhow::ensure!(
        !line.is_empty(),
        "no password came on standard input; give one there, or have one made up with --generate"
    );
    Ok(Secret::new(line))
}

fn username(text: &str) -> Result<Username, NameError> {
    text.to_lowercase().parse()
}

/// The error with its causes. What the API tells field by field is one line here.
fn words(error: &anyhow::Error) -> String {
    match error.downcast_ref::<AppError>() {
        Some(AppError::Invalid(problems)) => {
            let problems =
                problems.iter().map(|problem| format!("the {} {}", problem.field, problem.message));
            problems.collect::<Vec<_>>().join("; ")
        }
        Some(error) => error.chain(),
        None => format!("{error:#}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_the_first_line_of_the_input() {
        let read = |text: &str| read_password(text.as_bytes()).map(|password| password.expose().to_owned());
        for text in ["correct horse", "correct horse\n", "correct horse\r\nand more\n"] {
            assert_eq!(read(text).unwrap(), "correct horse");
        }
        assert_eq!(read(" spaces count ").unwrap(), " spaces count ");
        for text in ["", "\n", "\nlater"] {
            assert!(read(text).unwrap_err().to_string().contains("--generate"));
        }
    }
}
