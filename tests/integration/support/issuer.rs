//! Servers shaped like identity providers, on loopback: an OpenID Connect issuer and GitHub. Each does as the test says,
//! right or wrong, and insists on what the standards want of us.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard},
};

use axum::{
    Json, Router,
    extract::{Form, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use base64::{
    Engine,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD},
};
use devsanctum::{adapters::system::SystemClock, ports::clock::Clock};
use openidconnect::{JsonWebKeyId, PrivateSigningKey, core::CoreEdDsaPrivateSigningKey};
use reqwest::Url;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio::{net::TcpListener, task::JoinHandle};

pub const CLIENT_ID: &str = "devsanctum";
pub const CLIENT_SECRET: &str = "not/so secret";

/// What it says of whoever signs in, and where it goes wrong.
#[derive(Clone)]
pub struct Account {
    /// Claims of the ID token beyond those that every one has, or instead of them; `null` leaves one out.
    pub claims: Value,
    /// What the userinfo endpoint says; `None`: there is no such endpoint.
    pub userinfo: Option<Value>,
    pub flaw: Flaw,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Flaw {
    None,
    /// The ID token has no signature and says so.
    Unsigned,
    /// It is signed by a key that is not published, which calls itself like one that is.
    ForeignKey,
    /// It is signed with the client's secret, which everybody at the provider knows.
    ClientSecret,
    NoIdToken,
    /// `at_hash` is of another access token.
    OtherAccessToken,
    /// The token endpoint answers what no program understands.
    Garbage,
}

/// The usual person.
pub fn account(email: &str, verified: bool) -> Account {
    Account {
        claims: json!({
            "sub": format!("sub of {email}"), "email": email, "email_verified": verified, "name": "N. N.",
            "preferred_username": email.split('@').next(),
        }),
        userinfo: None,
        flaw: Flaw::None,
    }
}

pub struct Issuer {
    pub url: String,
    shared: Arc<Shared>,
    server: JoinHandle<()>,
}

struct Shared {
    url: String,
    account: Mutex<Account>,
    /// Codes that were given, with what they were asked for.
    codes: Mutex<HashMap<String, HashMap<String, String>>>,
    keys: Mutex<Vec<(String, [u8; 32])>>,
}

impl Drop for Issuer {
    fn drop(&mut self) {
        self.server.abort();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap()
}

/// An Ed25519 key (RFC 8410, 7): the same few bytes before every seed.
fn signing_key(id: &str, seed: [u8; 32]) -> CoreEdDsaPrivateSigningKey {
    let mut der = hex::decode("302e020100300506032b657004220420").unwrap();
    der.extend(seed);
    let kind = ["PRIVATE", "KEY"].join(" ");
    let pem = format!("-----BEGIN {kind}-----\n{}\n-----END {kind}-----\n", BASE64_STANDARD.encode(der));
    CoreEdDsaPrivateSigningKey::from_ed25519_pem(&pem, Some(JsonWebKeyId::new(id.into()))).unwrap()
}

fn token(header: &Value, claims: &Value, sign: impl FnOnce(&[u8]) -> Vec<u8>) -> String {
    let encode = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    let input = format!("{}.{}", encode(header), encode(claims));
    let signature = BASE64_URL_SAFE_NO_PAD.encode(sign(input.as_bytes()));
    format!("{input}.{signature}")
}

impl Issuer {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let shared = Arc::new(Shared {
            url: url.clone(),
            account: Mutex::new(account("nobody@example.org", false)),
            codes: Mutex::default(),
            keys: Mutex::new(vec![("first".into(), [1; 32])]),
        });
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(configuration))
            .route("/keys", get(keys))
            .route("/token", post(redeem))
            .route("/me", get(userinfo))
            .with_state(shared.clone());
        let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url, shared, server }
    }

    /// Who signs in next.
    pub fn set(&self, account: Account) {
        *lock(&self.shared.account) = account;
    }

    /// From now on it signs with a new key.
    pub fn rotate(&self) {
        lock(&self.shared.keys).push(("second".into(), [2; 32]));
    }

    /// What the provider's page does when somebody signs in there: the address the browser is sent back to.
    pub fn approve(&self, authorization_url: &str) -> String {
        let url: Url = authorization_url.parse().unwrap();
        assert!(authorization_url.starts_with(&format!("{}/authorize?", self.url)), "{url}");
        let asked: HashMap<_, _> = url.query_pairs().into_owned().collect();
        assert_eq!(asked["response_type"], "code");
        assert_eq!(asked["client_id"], CLIENT_ID);
        assert_eq!(asked["code_challenge_method"], "S256");
        assert!(
            asked["nonce"].len() >= 32 && asked["state"].len() >= 32 && asked["code_challenge"].len() == 43
        );
        assert!(asked["scope"].split(' ').any(|scope| scope == "openid"), "{}", asked["scope"]);
        let code = format!("code-{}", lock(&self.shared.codes).len());
        let mut back: Url = asked["redirect_uri"].parse().unwrap();
        back.query_pairs_mut().append_pair("code", &code).append_pair("state", &asked["state"]);
        lock(&self.shared.codes).insert(code, asked);
        back.to_string()
    }
}

async fn configuration(State(issuer): State<Arc<Shared>>) -> Json<Value> {
    let url = &issuer.url;
    let mut document = json!({
        "issuer": url, "authorization_endpoint": format!("{url}/authorize"), "token_endpoint": format!("{url}/token"),
        "jwks_uri": format!("{url}/keys"), "response_types_supported": ["code"], "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["EdDSA"],
    });
    if lock(&issuer.account).userinfo.is_some() {
        document["userinfo_endpoint"] = format!("{url}/me").into();
    }
    Json(document)
}

async fn keys(State(issuer): State<Arc<Shared>>) -> Json<Value> {
    let keys = lock(&issuer.keys);
    let keys: Vec<_> =
        keys.iter().map(|(id, seed)| json!(signing_key(id, *seed).as_verification_key())).collect();
    Json(json!({ "keys": keys }))
}

async fn redeem(
    State(issuer): State<Arc<Shared>>,
    headers: HeaderMap,
    Form(form): Form<HashMap<String, String>>,
) -> Response {
    let account = lock(&issuer.account).clone();
    // RFC 6749, 2.3.1: both are encoded like a form before they become Basic.
    let expected = format!("Basic {}", BASE64_STANDARD.encode(format!("{CLIENT_ID}:not%2Fso+secret")));
    let Some(asked) = lock(&issuer.codes).remove(&form["code"]) else { return wrong("invalid_grant") };
    let challenge = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(&form["code_verifier"]));
    if headers[header::AUTHORIZATION] != expected {
        return wrong("invalid_client");
    }
    if challenge != asked["code_challenge"] || form["redirect_uri"] != asked["redirect_uri"] {
        return wrong("invalid_grant");
    }
    if account.flaw == Flaw::Garbage {
        return "<html>oh no</html>".into_response();
    }
    let access_token = "an access token";
    let hashed = if account.flaw == Flaw::OtherAccessToken { "another" } else { access_token };
    // For EdDSA with Ed25519 it is the left half of a SHA-512.
    let at_hash = BASE64_URL_SAFE_NO_PAD.encode(&sha2::Sha512::digest(hashed)[..32]);
    let now = SystemClock.now().timestamp();
    let mut claims = json!({
        "iss": issuer.url, "aud": CLIENT_ID, "iat": now, "exp": now + 300, "nonce": asked["nonce"], "at_hash": at_hash,
    });
    for (name, value) in account.claims.as_object().unwrap() {
        claims[name] = value.clone();
    }
    claims.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    let (id, seed) = lock(&issuer.keys).last().unwrap().clone();
    let header = json!({ "alg": "EdDSA", "kid": id });
    let eddsa = |seed| {
        let key = signing_key(&id, seed);
        move |input: &[u8]| key.sign(&openidconnect::core::CoreJwsSigningAlgorithm::EdDsa, input).unwrap()
    };
    let id_token = match account.flaw {
        Flaw::Unsigned => token(&json!({ "alg": "none" }), &claims, |_| Vec::new()),
        Flaw::ForeignKey => token(&header, &claims, eddsa([9; 32])),
        Flaw::ClientSecret => {
            let key = jsonwebtoken::EncodingKey::from_secret(CLIENT_SECRET.as_bytes());
            jsonwebtoken::encode(&jsonwebtoken::Header::default(), &claims, &key).unwrap()
        }
        _ => token(&header, &claims, eddsa(seed)),
    };
    let mut answer = json!({ "access_token": access_token, "token_type": "Bearer", "expires_in": 60 });
    if account.flaw != Flaw::NoIdToken {
        answer["id_token"] = id_token.into();
    }
    Json(answer).into_response()
}

fn wrong(error: &str) -> Response {
    (StatusCode::BAD_REQUEST, Json(json!({ "error": error }))).into_response()
}

async fn userinfo(State(issuer): State<Arc<Shared>>, headers: HeaderMap) -> Response {
    assert_eq!(headers[header::AUTHORIZATION], "Bearer an access token");
    Json(lock(&issuer.account).userinfo.clone()).into_response()
}

/// A server shaped like GitHub.
pub struct Github {
    pub url: String,
    shared: Arc<GithubShared>,
    server: JoinHandle<()>,
}

#[derive(Default)]
struct GithubShared {
    emails: Mutex<Value>,
    challenges: Mutex<HashMap<String, String>>,
}

impl Drop for Github {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Github {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let shared = Arc::<GithubShared>::default();
        let router = Router::new()
            .route("/login/oauth/access_token", post(github_redeem))
            .route("/user", get(async || Json(json!({ "id": 583_231, "login": "Octo-Cat", "name": null }))))
            .route("/user/emails", get(github_emails))
            .with_state(shared.clone());
        let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url, shared, server }
    }

    /// The addresses of whoever signs in next: address, whether it is the primary one, and whether it is verified.
    pub fn set(&self, emails: &[(&str, bool, bool)]) {
        let emails = emails.iter().map(|(email, primary, verified)| {
            json!({ "email": email, "primary": primary, "verified": verified, "visibility": null })
        });
        *lock(&self.shared.emails) = emails.collect();
    }

    pub fn approve(&self, authorization_url: &str) -> String {
        let url: Url = authorization_url.parse().unwrap();
        assert!(authorization_url.starts_with(&format!("{}/login/oauth/authorize?", self.url)), "{url}");
        let asked: HashMap<_, _> = url.query_pairs().into_owned().collect();
        assert_eq!(asked["scope"], "read:user user:email");
        let code = format!("gh-{}", lock(&self.shared.challenges).len());
        lock(&self.shared.challenges).insert(code.clone(), asked["code_challenge"].clone());
        let mut back: Url = asked["redirect_uri"].parse().unwrap();
        back.query_pairs_mut().append_pair("code", &code).append_pair("state", &asked["state"]);
        back.to_string()
    }
}

/// GitHub answers 200 whatever happens, and JSON only to who asks for it.
async fn github_redeem(
    State(github): State<Arc<GithubShared>>,
    headers: HeaderMap,
    Form(form): Form<HashMap<String, String>>,
) -> Response {
    assert_eq!(headers[header::ACCEPT], "application/json");
    let challenge = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(&form["code_verifier"]));
    match lock(&github.challenges).remove(&form["code"]) {
        Some(asked) if asked == challenge => {
            Json(json!({ "access_token": "gho_x", "scope": "read:user,user:email", "token_type": "bearer" }))
                .into_response()
        }
        _ => Json(json!({ "error": "bad_verification_code", "error_description": "incorrect or expired" }))
            .into_response(),
    }
}

async fn github_emails(State(github): State<Arc<GithubShared>>, headers: HeaderMap) -> Response {
    assert_eq!(headers[header::AUTHORIZATION], "Bearer gho_x");
    assert!(headers.contains_key(header::USER_AGENT), "GitHub refuses requests without one");
    Json(lock(&github.emails).clone()).into_response()
}
