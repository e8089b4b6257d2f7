//! The program that goes into containers, as the build script made it, run on this machine.

use std::{
    fs,
    io::{Read, Write},
    net::TcpStream,
    os::unix::fs::PermissionsExt,
    path::PathBuf,
    process::{Child, Command, Output, Stdio},
    time::Duration,
};

use devsanctum::adapters::docker::HELPER_PROGRAM;
use tempfile::TempDir;

struct Helper {
    path: PathBuf,
    _directory: TempDir,
}

impl Helper {
    fn unpack() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("helper");
        fs::write(&path, HELPER_PROGRAM).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        Self { path, _directory: directory }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.path);
        command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// Starts the placeholder on a free port.
    fn placeholder(&self, more: &[&str]) -> Placeholder {
        let port = free_port();
        let number = port.to_string();
        let arguments = [&["placeholder", "--port", &number], more].concat();
        let mut child = self.command(&arguments).spawn().unwrap();
        // It says so when it listens.
        let mut line = [0; 1];
        child.stdout.as_mut().unwrap().read_exact(&mut line).unwrap();
        Placeholder { child, port }
    }
}

fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

struct Placeholder {
    child: Child,
    port: u16,
}

impl Drop for Placeholder {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Placeholder {
    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        stream
    }

    fn ask(&self, request: &str) -> String {
        let mut stream = self.connect();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn wrong_use_is_said_and_has_its_code() {
    let helper = Helper::unpack();
    for arguments in [
        &[][..],
        &["nonsense"],
        &["idle", "more"],
        &["shell", "80"],
        &["shell", "x", "24"],
        &["limit", "soon", "x"],
        &["placeholder", "--port", "x"],
    ] {
        let output = helper.run(arguments);
        assert_eq!(output.status.code(), Some(64), "{arguments:?}");
        assert!(text(&output.stderr).starts_with("usage:"), "{arguments:?}");
    }
}

#[test]
fn the_placeholder_says_what_is_missing() {
    let helper = Helper::unpack();
    let server = helper.placeholder(&["--component", "<web>", "--workspace", "shop"]);

    let page =
        server.ask("GET /any/path?x HTTP/1.1\r\nhost: x\r\naccept: text/html,application/json\r\n\r\n");
    assert!(page.starts_with("HTTP/1.1 200 OK\r\ncontent-type: text/html; charset=utf-8\r\n"), "{page}");
    assert!(
        page.contains("<code>&lt;web&gt;</code> is waiting") && page.contains("Workspace shop"),
        "{page}"
    );
    for left in ["<web>", "{title}", "{workspace}", "{component}", "{port}"] {
        assert!(!page.contains(left), "{left} in {page}");
    }

    let json = server.ask("GET / HTTP/1.1\r\nhost: x\r\nAccept: application/json\r\n\r\n");
    let (head, body) = json.split_once("\r\n\r\n").unwrap();
    assert!(head.contains("content-type: application/json"), "{head}");
    let body: serde_json::Value = serde_json::from_str(body).unwrap();
    assert_eq!(
        (&body["placeholder"], &body["component"], &body["workspace"]),
        (&true.into(), &"<web>".into(), &"shop".into())
    );

    assert!(server.ask("GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n").ends_with("\r\n\r\nok\n"));
    let head = server.ask("HEAD / HTTP/1.1\r\nhost: x\r\n\r\n");
    assert!(head.starts_with("HTTP/1.1 200") && head.ends_with("\r\n\r\n"), "{head}");
}

#[test]
fn the_placeholder_refuses_what_it_does_not_understand() {
    let helper = Helper::unpack();
    let server = helper.placeholder(&[]);
    let long = format!("GET / HTTP/1.1\r\nx: {}\r\n\r\n", "x".repeat(20_000));
    for (request, status) in [
        ("POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\n\r\nhello", "405"),
        ("nonsense\r\n\r\n", "400"),
        ("GET / HTTP/2.0 x\r\n\r\n", "400"),
        (&long, "431"),
    ] {
        let answer = server.ask(request);
        assert_eq!(answer.get(9..12), Some(status), "{answer}");
    }
}

#[test]
fn idle_clients_do_not_keep_others_out() {
    let helper = Helper::unpack();
    let server = helper.placeholder(&[]);
    let idle: Vec<_> = (0..40).map(|_| server.connect()).collect();
    assert!(server.ask("GET /healthz HTTP/1.1\r\n\r\n").ends_with("ok\n"));
    drop(idle);
}

#[test]
fn a_signal_ends_it_at_once() {
    let helper = Helper::unpack();
    let mut server = helper.placeholder(&[]);
    assert_eq!(terminate(&mut server.child), Some(0));
}

#[test]
fn keep_stays_after_a_success_and_passes_signals_on() {
    let helper = Helper::unpack();
    let path = helper.path.to_str().unwrap().to_owned();
    assert_eq!(helper.run(&["keep", &path, "nonsense"]).status.code(), Some(64), "a failure is passed on");
    assert_eq!(helper.run(&["keep", "/no/such/program"]).status.code(), Some(127));
    // Without a command, after one that ended well, and while one runs.
    for (command, programs) in
        [(&["keep"][..], 1), (&["keep", &path, "ports"], 1), (&["keep", &path, "idle"], 2)]
    {
        let mut child = helper.command(command).spawn().unwrap();
        if command.last() == Some(&"ports") {
            // Its output says that it ran.
            child.stdout.as_mut().unwrap().read_exact(&mut [0; 1]).unwrap();
        }
        wait_for_handlers(child.id(), programs);
        assert_eq!(child.try_wait().unwrap(), None, "{command:?}");
        assert_eq!(terminate(&mut child), Some(0), "{command:?}");
    }
}

/// Until the process, and as many children of it as make this number together, catch SIGTERM.
fn wait_for_handlers(pid: u32, programs: usize) {
    let catches = |pid: &str| {
        let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
        let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:")).unwrap_or("0");
        u64::from_str_radix(caught.trim(), 16).unwrap() & (1 << 14) != 0
    };
    for _ in 0..500 {
        let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap();
        let pids: Vec<_> =
            [pid.to_string()].into_iter().chain(children.split_whitespace().map(str::to_owned)).collect();
        if pids.len() == programs && pids.iter().all(|pid| catches(pid)) {
            return;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("{programs} programs do not catch SIGTERM");
}

fn terminate(child: &mut Child) -> Option<i32> {
    assert!(Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap().success());
    child.wait().unwrap().code()
}

#[test]
fn limit_passes_the_code_on_or_ends_the_command() {
    let helper = Helper::unpack();
    let path = helper.path.to_str().unwrap().to_owned();
    assert_eq!(helper.run(&["limit", "10000", &path, "nonsense"]).status.code(), Some(64));
    assert_eq!(helper.run(&["limit", "100", &path, "idle"]).status.code(), Some(124));
}

#[test]
fn dial_carries_bytes_both_ways() {
    let helper = Helper::unpack();
    let server = helper.placeholder(&[]);
    let mut child = helper
        .command(&["dial", &format!("127.0.0.1:{}", server.port)])
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(b"GET /healthz HTTP/1.1\r\n\r\n").unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    assert!(text(&output.stdout).ends_with("ok\n"));

    let output = helper.run(&["dial", &format!("127.0.0.1:{}", free_port())]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("refused"), "{}", text(&output.stderr));
}

#[test]
fn fetch_prints_the_body() {
    let helper = Helper::unpack();
    let server = helper.placeholder(&[]);
    let output = helper.run(&["fetch", &format!("http://127.0.0.1:{}/healthz", server.port)]);
    assert_eq!((output.status.code(), text(&output.stdout).as_str()), (Some(0), "ok\n"));
    for url in ["https://127.0.0.1/", "http://", "http:///x", "http://a b/", "127.0.0.1"] {
        let output = helper.run(&["fetch", url]);
        assert_eq!(output.status.code(), Some(1), "{url}");
        assert!(text(&output.stderr).contains("http://HOST"), "{url}: {}", text(&output.stderr));
    }
}

#[test]
fn ports_lists_what_listens() {
    let helper = Helper::unpack();
    let server = helper.placeholder(&[]);
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let output = helper.run(&["ports"]);
    let ports: Vec<serde_json::Value> = serde_json::from_slice(&output.stdout).unwrap();
    let find = |port: u16| {
        ports.iter().find(|item| item["port"] == port).map(|item| item["loopback"].as_bool().unwrap())
    };
    assert_eq!(find(server.port), Some(false));
    assert_eq!(find(listener.local_addr().unwrap().port()), Some(true));
}

/// What a terminal of the helper showed, and how its shell ended.
fn shell(helper: &Helper, typed: &str, adjust: impl FnOnce(&mut Command)) -> Output {
    let mut command = helper.command(&["shell", "80", "24"]);
    command.stdin(Stdio::piped()).env_remove("SHELL").env_remove("HOME").env_remove("LANG");
    adjust(&mut command);
    let mut child = command.spawn().unwrap();
    let mut line = child.stdin.take().unwrap();
    let keys = format!("{typed}\r");
    line.write_all(&[0]).unwrap();
    line.write_all(&u16::try_from(keys.len()).unwrap().to_be_bytes()).unwrap();
    line.write_all(keys.as_bytes()).unwrap();
    // The line stays until the shell has ended.
    let output = child.wait_with_output().unwrap();
    drop(line);
    output
}

#[test]
fn a_shell_keeps_what_the_container_says_and_adds_what_is_missing() {
    let helper = Helper::unpack();
    let home = tempfile::tempdir().unwrap();
    let home = home.path().to_str().unwrap();
    let typed = "echo \"<$PATH|$TERM|$LANG|$SHELL|$(pwd)|$(tty)>\"; exit 4";
    let output = shell(&helper, typed, |command| {
        command
            .current_dir("/")
            .env("HOME", home)
            .env("PATH", "/opt/mine:/usr/bin:/bin")
            .env("SHELL", "/bin/sh");
    });
    let shown = text(&output.stdout);
    let expected = format!("</opt/mine:/usr/bin:/bin|xterm-256color|C.UTF-8|/bin/sh|{home}|/dev/pts/");
    assert!(shown.contains(&expected), "{shown}");
    assert_eq!(output.status.code(), Some(4));
    // Each frame was taken whole.
    let taken = u16::try_from(typed.len() + 1).unwrap().to_be_bytes();
    assert_eq!(output.stderr, [6, taken[0], taken[1]]);
}

#[test]
fn a_shell_that_is_not_there_is_passed_over() {
    let helper = Helper::unpack();
    for wrong in ["/no/such/shell", "/usr/sbin/nologin", "sh", "/bin/false"] {
        let output = shell(&helper, "echo \"<$SHELL>\"; exit 0", |command| {
            command.env("SHELL", wrong);
        });
        let shown = text(&output.stdout);
        assert!(shown.contains("</bin/") && !shown.contains(&format!("<{wrong}>")), "{wrong}: {shown}");
        assert_eq!(output.status.code(), Some(0));
    }
}

#[test]
fn a_line_that_is_hung_up_ends_the_shell() {
    let helper = Helper::unpack();
    let mut child = helper.command(&["shell", "80", "24"]).stdin(Stdio::piped()).spawn().unwrap();
    drop(child.stdin.take());
    assert_eq!(child.wait().unwrap().code(), Some(129));
    let mut broken = helper.command(&["shell", "80", "24"]).stdin(Stdio::piped()).spawn().unwrap();
    broken.stdin.as_mut().unwrap().write_all(&[9, 0, 0]).unwrap();
    assert_eq!(broken.wait_with_output().unwrap().status.code(), Some(129), "a frame of no kind");
}
