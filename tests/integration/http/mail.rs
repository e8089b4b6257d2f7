use devsanctum::{app::mail::Mail, ports::mailer::MailError};

use crate::support::in_process::TestServer;

#[tokio::test]
async fn a_mail_server_that_is_away_makes_nobody_wait_and_shows() {
    let (server, ada) = TestServer::start().await;
    let methods = ada.get("/api/v1/auth/methods").send().await.expect(200).json();
    assert_eq!(methods["mail"], true);
    let state = async || {
        let told = ada.get("/readyz").send().await.expect(200).json();
        let parts = told["parts"].as_array().unwrap().clone();
        (told["status"].clone(), parts.into_iter().find(|part| part["name"] == "mail").unwrap())
    };
    assert_eq!(state().await.1["status"], "ok");

    server.mails.fail(Some(MailError::Unavailable("the mail server is away".into())));
    let mail = Mail::SecondFactor { username: "ada".into(), on: true, when: chrono::DateTime::UNIX_EPOCH };
    assert!(server.app.mailer.send(&"ada@example.org".parse().unwrap(), &mail));
    let (whole, part) = loop {
        let (whole, part) = state().await;
        if part["status"] != "ok" {
            break (whole, part);
        }
        tokio::task::yield_now().await;
    };
    assert_eq!((whole, part["status"].as_str()), ("ok".into(), Some("degraded")));
    assert_eq!(part["detail"], "the mail server is away");

    server.mails.fail(None);
    server.mails.take("ada@example.org", "Two-factor").await;
    server.stop().await;
}
