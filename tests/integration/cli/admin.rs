use std::{
    fs,
    io::Write,
    net::SocketAddr,
    path::Path,
    process::{Command, Output, Stdio},
    sync::Arc,
};

use devsanctum::{
    adapters::store,
    domain::{
        audit::{AuditEntry, Via},
        second_factor::SecondFactor,
        secret::Sealed,
    },
    ports::repository::{PageRequest, Store},
};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::serve::{Server, devsanctum, ended, refused, serve};
use crate::{
    contract::store::{
        engine::with_database,
        fixture::{at, write},
    },
    support::{
        client::{Anonymous, Answer},
        python::python,
    },
};

const OLD: &str = "correct horse battery";
const NEW: &str = "staple of many horses";

/// A server that runs, and how commands beside it find its database.
struct Installation {
    data: TempDir,
    settings: Vec<(&'static str, String)>,
    people: Anonymous,
    _server: Server,
}

impl Installation {
    /// With the admin `ada`.
    fn start(settings: Vec<(&'static str, String)>) -> Self {
        let data = TempDir::new().unwrap();
        let admin = [("DEVSANCTUM_ADMIN_EMAIL", "ada@example.org"), ("DEVSANCTUM_ADMIN_PASSWORD", OLD)];
        let (server, banner) = Server::start(serve(data.path()).envs(admin).envs(settings.clone()));
        let banner = banner.join("\n");
        let address = banner.split("listens on ").nth(1).unwrap().split_whitespace().next().unwrap();
        let people = Anonymous::of(address.parse::<SocketAddr>().unwrap());
        Self { data, settings, people, _server: server }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = devsanctum(self.data.path());
        command.arg("admin").args(arguments).envs(self.settings.clone());
        command
    }

    #[track_caller]
    fn json(&self, arguments: &[&str], input: &str) -> Value {
        let mut command = self.command(&[arguments, &["--output", "json"]].concat());
        serde_json::from_str(&succeeds(command.stdin(typed(input)))).unwrap()
    }

    async fn login(&self, login: &str, password: &str) -> Answer {
        let body = json!({ "login": login, "password": password });
        self.people.post("/api/v1/auth/login").json(&body).send().await
    }

    async fn store(&self) -> Arc<dyn Store> {
        match self.settings.iter().find(|(name, _)| *name == "DEVSANCTUM_DATABASE_URL") {
            Some((_, url)) => store::open(url).await.unwrap(),
            None => store::open_file(&self.data.path().join("devsanctum.db")).await.unwrap(),
        }
    }

    /// What the command line did.
    async fn audit(&self) -> Vec<AuditEntry> {
        let page = PageRequest { limit: 100, ..PageRequest::default() };
        let mut reader = self.store().await.read().await.unwrap();
        let mut entries = reader.audit().list(&Default::default(), &page).await.unwrap();
        entries.retain(|entry| entry.via == Via::CommandLine);
        entries
    }
}

/// Standard input that holds this.
fn typed(text: &str) -> Stdio {
    let (reader, mut writer) = std::io::pipe().unwrap();
    writer.write_all(text.as_bytes()).unwrap();
    reader.into()
}

#[track_caller]
fn succeeds(command: &mut Command) -> String {
    let Output { status, stdout, stderr } = ended(command);
    assert_eq!(status.code(), Some(0), "{}", String::from_utf8_lossy(&stderr));
    assert!(stderr.is_empty(), "{}", String::from_utf8_lossy(&stderr));
    String::from_utf8(stdout).unwrap()
}

async fn on_both_engines(test: impl AsyncFn(Installation)) {
    test(Installation::start(Vec::new())).await;
    with_database(async |url| test(Installation::start(vec![("DEVSANCTUM_DATABASE_URL", url)])).await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_password_is_reset_beside_a_running_server() {
    on_both_engines(async |installation| {
        let signed_in = installation.people.signed_in(installation.login("ada", OLD).await.expect(200));
        let token = json!({ "name": "ci", "scopes": ["read"], "expires_at": null });
        let made = signed_in.post("/api/v1/me/tokens").json(&token).send().await.expect(201).json();
        let reset = installation.json(&["reset-password", " Ada@Example.org "], &format!("{NEW}\n"));
        assert_eq!(reset["user"]["username"], "ada");
        assert_eq!((&reset["sessions_ended"], &reset["second_factor_removed"]), (&json!(1), &json!(false)));
        assert_eq!(reset.get("password"), None, "one that was typed is not repeated");

        signed_in.refresh(&signed_in.cookie).await.expect(401);
        installation.login("ada", OLD).await.problem(401, "wrong_credentials");
        installation.login("ada", NEW).await.expect(200);
        let program = installation.people.with_token(made["secret"].as_str().unwrap());
        program.get("/api/v1/me").send().await.expect(200);
        let entries = installation.audit().await;
        let [entry] = entries.as_slice() else { panic!("{entries:?}") };
        assert_eq!((entry.action.as_str(), entry.user_id), ("user.password_reset", None));
        assert_eq!(entry.target_name.as_deref(), Some("ada"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_factor_goes_only_when_it_is_said() {
    let installation = Installation::start(Vec::new());
    let store = installation.store().await;
    let (ada, _) = store.read().await.unwrap().users().find_by_login("ada").await.unwrap().unwrap();
    let factor = SecondFactor {
        user_id: ada.id,
        sealed: Sealed::from_bytes(vec![1]),
        created_at: at(1),
        confirmed_at: Some(at(2)),
        last_step: 0,
    };
    write(&store, async |work| {
        work.second_factors().put(&SecondFactor { confirmed_at: None, ..factor.clone() }).await?;
        work.second_factors().confirm(ada.id, 1, at(2)).await
    })
    .await
    .unwrap();
    installation.json(&["reset-password", "ada"], NEW);
    installation.login("ada", NEW).await.problem(401, "totp_required");
    let reset = installation.json(&["reset-password", "ada", "--disable-totp"], OLD);
    assert_eq!(reset["second_factor_removed"], true);
    installation.login("ada", OLD).await.expect(200);

    let told = succeeds(&mut installation.command(&["reset-password", "ada", "--generate"]));
    let generated = told.lines().find_map(|line| line.strip_prefix("Password: ")).unwrap();
    assert!(generated.len() > 20, "{told}");
    assert!(told.contains("1 sessions ended") && told.contains("API tokens stay"), "{told}");
    installation.login("ada", generated).await.expect(200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn admins_are_made_and_promoted() {
    on_both_engines(async |installation| {
        let grace = ["create-admin", "--email", "grace@example.org", "--username", "Grace"];
        let made = installation.json(&grace, NEW);
        assert_eq!(
            (&made["user"]["username"], &made["organization"]["slug"]),
            (&json!("grace"), &json!("grace"))
        );
        let person = installation.people.signed_in(installation.login("grace", NEW).await.expect(200));
        assert_eq!(person.user["platform_admin"], true);
        let bob = json!({ "email": "bob@example.org", "username": "bob", "password": OLD });
        person.post("/api/v1/users").json(&bob).send().await.expect(201);
        // The name is free, the slug is not.
        person.post("/api/v1/orgs").json(&json!({ "slug": "eve" })).send().await.expect(201);
        let eve = ["create-admin", "--email", "eve@example.org", "--username", "eve", "--generate"];
        let made = installation.json(&eve, "");
        assert_eq!(made["organization"]["slug"], "eve-2");
        installation.login("eve@example.org", made["password"].as_str().unwrap()).await.expect(200);
        let again = ["create-admin", "--email", "grace@example.org", "--username", "other", "--generate"];
        refused(&mut installation.command(&again), 1, &["email", "--promote"]);

        let promoted = installation.json(&["create-admin", "--promote", "bob"], "");
        assert_eq!(promoted["promoted"], true);
        let bob = installation.people.signed_in(installation.login("bob", OLD).await.expect(200));
        bob.get("/api/v1/users").send().await.expect(200);
        let told = succeeds(&mut installation.command(&["create-admin", "--promote", "bob@example.org"]));
        assert!(told.contains("already"), "{told}");
        let id = bob.user["id"].as_str().unwrap();
        let suspend = json!({ "suspended": true, "platform_admin": false });
        person.patch(&format!("/api/v1/users/{id}")).json(&suspend).send().await.expect(200);
        refused(&mut installation.command(&["create-admin", "--promote", "bob"]), 1, &["bob is suspended"]);

        let entries = installation.audit().await;
        let mut actions: Vec<_> = entries.iter().map(|entry| entry.action.as_str()).collect();
        actions.sort_unstable();
        assert_eq!(actions, ["org.create", "org.create", "user.change", "user.create", "user.create"]);
    })
    .await;
}

/// Also before anybody has come through the door of the first run, which is shut then.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_admin_made_here_ends_the_setup() {
    let data = TempDir::new().unwrap();
    let (server, banner) = Server::start(&mut serve(data.path()));
    assert!(banner.join("\n").contains("Setup token"));
    let make = ["admin", "create-admin", "--email", "ada@example.org", "--username", "ada"];
    succeeds(devsanctum(data.path()).args(make).stdin(typed(NEW)));
    assert_eq!(server.end("-TERM"), Some(0));
    let (_server, banner) = Server::start(&mut serve(data.path()));
    assert!(!banner.join("\n").contains("Setup token"), "{banner:?}");
}

#[test]
fn what_does_not_work_is_named_and_makes_nothing() {
    let installation = Installation::start(Vec::new());
    let of = |arguments: &[&str], input: &str, code, named: &[&str]| {
        refused(installation.command(arguments).stdin(typed(input)), code, named);
    };
    of(&["reset-password", "nobody"], NEW, 1, &["there is no user nobody"]);
    of(&["reset-password", "ada"], "short", 1, &["the password must have at least 10 characters"]);
    of(&["reset-password", "ada"], "Ada 123456789", 1, &["your own name"]);
    of(&["reset-password", "ada"], "", 1, &["standard input", "--generate"]);
    of(&["create-admin", "--promote", "nobody"], "", 1, &["there is no user nobody"]);
    for usage in [
        &["reset-password"][..],
        &["reset-password", "ada", "--password", "x"],
        &["create-admin", "--email", "grace@example.org"],
        &["create-admin", "--email", "grace", "--username", "grace"],
        &["create-admin", "--email", "grace@example.org", "--username", "no spaces"],
        &["create-admin", "--promote", "ada", "--username", "ada"],
        &["reset-password", "ada", "--output", "xml"],
        &[],
    ] {
        of(usage, NEW, 2, &["--help"]);
    }
    let wrong = ["reset-password", "ada", "--database-url", "mysql://x"];
    of(&wrong, NEW, 64, &["DEVSANCTUM_DATABASE_URL"]);

    let empty = TempDir::new().unwrap();
    let nothing = |settings: &[(&str, &str)], named: &[&str]| {
        let mut command = devsanctum(empty.path());
        command.args(["admin", "reset-password", "ada"]).envs(settings.iter().copied());
        refused(command.stdin(typed(NEW)), 1, named);
        assert!(fs::read_dir(empty.path()).unwrap().next().is_none(), "nothing was made");
    };
    nothing(&[], &["there is no database", "DEVSANCTUM_DATA_DIR"]);
    let url = format!("sqlite://{}/other.db", empty.path().display());
    nothing(&[("DEVSANCTUM_DATABASE_URL", &url)], &["other.db", "DEVSANCTUM_DATABASE_URL"]);
}

/// On a terminal of its own, as a person types.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_terminal_does_not_show_what_is_typed() {
    let installation = Installation::start(Vec::new());
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/integration/cli/terminal.py");
    let on_a_terminal = |first: &str, second: &str| {
        let mut command = python();
        command.env_clear().env("DEVSANCTUM_DATA_DIR", installation.data.path());
        command.arg(&script).args([first, second, env!("CARGO_BIN_EXE_devsanctum"), "admin"]);
        ended(command.args(["reset-password", "ada"]).stdout(Stdio::piped()).stderr(Stdio::piped()))
    };
    let shown = on_a_terminal(NEW, NEW);
    let text = String::from_utf8_lossy(&shown.stdout).into_owned();
    assert_eq!(shown.status.code(), Some(0), "{text} {}", String::from_utf8_lossy(&shown.stderr));
    assert!(text.contains("New password: ") && text.contains("ada has a new password"), "{text}");
    assert!(!text.contains(NEW), "{text}");
    installation.login("ada", NEW).await.expect(200);
    let shown = on_a_terminal(OLD, "something else");
    assert_eq!(shown.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&shown.stdout).contains("not the same"));
    installation.login("ada", NEW).await.expect(200);
}
