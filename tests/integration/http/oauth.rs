//! Signing in with an account elsewhere, as browsers do it, and everything that must not work.

use chrono::Duration;
use devsanctum::{
    adapters::oauth::{GithubProvider, Http, OidcProvider, Registration},
    domain::{identity::Provider, invitation::Invitation, role::Role, secret::Secret},
    ports::clock::Clock,
};
use serde_json::{Value, json};

use crate::support::{
    client::{Answer, Person},
    in_process::TestServer,
    issuer::{Account, CLIENT_ID, CLIENT_SECRET, Flaw, Github, Issuer, account},
};

const START: &str = "/api/v1/auth/oauth/oidc/start";

struct World {
    server: TestServer,
    ada: Person,
    issuer: Issuer,
    github: Github,
}

impl World {
    async fn new() -> Self {
        let (issuer, github) = (Issuer::start().await, Github::start().await);
        let server = TestServer::with_providers(|us| {
            let registration =
                |provider| Registration::new(CLIENT_ID.into(), Secret::new(CLIENT_SECRET), us, provider);
            let http = Http::new().unwrap();
            let oidc = |provider, name: &str| {
                OidcProvider::new(provider, name.into(), &issuer.url, registration(provider), http.clone())
                    .unwrap()
            };
            let github =
                GithubProvider::new(&github.url, &github.url, registration(Provider::Github), http.clone());
            vec![
                std::sync::Arc::new(oidc(Provider::Oidc, "Company")),
                std::sync::Arc::new(oidc(Provider::Google, "Google")),
                std::sync::Arc::new(github.unwrap()),
            ]
        });
        let server = server.await;
        let ada = server.set_up().await;
        Self { server, ada, issuer, github }
    }

    /// Goes to the provider: where it was sent, and the cookie of this browser.
    async fn begin(&self, path: &str) -> (String, String) {
        let answer = self.server.anonymous().get(path).send().await.expect(303);
        (location(&answer).to_owned(), answer.cookie().split(';').next().unwrap().to_owned())
    }

    async fn come_back(&self, url: &str, cookie: &str) -> Answer {
        let path = url.strip_prefix(&self.server.app.settings.access_url).unwrap();
        self.server.anonymous().get(path).header("cookie", cookie).send().await
    }

    async fn sign_in(&self, account: Account) -> Answer {
        self.issuer.set(account);
        let (url, cookie) = self.begin(START).await;
        self.come_back(&self.issuer.approve(&url), &cookie).await
    }

    async fn invite(&self, email: &str) {
        let now = self.server.clock.now();
        let invitation = Invitation {
            id: self.server.app.random.id(now),
            org_id: self.org().await.parse().unwrap(),
            email: email.parse().unwrap(),
            role: Role::Developer,
            invited_by: Some(self.ada.user["id"].as_str().unwrap().parse().unwrap()),
            created_at: now,
            expires_at: now + Duration::days(7),
        };
        let mut work = self.server.app.store.begin().await.unwrap();
        work.invitations().add(&invitation, &self.server.app.random.bytes()).await.unwrap();
        work.commit().await.unwrap();
    }

    async fn org(&self) -> String {
        let me = self.ada.get("/api/v1/me").send().await.json();
        me["organizations"][0]["id"].as_str().unwrap().to_owned()
    }

    /// Who the refresh cookie of this answer belongs to.
    async fn who(&self, answer: &Answer) -> Value {
        let cookie = answer.cookie().split(';').next().unwrap();
        assert!(cookie.starts_with("devsanctum_refresh="), "{cookie}");
        let anonymous = self.server.anonymous();
        let person = anonymous.signed_in(anonymous.refresh(cookie).await.expect(200));
        person.get("/api/v1/me").send().await.expect(200).json()
    }
}

fn location(answer: &Answer) -> &str {
    answer.headers["location"].to_str().unwrap()
}

#[track_caller]
fn declined(answer: &Answer, code: &str) {
    assert_eq!(answer.status, 303, "{}", answer.text);
    assert_eq!(location(answer), format!("/sign-in?error={code}"));
    assert!(!answer.headers.contains_key("set-cookie"), "nobody is signed in");
}

#[tokio::test]
async fn the_ways_in_are_listed() {
    let world = World::new().await;
    let methods = world.server.anonymous().get("/api/v1/auth/methods").send().await.json();
    assert_eq!(
        methods["providers"],
        json!([
            { "id": "oidc", "name": "Company" }, { "id": "google", "name": "Google" },
            { "id": "github", "name": "GitHub" },
        ])
    );
    world.server.anonymous().get("/api/v1/auth/oauth/gitlab/start").send().await.problem(404, "not_found");
    world.server.stop().await;
}

#[tokio::test]
async fn whoever_was_invited_comes_in_by_a_verified_address_and_stays_the_same() {
    let world = World::new().await;
    world.invite("bob@example.org").await;
    let first = world.sign_in(account("bob@example.org", true)).await.expect(303);
    assert_eq!(location(&first), "/");
    let me = world.who(&first).await;
    assert_eq!((me["username"].as_str(), me["email"].as_str()), (Some("bob"), Some("bob@example.org")));
    assert_eq!(me["organizations"][0]["role"], Role::Developer.as_str());

    // The address may change there: who it is does not.
    let mut renamed = account("bob@example.org", true);
    renamed.claims["email"] = "robert@example.org".into();
    let again = world.who(&world.sign_in(renamed).await.expect(303)).await;
    assert_eq!(again["id"], me["id"]);
    assert_eq!(again["email"], "bob@example.org");
    world.server.stop().await;
}

#[tokio::test]
async fn an_address_alone_opens_nothing() {
    let world = World::new().await;
    // Neither that of an account, nor one that nobody invited, nor an invited one that is not verified.
    declined(&world.sign_in(account("ada@example.org", true)).await, "link_required");
    declined(&world.sign_in(account("eve@example.org", true)).await, "no_account");
    world.invite("bob@example.org").await;
    declined(&world.sign_in(account("bob@example.org", false)).await, "email_not_verified");
    let mut unsaid = account("bob@example.org", false);
    unsaid.claims["email_verified"] = Value::Null;
    declined(&world.sign_in(unsaid).await, "email_not_verified");
    let mut silent = account("bob@example.org", true);
    silent.claims["email"] = Value::Null;
    declined(&world.sign_in(silent).await, "email_not_verified");
    world.server.stop().await;
}

#[tokio::test]
async fn an_address_may_come_from_the_userinfo_endpoint_of_the_same_person() {
    let world = World::new().await;
    world.invite("bob@example.org").await;
    let bob = account("bob@example.org", true);
    let bare = |userinfo: Value| Account {
        claims: json!({ "sub": "sub of bob@example.org" }),
        userinfo: Some(userinfo),
        flaw: Flaw::None,
    };
    let mut other = bob.claims.clone();
    other["sub"] = "somebody else".into();
    declined(&world.sign_in(bare(other)).await, "provider_refused");
    let me = world.who(&world.sign_in(bare(bob.claims)).await.expect(303)).await;
    assert_eq!(me["email"], "bob@example.org");
    world.server.stop().await;
}

#[tokio::test]
async fn a_token_that_proves_nothing_lets_nobody_in() {
    let world = World::new().await;
    world.invite("bob@example.org").await;
    let bob = || account("bob@example.org", true);
    for flaw in
        [Flaw::Unsigned, Flaw::ForeignKey, Flaw::ClientSecret, Flaw::NoIdToken, Flaw::OtherAccessToken]
    {
        declined(&world.sign_in(Account { flaw, ..bob() }).await, "provider_refused");
    }
    for (claim, value) in [
        ("nonce", json!("of another sign-in")),
        ("nonce", Value::Null),
        ("aud", json!("another-client")),
        ("aud", json!([CLIENT_ID, "another-client"])),
        ("iss", json!("https://accounts.google.com")),
        ("exp", json!(1)),
        ("exp", json!("4102444800")),
        ("exp", Value::Null),
        ("sub", Value::Null),
    ] {
        let mut flawed = bob();
        flawed.claims[claim] = value.clone();
        let answer = world.sign_in(flawed).await;
        let code = location(&answer).strip_prefix("/sign-in?error=").unwrap().to_owned();
        // What cannot even be read as a token is no answer at all.
        assert!(
            ["provider_refused", "provider_unavailable"].contains(&code.as_str()),
            "{claim} {value}: {code}"
        );
        assert!(!answer.headers.contains_key("set-cookie"));
    }
    declined(&world.sign_in(Account { flaw: Flaw::Garbage, ..bob() }).await, "provider_unavailable");
    // All that was wrong was wrong with those.
    world.who(&world.sign_in(bob()).await.expect(303)).await;
    world.server.stop().await;
}

#[tokio::test]
async fn a_handshake_is_of_one_browser_one_provider_and_one_time() {
    let world = World::new().await;
    world.invite("bob@example.org").await;
    world.issuer.set(account("bob@example.org", true));
    let mine = world.begin(START).await;
    let back = world.issuer.approve(&mine.0);

    let other = world.begin(START).await;
    let forged = |name: &str, value: &str| {
        let mut url: reqwest::Url = back.parse().unwrap();
        let kept: Vec<_> = url.query_pairs().into_owned().filter(|(key, _)| key != name).collect();
        url.query_pairs_mut().clear().extend_pairs(kept);
        if !value.is_empty() {
            url.query_pairs_mut().append_pair(name, value);
        }
        url.to_string()
    };
    // Each of these takes away whatever it names, so each begins anew.
    for (what, url, cookie) in [
        ("no state", forged("state", ""), mine.1.clone()),
        ("another state", forged("state", "made up"), mine.1.clone()),
        ("no code", forged("code", ""), other.1.clone()),
        ("no cookie", back.clone(), String::new()),
    ] {
        let answer = world.come_back(&url, &cookie).await;
        assert_eq!(location(&answer), "/sign-in?error=handshake_invalid", "{what}");
    }
    // In another browser: what somebody would send to a victim.
    let (url, _) = world.begin(START).await;
    let theirs = world.issuer.approve(&url);
    declined(&world.come_back(&theirs, &mine.1).await, "handshake_invalid");
    // At another provider: the code of one shown to the other.
    let (url, cookie) = world.begin(START).await;
    let mixed = world.issuer.approve(&url).replace("/oidc/", "/google/");
    declined(&world.come_back(&mixed, &cookie).await, "handshake_invalid");
    // An answer of another issuer, by its own word.
    let (url, cookie) = world.begin(START).await;
    let foreign = format!("{}&iss=https%3A%2F%2Fevil.example", world.issuer.approve(&url));
    declined(&world.come_back(&foreign, &cookie).await, "provider_refused");
    // Too late.
    let (url, cookie) = world.begin(START).await;
    let late = world.issuer.approve(&url);
    world.server.clock.advance(Duration::minutes(10));
    declined(&world.come_back(&late, &cookie).await, "handshake_invalid");
    // Twice.
    let (url, cookie) = world.begin(START).await;
    let once = world.issuer.approve(&url);
    world.come_back(&once, &cookie).await.expect(303).cookie();
    declined(&world.come_back(&once, &cookie).await, "handshake_invalid");
    world.server.stop().await;
}

#[tokio::test]
async fn whoever_turns_back_at_the_provider_is_told_so() {
    let world = World::new().await;
    let (url, cookie) = world.begin(START).await;
    let back = world.issuer.approve(&url);
    let state = back.split("state=").nth(1).unwrap();
    let cancelled = format!("/api/v1/auth/oauth/oidc/callback?error=access_denied&state={state}");
    let answer = world.server.anonymous().get(&cancelled).header("cookie", &cookie).send().await;
    declined(&answer, "access_denied");
    // The handshake is over.
    declined(&world.come_back(&back, &cookie).await, "handshake_invalid");
    world.server.stop().await;
}

#[tokio::test]
async fn a_new_key_of_the_provider_is_found() {
    let world = World::new().await;
    world.invite("bob@example.org").await;
    world.who(&world.sign_in(account("bob@example.org", true)).await.expect(303)).await;
    world.issuer.rotate();
    world.who(&world.sign_in(account("bob@example.org", true)).await.expect(303)).await;
    world.server.stop().await;
}

#[tokio::test]
async fn a_page_of_ours_is_come_back_to_and_no_other() {
    let world = World::new().await;
    world.invite("bob@example.org").await;
    world.issuer.set(account("bob@example.org", true));
    for (asked, page) in [
        ("/workspaces%3Fq%3Da", "/workspaces?q=a"),
        ("https%3A%2F%2Fevil.example", "/"),
        ("%2F%2Fevil.example", "/"),
        ("%2F%5Cevil.example", "/"),
        ("%2F%09%2Fevil.example", "/"),
        ("javascript%3Aalert(1)", "/"),
    ] {
        let (url, cookie) = world.begin(&format!("{START}?return_to={asked}")).await;
        let answer = world.come_back(&world.issuer.approve(&url), &cookie).await.expect(303);
        assert_eq!(location(&answer), page);
    }
    world.server.stop().await;
}

#[tokio::test]
async fn another_way_in_is_added_by_who_just_signed_in_and_removed_unless_it_is_the_last() {
    let world = World::new().await;
    let link = "/api/v1/me/identities/oidc/start";
    let body = json!({ "return_to": "/account" });
    world.server.anonymous().post(link).json(&body).send().await.problem(401, "unauthenticated");
    let connect = async |person: &Person| {
        let answer = person.post(link).json(&body).send().await.expect(200);
        let url = answer.json()["authorization_url"].as_str().unwrap().to_owned();
        let cookie = answer.cookie().split(';').next().unwrap().to_owned();
        world.come_back(&world.issuer.approve(&url), &cookie).await.expect(303)
    };
    world.issuer.set(account("private@example.org", true));
    let answer = connect(&world.ada).await;
    assert_eq!(location(&answer), "/account");
    assert!(!answer.headers.contains_key("set-cookie"), "it signs nobody in");
    let identities = world.ada.get("/api/v1/me/identities").send().await.json();
    assert_eq!(identities["items"][0]["subject_hint"], "private@example.org");
    assert_eq!(identities["items"][0]["provider_name"], "Company");
    let signed_in = world.sign_in(account("private@example.org", true)).await.expect(303);
    assert_eq!(world.who(&signed_in).await["username"], "ada");

    // Somebody else cannot take it, and nobody sees or removes another's.
    let eve = world.server.person("eve", None).await;
    world.issuer.set(account("private@example.org", true));
    assert_eq!(location(&connect(&eve).await), "/account?error=identity_taken");
    let id = identities["items"][0]["id"].as_str().unwrap();
    eve.delete(&format!("/api/v1/me/identities/{id}")).send().await.problem(404, "not_found");
    assert_eq!(eve.get("/api/v1/me/identities").send().await.json()["items"], json!([]));

    world.server.clock.advance(Duration::minutes(10));
    let ada = world.server.anonymous().signed_in(world.ada.refresh(&world.ada.cookie).await.expect(200));
    ada.post(link).json(&body).send().await.problem(409, "fresh_sign_in_required");
    ada.delete(&format!("/api/v1/me/identities/{id}")).send().await.expect(204);

    world.invite("bob@example.org").await;
    let bob = world.sign_in(account("bob@example.org", true)).await.expect(303);
    let cookie = bob.cookie().split(';').next().unwrap();
    let anonymous = world.server.anonymous();
    let bob = anonymous.signed_in(anonymous.refresh(cookie).await.expect(200));
    let only = bob.get("/api/v1/me/identities").send().await.json()["items"][0]["id"].clone();
    let only = format!("/api/v1/me/identities/{}", only.as_str().unwrap());
    bob.delete(&only).send().await.problem(409, "last_sign_in_method");
    world.server.stop().await;
}

#[tokio::test]
async fn github_is_believed_only_about_the_verified_primary_address() {
    let world = World::new().await;
    world.invite("cat@example.org").await;
    let sign_in = async |emails: &[(&str, bool, bool)]| {
        world.github.set(emails);
        let (url, cookie) = world.begin("/api/v1/auth/oauth/github/start").await;
        world.come_back(&world.github.approve(&url), &cookie).await
    };
    for emails in [
        &[("cat@example.org", true, false)][..],
        &[("cat@example.org", false, true), ("other@example.org", true, false)],
        &[],
    ] {
        declined(&sign_in(emails).await, "email_not_verified");
    }
    declined(
        &sign_in(&[("cat@example.org", false, true), ("other@example.org", true, true)]).await,
        "no_account",
    );
    let me = world.who(&sign_in(&[("cat@example.org", true, true)]).await.expect(303)).await;
    assert_eq!(me["username"], "octo-cat");

    let (url, cookie) = world.begin("/api/v1/auth/oauth/github/start").await;
    let wrong = world.github.approve(&url).replace("code=gh-", "code=no-");
    declined(&world.come_back(&wrong, &cookie).await, "provider_refused");
    world.server.stop().await;
}

#[tokio::test]
async fn a_suspended_person_and_a_provider_that_is_away_let_nobody_in() {
    let world = World::new().await;
    world.invite("bob@example.org").await;
    let first = world.sign_in(account("bob@example.org", true)).await.expect(303);
    let id = world.who(&first).await["id"].as_str().unwrap().to_owned();
    let now = world.server.clock.now();
    let mut work = world.server.app.store.begin().await.unwrap();
    let mut bob = work.users().find(id.parse().unwrap()).await.unwrap().unwrap();
    bob.suspended_at = Some(now);
    work.users().change(&bob).await.unwrap();
    work.commit().await.unwrap();
    declined(&world.sign_in(account("bob@example.org", true)).await, "account_suspended");

    let (url, cookie) = world.begin(START).await;
    let back = world.issuer.approve(&url);
    drop(world.issuer);
    let path = back.strip_prefix(&world.server.app.settings.access_url).unwrap();
    let answer = world.server.anonymous().get(path).header("cookie", &cookie).send().await;
    declined(&answer, "provider_unavailable");
    world.server.stop().await;
}
