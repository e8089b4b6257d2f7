use std::process::Command;

use chrono::Duration;
use devsanctum::ports::clock::Clock;
use futures::future::join_all;
use serde_json::{Value, json};

use crate::support::{
    client::{Answer, Person},
    in_process::{PASSWORD, TestServer},
};

/// What an independent implementation says the code is.
fn oathtool(server: &TestServer, secret: &str, steps: i64) -> String {
    let at = server.clock.now() + Duration::seconds(30 * steps);
    let now = at.format("%Y-%m-%d %H:%M:%S UTC").to_string();
    let asked = Command::new("oathtool").args(["--totp", "--base32", "--now", &now, secret]).output();
    let asked = asked.expect("oathtool is there");
    assert!(asked.status.success(), "{}", String::from_utf8_lossy(&asked.stderr));
    String::from_utf8(asked.stdout).unwrap().trim().to_owned()
}

async fn login(server: &TestServer, code: Option<&str>) -> Answer {
    let mut body = json!({ "login": "ada", "password": PASSWORD });
    if let Some(code) = code {
        body["totp_code"] = code.into();
    }
    server.anonymous().post("/api/v1/auth/login").json(&body).send().await
}

async fn ask(person: &Person, path: &str, body: Value) -> Answer {
    person.post(path).json(&body).send().await
}

/// Turns it on, and gives the secret and the recovery codes.
async fn turn_on(server: &TestServer, ada: &Person) -> (String, Vec<String>) {
    let begun = ask(ada, "/api/v1/me/totp", json!({ "password": PASSWORD })).await.expect(200).json();
    let secret = begun["secret"].as_str().unwrap().to_owned();
    let code = oathtool(server, &secret, 0);
    let on = ask(ada, "/api/v1/me/totp/confirm", json!({ "code": code })).await.expect(200).json();
    let codes = on["recovery_codes"].as_array().unwrap().iter().map(|code| code.as_str().unwrap().to_owned());
    (secret, codes.collect())
}

#[tokio::test]
async fn signing_in_takes_a_code_that_an_independent_implementation_made() {
    let (server, ada) = TestServer::start().await;
    let begun = ask(&ada, "/api/v1/me/totp", json!({ "password": PASSWORD })).await.expect(200).json();
    let secret = begun["secret"].as_str().unwrap();
    let url = begun["otpauth_url"].as_str().unwrap();
    assert!(url.starts_with("otpauth://totp/DevSanctum:ada%40localhost?"), "{url}");
    assert!(url.contains(&format!("secret={secret}&")), "{url}");
    let picture = begun["qr_svg"].as_str().unwrap();
    assert!(picture.starts_with("<svg") && picture.trim_end().ends_with("</svg>"), "{picture}");
    for active in ["<script", "href", "url(", "<image", "on"] {
        assert!(!picture.replace("version", "").contains(&format!("{active}=")), "{active}");
    }
    // Not yet confirmed: nothing is asked for.
    login(&server, None).await.expect(200);
    let wrong = ask(&ada, "/api/v1/me/totp/confirm", json!({ "code": "000000" })).await;
    assert_eq!(wrong.problem(422, "invalid"), ["code"]);
    let (secret, codes) = turn_on(&server, &ada).await;
    assert_eq!(codes.len(), 10);
    server.mails.take("ada@example.org", "turned on").await;
    let me = ada.get("/api/v1/me").send().await.expect(200).json();
    assert_eq!((&me["totp_enabled"], &me["recovery_codes_left"]), (&json!(true), &json!(10)));

    server.clock.advance(Duration::seconds(30));
    login(&server, None).await.problem(401, "totp_required");
    login(&server, Some("123")).await.problem(401, "wrong_totp_code");
    let code = oathtool(&server, &secret, 0);
    let spaced = format!("{} {}", &code[..3], &code[3..]);
    login(&server, Some(&spaced)).await.expect(200);
    let body =
        json!({ "login": "ada", "password": "wrong horse", "totp_code": oathtool(&server, &secret, 1) });
    let wrong = server.anonymous().post("/api/v1/auth/login").json(&body).send().await;
    wrong.problem(401, "wrong_credentials");
    server.stop().await;
}

#[tokio::test]
async fn a_code_opens_once_even_when_many_show_it_at_the_same_time() {
    let (server, ada) = TestServer::start().await;
    let (secret, _) = turn_on(&server, &ada).await;
    // The one that confirmed it is used up as well.
    login(&server, Some(&oathtool(&server, &secret, 0))).await.problem(401, "wrong_totp_code");
    server.clock.advance(Duration::minutes(5));
    let code = oathtool(&server, &secret, 0);
    let answers = join_all((0..5).map(|_| login(&server, Some(&code)))).await;
    let opened = answers.iter().filter(|answer| answer.status == 200).count();
    assert_eq!(opened, 1, "{answers:?}");
    server.clock.advance(Duration::minutes(5));
    // An earlier one after a later one is a replay too.
    login(&server, Some(&oathtool(&server, &secret, 1))).await.expect(200);
    login(&server, Some(&oathtool(&server, &secret, 0))).await.problem(401, "wrong_totp_code");
    server.clock.advance(Duration::minutes(5));
    login(&server, Some(&oathtool(&server, &secret, -2))).await.problem(401, "wrong_totp_code");
    login(&server, Some(&oathtool(&server, &secret, 2))).await.problem(401, "wrong_totp_code");
    server.stop().await;
}

#[tokio::test]
async fn a_recovery_code_opens_once() {
    let (server, ada) = TestServer::start().await;
    let (secret, codes) = turn_on(&server, &ada).await;
    login(&server, Some(&codes[0].to_uppercase().replace('-', ""))).await.expect(200);
    login(&server, Some(&codes[0])).await.problem(401, "wrong_totp_code");
    let me = ada.get("/api/v1/me").send().await.expect(200).json();
    assert_eq!(me["recovery_codes_left"], 9);

    server.clock.advance(Duration::minutes(1));
    let body = json!({ "password": PASSWORD, "code": oathtool(&server, &secret, 0) });
    let renewed = ask(&ada, "/api/v1/me/totp/recovery-codes", body).await.expect(200).json();
    login(&server, Some(&codes[1])).await.problem(401, "wrong_totp_code");
    login(&server, renewed["recovery_codes"][9].as_str()).await.expect(200);
    server.stop().await;
}

#[tokio::test]
async fn turning_it_off_takes_the_password_and_a_code() {
    let (server, ada) = TestServer::start().await;
    let off = async |password: &str, code: &str| {
        let body = json!({ "password": password, "code": code });
        ada.delete("/api/v1/me/totp").json(&body).send().await
    };
    off(PASSWORD, "123456").await.problem(409, "totp_disabled");
    let again = ask(&ada, "/api/v1/me/totp", json!({ "password": "wrong" })).await;
    assert_eq!(again.problem(422, "invalid"), ["password"]);
    let (secret, _) = turn_on(&server, &ada).await;
    ask(&ada, "/api/v1/me/totp", json!({ "password": PASSWORD })).await.problem(409, "totp_enabled");
    server.clock.advance(Duration::minutes(1));
    let code = oathtool(&server, &secret, 0);
    assert_eq!(off("wrong horse battery", &code).await.problem(422, "invalid"), ["password"]);
    assert_eq!(off(PASSWORD, "000000").await.problem(422, "invalid"), ["code"]);
    off(PASSWORD, &code).await.expect(204);
    login(&server, None).await.expect(200);
    server.mails.take("ada@example.org", "turned off").await;
    server.stop().await;
}

#[tokio::test]
async fn whoever_knows_the_password_and_guesses_codes_is_slowed_down_and_the_owner_is_not() {
    let trusted = vec!["127.0.0.0/8".parse().unwrap()];
    let (server, ada) = TestServer::start_with_proxies(trusted).await;
    let (secret, _) = turn_on(&server, &ada).await;
    server.clock.advance(Duration::minutes(1));
    let from = async |address: &str, code: &str| {
        let body = json!({ "login": "ada", "password": PASSWORD, "totp_code": code });
        let call = server.anonymous().post("/api/v1/auth/login").header("x-forwarded-for", address);
        call.json(&body).send().await
    };
    // From one network.
    let mut tries = 0;
    while from("203.0.113.9", "000000").await.status != 429 {
        tries += 1;
        assert!(tries < 50);
    }
    assert!((4..=6).contains(&tries), "{tries}");
    // From many.
    for network in 10..100 {
        if from(&format!("203.0.113.{network}"), "000000").await.status == 429 {
            break;
        }
        tries += 1;
    }
    assert!((20..=40).contains(&tries), "{tries}");
    // The owner comes from where they were before.
    let body = json!({ "login": "ada", "password": PASSWORD, "totp_code": oathtool(&server, &secret, 0) });
    server.anonymous().post("/api/v1/auth/login").json(&body).send().await.expect(200);
    server.stop().await;
}

/// Somebody with a session and the password, but without the authenticator.
#[tokio::test]
async fn whoever_is_signed_in_does_not_try_all_codes() {
    let (server, ada) = TestServer::start().await;
    let (secret, _) = turn_on(&server, &ada).await;
    // The try that turned it on is forgotten.
    server.clock.advance(Duration::minutes(2));
    let proof = |code: &str| json!({ "password": PASSWORD, "code": code });
    let mut tries = 0;
    loop {
        let answer = match tries % 2 {
            0 => ada.delete("/api/v1/me/totp").json(&proof("000000")).send().await,
            _ => ask(&ada, "/api/v1/me/totp/recovery-codes", proof("000000")).await,
        };
        if answer.status == 429 {
            break;
        }
        assert_eq!(answer.problem(422, "invalid"), ["code"]);
        tries += 1;
        assert!(tries < 50);
    }
    assert_eq!(tries, 10, "both together");
    let right = proof(&oathtool(&server, &secret, 0));
    ada.delete("/api/v1/me/totp").json(&right).send().await.problem(429, "rate_limited");
    // The door has its own tries, and these come back.
    login(&server, Some(&oathtool(&server, &secret, 0))).await.expect(200);
    server.clock.advance(Duration::minutes(2));
    let right = proof(&oathtool(&server, &secret, 0));
    ada.delete("/api/v1/me/totp").json(&right).send().await.expect(204);
    server.stop().await;
}

#[tokio::test]
async fn the_first_code_is_not_guessed_either() {
    let (server, ada) = TestServer::start().await;
    let begun = ask(&ada, "/api/v1/me/totp", json!({ "password": PASSWORD })).await.expect(200).json();
    let confirm = async |code: &str| ask(&ada, "/api/v1/me/totp/confirm", json!({ "code": code })).await;
    for _ in 0..10 {
        assert_eq!(confirm("000000").await.problem(422, "invalid"), ["code"]);
    }
    let secret = begun["secret"].as_str().unwrap();
    confirm(&oathtool(&server, secret, 0)).await.problem(429, "rate_limited");
    server.clock.advance(Duration::minutes(2));
    confirm(&oathtool(&server, secret, 0)).await.expect(200);
    server.stop().await;
}

#[tokio::test]
async fn the_secret_is_sealed_for_its_owner() {
    let (server, ada) = TestServer::start().await;
    let (secret, _) = turn_on(&server, &ada).await;
    let user = ada.user["id"].as_str().unwrap().parse().unwrap();
    let factor = server.app.store.read().await.unwrap().second_factors().find(user).await.unwrap().unwrap();
    assert!(!String::from_utf8_lossy(factor.sealed.as_bytes()).contains(&secret));
    let context = devsanctum::domain::second_factor::SecondFactor::context;
    assert!(server.app.sealer.open(&context(user), &factor.sealed).is_ok());
    let other = uuid::Uuid::from_u128(1).into();
    assert!(server.app.sealer.open(&context(other), &factor.sealed).is_err(), "moved to another row");
    server.stop().await;
}
