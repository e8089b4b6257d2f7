//! Which shell a person gets, and with which surroundings.

use std::{
    collections::BTreeMap,
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

/// One line of passwd(5).
#[derive(Debug, Default, PartialEq, Eq)]
pub struct User {
    pub name: String,
    pub home: String,
    pub shell: String,
}

/// Tried after what the image and its user database name.
const USUAL_SHELLS: [&str; 2] = ["/bin/bash", "/bin/sh"];

/// Shells of users who are not to log in.
const REFUSING: [&str; 2] = ["nologin", "false"];

/// The user of this number. An image may have no user database, and a container may run as a user that is not in it.
pub fn user(id: u32) -> User {
    fs::read_to_string("/etc/passwd").ok().and_then(|users| find_user(&users, id)).unwrap_or_default()
}

pub fn find_user(users: &str, id: u32) -> Option<User> {
    users.lines().find_map(|line| {
        let fields: Vec<&str> = line.split(':').collect();
        match fields[..] {
            [name, _, number, _, _, home, shell] if number.parse() == Ok(id) => {
                Some(User { name: name.into(), home: home.into(), shell: shell.into() })
            }
            _ => None,
        }
    })
}

/// In the order in which they are tried: what the container's environment says, the user's own, the usual ones.
pub fn shells(environment: Option<String>, user: &User) -> Vec<String> {
    let own = environment.into_iter().chain([user.shell.clone()]);
    let mut shells: Vec<String> = Vec::new();
    for shell in own.chain(USUAL_SHELLS.map(str::to_owned)) {
        let name = shell.rsplit('/').next().unwrap_or_default();
        if shell.starts_with('/') && !REFUSING.contains(&name) && !shells.contains(&shell) {
            shells.push(shell);
        }
    }
    shells
}

/// What a terminal needs and the container's environment does not say.
pub fn surroundings(user: &User, shell: &str, has: impl Fn(&str) -> bool) -> BTreeMap<&'static str, String> {
    let home = if user.home.is_empty() { "/" } else { &user.home };
    let mut variables = BTreeMap::from([
        ("TERM", "xterm-256color".to_owned()),
        ("COLORTERM", "truecolor".to_owned()),
        ("SHELL", shell.to_owned()),
    ]);
    let mut unless_there = |name, value: &str| {
        if !has(name) && !value.is_empty() {
            variables.insert(name, value.to_owned());
        }
    };
    unless_there("HOME", home);
    unless_there("USER", &user.name);
    unless_there("LOGNAME", &user.name);
    if !["LANG", "LC_ALL", "LC_CTYPE"].into_iter().any(&has) {
        unless_there("LANG", "C.UTF-8");
    }
    variables
}

/// A shell is interactive by its terminal. It is no login shell: those read `/etc/profile`, which in many images sets
/// `PATH` anew and forgets what the image and the template put there.
pub fn command(user: &User, shell: &str) -> Command {
    let mut command = Command::new(shell);
    command.envs(surroundings(user, shell, |name| env::var_os(name).is_some_and(|value| !value.is_empty())));
    let home = env::var_os("HOME")
        .filter(|home| !home.is_empty())
        .map_or_else(|| PathBuf::from(&user.home), PathBuf::from);
    // Where the container works, unless that is nowhere in particular.
    if env::current_dir().is_ok_and(|directory| directory == Path::new("/")) && home.is_dir() {
        command.current_dir(home);
    }
    command
}
