use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use tempfile::TempDir;

use super::serve::{Server, devsanctum, ended, refused, serve};

fn run(data: &Path, arguments: &[&str]) -> Command {
    let mut command = devsanctum(data);
    command.args(arguments);
    command
}

#[track_caller]
fn succeeds(command: &mut Command) -> String {
    let Output { status, stderr, .. } = ended(command);
    let told = String::from_utf8_lossy(&stderr).into_owned();
    assert_eq!(status.code(), Some(0), "{told}");
    told
}

/// A data directory that a server has used, with an admin.
fn used() -> TempDir {
    used_with(&[])
}

fn used_with(settings: &[(&str, &str)]) -> TempDir {
    let data = TempDir::new().unwrap();
    let admin = [
        ("DEVSANCTUM_ADMIN_EMAIL", "ada@example.org"),
        ("DEVSANCTUM_ADMIN_PASSWORD", "correct horse battery"),
    ];
    let (server, _) = Server::start(serve(data.path()).envs(admin).envs(settings.iter().copied()));
    assert_eq!(server.end("-TERM"), Some(0));
    data
}

/// An empty data directory with the key of this one.
fn with_key_of(data: &Path) -> TempDir {
    let other = TempDir::new().unwrap();
    fs::copy(data.join("master.key"), other.path().join("master.key")).unwrap();
    other
}

fn backed_up(data: &Path) -> PathBuf {
    let file = data.join("backup");
    let told = succeeds(&mut run(data, &["backup", file.to_str().unwrap()]));
    assert!(told.contains("1 users, 1 organizations") && told.contains("4 templates"), "{told}");
    file
}

#[test]
fn a_backup_is_for_its_owner_and_comes_back_elsewhere() {
    let data = used();
    // While a server serves the database.
    let (server, _) = Server::start(&mut serve(data.path()));
    let file = backed_up(data.path());
    assert_eq!(server.end("-TERM"), Some(0));
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(
        fs::read_dir(data.path())
            .unwrap()
            .all(|it| { !it.unwrap().file_name().to_string_lossy().ends_with(".partial") })
    );

    let other = with_key_of(data.path());
    let told = succeeds(&mut run(other.path(), &["restore", file.to_str().unwrap()]));
    assert!(told.contains("1 users") && told.contains("sign in again"), "{told}");
    let (server, banner) = Server::start(&mut serve(other.path()));
    assert!(!banner.join("\n").contains("Setup token"), "the admin is there: {banner:?}");
    assert_eq!(server.end("-TERM"), Some(0));
}

#[test]
fn a_dash_is_standard_output_and_input() {
    let data = used();
    let Output { status, stdout, stderr } = ended(&mut run(data.path(), &["backup", "-"]));
    assert_eq!(status.code(), Some(0), "{}", String::from_utf8_lossy(&stderr));
    assert_eq!(stdout[..2], [0x1f, 0x8b], "nothing but the backup");
    let file = data.path().join("piped");
    fs::write(&file, stdout).unwrap();
    let other = with_key_of(data.path());
    let input = Stdio::from(fs::File::open(&file).unwrap());
    succeeds(run(other.path(), &["restore", "-"]).stdin(input));
}

#[test]
fn the_key_is_a_setting_and_told_when_it_is_wrong() {
    let data = used();
    let file = backed_up(data.path());
    let file = file.to_str().unwrap();
    let key = fs::read_to_string(data.path().join("master.key")).unwrap();

    let without = TempDir::new().unwrap();
    refused(
        &mut run(without.path(), &["restore", file]),
        64,
        &["DEVSANCTUM_MASTER_KEY", without.path().to_str().unwrap()],
    );
    assert!(fs::read_dir(without.path()).unwrap().next().is_none(), "nothing was made");
    let other = "11".repeat(32);
    refused(
        run(without.path(), &["restore", file]).env("DEVSANCTUM_MASTER_KEY", &other),
        64,
        &["DEVSANCTUM_MASTER_KEY", "another master key", "nothing was changed"],
    );
    assert!(!without.path().join("devsanctum.db").exists(), "nothing was made");
    refused(
        run(without.path(), &["backup", "x"]).env("DEVSANCTUM_MASTER_KEY", "short"),
        64,
        &["DEVSANCTUM_MASTER_KEY"],
    );
    refused(
        run(data.path(), &["backup", "x"]).env("DEVSANCTUM_DATABASE_URL", "mysql://x"),
        64,
        &["DEVSANCTUM_DATABASE_URL"],
    );
    succeeds(run(without.path(), &["restore", file]).env("DEVSANCTUM_MASTER_KEY", key.trim()));
    let content = fs::read(file).unwrap();
    assert!(!content.windows(key.trim().len()).any(|window| window == key.trim().as_bytes()));
}

#[test]
fn what_cannot_be_restored_is_named_and_changes_nothing() {
    let data = used();
    let file = backed_up(data.path());
    let file = file.to_str().unwrap();
    refused(&mut run(data.path(), &["restore", file]), 1, &["holds data already", "users: 1", "--replace"]);
    succeeds(&mut run(data.path(), &["restore", file, "--replace"]));

    let whole = fs::read(file).unwrap();
    let spoiled = data.path().join("spoiled");
    for (bytes, told) in [(&whole[..whole.len() - 9], "damaged"), (b"garbage".as_slice(), "not a backup")] {
        fs::write(&spoiled, bytes).unwrap();
        let arguments = ["restore", "--replace", spoiled.to_str().unwrap()];
        refused(&mut run(data.path(), &arguments), 1, &[told]);
    }
    refused(&mut run(data.path(), &["restore", "/nowhere/at/all"]), 1, &["/nowhere/at/all"]);
    refused(&mut run(data.path(), &["backup", "/nowhere/at/all"]), 1, &["/nowhere/at/all"]);
    let empty = with_key_of(data.path());
    refused(&mut run(empty.path(), &["backup", "x"]), 1, &["nothing to back up"]);
    for arguments in [&["backup"][..], &["restore"], &["restore", "x", "--force"]] {
        refused(&mut run(data.path(), arguments), 2, &["Usage"]);
    }
    // The admin is still there.
    backed_up(data.path());
}

#[test]
fn a_server_whose_database_becomes_anothers_ends_and_says_what_to_do() {
    let key = "22".repeat(32);
    let [one, other] = [(), ()].map(|()| used_with(&[("DEVSANCTUM_MASTER_KEY", &key)]));
    let backup = other.path().join("backup");
    let arguments = ["backup", backup.to_str().unwrap()];
    succeeds(run(other.path(), &arguments).env("DEVSANCTUM_MASTER_KEY", &key));
    let (mut server, _) = Server::start(serve(one.path()).env("DEVSANCTUM_MASTER_KEY", &key));
    let stderr = server.0.stderr.take().unwrap();
    let told = std::thread::spawn(move || std::io::read_to_string(stderr).unwrap());
    let arguments = ["restore", "--replace", backup.to_str().unwrap()];
    succeeds(run(one.path(), &arguments).env("DEVSANCTUM_MASTER_KEY", &key));
    assert_eq!(server.ended(), Some(1));
    let told = told.join().unwrap();
    assert!(told.contains("another installation") && told.contains("Start the server again"), "{told}");

    let (server, _) = Server::start(serve(one.path()).env("DEVSANCTUM_MASTER_KEY", &key));
    assert_eq!(server.end("-TERM"), Some(0));
}
