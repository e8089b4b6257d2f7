//! Mail to a real SMTP server, read by another implementation.

use std::{
    io::{BufRead, BufReader, Lines},
    path::Path,
    process::{Child, ChildStdout, Command, Stdio},
};

use devsanctum::{
    adapters::smtp::{MailFrom, SmtpMailer, SmtpUrl},
    app::mail::Mail,
    domain::{role::Role, secret::Secret},
    ports::mailer::{MailError, Mailer},
};
use serde_json::Value;
use tempfile::TempDir;

use crate::support::python::python;

struct MailServer {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
    port: u16,
}

impl Drop for MailServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl MailServer {
    fn start(arguments: &[&str]) -> Self {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/integration/mail/server.py");
        let mut child = python()
            .arg(script)
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let port = lines.next().expect("python3 with aiosmtpd is there").unwrap().parse().unwrap();
        Self { child, lines, port }
    }

    fn next(&mut self) -> Value {
        serde_json::from_str(&self.lines.next().unwrap().unwrap()).unwrap()
    }
}

fn mailer(url: &str) -> SmtpMailer {
    let url = SmtpUrl::parse(&Secret::new(url)).unwrap();
    SmtpMailer::new(&url, MailFrom::parse("DevSanctum <ds@example.org>").unwrap()).unwrap()
}

fn invitation(org: &str) -> devsanctum::ports::mailer::Message {
    let mail = Mail::Invitation {
        org: org.into(),
        inviter: Some("Ada Lovelace".into()),
        role: Role::Developer,
        url: Secret::new(format!("https://dev.example.org/invitations#token={}", "t".repeat(43))),
        expires: "2026-11-28T14:03:59Z".parse().unwrap(),
    };
    mail.to(&"grace@example.org".parse().unwrap())
}

fn header<'a>(mail: &'a Value, name: &str) -> Vec<&'a str> {
    let headers = mail["headers"].as_array().unwrap().iter();
    headers.filter(|pair| pair[0] == name).map(|pair| pair[1].as_str().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn both_forms_of_a_mail_arrive_with_their_link() {
    let mut server = MailServer::start(&[]);
    let mailer = mailer(&format!("smtp://127.0.0.1:{}?tls=none", server.port));
    mailer.send(&invitation("Zoë & Söhne — «Ünïcode»")).await.unwrap();
    let mail = server.next();
    assert_eq!((&mail["from"], &mail["to"][0]), (&"ds@example.org".into(), &"grace@example.org".into()));
    assert_eq!(header(&mail, "Subject"), ["Join Zoë & Söhne — «Ünïcode» on DevSanctum"]);
    assert_eq!(header(&mail, "From"), ["DevSanctum <ds@example.org>"]);
    assert_eq!(header(&mail, "Auto-Submitted"), ["auto-generated"]);
    let parts = mail["parts"].as_array().unwrap();
    let [text, html] = parts.as_slice() else { panic!("{parts:?}") };
    assert_eq!((&text[0], &html[0]), (&"text/plain".into(), &"text/html".into()));
    let link = format!("https://dev.example.org/invitations#token={}", "t".repeat(43));
    assert!(text[1].as_str().unwrap().lines().any(|line| line == link), "{text}");
    assert!(html[1].as_str().unwrap().contains(&format!("href=\"{link}\"")), "{html}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_reaches_no_header_and_no_other_mailbox() {
    let mut server = MailServer::start(&[]);
    let mailer = mailer(&format!("smtp://127.0.0.1:{}?tls=none", server.port));
    for evil in [
        "Acme\r\nBcc: victim@example.org\r\n\r\nbody",
        "Acme\nTo: victim@example.org",
        "Acme\r\n.\r\nMAIL FROM:<x@example.org>\r\nRCPT TO:<victim@example.org>",
        "Acme =?utf-8?q?=0d=0aBcc:_victim@example.org?=",
    ] {
        mailer.send(&invitation(evil)).await.unwrap();
        let mail = server.next();
        assert_eq!(mail["to"].as_array().unwrap().len(), 1, "{mail}");
        assert!(header(&mail, "Bcc").is_empty(), "{mail}");
        assert_eq!(header(&mail, "To"), ["grace@example.org"]);
        assert_eq!(mail["parts"].as_array().unwrap().len(), 2);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_in_the_url_is_used() {
    let mut server = MailServer::start(&["login"]);
    let address = format!("127.0.0.1:{}?tls=none", server.port);
    mailer(&format!("smtp://ada:p%40ss%3Aword@{address}")).send(&invitation("Acme")).await.unwrap();
    assert_eq!(server.next()["login"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_mailbox_is_refused_for_good_and_an_absent_server_is_not() {
    let server = MailServer::start(&["refuse"]);
    let refused = mailer(&format!("smtp://127.0.0.1:{}?tls=none", server.port));
    let error = refused.send(&invitation("Acme")).await.unwrap_err();
    assert!(matches!(&error, MailError::Refused(text) if text.contains("nobody here")), "{error:?}");
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let absent = mailer(&format!("smtp://127.0.0.1:{port}?tls=none"));
    let error = absent.send(&invitation("Acme")).await.unwrap_err();
    assert!(matches!(error, MailError::Unavailable(_)), "{error:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_said_without_the_encryption_that_is_asked_for() {
    let plain = MailServer::start(&[]);
    let insisting = mailer(&format!("smtp://127.0.0.1:{}", plain.port));
    insisting.send(&invitation("Acme")).await.unwrap_err();

    // A certificate that nobody vouches for.
    let directory = TempDir::new().unwrap();
    let file = directory.path().join("cert.pem");
    let file = file.to_str().unwrap();
    let made = Command::new("openssl")
        .args([
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
            "-days",
            "1",
        ])
        .args(["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"])
        .args(["-keyout", file, "-out", &format!("{file}.cert")])
        .stderr(Stdio::null())
        .status();
    assert!(made.unwrap().success());
    let both = [std::fs::read(format!("{file}.cert")).unwrap(), std::fs::read(file).unwrap()].concat();
    std::fs::write(file, both).unwrap();
    let server = MailServer::start(&[&format!("tls={file}")]);
    for url in ["smtp://localhost:PORT", "smtp://localhost:PORT?tls=opportunistic"] {
        let error = mailer(&url.replace("PORT", &server.port.to_string())).send(&invitation("Acme")).await;
        let error = error.unwrap_err().to_string();
        assert!(error.contains("certificate"), "{error}");
    }
}
